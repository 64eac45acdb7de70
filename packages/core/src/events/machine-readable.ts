import type { RunEvent } from "./event.ts";
import { PackerRecords } from "./packer-records.ts";

/** Packer's `-machine-readable` output (rows MR-01..10, 14). Feed it every event, in order. */
export class MachineReadablePrinter {
  readonly #records = new PackerRecords();

  /** The records to print for an event, without line ends. */
  lines(event: RunEvent): readonly string[] {
    return this.#records.of(event).flatMap((record) => {
      if (record.kind === "machine") return machineReadableLine(event.time, record.target, record.type, record.data);
      const texts = record.isLines === true ? record.text.split("\n") : [record.text];
      return texts.map((text) => machineReadableLine(event.time, "", "ui", [record.level, text]));
    });
  }
}

/** One record: `unix-seconds,target,type,data…`, escaped as rows MR-01 and MR-03 say. For `version` and `inspect` too. */
export function machineReadableLine(timeMs: number, target: string, type: string, data: readonly string[]): string {
  return [String(Math.floor(timeMs / 1000)), escapeField(target), type, ...data.map(escapeField)].join(",");
}

function escapeField(text: string): string {
  return text.replaceAll(",", "%!(PACKER_COMMA)").replaceAll("\r", "\\r").replaceAll("\n", "\\n");
}
