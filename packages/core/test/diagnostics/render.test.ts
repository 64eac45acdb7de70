import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import { withoutTail, withTail } from "../../src/diagnostics/log-tail.ts";
import { type RenderOptions, renderDiagnostics } from "../../src/diagnostics/render.ts";

const wrongKey: Diagnostic = {
  severity: "error",
  code: "TPK3102",
  summary: "Unsupported argument",
  detail: 'An argument named "iso_chcksum" is not expected here.',
  hint: 'Did you mean "iso_checksum"?',
  subject: { file: "image.ts", start: { line: 14, column: 3 }, end: { line: 14, column: 14 } },
  where: 'in source("qemu", "debian")',
};

/** A file whose line 14 is the given text. */
function source(line: string): string {
  return `${"\n".repeat(12)}  iso_url: "https://example.org/debian.qcow2",\n${line}\n});\n`;
}

function render(diagnostic: Diagnostic, text: string | undefined, options: RenderOptions = {}): string[] {
  return renderDiagnostics([diagnostic], { readSource: () => text, ...options }).split("\n");
}

test("a diagnostic shows the place, the line before, and marks what it is about", () => {
  assert.equal(render(wrongKey, source('  iso_chcksum: "sha256:…",')), [
    "Error: Unsupported argument (TPK3102)",
    "",
    '  on image.ts line 14, in source("qemu", "debian"):',
    '  13 │   iso_url: "https://example.org/debian.qcow2",',
    '  14 │   iso_chcksum: "sha256:…",',
    "     │   ^^^^^^^^^^^",
    'An argument named "iso_chcksum" is not expected here. Did you mean',
    '"iso_checksum"?',
    "",
  ]);
});

test("columns of a front end that counts grapheme clusters are marked where they stand", () => {
  const at = (column: number, byte: number): { line: number; column: number; byte: number } => ({ line: 14, column, byte });
  const subject = { file: "a.pkr.hcl", start: at(7, 20), end: at(10, 23) };
  const text = source('x="e\u0301\u{1F469}\u200D\u{1F4BB}"+bad');
  const [line, marks] = render({ ...wrongKey, subject }, text).slice(4, 6);
  assert.is(line, '  14 │ x="e\u0301\u{1F469}\u200D\u{1F4BB}"+bad');
  assert.match(marks ?? "", /^ {5}│ +\^{3}$/);
});

test("without the file the place is still named", () => {
  assert.equal(render(wrongKey, undefined).slice(2, 5), [
    '  on image.ts line 14, in source("qemu", "debian")',
    "",
    'An argument named "iso_chcksum" is not expected here. Did you mean',
  ]);
});

test("without a place the path of the option is named", () => {
  const { subject, where, ...rest } = wrongKey;
  assert.is(render({ ...rest, path: ["disks", 0, "size"] }, undefined)[2], "  at disks[0].size");
  assert.is(render({ ...rest, path: ["size"], where: "in source" }, undefined)[2], "  at size in source");
  assert.equal(render(rest, undefined).slice(0, 3), [
    "Error: Unsupported argument (TPK3102)",
    "",
    'An argument named "iso_chcksum" is not expected here. Did you mean',
  ]);
});

test("tabs and wide characters do not shift the marks", () => {
  const line = '\t"日本": iso_chcksum, // 🎉';
  const start = line.indexOf("iso") + 1;
  const at = { ...wrongKey, subject: { file: "x", start: { line: 14, column: start }, end: { line: 14, column: start + 11 } } };
  const [, , , , shown = "", marks = ""] = render(at, source(line));
  assert.is(shown, '  14 │     "日本": iso_chcksum, // 🎉');
  // Two characters of two columns each stand before the key.
  assert.is(marks.indexOf("^"), shown.indexOf("iso_chcksum") + 2);
  assert.is(marks.trim(), `│ ${" ".repeat(12)}${"^".repeat(11)}`);
});

test("of a very long line the part around the place is shown", () => {
  const line = `${"a".repeat(500)}iso_chcksum${"b".repeat(500)}`;
  const at = { ...wrongKey, subject: { file: "x", start: { line: 14, column: 501 }, end: { line: 14, column: 512 } } };
  const [, , , , shown = "", marks = ""] = render(at, source(line));
  assert.ok(shown.length <= 80, String(shown.length));
  assert.ok(shown.includes("…aaa") && shown.endsWith("…"));
  assert.is(marks.indexOf("^"), shown.indexOf("iso_chcksum"));
  assert.is(marks.match(/\^+/)?.[0].length, 11);
});

test("a subject of several lines is marked on each, without the indentation", () => {
  const at = { ...wrongKey, subject: { file: "x", start: { line: 13, column: 3 }, end: { line: 15, column: 2 } } };
  assert.equal(render(at, source("    one,")).slice(4, 10), [
    '  13 │   iso_url: "https://example.org/debian.qcow2",',
    "     │   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
    "  14 │     one,",
    "     │     ^^^^",
    "  15 │ });",
    "     │ ^",
  ]);
});

test("a place after the end of a file, and an empty stretch, do no harm", () => {
  const gone = { ...wrongKey, subject: { file: "x", start: { line: 99, column: 1 }, end: { line: 99, column: 2 } } };
  assert.is(render(gone, "one line").length, 7);
  const empty = { ...wrongKey, subject: { file: "x", start: { line: 14, column: 3 }, end: { line: 14, column: 3 } } };
  assert.ok(render(empty, source("  x")).includes("     │   ^"));
});

test("control characters of a file do not reach the terminal", () => {
  assert.not.ok(render(wrongKey, source("  iso_chcksum: \u001b[31m")).join("\n").includes("\u001b"));
});

test("colours are used only when asked for, and warnings are called so", () => {
  const warning = { ...wrongKey, severity: "warning" } as const;
  assert.is(render(warning, undefined)[0], "Warning: Unsupported argument (TPK3102)");
  assert.is(
    render(warning, undefined, { color: true })[0],
    "\u001b[1;33mWarning:\u001b[0m \u001b[1mUnsupported argument\u001b[0m (TPK3102)",
  );
  assert.ok(
    render(wrongKey, source("  iso_chcksum: 1"), { color: true }).some((line) => line.includes("\u001b[1;31m^^^^^^^^^^^\u001b[0m")),
  );
});

test("the end of a log stays as it was written, and what to do stands below it", () => {
  const long = `panic: ${"x".repeat(100)} y`;
  const detail = withTail("The plugin was lost", [long, "\tat main.go:1"]);
  const lines = render({ ...wrongKey, detail, hint: "Look at its log." }, undefined);
  assert.equal(lines.slice(-6, -1), [
    "The plugin was lost",
    "The last lines of its log:",
    `  ${long}`,
    "  \tat main.go:1",
    "Look at its log.",
  ]);
  assert.is(withoutTail(`${detail}\nmore`), "The plugin was lost\nmore");
});

test("several diagnostics have an empty line between them; none is the empty text", () => {
  const text = renderDiagnostics([wrongKey, wrongKey], { readSource: () => undefined });
  assert.is(text.split("\n\nError:").length, 2);
  assert.ok(text.endsWith('"iso_checksum"?\n'));
  assert.is(renderDiagnostics([]), "");
});

test.run();
