// The parsers against the reference's answers, and against real templates. The corpus is not part of the project: TSPACK_CORPUS names it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { corpusFolder } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodeSource } from "../../../src/hcl/syntax/decode-source.ts";
import { parseConfig, parseExpression, parseTemplate } from "../../../src/hcl/syntax/parse.ts";
import { SourceText } from "../../../src/hcl/syntax/source-text.ts";

interface Vector {
  readonly kind: "expr" | "template" | "body" | "type";
  readonly src: string;
  readonly fails_at?: "parse" | "eval";
  readonly range?: readonly number[];
}

const corpus = corpusFolder();
const parsers = { expr: parseExpression, type: parseExpression, template: parseTemplate, body: parseConfig };

test("each vector parses, or is refused at the place where the reference refuses it", () => {
  const vectors: readonly Vector[] = JSON.parse(readFileSync(join(corpus, "hcl-vectors/vectors.json"), "utf8"));
  assert.ok(vectors.length > 600);
  const wrong: unknown[] = [];
  for (const { kind, src, fails_at, range } of vectors) {
    const [first] = parsers[kind](new SourceText("vector", src)).diagnostics;
    const place = first?.subject && [
      first.subject.start.line,
      first.subject.start.column,
      first.subject.end.line,
      first.subject.end.column,
    ];
    const expected = fails_at === "parse" ? range : undefined;
    if (JSON.stringify(place) !== JSON.stringify(expected)) wrong.push({ src, expected, place, summary: first?.summary });
  }
  assert.equal(wrong, []);
});

for (const folder of ["templates", "packer-fixtures", "doc-snippets"]) {
  test(`the files in ${folder} parse, but for those that its README says to be wrong`, () => {
    const readme = existsSync(join(corpus, folder, "README.md")) ? readFileSync(join(corpus, folder, "README.md"), "utf8") : "";
    const files = readdirSync(join(corpus, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".hcl") && !entry.name.endsWith(".pkrtpl.hcl"))
      .map((entry) => join(entry.parentPath, entry.name));
    assert.ok(files.length > 20);
    const wrong = files.flatMap((file) => {
      const { source, diagnostics } = decodeSource(file.slice(join(corpus, folder).length + 1), readFileSync(file));
      return [...diagnostics, ...parseConfig(source).diagnostics];
    });
    assert.equal(
      wrong.filter(({ subject }) => !readme.includes(subject?.file ?? "")).map(({ summary, subject }) => `${subject?.file}: ${summary}`),
      [],
    );
    console.log(`${folder}: ${files.length} files, ${wrong.length} refused as its README says`);
  });
}

test.run();
