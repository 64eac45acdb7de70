// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of HCL
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Parsed, parseConfig, parseExpression, parseTemplate } from "../../../src/hcl/syntax/parse.ts";
import { SourceText } from "../../../src/hcl/syntax/source-text.ts";
import type { Attribute, Block, Body, Expression, Template } from "../../../src/hcl/syntax/tree.ts";

const config = (text: string): Parsed<Body> => parseConfig(new SourceText("t.pkr.hcl", text));

/** The tree of a text without errors. */
function clean<T>({ tree, diagnostics }: Parsed<T>): T {
  assert.equal(
    diagnostics.map(({ summary, detail }) => `${summary}: ${detail}`),
    [],
  );
  return tree;
}

function attribute(body: Body, index = 0): Attribute {
  const item = body.items[index];
  if (item?.kind !== "attribute") throw new Error(`item ${index} is no attribute`);
  return item;
}

function block(body: Body, index = 0): Block {
  const item = body.items[index];
  if (item?.kind !== "block") throw new Error(`item ${index} is no block`);
  return item;
}

/** An expression in brackets of Lisp, to see how it was read. */
function shape(node: Expression): string {
  switch (node.kind) {
    case "number":
      return node.text;
    case "bool":
      return String(node.value);
    case "null":
      return "null";
    case "variable":
      return node.name;
    case "template":
      return `"${node.parts.map((part) => (part.kind === "text" ? part.value : part.kind === "interpolation" ? `\${${shape(part.value)}}` : `%${part.kind}`)).join("")}"`;
    case "get-attribute":
      return `(. ${shape(node.object)} ${node.name})`;
    case "get-index":
      return `(${node.isLegacy ? "legacy" : "index"} ${shape(node.collection)} ${shape(node.key)})`;
    case "splat":
      return `(${node.form} ${shape(node.collection)}${steps(node.each)})`;
    case "call":
      return `(${node.name}${node.args.map((argument) => ` ${shape(argument)}`).join("")}${node.expandsLast ? "..." : ""})`;
    case "unary":
      return `(${node.operator} ${shape(node.operand)})`;
    case "binary":
      return `(${node.operator} ${shape(node.left)} ${shape(node.right)})`;
    case "conditional":
      return `(? ${shape(node.condition)} ${shape(node.then)} ${shape(node.otherwise)})`;
    case "tuple":
      return `[${node.elements.map(({ value }) => shape(value)).join(" ")}]`;
    case "object":
      return `{${node.items.map(({ key, isLiteralKey, value }) => `${isLiteralKey ? "'" : ""}${shape(key)}=${shape(value)}`).join(" ")}}`;
    case "for":
      return `(for ${node.keyName ?? "_"} ${node.valueName} ${shape(node.collection)} ${node.key === undefined ? "" : `${shape(node.key)}=>`}${shape(node.value)}${node.groups ? "..." : ""}${node.condition === undefined ? "" : ` if ${shape(node.condition)}`})`;
    case "parentheses":
      return `<${shape(node.value)}>`;
    case "missing":
      return "missing";
  }
}

type Steps = Extract<Expression, { kind: "splat" }>["each"];
function steps(each: Steps): string {
  return each
    .map((step) =>
      step.kind === "attribute" ? `.${step.name}` : step.kind === "index" ? `[${shape(step.key)}]` : `(${step.form}${steps(step.each)})`,
    )
    .join("");
}

const expressions: { readonly [text: string]: string } = {
  "a-1": "a-1",
  "a -1": "(- a 1)",
  für_2: "für_2",
  "1 + 2 * 3 - 4": "(- (+ 1 (* 2 3)) 4)",
  "a || b && c == d < e": "(|| a (&& b (== c (< d e))))",
  "-a.b": "(- (. a b))",
  "!a == b": "(== (! a) b)",
  "a ? b : c ? d : e": "(? a b (? c d e))",
  "(\n1\n+ 2)": "<(+ 1 2)>",
  "a.b.0.c[1]": "(index (. (legacy (. a b) 0) c) 1)",
  "a.*.b[0]": "(index (attribute a.b) 0)",
  "a[*].b[0].0": "(full a.b[0][0])",
  "a[*].b[*].c": "(full a.b(full.c))",
  "f(a, b...)": "(f a b...)",
  "f(\n1,\n2,\n)": "(f 1 2)",
  '{a = 1, (b) = 2, "c": 3, true = 4\n null = 5}': "{'a=1 <b>=2 \"c\"=3 'true=4 'null=5}",
  "[for v in c : v if v]": "(for _ v c v if v)",
  "{\nfor k, v in c : k => v...}": "(for k v c k=>v...)",
  "1.e5": "1.e5",
  '"$${a} %%{b} $$${c} 100% $5"': '"${a} %{b} $${c} 100% $5"',
  '"\\n\\t\\u00e9\\U0001F600\\\\"': '"\n\té😀\\"',
  '"e\u0301"': '"é"',
  '"a${"b${c}"}"': '"a${"b${c}"}"',
  '" ${~ a ~} \\n x"': '"${a}x"',
};

for (const [text, expected] of Object.entries(expressions)) {
  test(`an expression is read as it should be: ${JSON.stringify(text)}`, () => {
    assert.is(shape(clean(parseExpression(new SourceText("x", text)))), expected);
  });
}

/** The text of heredocs and files, with interpolations as they are written. */
const texts: readonly { readonly name: string; readonly text: string; readonly value: string }[] = [
  { name: "a heredoc ends with the line end in front of its marker", text: "a = <<EOT\nx\n EOT\n", value: "x\n" },
  { name: "an empty heredoc is empty", text: "a = <<EOT\nEOT\n", value: "" },
  { name: "an indented heredoc loses the smallest indent", text: "a = <<-EOT\n    x\n      y\n\n   \n  EOT\n", value: "x\n  y\n\n   \n" },
  { name: "a plain heredoc keeps its indent", text: "a = <<EOT\n  x\nEOT\n", value: "  x\n" },
  { name: "a line that begins with an interpolation has no indent", text: "a = <<-EOT\n  x\n${y}\nEOT\n", value: "  x\n${y}\n" },
  {
    name: "a trim marker takes one line end and no indent of the next line",
    text: "a = <<EOT\n${x ~}\n\n  y\nEOT\n",
    value: "${x}\n  y\n",
  },
  { name: "a trimmed line end is no line start for the indent", text: "a = <<-EOT\n  ${x ~}\n    y\nEOT\n", value: "${x}    y\n" },
  { name: "a heredoc has no escapes but those of templates", text: "a = <<EOT\n\\n $${x}\nEOT\n", value: "\\n ${x}\n" },
  { name: "a heredoc keeps Windows line ends", text: "a = <<-EOT\r\n  x\r\n  y\r\n  EOT\r\n", value: "x\r\ny\r\n" },
];

for (const { name, text, value } of texts) {
  test(name, () => {
    const tree = attribute(clean(config(text))).value;
    assert.is(shape(tree), `"${value}"`);
  });
}

test("directives hold what stands between them", () => {
  const tree: Template = clean(
    parseTemplate(new SourceText("x", "%{ for k, v in m ~}\n%{ if v }a${k}%{ else }b%{ endif }\n%{ endfor ~}\n")),
  );
  const [loop] = tree.parts;
  assert.is(loop?.kind, "for-directive");
  if (loop?.kind !== "for-directive") return;
  assert.equal([loop.key, loop.value], ["k", "v"]);
  const choice = loop.body.find((part) => part.kind === "if");
  if (choice?.kind !== "if") throw new Error("no if inside of the for");
  assert.equal([choice.then.map(({ kind }) => kind), choice.otherwise.map(({ kind }) => kind)], [["text", "interpolation"], ["text"]]);
});

test("blocks have labels, arguments and blocks", () => {
  const tree = clean(config('\ufeffsource "qemu" debian {\r\n  a = 1\r\n  b { c = [\n1] }\n  d {}\n}'));
  const outer = block(tree);
  assert.equal([outer.type, ...outer.labels.map(({ text }) => text)], ["source", "qemu", "debian"]);
  assert.equal(
    outer.body.items.map((item) => (item.kind === "attribute" ? item.name : `${item.type}:${item.body.items.length}`)),
    ["a", "b:1", "d:0"],
  );
  // The byte order mark counts as bytes, and as no column.
  assert.equal(outer.source.range(outer.typeNode.start, outer.typeNode.end).start, { line: 1, column: 1, byte: 3 });
});

test("comments go to what they describe", () => {
  const tree = clean(
    config(`# file

# one
# two
a = 1 # behind

b "x" { // open
  // inner
  c = [ # list
    # first
    1, # after one
    2  /* after two */
    # end of list
  ] # after list
  d = {
    // key
    k = f(/* inside */ 1) # value

    # end of object
  }

  # end of block
} # closed
# end of file`),
  );
  const texts = (comments: readonly { readonly text: string; readonly blankAfter: boolean }[]): string[] =>
    comments.map(({ text, blankAfter }) => text + (blankAfter ? " +" : ""));
  const first = attribute(tree);
  assert.equal(texts(first.leading), ["# file +", "# one", "# two"]);
  assert.is(first.trailing?.text, "# behind");
  const second = block(tree, 1);
  assert.ok(second.blankBefore);
  assert.equal([second.openComment?.text, second.trailing?.text], ["// open", "# closed"]);
  assert.equal(texts(second.body.dangling), ["# end of block"]);
  assert.equal(texts(tree.dangling), ["# end of file"]);
  const list = attribute(second.body);
  assert.equal(texts(list.leading), ["// inner"]);
  assert.is(list.trailing?.text, "# after list");
  if (list.value.kind !== "tuple") throw new Error("c is no list");
  assert.equal(
    list.value.elements.map(({ leading, trailing }) => [...texts(leading), trailing?.text]),
    [["# list", "# first", "# after one"], ["/* after two */"]],
  );
  assert.equal(texts(list.value.dangling), ["# end of list"]);
  const object = attribute(second.body, 1).value;
  if (object.kind !== "object") throw new Error("d is no object");
  assert.equal(texts(object.items[0]?.leading ?? []), ["// key", "/* inside */"]);
  assert.is(object.items[0]?.trailing?.text, "# value");
  assert.equal(texts(object.dangling), ["# end of object"]);
});

/** Every comment that hangs on the tree. */
function attached(node: unknown): string[] {
  if (typeof node !== "object" || node === null || node instanceof SourceText) return [];
  return Object.entries(node).flatMap(([name, value]) => {
    if (name === "trailing" || name === "openComment") return value === undefined ? [] : [String(value.text)];
    if (name === "leading" || name === "dangling") return value.map((comment: { readonly text: string }) => comment.text);
    return attached(value);
  });
}

test("a comment in an odd place is not lost", () => {
  const texts = [
    "a = /*1*/ b /*2*/ + /*3*/ c /*4*/ # 5",
    "a = f( # 1\n b # 2\n # 3\n , /*4*/ c # 5\n ) # 6",
    "a = (\n# 1\n b # 2\n # 3\n ? /*4*/ c : d /*5*/\n)",
    "a = [ /*1*/ ]\nb = { /*2*/ }\nc { /*3*/ }\nd { /*4*/ a /*5*/ = 1 /*6*/ }",
    "a = [for /*1*/ b in c /*2*/ : b # 3\n if b # 4\n]",
    'a = "${ /*1*/ b /*2*/ }" /*3*/ # 4',
    'b /*1*/ "x" /*2*/ { # 3\n# 4\n} /*5*/ # 6',
    "a = [1 /*1*/, /*2*/ 2, # 3\n3 # 4\n, # 5\n]",
    "a = { b = 1, /*1*/ c = 2 # 2\n# 3\n\n d /*4*/ = /*5*/ 3 }",
    "a = b[ /*1*/ 0 ] # 2\n /*3*/ c = 1\n/*4*/",
    "a = <<EOT\n${ b /*1*/ }\nEOT\n# 2",
  ];
  for (const text of texts) {
    const numbers = attached(clean(config(text)))
      .join(" ")
      .match(/\d/g);
    assert.equal(numbers?.sort(), text.match(/(?<=# ?|\/\*)\d/g), text);
  }
});

/** Each error with its line and column. */
function errors(text: string): string[] {
  return config(text).diagnostics.map(({ code, summary, subject }) => {
    assert.ok(code === "TPK2001" || code === "TPK2003");
    return `${subject?.start.line}:${subject?.start.column} ${summary}`;
  });
}

const refused: readonly (readonly [text: string, errors: readonly string[]])[] = [
  ["a = 'x'\n", ["1:5 Invalid character"]],
  ["a = “x”\n", ["1:5 Invalid character", "1:7 Invalid character"]],
  ["a = 1\0\n", ["1:6 Invalid character"]],
  ["a =\n  1\n", ["1:4 Invalid expression"]],
  ["a = [1 2]\nb = 1 2\n", ["1:8 Missing item separator", "2:7 Missing newline after argument"]],
  ['a = "x\nb = 1\n', ["1:7 Invalid multi-line string"]],
  ["b {\n  a = 1 }\nc = 1\n", ["2:9 Missing newline after argument"]],
  ["b\n{\n  a = 1\n}\nc = \n", ["1:1 Argument or block definition required", "5:5 Invalid expression"]],
  ["b {\n  a = [1,\n  c = 2\n  d = ;\n}\ne = )\n", ["3:5 Missing item separator", "4:7 Invalid character", "6:5 Invalid expression"]],
  ["b {\n", ["1:3 Unclosed configuration block"]],
  ["}\na = 1\n", ["1:1 Argument or block definition required"]],
  ["a = 1\na = 2\n", ["2:1 Attribute redefined"]],
  [
    'a = "\\q \\u12 ${b c}"\n',
    ["1:6 Invalid escape sequence", "1:9 Invalid escape sequence", "1:18 Extra characters in template interpolation"],
  ],
  ["a = <<EOT\nx\n", ["3:1 Unterminated template string"]],
  ["a = << EOT\nx\n  y = 1 {\nEOT\nb = ]\n", ["1:5 Invalid expression", "5:5 Invalid expression"]],
  ["a = <<-'EOT'\nx\nEOT\n", ["1:5 Invalid expression"]],
  [
    "a = {\n  b = \n  c = 1,,\n  d = [1 2]\n  e = 1\n}\nf = ]\n",
    ["2:7 Invalid expression", "3:9 Invalid expression", "4:10 Missing item separator", "7:5 Invalid expression"],
  ],
  ['b {\n  a = [\n    "x"\n  c = "y"\n}\nd = ]\n', ["4:3 Missing item separator", "6:5 Invalid expression"]],
  ["b {\n  a = 1\n\nc {\n  d = ]\n}\n", ["1:3 Unclosed configuration block", "5:7 Invalid expression"]],
  ["/* a\nb = 1\n", ["1:1 Unterminated comment"]],
  ["a = 1.2.3\n", ["1:5 Invalid number"]],
  ['b "${x}" {\n}\n', ["1:4 Invalid string literal"]],
];

for (const [text, expected] of refused) {
  test(`all errors of a file are found, and no more: ${JSON.stringify(text)}`, () => assert.equal(errors(text), expected));
}

test("an error says what to do", () => {
  const [diagnostic] = config("a = 'x'\n").diagnostics;
  assert.is(diagnostic?.hint, 'Write it in double quotes: "…".');
  const [redefined] = config("a = 1\na = 2\n").diagnostics;
  assert.is(redefined?.related?.[0]?.at.start.line, 1);
  const [separator] = config("a = [\n  1\n  2\n]\n").diagnostics;
  assert.equal([separator?.context?.start.line, separator?.context?.end.line], [2, 3]);
});

test("what nests too deeply is refused with one diagnostic", () => {
  const deep = (open: string, close: string, count = 1000): string => open.repeat(count) + close.repeat(count);
  const long = 100_000;
  const texts = [
    `a = ${deep("(", ")")}\n`,
    `a = ${deep("[", "]")}\n`,
    `a = ${deep('"${', '}"')}\n`,
    deep("b {\n", "}\n"),
    `a = "${deep("%{ if b }", "%{ endif }")}"\n`,
    `a = ${deep("f(", ")")}\n`,
    `a = ${deep("b[", "]")}\n`,
    `a = ${deep("{a=", "}")}\n`,
    `a = ${deep("[for a in b: ", "]")}\n`,
    `a = ${"c ? 1 : ".repeat(1000)}2\n`,
    `a = ${"-".repeat(long)}1\n`,
    `a = 1${"+1".repeat(long)}\n`,
    `a = b${".c".repeat(long)}\n`,
    `a = b${"[*]".repeat(long)}\n`,
    `a = ${"[".repeat(long)}`,
  ];
  for (const text of texts) {
    assert.equal(
      config(text).diagnostics.map(({ code }) => code),
      ["TPK2003"],
      text.slice(0, 20),
    );
  }
  clean(config(`a = ${deep("[", "]", 400)}\n`));
});

test("reading takes time in proportion to the text, also of nonsense", () => {
  const texts = [";", "'", '"', "a = <<", 'a = "${\n', "/*", "a = [\n", "{", "}", "b {} c\n", "a = <<E\n", "1.", "\\", '"\\', "a = b.\n"];
  for (const text of texts) {
    const start = process.cpuUsage();
    const { diagnostics } = config(text.repeat(30_000));
    const { user, system } = process.cpuUsage(start);
    assert.ok(diagnostics.length > 0 && diagnostics.length <= 101, text);
    // A quadratic way would take minutes. The processor's time, as others may want it too: some 50 ms.
    const spentMs = (user + system) / 1000;
    assert.ok(spentMs < 4000, `${JSON.stringify(text)} took ${spentMs} ms`);
  }
});

test.run();
