import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Call } from "../../src/template/builtins.ts";
import { renderKnown } from "../../src/template/partial.ts";
import { templateParts } from "../../src/template/parts.ts";

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
  ["trim markers of what stays are left", "{{user `x`}}  {{- .V -}}  b", "y  {{- .V -}}  b"],
];
for (const [what, text, result] of cases) test(what, () => assert.is(renderKnown(text, known), result));

const refused: readonly (readonly [string, string, RegExp])[] = [
  ["a name that is known later", "{{user .Name}}", /user needs a value that is only known during the build, at 1:3/],
  ["a known call that is given something", "{{.Name | user}}", /user is given a value/],
  ["a text with a known call that cannot be parsed", "{{user `x`", /not closed/],
];
for (const [what, text, message] of refused) test(`refused: ${what}`, () => assert.throws(() => renderKnown(text, known), message));

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
