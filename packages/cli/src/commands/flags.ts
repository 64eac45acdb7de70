import type { FlagDefinitions } from "../argv.ts";
import { IDLE_GROUP } from "../help.ts";

const selection = "Which builds, with which values";
const output = "Output";

/** The flags that every command with a program takes (rows FLG-01..05). */
export const programFlags = {
  var: { kind: "list", value: "NAME=VALUE", group: selection, summary: "Sets a variable, over everything else. May be repeated." },
  "var-file": {
    kind: "list",
    value: "PATH",
    files: [".json", ".hcl", ".ts"],
    group: selection,
    summary: "Reads variables from a .json, .hcl or .ts file. May be repeated; later files win.",
  },
  only: {
    kind: "list",
    value: "a,b",
    split: true,
    group: selection,
    summary: "Takes these builds alone. Globs on full build names, such as web.null.*.",
  },
  except: {
    kind: "list",
    value: "a,b",
    split: true,
    group: selection,
    summary: "Leaves these builds out. Globs on build names, and on post-processors, which end their chain there.",
  },
  "config-type": {
    kind: "choice",
    choices: ["json", "hcl2"],
    group: selection,
    summary: "Says what a template is whose name does not tell: legacy JSON or HCL.",
  },
} as const satisfies FlagDefinitions;

/** How HCL is evaluated (rows FLG-15, FLG-21 to FLG-23). */
export const evaluationFlags = {
  "use-sequential-evaluation": {
    kind: "switch",
    group: selection,
    summary: "HCL: asks all data sources first and evaluates locals then, in place of one graph of both.",
  },
} as const satisfies FlagDefinitions;

/** Which plugins are used (row FLG-14). */
export const pluginFlags = {
  plugin: {
    kind: "list",
    value: "[NAME=]PATH",
    // Executables have no ending.
    files: ["", ".ts"],
    group: selection,
    summary: "Uses the plugin in this file or package folder, before all others. May be repeated.",
  },
  "ignore-prerelease-plugins": {
    kind: "switch",
    group: selection,
    summary: "Leaves out installed plugins whose version is a pre-release.",
  },
} as const satisfies FlagDefinitions;

/** Packer's flags that have nothing to act on in this version. Each says so when given. */
export const idleFlags = {
  "skip-enforcement": {
    kind: "switch",
    group: IDLE_GROUP,
    summary: "Concerns provisioners that a registry enforces, which this version does not ask for.",
  },
} as const satisfies FlagDefinitions;

/** Flags that change how things are printed. */
export const outputFlags = {
  color: { kind: "switch", group: output, summary: "Colours, on unless output is no terminal; -color=false turns them off." },
  "machine-readable": { kind: "switch", group: output, summary: "Prints records, one per line and cut by commas, as Packer does." },
} as const satisfies FlagDefinitions;

interface IdleValues {
  readonly "skip-enforcement"?: boolean | undefined;
}

/** One line per given flag that changes nothing: nothing is accepted silently. */
export function idleNotes(flags: IdleValues): string[] {
  const notes: string[] = [];
  if (flags["skip-enforcement"] === true) {
    notes.push("-skip-enforcement has no effect: this version asks no registry for enforced provisioners.");
  }
  return notes;
}
