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
    files: [".json", ".ts"],
    group: selection,
    summary: "Reads variables from a .json or .ts file. May be repeated; later files win.",
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
    group: IDLE_GROUP,
    summary: "Tells HCL and JSON templates apart. image.ts is neither.",
  },
} as const satisfies FlagDefinitions;

/** Packer's flags that have nothing to act on while the program is an image.ts. Each says so when given. */
export const idleFlags = {
  "use-sequential-evaluation": {
    kind: "switch",
    group: IDLE_GROUP,
    summary: "Chooses how HCL's locals and data sources are ordered. image.ts has its own order.",
  },
  "ignore-prerelease-plugins": {
    kind: "switch",
    group: IDLE_GROUP,
    summary: "Concerns external plugins, which this version does not load.",
  },
} as const satisfies FlagDefinitions;

/** Flags that change how things are printed. */
export const outputFlags = {
  color: { kind: "switch", group: output, summary: "Colours, on unless output is no terminal; -color=false turns them off." },
  "machine-readable": { kind: "switch", group: output, summary: "Prints records, one per line and cut by commas, as Packer does." },
} as const satisfies FlagDefinitions;

interface IdleValues {
  readonly "config-type"?: string | undefined;
  readonly "use-sequential-evaluation"?: boolean | undefined;
  readonly "ignore-prerelease-plugins"?: boolean | undefined;
  readonly "skip-enforcement"?: boolean | undefined;
}

/** One line per given flag that changes nothing: nothing is accepted silently. */
export function idleNotes(flags: IdleValues): string[] {
  const notes: string[] = [];
  if (flags["config-type"] !== undefined) notes.push("-config-type has no effect: the program is TypeScript, neither JSON nor HCL.");
  if (flags["use-sequential-evaluation"] === true) {
    notes.push(
      "-use-sequential-evaluation has no effect: image.ts is evaluated from top to bottom, and data sources run as they are needed.",
    );
  }
  if (flags["ignore-prerelease-plugins"] === true) {
    notes.push("-ignore-prerelease-plugins has no effect: this version loads no external plugins.");
  }
  if (flags["skip-enforcement"] === true) {
    notes.push("-skip-enforcement has no effect: this version asks no registry for enforced provisioners.");
  }
  return notes;
}
