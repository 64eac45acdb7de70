import { cpus, totalmem } from "node:os";
import type { Measurement } from "./measure.ts";

/** One line of the table: the same work done by tspack and, where there is one, by a peer. */
export interface Row {
  readonly work: string;
  readonly quantity: string;
  readonly ours: string;
  readonly peer: string | undefined;
  /** How many times better than the peer (above 1 is better). */
  readonly ratio: number | undefined;
}

/** Collects rows and prints them as a Markdown table. */
export class Report {
  readonly #rows: Row[] = [];

  /** Adds wall time, CPU time and memory of one piece of work. */
  addMeasurement(
    work: string,
    ours: Measurement,
    peer: Measurement | undefined,
    quantities: readonly ("wall" | "cpu" | "memory")[] = ["wall"],
  ): void {
    for (const quantity of quantities) {
      const pick = (m: Measurement): number => (quantity === "wall" ? m.wallMs : quantity === "cpu" ? m.cpuMs : m.peakBytes);
      const show = quantity === "memory" ? formatBytes : formatMs;
      this.add({
        work,
        quantity,
        ours: show(pick(ours)),
        peer: peer && show(pick(peer)),
        ratio: peer && pick(peer) / Math.max(pick(ours), 1e-9),
      });
    }
  }

  add(row: Row): void {
    this.#rows.push(row);
    console.error(`  ${row.work} · ${row.quantity}: ${row.ours}${row.peer === undefined ? "" : ` against ${row.peer}`}`);
  }

  toMarkdown(): string {
    const lines = this.#rows.map(
      (row) =>
        `| ${row.work} | ${row.quantity} | ${row.ours} | ${row.peer ?? "–"} | ${row.ratio === undefined ? "–" : `${row.ratio.toFixed(row.ratio < 10 ? 1 : 0)} ×`} |`,
    );
    return ["| work | quantity | tspack | peer | better by |", "|---|---|--:|--:|--:|", ...lines].join("\n");
  }
}

/** The machine in one line, for the head of the table. */
export function describeMachine(): string {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim() ?? "CPU"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${process.platform}`;
}

export function formatMs(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

export function formatBytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
