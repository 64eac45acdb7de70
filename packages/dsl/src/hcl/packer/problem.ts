import type { Diagnostic, ErrorCode } from "@tspack/core";
import type { Node } from "../syntax/tree.ts";

/** What is wrong, apart from the place. */
export interface Problem {
  readonly code: ErrorCode;
  readonly summary: string;
  readonly detail: string;
  readonly hint?: string | undefined;
  /** Says what the place is: `in source "qemu" "debian"`. */
  readonly where?: string | undefined;
  /** The other place that has a part in it. */
  readonly related?: Diagnostic["related"];
  readonly severity?: "error" | "warning" | undefined;
}

/** A diagnostic about a node of a template. */
export function problemAt(node: Node, { severity = "error", ...problem }: Problem): Diagnostic {
  return { severity, ...problem, subject: node.source.range(node.start, node.end) };
}

/** A block's head as users know it: `source "qemu" "debian"`. */
export function blockTitle(block: { readonly type: string; readonly labels: readonly { readonly text: string }[] }): string {
  return [block.type, ...block.labels.map(({ text }) => JSON.stringify(text))].join(" ");
}
