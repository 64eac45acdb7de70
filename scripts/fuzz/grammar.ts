// Random templates that follow the grammar, more or less.
import type { Random } from "./random.ts";

const names = ["var", "local", "x", "a-b", "für", "data", "path", "for", "if", "null", "each", "source", "build", "k", "v"];
const functions = ["upper", "join", "concat", "merge", "try", "can", "format", "length", "lookup", "regex_replace", "jsonencode", "range"];
const texts = ["", "a", "héé", "\\n", "\\u00e9", "$${", "%%{", "{{ .Vars }}", "{{user `x`}}", '\\"', "👩‍💻", "100%", "$", "\t"];
const numbers = ["0", "1", "007", "1.5", "1e3", "12345678901234567890", "1e400", "0.1"];
const binary = ["==", "!=", "<", ">", "<=", ">=", "&&", "||", "+", "-", "*", "/", "%"];
const blocks = [
  "variable",
  "locals",
  "local",
  "source",
  "build",
  "provisioner",
  "post-processor",
  "post-processors",
  "dynamic",
  "data",
  "packer",
];
const attributes = ["type", "default", "sources", "inline", "for_each", "name", "description", "only", "iterator", "content", "x"];

/** An HCL expression. */
export function expression(random: Random, depth = 4): string {
  const inner = (): string => expression(random, depth - 1);
  if (depth <= 0) return random.pick([...numbers, "true", "false", "null", random.pick(names), `"${random.pick(texts)}"`]);
  switch (random.below(14)) {
    case 0:
      return `"${random.several(0, 3, () => part(random, depth - 1)).join("")}"`;
    case 1:
      return `<<${random.pick(["", "-"])}EOT\n${random.several(0, 3, () => `  ${part(random, depth - 1)}\n`).join("")}EOT\n`;
    case 2:
      return `[${random.several(0, 3, inner).join(", ")}]`;
    case 3:
      return `{ ${random.several(0, 3, () => `${random.pick([...names, '"k"', "(k)"])} = ${inner()}`).join(", ")} }`;
    case 4:
      return `${inner()} ${random.pick(binary)} ${inner()}`;
    case 5:
      return `${random.pick(["!", "-"])}${inner()}`;
    case 6:
      return `${inner()} ? ${inner()} : ${inner()}`;
    case 7:
      return `${random.pick(functions)}(${random.several(0, 3, inner).join(", ")}${random.pick(["", "", "..."])})`;
    case 8:
      return `[for ${random.pick(["k, v", "v"])} in ${inner()} : ${inner()}${random.chance(0.3) ? ` if ${inner()}` : ""}]`;
    case 9:
      return `{for k, v in ${inner()} : ${inner()} => ${inner()}${random.pick(["", "..."])}}`;
    case 10:
      return `${inner()}${random.pick([".a", "[0]", '["k"]', ".0", "[*].a", ".*.a", "[*]"])}`;
    case 11:
      return `(${inner()})`;
    default:
      return `${random.pick(names)}.${random.pick(names)}`;
  }
}

/** A body of attributes and blocks. */
export function body(random: Random, depth = 3): string {
  return random
    .several(0, 4, () => {
      if (depth <= 0 || random.chance(0.5)) return `${random.pick(attributes)} = ${expression(random)}\n`;
      const labels = random.several(0, 2, () => random.pick([' "a"', ' "null"', " b", ' "shell"'])).join("");
      return `${random.pick(["", "# note\n", "\n"])}${random.pick(blocks)}${labels} {\n${body(random, depth - 1)}}\n`;
    })
    .join("");
}

/** A JSON value, with keys that templates have. */
export function json(random: Random, depth = 4): string {
  const inner = (): string => json(random, depth - 1);
  const keys = [
    "builders",
    "provisioners",
    "post-processors",
    "variables",
    "type",
    "name",
    "only",
    "inline",
    "_c",
    "variable",
    "source",
    "x",
  ];
  if (depth <= 0) return random.pick([...numbers.filter((one) => one !== "007"), "true", "null", '"a"', '"{{user `x`}}"', `"\${var.x}"`]);
  switch (random.below(4)) {
    case 0:
      return `[${random.several(0, 3, inner).join(",")}]`;
    case 1:
      return `"${random.several(0, 2, () => random.pick(["{{build `ID`}}", "{{ if .A }}", "{{end}}", "{{.B}}", "x", "\\u0041", "{{"])).join("")}"`;
    default:
      return `{${random.several(0, 4, () => `"${random.pick(keys)}":${inner()}`).join(",")}}`;
  }
}

function part(random: Random, depth: number): string {
  switch (random.below(5)) {
    case 0:
      return `\${${random.pick(["", "~"])}${expression(random, depth)}${random.pick(["", "~"])}}`;
    case 1:
      return `%{ if ${expression(random, depth - 1)} }a%{ else }b%{ endif }`;
    case 2:
      return `%{ for v in ${expression(random, depth - 1)} ~} \${v} %{ endfor }`;
    default:
      return random.pick(texts);
  }
}
