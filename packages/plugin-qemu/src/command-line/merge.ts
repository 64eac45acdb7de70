// `qemuargs`: the user's switches in place of ours (rows QM-120 to QM-126).
import { NETWORK } from "./defaults.ts";
import { type Switches, SwitchList } from "./switches.ts";

/** Switches that make no sense without a value: a bare row removes them (row QM-126). */
const needValue: ReadonlySet<string> = new Set([
  "-boot",
  "-name",
  "-machine",
  "-m",
  "-smp",
  "-cpu",
  "-vga",
  "-bios",
  "-netdev",
  "-device",
  "-drive",
  "-vnc",
  "-display",
  "-fda",
  "-chardev",
  "-tpmdev",
  "-qmp",
]);

export interface OwnSwitches {
  /** The rows of `qemuargs`, rendered already. */
  readonly rows: readonly (readonly string[])[];
  /** The words that stand at the end of the command line. */
  readonly append: readonly string[];
  /** The value of `-device` for the default network card. */
  readonly card: string;
}

/**
 * The default switches with the user's rows. A switch that the user names loses all its defaults; rows of one switch add up in their
 * order. A row with nothing but such a switch removes it, where it needs a value.
 */
export function mergeSwitches(defaults: Switches, { rows, append, card }: OwnSwitches): Switches {
  const own = new Map<string, string[]>();
  for (const [name = "", ...rest] of rows) {
    const values = own.get(name) ?? [];
    own.set(name, values);
    const value = rest.join("");
    if (value !== "") values.push(value);
  }
  const words = [...[...own.values()].flat(), ...append];
  const merged = new SwitchList();
  for (const [name, values] of defaults) {
    if (own.has(name)) addOwn(merged, name, own.get(name) ?? []);
    else for (const value of values) if (!(own.has("-drive") && lacksDrive(value, words))) merged.add(name, value);
  }
  for (const [name, values] of own) if (!defaults.has(name)) addOwn(merged, name, values);
  // A machine whose devices the user gives keeps its network card, unless they gave it one of that kind, or a network of another name
  // alone: QEMU would not find that of the card (row QM-125).
  const [kind = ""] = card.split(",");
  const hasCard = (own.get("-device") ?? []).some((value) => value.includes(kind));
  const hasNetwork = (merged.switches().get("-netdev") ?? []).some((value) => value.split(",").includes(`id=${NETWORK}`));
  if (own.has("-device") && !hasCard && hasNetwork) merged.add("-device", card);
  return merged.switches();
}

// --- internal ---

function addOwn(merged: SwitchList, name: string, values: readonly string[]): void {
  if (values.length === 0 && !needValue.has(name)) merged.add(name, "");
  for (const value of values) merged.add(name, value);
}

/** Whether a value is a disk or CD of ours whose drive has gone with the user's `-drive` rows: QEMU would not start. */
function lacksDrive(value: string, words: readonly string[]): boolean {
  const id = /(?:^|,)drive=([^,]+)/.exec(value)?.[1];
  return id !== undefined && !words.some((word) => word.split(",").some((part) => part === `id=${id}` || part === `node-name=${id}`));
}
