import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Call } from "../../src/template/builtins.ts";
import { renderKnown } from "../../src/template/partial.ts";
import { templateParts } from "../../src/template/parts.ts";
import { renderTemplate } from "../../src/template/render.ts";

const variables: { readonly [name: string]: string } = {
  x: "y",
  empty: "",
  quoted: 'a "b"\n',
  late: "{{ .Vars }}",
  name: "x",
  spaced: " s ",
};
const known = new Map<string, Call>([
  ["user", { arity: [1, 1], run: (name) => variables[String(name)] ?? "" }],
  ["template_dir", { arity: [0, 0], run: () => "/dir" }],
]);

// [what, text, result]
const cases: readonly (readonly [string, string, string])[] = [
  ["a text without tags stays", "plain", "plain"],
  [
    "a text without known calls stays byte for byte",
    "{{  .Vars  }} {{- timestamp -}} {{/* c */}}",
    "{{  .Vars  }} {{- timestamp -}} {{/* c */}}",
  ],
  ["a text that is no template stays when it has no known call", "echo {{ not } a template", "echo {{ not } a template"],
  ["known calls are replaced", "{{user `x`}}-{{ template_dir }}", "y-/dir"],
  ["all else stays as written", "{{ user `x` }} {{  .Vars }} {{ timestamp}}", "y {{  .Vars }} {{ timestamp}}"],
  ["pipes of what is known are computed", "{{user `x` | upper}} {{.V}}", "Y {{.V}}"],
  ["a name may be computed", "{{user (user `name`)}} {{.V}}", "y {{.V}}"],
  ["values are not rendered again", "{{user `late`}}", "{{ .Vars }}"],
  ["the branch that is taken is left", '{{if eq (user "x") "y"}}a {{.V}}{{else}}b{{end}}', "a {{.V}}"],
  ["else is taken", '{{if eq (user "x") "z"}}a{{else}}{{.Vars}}{{end}}!', "{{.Vars}}!"],
  ["else if is taken", '{{if eq (user "x") "z"}}a{{else if eq (user "x") "y"}}{{.V}}{{else}}c{{end}}', "{{.V}}"],
  ["no branch is taken", '{{if user "empty"}}{{.V}}{{end}}.', "."],
  ["values inside a branch of a later decision", '{{if .Foo}}{{user "x"}}{{else}}{{user "empty"}}{{end}}', "{{if .Foo}}y{{else}}{{end}}"],
  ["a known branch behind a later decision ends it", '{{if .A}}1{{else if user "x"}}2{{else if .B}}3{{end}}', "{{if .A}}1{{else}}2{{end}}"],
  [
    "a first branch that is not taken makes room",
    '{{if user "empty"}}1{{else if .B}}{{user "x"}}{{else}}3{{end}}',
    "{{if .B}}y{{else}}3{{end}}",
  ],
  ["a mixed action keeps its form with a literal", '{{printf "%s-%s" (user "quoted") .Foo}}', '{{printf "%s-%s" ("a \\"b\\"\\n") .Foo}}'],
  ["a mixed pipe too", '{{ user "x" | printf "%s-%s" .Foo }}', '{{ "y" | printf "%s-%s" .Foo }}'],
  ["a call without arguments as an argument", '{{printf "%s/%s" template_dir .Foo}}', '{{printf "%s/%s" "/dir" .Foo}}'],
  ["variables of the template get literals", '{{$a := user "x"}}{{$a}}{{.V}}', '{{$a := "y"}}{{$a}}{{.V}}'],
  ["variables of the template are computed when all is known", '{{$a := user "x"}}{{$a}}', "y"],
  ["with sees the value", '{{with user "x"}}[{{.}}]{{end}}{{.V}}', "[y]{{.V}}"],
  ["with whose body waits stays", '{{with user "x"}}{{.}}{{timestamp}}{{end}}', '{{with "y"}}{{.}}{{timestamp}}{{end}}'],
  ["with of nothing is left out", '{{with user "empty"}}{{.}}{{timestamp}}{{else}}{{.V}}{{end}}', "{{.V}}"],
  [
    "trim markers of what is replaced do their work",
    "a  {{- user `x` -}}  {{.V}}  {{- if user `x` -}} b {{- else}}c{{end -}}  d",
    "ay{{.V}}bd",
  ],
  ["trim markers of what stays are left, but for those beside a value", "{{user `x`}}  {{- .V -}}  b", "y{{ .V -}}  b"],
];
for (const [what, text, result] of cases) test(what, () => assert.is(renderKnown(text, known), result));

const refused: readonly (readonly [string, string, RegExp])[] = [
  ["a name that is known later", "{{user .Name}}", /user needs a value that is only known during the build, at 1:3/],
  ["a known call that is given something", "{{.Name | user}}", /user is given a value/],
  ["a text with a known call that cannot be parsed", "{{user `x`", /not closed/],
];
for (const [what, text, message] of refused) test(`refused: ${what}`, () => assert.throws(() => renderKnown(text, known), message));

/** Numbers from 0 to 1 that a seed fixes (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A template of texts, values, comments and control structures, with trim markers anywhere. */
function randomTemplate(random: () => number, depth = 0): string {
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? "";
  const tag = (inside: string): string => `${pick(["{{", "{{- "])}${inside}${pick(["}}", " -}}"])}`;
  const leaves = ["user `x`", "user `empty`", "user `spaced` | upper", "template_dir", ".Vars", "build `ID`", "/* c */"];
  const mixed = ["printf `%s%s` (user `x`) .Foo", "user `x` | printf `%s-%s` .Vars", "$a := user `x`"];
  const conditions = ["user `x`", "user `empty`", ".Foo", "and (user `x`) .Foo", "or .Foo (user `empty`)", "eq .Vars (user `x`)"];
  let text = "";
  for (let count = Math.floor(random() * 4); count > 0; count--) {
    if (depth > 2 || random() < 0.5) text += random() < 0.3 ? pick([" a ", "b", " "]) : tag(pick([...leaves, ...mixed]));
    else {
      text += tag(`if ${pick(conditions)}`) + randomTemplate(random, depth + 1);
      while (random() < 0.4) text += tag(`else if ${pick(conditions)}`) + randomTemplate(random, depth + 1);
      if (random() < 0.5) text += tag("else") + randomTemplate(random, depth + 1);
      text += tag("end");
    }
  }
  return text;
}

test("rendering in two steps gives what one rendering gives", () => {
  let compared = 0;
  for (let seed = 0; seed < 3000; seed++) {
    const text = randomTemplate(randomFrom(seed));
    const part = renderKnown(text, known);
    for (const Foo of ["", "f"]) {
      const data = { Foo, Vars: "V", ID: "i-1" };
      const context = {
        phase: "run",
        data,
        userVariables: variables,
        templatePath: "/dir/t.json",
        workingDirectory: "/",
        startedAtMs: 0,
      } as const;
      assert.is(renderTemplate(part, context), renderTemplate(text, context), `seed ${seed}: ${text} became ${part}`);
      if (part !== text) compared++;
    }
  }
  assert.ok(compared > 1000, `${compared}`);
});

test("depth is bounded", () => {
  const deep = `${"{{if .A}}".repeat(100_000)}{{user "x"}}${"{{end}}".repeat(100_000)}`;
  assert.throws(() => renderKnown(deep, known), /levels are nested/);
  assert.throws(() => templateParts(deep), /levels are nested/);
});

test("a template is split into parts", () => {
  const parts = templateParts('a {{- user `x`}}{{.HTTPIP}}:{{split "a b" " " 0}}{{user `x` | upper}}{{if .A -}} 1 {{- else}}2{{end}}');
  assert.equal(
    parts.map((part) => (part.kind === "expression" ? [part.kind, part.source, part.pipeline.commands.length] : part)),
    [
      { kind: "text", text: "a" },
      { kind: "call", name: "user", args: ["x"], source: "{{- user `x`}}" },
      { kind: "field", names: ["HTTPIP"], source: "{{.HTTPIP}}" },
      { kind: "text", text: ":" },
      { kind: "call", name: "split", args: ["a b", " ", 0n], source: '{{split "a b" " " 0}}' },
      ["expression", "{{user `x` | upper}}", 2],
      {
        kind: "control",
        keyword: "if",
        branches: [
          {
            pipeline: { variables: [], assigns: false, commands: [{ operands: [{ kind: "field", names: ["A"], at: 8 }], at: 8 }], at: 8 },
            parts: [{ kind: "text", text: "1" }],
          },
          { pipeline: undefined, parts: [{ kind: "text", text: "2" }] },
        ],
        source: "{{if .A -}} 1 {{- else}}2{{end}}",
      },
    ],
  );
});

test("variables of a template may be used in its parts", () => {
  const parts = templateParts("{{$a := user `x`}}{{$a}}");
  assert.equal(
    parts.map(({ kind }) => kind),
    ["expression", "expression"],
  );
});

test.run();
