import { test } from "uvu";
import * as assert from "uvu/assert";
import { EventBus } from "../../src/events/bus.ts";
import type { RunEvent } from "../../src/events/event.ts";
import { LiteralTree } from "../../src/events/literal-tree.ts";
import { Redactor, SENSITIVE } from "../../src/events/redact.ts";
import { LineWriter, LONGEST_LINE } from "../../src/sdk/line-writer.ts";

const secret = `p@ss w0rd/'"$x\\&<é`;

/** What is left of a text that holds only the secret in some form. */
function hides(form: string, of = secret): void {
  const redactor = new Redactor([of]);
  assert.is(redactor.text(`before ${form} after`), `before ${SENSITIVE} after`, form);
}

function treeOf(...texts: readonly string[]): LiteralTree {
  const tree = new LiteralTree();
  for (const text of texts) tree.add(text);
  return tree;
}

test("the longest text wins at each place", () => {
  const tree = treeOf("abc", "abcdef", "b", "x.y", "x.yz", "日本", "日本語日本語", "");
  const text = "abcde abcdef b xzy x.yz 日本語";
  const found: string[] = [];
  for (let match = tree.find(text); match !== undefined; match = tree.find(text, match.end)) found.push(text.slice(match.start, match.end));
  assert.equal(found, ["abc", "abcdef", "b", "x.yz", "日本"]);
  assert.is(treeOf().find("anything"), undefined);
});

test("any text is found at any place, whatever else is looked for", () => {
  const texts = ["a", "ab", "aab", "aaaa", "aaab", "abab", "ababab", "baaaab", "bbbbbb"];
  const tree = treeOf(...texts);
  for (let number = 0; number < 1 << 12; number++) {
    const text = number.toString(2).padStart(12, "0").replaceAll("0", "a").replaceAll("1", "b");
    for (let from = 0; from < 3; from++) {
      const starts = texts.map((one) => text.indexOf(one, from)).filter((start) => start >= 0);
      const start = Math.min(...starts);
      const longest = Math.max(...texts.filter((one) => text.startsWith(one, start)).map((one) => one.length));
      assert.equal(tree.find(text, from), starts.length === 0 ? undefined : { start, end: start + longest }, `${text} from ${from}`);
    }
    const open = [...text].findIndex((_, index) => texts.some((one) => one.length > 12 - index && one.startsWith(text.slice(index))));
    assert.is(tree.findOpen(text), open === -1 ? 12 : open, text);
  }
});

test("a secret is hidden as it is, and quoted for a shell", () => {
  hides(secret);
  hides(`p@ss w0rd/'\\''"$x\\&<é`);
  hides(`p@ss w0rd/'"'"'"$x\\&<é`);
  hides(`p@ss w0rd/'\\"\\$x\\\\&<é`);
  hides(`p@ss w0rd/\\'"$x\\\\&<é`);
  hides(String.raw`p@ss\ w0rd/\'\"\$x\\\&\<é`.replace("é", "\\é"));
});

test("a secret is hidden in JSON, also as Go writes it, and in JSON in JSON", () => {
  const json = JSON.stringify(secret).slice(1, -1);
  hides(json);
  hides(json.replace("&", "\\u0026").replace("<", "\\u003c"));
  hides(json.replace("/", "\\/"));
  hides(JSON.stringify(json).slice(1, -1));
  hides("a\\nb\\tc", "a\nb\tc");
});

test("a secret is hidden in URLs, in both cases of hex digits, with plus signs", () => {
  hides(encodeURIComponent(secret));
  hides(encodeURIComponent(secret).toLowerCase().replace("w0rd", "w0rd"));
  hides(encodeURIComponent(secret).replace(/'/g, "%27"));
  hides(encodeURIComponent(secret).replace(/'/g, "%27").replaceAll("%20", "+"));
  hides(new URLSearchParams({ x: secret }).toString().slice(2));
});

test("a secret is hidden in base64 at every place of a longer text, with and without padding, in both alphabets", () => {
  const redactor = new Redactor([secret]);
  for (const prefix of ["", "x", "xy", "xyz", "user:"]) {
    for (const suffix of ["", "1", "12", "123"]) {
      for (const alphabet of ["base64", "base64url"] as const) {
        const encoded = Buffer.from(prefix + secret + suffix).toString(alphabet);
        const left = redactor.text(encoded);
        assert.ok(left.includes(SENSITIVE), `${prefix}|${suffix}`);
        // At most the characters that also hold bits of the neighbours, and the neighbours, are left.
        const kept = left.replace(SENSITIVE, "").length;
        assert.ok(kept <= Math.ceil((prefix.length * 4) / 3) + Math.ceil((suffix.length * 4) / 3) + 4, `${prefix}|${suffix}: ${left}`);
      }
    }
  }
  hides(Buffer.from(secret).toString("base64"));
  hides(Buffer.from(secret).toString("base64").replace(/=+$/, ""));
});

test("base64 that is broken into lines is hidden line by line", () => {
  const long = Array.from({ length: 20 }, (_, index) => `part${index}`).join("-");
  const redactor = new Redactor([long]);
  const lines =
    Buffer.from(long)
      .toString("base64")
      .match(/.{1,76}/g) ?? [];
  assert.ok(lines.length > 1);
  for (const line of lines) assert.is(redactor.text(line), SENSITIVE);
});

test("a secret of several lines is hidden as a whole and line by line, whatever the line ends", () => {
  const key = "-----BEGIN-----\r\nAbCd1234\r\n\r\nefgh\r\n-----END-----\r\n";
  const redactor = new Redactor([key]);
  for (const line of ["AbCd1234", "efgh", "-----BEGIN-----"]) assert.is(redactor.text(`x ${line} y`), `x ${SENSITIVE} y`);
  assert.is(redactor.text(key.replaceAll("\r\n", "\n")), SENSITIVE);
  assert.is(redactor.text(`KEY=${JSON.stringify(key)}`), `KEY="${SENSITIVE}"`);
});

test("a line of punctuation in a secret does not garble all other output", () => {
  const redactor = new Redactor(['{\n  "key": "s3cr3t"\n}']);
  assert.is(redactor.text("function f() { return {}; }"), "function f() { return {}; }");
  assert.is(redactor.text('"key": "s3cr3t"'), SENSITIVE);
});

test("secrets with commas are hidden whole", () => {
  hides("a,b,c-secret", "a,b,c-secret");
});

test("secrets that overlap are hidden together", () => {
  const redactor = new Redactor(["abcdef", "defghi", "def"]);
  assert.is(redactor.text("x abcdefghi y"), `x ${SENSITIVE} y`);
  assert.is(redactor.text("abcdefabcdef"), SENSITIVE + SENSITIVE);
});

test("secrets can be added while a run goes on", () => {
  const redactor = new Redactor();
  assert.is(redactor.text("token-1 token-2"), "token-1 token-2");
  redactor.add("token-1");
  assert.is(redactor.text("token-1 token-2"), `${SENSITIVE} token-2`);
  redactor.add("token-2");
  redactor.add("");
  assert.is(redactor.text("token-1 token-2"), `${SENSITIVE} ${SENSITIVE}`);
});

test("every text of an event is redacted, but not the words of the format", () => {
  const redactor = new Redactor(["hunter2", "error", "say"]);
  const event: RunEvent = {
    kind: "build-finished",
    time: 1,
    sequence: 1,
    build: "b",
    outcome: "failed",
    durationMs: 1,
    errors: ["hunter2"],
    artifacts: [{ builderId: "x", id: "hunter2", description: "at hunter2", files: ["/tmp/hunter2.img"] }],
  };
  assert.not.ok(JSON.stringify(redactor.event(event)).includes("hunter2"));
  const diagnostic: RunEvent = {
    kind: "diagnostic",
    time: 1,
    sequence: 2,
    diagnostic: {
      severity: "error",
      code: "TPK3105",
      summary: "bad",
      detail: "hunter2",
      excerpt: { firstLine: 1, lines: ['x = "hunter2"'] },
    },
  };
  const redacted = redactor.event(diagnostic);
  assert.not.ok(JSON.stringify(redacted).includes("hunter2"));
  assert.is(redacted.kind === "diagnostic" && redacted.diagnostic.severity, "error");
  assert.is(redactor.event({ kind: "machine", time: 1, sequence: 3, type: "t", data: ["a", "hunter2"] }).sequence, 3);
});

test("the file of a mistake is named, also where its path holds the same word as a secret", () => {
  const place = { line: 1, column: 1 };
  const subject = { file: "ubuntu/ubuntu.pkr.hcl", start: place, end: place };
  const diagnostic = { severity: "error", code: "TPK3105", summary: "bad", detail: "not ubuntu", subject } as const;
  const redacted = new Redactor(["ubuntu"]).data(diagnostic);
  assert.equal(redacted, { ...diagnostic, detail: `not ${SENSITIVE}` });
});

test("a text without secrets comes back as it is, and the same object", () => {
  const event: RunEvent = { kind: "say", time: 1, sequence: 1, text: "nothing to see" };
  assert.is(new Redactor(["hunter2"]).event(event), event);
});

test("megabytes with a thousand secrets take well under a second", () => {
  const redactor = new Redactor(Array.from({ length: 1000 }, (_, index) => `secret-number-${index}-${"x".repeat(index % 100)}`));
  const text = "an ordinary line of output that goes on for a while, secret-number- but not quite\n".repeat(100_000);
  const start = performance.now();
  assert.is(redactor.text(text), text);
  assert.ok(performance.now() - start < 2000);
});

test("secrets of 64 KB are hidden, as one line and as many", () => {
  const line = Array.from({ length: 65_536 }, (_, index) => ((index * index) % 36).toString(36)).join("");
  hides(line, line);
  hides(Buffer.from(line).toString("base64"), line);
  const lines = line.replace(/.{70}/g, "$&\n");
  hides(lines, lines);
  hides(JSON.stringify(lines).slice(1, -1), lines);
});

test("white space around a secret does not matter", () => {
  for (const padded of ["hunter2 ", "\thunter2", "hunter2\n", "\r\nhunter2  \r\n"])
    assert.is(new Redactor([padded]).text("x hunter2"), `x ${SENSITIVE}`);
});

/** What listeners see of a command's output that comes in these chunks. */
function shown(secrets: readonly string[], ...chunks: readonly string[]): string[] {
  const bus = new EventBus(new Redactor(secrets));
  const texts: string[] = [];
  bus.listen((event) => event.kind === "output" && texts.push(event.text));
  const writer = new LineWriter((text) => bus.emit({ kind: "output", stream: "stdout", text }, { build: "a" }));
  for (const chunk of chunks) writer.write(chunk);
  writer.flush();
  bus.emit({ kind: "build-finished", outcome: "succeeded", durationMs: 1, artifacts: [], errors: [] }, { build: "a" });
  return texts;
}

test("a secret cut in two where an endless line was cut stays hidden", () => {
  const filler = (length: number): string => "-".repeat(length);
  const near = LONGEST_LINE - 5;
  assert.equal(shown(["hunter2"], `${filler(near)}hunter2${filler(9)}`), [filler(near), `${SENSITIVE}${filler(9)}`]);
  assert.equal(shown(["hunt  er2"], `${filler(near)}hunt  er2`), [filler(near), SENSITIVE]);
  assert.equal(shown(["hunter2hunter2"], `${filler(LONGEST_LINE - 14)}hunter2hunter2!`), [filler(LONGEST_LINE - 14), `${SENSITIVE}!`]);
  const long = Array.from({ length: 65_536 }, (_, index) => ((index * index) % 36).toString(36)).join("");
  assert.equal(shown([long], `${filler(LONGEST_LINE - 60_000)}${long}!`), [filler(LONGEST_LINE - 60_000), `${SENSITIVE}!`]);
});

test("what looked like a secret comes out when its build ends, and long whole lines stay whole", () => {
  const filler = "-".repeat(LONGEST_LINE - 4);
  assert.equal(shown(["hunter2"], `${filler}huntX`), [filler, "huntX"]);
  const line = `${"-".repeat(5000)}h`;
  assert.equal(shown(["hunter2"], `${line}\nnext\n`), [line, "next"]);
});

test("streams of builds are not mixed where lines are cut", () => {
  const bus = new EventBus(new Redactor(["hunter2hunter2"]));
  const texts: string[] = [];
  bus.listen((event) => event.kind === "output" && texts.push(event.text));
  const filler = "-".repeat(LONGEST_LINE);
  bus.emit({ kind: "output", stream: "stdout", text: `${filler}hunter2` }, { build: "a" });
  bus.emit({ kind: "output", stream: "stdout", text: `${filler}hunt` }, { build: "b" });
  bus.emit({ kind: "output", stream: "stdout", text: `hunter2${filler}` }, { build: "a" });
  bus.emit({ kind: "build-finished", outcome: "succeeded", durationMs: 1, artifacts: [], errors: [] }, { build: "b" });
  assert.equal(texts, [filler, filler, SENSITIVE + filler, "hunt"]);
});

test.run();
