// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of HCL
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { formatHcl } from "../../../src/hcl/format/format.ts";
import { formatHclFile } from "../../../src/hcl/format/format-file.ts";
import { parseConfig } from "../../../src/hcl/syntax/parse.ts";
import { SourceText } from "../../../src/hcl/syntax/source-text.ts";

/** Texts that all parse, in their form before and after. */
const cases: { readonly [name: string]: readonly [before: string, after: string] } = {
  "equals signs of neighbouring lines stand in a column": ["a=1\nbcd  =  2\n\ne=3\n", "a   = 1\nbcd = 2\n\ne = 3\n"],
  "a value of several lines ends the column": [
    "a=1\nlonger={\nb=2\nccc=3\n}\nd=4\n",
    "a = 1\nlonger = {\n  b   = 2\n  ccc = 3\n}\nd = 4\n",
  ],
  "comments behind neighbouring lines stand in a column": [
    "a=1 # x\nbcd=2   // y\n# z\ne=3 # w\n",
    "a   = 1 # x\nbcd = 2 // y\n# z\ne = 3 # w\n",
  ],
  "lines are indented by open brackets": [
    'b   "x"  {\n# c\n   a=[\n1, # one\n22, # two\n]\n      c {\n  /* d\n   e */\n      }\n}\n',
    'b "x" {\n  # c\n  a = [\n    1,  # one\n    22, # two\n  ]\n  c {\n    /* d\n   e */\n  }\n}\n',
  ],
  "several brackets of one line indent once": [
    "a = f([{\nb=1\n}])\nc = [[\n1\n],[\n2\n]]\n",
    "a = f([{\n  b = 1\n}])\nc = [[\n  1\n  ], [\n  2\n]]\n",
  ],
  "operators have spaces, signs and brackets have none": [
    "a=( 1+2 )*-3\nb=[ 1,-2 , 3 ]\nc=f( x ,y... )\nd=x . y [ 0 ]\ne=a?-1:! b\ng=x-1\n",
    "a = (1 + 2) * -3\nb = [1, -2, 3]\nc = f(x, y...)\nd = x.y[0]\ne = a ? -1 : ! b\ng = x-1\n",
  ],
  "braces have spaces inside unless they are empty": ["a={b=1}\nc={ }\nd{}\ne{f=1}\n", "a = { b = 1 }\nc = {}\nd {}\ne { f = 1 }\n"],
  "splats and for expressions": [
    "a=b . c[ * ] . d\ne=[for x in[1]:x if x>0]\ng={for k,v in h:k=>v...}\n",
    "a = b.c[*].d\ne = [for x in [1] : x if x > 0]\ng = { for k, v in h : k => v... }\n",
  ],
  "templates change only between their braces": [
    'a="  ${  f( 1,2 )  }x${b}${ {c=1} }%{  if d  } %{else}e%{ endif }"\n',
    'a = "  ${f(1, 2)}x${b}${ { c = 1 } }%{if d} %{else}e%{endif}"\n',
  ],
  "heredocs stay as they are": [
    "a=<<EOT\n  x  ${ y+1 }\n\t z\n  EOT\nbbb=<<-EOT\n    # no comment\n   EOT\n",
    "a   = <<EOT\n  x  ${y + 1}\n\t z\n  EOT\nbbb = <<-EOT\n    # no comment\n   EOT\n",
  ],
  "line ends stay as they are, blanks at them go": [
    "a=1\r\nb {\r\nc=2   \r\n}\r\n  \n\n\t\nd=1",
    "a = 1\r\nb {\r\n  c = 2\r\n}\r\n\n\n\nd = 1",
  ],
  "columns count characters as they are seen": ['日本="e\u0301" # x\nb="é" # y\n', '日本 = "e\u0301" # x\nb  = "é" # y\n'],
  "a byte order mark goes": ["\ufeffa=1\n", "a = 1\n"],
  "nothing stays nothing": ["", ""],
};

for (const [name, [before, after]] of Object.entries(cases)) {
  test(name, () => {
    assert.equal(parseConfig(new SourceText("x", before)).diagnostics, []);
    assert.is(formatHcl(before), after);
    assert.is(formatHcl(after), after);
  });
}

test("an interpolation of a heredoc that goes over lines leaves what follows in place", () => {
  // Not as Packer 1.6, which loses count of its brackets.
  const text = "b {\n  a = <<-EOT\n  ${\n    f(1,\n    2)\n  }\n c\n  EOT\n  d = 1\n}\n";
  assert.is(formatHcl(text), text);
});

test("a file with a syntax error keeps its text", () => {
  const text = "a  =  1\nb = ]\n";
  const { formatted, diagnostics } = formatHclFile("x.pkr.hcl", Buffer.from(text));
  assert.is(formatted, text);
  assert.is(diagnostics.length, 1);
});

test("indexes behind points are not run together to one number, which packer fmt does", () => {
  const formatted = formatHcl("a=x . 0 .1\nb=x.0 . c\nd=[0.1  .1 .2]\n");
  assert.is(formatted, "a = x.0 .1\nb = x.0.c\nd = [0.1 .1 .2]\n");
  assert.equal(parseConfig(new SourceText("x", formatted)).diagnostics, []);
  assert.is(formatHcl(formatted), formatted);
});

/** Texts formatted by the real Packer, in one process. */
function packerForms(texts: readonly string[]): string[] {
  const folder = join(tmp("fmt"), "peer");
  mkdirSync(folder);
  for (const [index, text] of texts.entries()) writeFileSync(join(folder, `${index}.pkr.hcl`), text);
  execFileSync("packer", ["fmt", folder], { stdio: "pipe", env: { ...process.env, CHECKPOINT_DISABLE: "1" } });
  return texts.map((_, index) => readFileSync(join(folder, `${index}.pkr.hcl`), "utf8"));
}

const labTest = lab(test, "packer");

labTest("the form is byte for byte that of packer fmt", () => {
  const texts = Object.values(cases).map(([before]) => before);
  assert.equal(texts.map(formatHcl), packerForms(texts));
});

const corpus = process.env.TSPACK_CORPUS;
if (corpus === undefined) console.log("skipped: the comparison with packer fmt over real templates, since TSPACK_CORPUS names no folder");
else {
  labTest("the form of real templates is byte for byte that of packer fmt", () => {
    const texts = readdirSync(corpus, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".hcl") && !entry.name.endsWith(".pkrtpl.hcl"))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
      .filter((text) => parseConfig(new SourceText("x", text)).diagnostics.length === 0);
    assert.ok(texts.length > 500);
    const wanted = packerForms(texts);
    for (const [index, text] of texts.entries()) {
      const formatted = formatHcl(text);
      assert.is(formatted, wanted[index]);
      assert.is(formatHcl(formatted), formatted);
    }
    console.log(`${texts.length} files formatted as by packer fmt`);
  });
}

test.run();
