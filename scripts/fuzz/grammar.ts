// Random templates that follow the grammar, more or less.
import type { Random } from "./random.ts";

const names = ["s", "var", "local", "x", "a-b", "für", "data", "path", "for", "if", "null", "each", "source", "build", "k", "v"];
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

/** A type constraint. */
export function type(random: Random, depth = 3): string {
  const inner = (): string => type(random, depth - 1);
  if (depth <= 0) return random.pick(["string", "number", "bool", "any", "list", "map", "strin", "null"]);
  switch (random.below(6)) {
    case 0:
      return `${random.pick(["list", "set", "map", "tuple", "object"])}(${inner()})`;
    case 1:
      return `tuple([${random.several(0, 3, inner).join(", ")}])`;
    case 2:
      return `optional(${inner()}${random.chance(0.5) ? `, ${expression(random, 1)}` : ""})`;
    case 3:
      return type(random, 0);
    default:
      return `object({ ${random.several(0, 3, () => `${random.pick(names)} = ${random.chance(0.4) ? `optional(${inner()})` : inner()}`).join(", ")} })`;
  }
}

/** A constant that fits many types. */
function literal(random: Random): string {
  return random.pick([
    "null",
    '"v"',
    "1",
    "true",
    '["a", "b"]',
    '{ a = "b", x = "1" }',
    "[]",
    "{}",
    "[1, [2]]",
    `${expression(random, 1)}`,
  ]);
}

/** A template that loads more often than not: declarations, and references to them and to a sensitive `var.s`. */
export function template(random: Random): string {
  const known = [
    "var.s",
    "var.a",
    "var.b",
    `"\${var.s}!"`,
    "[for v in [var.a, var.s] : v]",
    "try(var.a.x, var.s)",
    "merge({ a = var.s }, { b = var.b })",
  ];
  const later = [...known, "local.x", "local.y", "local.x == local.y", "jsonencode([var.s, local.y, data.null.d.output])"];
  const value = (from: readonly string[] = later): string =>
    random.chance(0.05) ? expression(random, 2).replaceAll("\n", " ") : random.pick(from);
  const steps = (): string =>
    random.pick([
      `provisioner "shell-local" {\n  inline = [${value()}]\n}\n`,
      `provisioner "nosuch" {\n  x = ${value()}\n  b {\n    y = ${value()}\n  }\n}\n`,
      `post-processor "manifest" {\n  output = ${value()}\n}\n`,
      `name = ${value()}\n`,
      `dynamic "provisioner" {\n  labels = ["shell-local"]\n  for_each = ${value()}\n  content {\n    inline = [provisioner.value]\n  }\n}\n`,
    ]);
  const maybe = (probability: number, make: () => string): string => (random.chance(probability) ? make() : "");
  const variable = (name: string): string =>
    `variable "${name}" {\n${maybe(0.3, () => `  type = ${random.chance(0.7) ? random.pick(["any", "string", "list(string)", "map(any)"]) : type(random, 2)}\n`)}  default = ${literal(random)}\n${maybe(
      0.2,
      () =>
        `  validation {\n    condition = ${random.chance(0.5) ? `can(var.${name}.x)` : value()}\n    error_message = "This does not fit."\n  }\n`,
    )}}\n`;
  return [
    variable("a"),
    variable("b"),
    `locals {\n  x = ${value(known)}\n}\n`,
    maybe(0.9, () => `local "y" {\n  expression = ${value(known)}\n  sensitive = ${random.chance(0.5)}\n}\n`),
    maybe(0.9, () => `data "null" "d" {\n  input = ${value(known)}\n}\n`),
    `source "null" "n" {\n  communicator = "none"\n${maybe(0.3, () => `  ssh_host = ${value()}\n`)}}\n`,
    `build {\n  sources = ["null.n"]\n${random.several(0, 3, steps).join("")}}\n`,
  ].join("");
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
