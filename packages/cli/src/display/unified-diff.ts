/** Lines shown around what changed. */
const CONTEXT = 3;

/**
 * The change of a text as a unified diff, or nothing when there is none. Both texts have the same lines but for blanks, as formatting
 * leaves them: so line stands against line, and no longest common part needs to be searched.
 */
export function unifiedDiff(names: { readonly before: string; readonly after: string }, before: string, after: string): string {
  const old = toLines(before);
  const now = toLines(after);
  const changed: number[] = [];
  for (let index = 0; index < Math.max(old.length, now.length); index++) if (old[index] !== now[index]) changed.push(index);
  if (changed.length === 0) return "";
  const hunks = toHunks(changed, Math.max(old.length, now.length));
  return [`--- ${names.before}\n`, `+++ ${names.after}\n`, ...hunks.map((hunk) => hunkText(hunk, old, now))].join("");
}

// --- internal ---

/** A stretch of lines, `end` exclusive. */
interface Hunk {
  readonly start: number;
  end: number;
}

/** Lines with their ends. */
function toLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function toHunks(changed: readonly number[], length: number): Hunk[] {
  const hunks: Hunk[] = [];
  for (const index of changed) {
    const start = Math.max(0, index - CONTEXT);
    const end = Math.min(length, index + CONTEXT + 1);
    const last = hunks[hunks.length - 1];
    if (last !== undefined && start <= last.end) last.end = end;
    else hunks.push({ start, end });
  }
  return hunks;
}

function hunkText({ start, end }: Hunk, old: readonly string[], now: readonly string[]): string {
  const pieces = [`@@ -${range(start, Math.min(end, old.length))} +${range(start, Math.min(end, now.length))} @@\n`];
  let added: string[] = [];
  for (let index = start; index < end; index++) {
    const [before, after] = [old[index], now[index]];
    if (before === after) {
      pieces.push(...added, line(" ", before ?? ""));
      added = [];
      continue;
    }
    if (before !== undefined) pieces.push(line("-", before));
    if (after !== undefined) added.push(line("+", after));
  }
  return [...pieces, ...added].join("");
}

function range(start: number, end: number): string {
  const count = end - start;
  if (count === 1) return `${start + 1}`;
  return `${count === 0 ? start : start + 1},${count}`;
}

function line(mark: string, text: string): string {
  return text.endsWith("\n") ? mark + text : `${mark}${text}\n\\ No newline at end of file\n`;
}
