import { basename } from "node:path";
import type { WireForm } from "../protocol/spec/codec.ts";
import type { ComponentKind } from "../sdk/component.ts";
import type { PluginDescription } from "./describe.ts";
import { type Command, launchCommand } from "./launch.ts";

/** One component of a plugin, and how it is started. */
export interface PluginComponent {
  readonly kind: ComponentKind;
  /** As the user names it. */
  readonly type: string;
  /** For messages: `the plugin packer-plugin-amazon_v1.2.3_x5.0_linux_amd64`. */
  readonly title: string;
  /** The file that is the plugin. */
  readonly file: string;
  /** The whole command line: the file, or what runs it, and what it is told. */
  readonly argv: Command;
  /** In which form it tells specifications. */
  readonly form: WireForm;
  /** Vouches for what runs, where something does: what it told may be remembered by it. */
  readonly digest?: string | undefined;
}

/** For messages: `the plugin packer-plugin-amazon_… (builder "amazon-ebs")`. */
export function titleOf({ title, kind, type }: PluginComponent): string {
  return `${title} (${kind === "datasource" ? "data source" : kind} ${JSON.stringify(type)})`;
}

/** A component that is a plugin of its own, as before Packer 1.7; `command` where it is not its file that is started. */
export async function singleComponent(kind: ComponentKind, type: string, file: string, command?: Command): Promise<PluginComponent> {
  return { kind, type, file, argv: command ?? (await launchCommand(file)), title: `the plugin ${basename(file)}`, form: "gob" };
}

/** A plugin of many components, and which of them is meant. */
export interface OneOfMany {
  readonly kind: ComponentKind;
  readonly type: string;
  readonly file: string;
  readonly description: Pick<PluginDescription, "protocolVersion">;
  /** What it is called inside the plugin. */
  readonly component: string;
  /** Ask for specifications in gob, whatever it can do. */
  readonly forceGob?: boolean | undefined;
  readonly digest?: string | undefined;
  /** See `launchCommand`. */
  readonly starter?: string | undefined;
}

/** A component of a plugin of many. */
export async function componentOf(one: OneOfMany): Promise<PluginComponent> {
  const { kind, type, file, description, component, forceGob, digest, starter } = one;
  // Plugins made with an SDK before 0.6.0 do not know the flag, and refuse it.
  const isProtobuf = description.protocolVersion === "v2" && forceGob !== true;
  const argv: Command = [...(await launchCommand(file, starter)), "start", kind, ...(isProtobuf ? ["--protobuf"] : []), component];
  return { kind, type, file, argv, title: `the plugin ${basename(file)}`, form: isProtobuf ? "protobuf" : "gob", digest };
}
