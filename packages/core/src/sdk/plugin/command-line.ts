// How a plugin is started (plugin-protocol sections 2.1 and 14).
import { basename } from "node:path";
import type { WireForm } from "../../protocol/spec/codec.ts";
import type { ComponentKind } from "../component.ts";

/** What a command line asks of a plugin. */
export type PluginCommand =
  | { readonly kind: "describe" }
  /** All options with their descriptions: what types for editors are printed from. */
  | { readonly kind: "specs" }
  | {
      readonly kind: "start";
      readonly component: ComponentKind;
      readonly name: string;
      readonly form: WireForm;
      /** Started as before Packer 1.7, by a file name: `name` is what users call the component, and the handshake has no minor version. */
      readonly isLegacy: boolean;
    }
  /** Run by hand. */
  | { readonly kind: "explain" }
  | { readonly kind: "unknown"; readonly problem: string };

/** Reads a command line: the words behind the program, and the path that the program was started as. */
export function readCommand(words: readonly string[], program: string): PluginCommand {
  const [command, ...rest] = words;
  switch (command) {
    case undefined:
      return byFileName(program);
    case "describe":
      return { kind: "describe" };
    case "specs":
      return { kind: "specs" };
    case "start":
      return readStart(rest);
    case "help":
    case "-h":
    case "-help":
    case "--help":
      return { kind: "explain" };
    default:
      return { kind: "unknown", problem: `${JSON.stringify(command)} is no command of a plugin: there are describe, specs and start` };
  }
}

// --- internal ---

function readStart(words: readonly string[]): PluginCommand {
  // The flag may stand anywhere.
  const operands = words.filter((word) => word !== "--protobuf");
  const [component = "", name = ""] = operands;
  if (operands.length !== 2) return { kind: "unknown", problem: "start takes the kind of a component and its name" };
  if (!isKind(component)) return { kind: "unknown", problem: `there is no kind of component called ${JSON.stringify(component)}` };
  return { kind: "start", component, name, form: operands.length < words.length ? "protobuf" : "gob", isLegacy: false };
}

/** `packer-builder-NAME`, as plugins of one component are called. */
function byFileName(program: string): PluginCommand {
  const stem = basename(program).replace(/\.(exe|[cm]?[jt]s)$/i, "");
  const [, component = "", name = ""] = /^packer-(builder|provisioner|post-processor|datasource)-(.+)$/.exec(stem) ?? [];
  return isKind(component) ? { kind: "start", component, name, form: "gob", isLegacy: true } : { kind: "explain" };
}

function isKind(text: string): text is ComponentKind {
  return text === "builder" || text === "provisioner" || text === "post-processor" || text === "datasource";
}
