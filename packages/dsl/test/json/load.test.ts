import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { canonicalProgram, deferredOf } from "@tspack/core";
import { type LoadOptions, load } from "@tspack/dsl";
import { lab } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { folder, program, template } from "./loading-json.ts";

// [what, variables, value of the option x, what it becomes]
const rendered: readonly (readonly [string, { readonly [name: string]: string | null }, unknown, unknown])[] = [
  ["variables are put in", { a: "1" }, "<{{user `a`}}>", "<1>"],
  ["calls of the component stay byte for byte", { a: "1" }, "{{  .Name }}{{timestamp}}{{user `a`}}", "{{  .Name }}{{timestamp}}1"],
  ["values are computed", { a: "Ab" }, "{{user `a` | upper}}", "AB"],
  ["conditions over variables are decided", { a: "y" }, '{{if eq (user `a`) "y"}}yes {{.Vars}}{{else}}no{{end}}', "yes {{.Vars}}"],
  ["the folder of the template is put in", {}, "{{template_dir}}/x", `${folder}/x`],
  ["variables may use each other in any order", { b: "{{user `a`}}{{user `a`}}", a: "<{{user `c`}}>", c: "3" }, "{{user `b`}}", "<3><3>"],
  ["the environment is known to variables", { a: "{{env `NAME`}}{{env `NONE`}}" }, "{{user `a`}}", "value"],
  ["variables are computed where they stand", { a: "{{timestamp}} {{isotime `2006`}} {{upper `x`}}" }, "{{user `a`}}", "1700000000 2023 X"],
  ["fields in variables are left for later", { a: "{{ .Vars }}{{user `b`}}", b: "2" }, "{{user `a`}}", "{{ .Vars }}2"],
  ["conditions in variables", { a: "{{if eq (user `b`) `2`}}two{{else}}other{{end}}", b: "2" }, "{{user `a`}}", "two"],
  [
    "values are rendered in lists and objects, names are not",
    { a: "1" },
    [{ "{{user `a`}}": ["{{user `a`}}"] }],
    [{ "{{user `a`}}": ["1"] }],
  ],
  ["all that is not text stays", {}, [1, 1.5, true, "12345678901234567890"], [1, 1.5, true, "12345678901234567890"]],
  ["a text that is no template is none of our business", {}, "{{ not } one", "{{ not } one"],
];
for (const [what, variables, option, expected] of rendered) {
  test(what, async () => {
    const made = await program(template({ variables, options: { x: option } }), { environment: { NAME: "value" } });
    assert.equal(made.builds[0]?.sources[0]?.config.x, expected);
  });
}

test("values are given by files and the command line; later ones win, and are rendered too", async () => {
  writeFileSync(join(folder, "one.json"), '{"a": "file", "b": "{{user `a`}}!", "b": "<{{user `a`}}>", "unknown": "x"}');
  writeFileSync(join(folder, "two.json"), '{"c": "two"}');
  const text = template({
    variables: { a: null, b: "", c: "{{env `PATH`}}" },
    options: { x: "{{user `a`}} {{user `b`}} {{user `c`}} {{user `d`}}" },
  });
  const made = await program(text, { variableFiles: ["one.json", "two.json"], variables: { a: "line", d: "undeclared" } });
  assert.is(made.builds[0]?.sources[0]?.config.x, "line <line> two undeclared");
  assert.equal(
    made.variables.map(({ name, value, default: fallback }) => [name, value, fallback]),
    [
      ["a", "line", undefined],
      ["b", "<line>", ""],
      ["c", "two", ""],
      ["d", "undeclared", ""],
    ],
  );
  assert.equal(made.userVariables, { a: "line", b: "<line>", c: "two", d: "undeclared", unknown: "x" });
});

test("values of the running build wait for it, with all else in the text", async () => {
  const options = { x: ["{{build `ID`}}", "{{if eq (build `ConnType`) `ssh`}}{{user `a`}}{{else}}{{.Name}}{{end}} {{build `ID`}}"] };
  const made = await program(template({ variables: { a: "1" }, options }));
  const values = made.builds[0]?.sources[0]?.config.x;
  assert.ok(Array.isArray(values));
  const known: { readonly [name: string]: string } = { ID: "i-1", ConnType: "winrm" };
  const scope = { value: ({ path }: { readonly path: readonly (string | number)[] }) => known[String(path[0])] };
  const found = values.map(deferredOf).map((one) => [one?.waitsFor.map(({ path }) => path[0]), one?.evaluate(scope)]);
  assert.equal(found, [
    [["ID"], "i-1"],
    [["ConnType", "ID"], "{{.Name}} i-1"],
  ]);
});

test("what is sensitive stays hidden, and so does all that is made of it", async () => {
  const made = await program(
    template({
      variables: { password: "tea", login: "me:{{user `password`}}", open: "x" },
      "sensitive-variables": ["password"],
      options: { a: "p={{user `password`}}", b: "{{user `login` | upper}}", c: "{{user `open`}}" },
    }),
  );
  const printed = JSON.stringify(await canonicalProgram(made));
  assert.not.match(printed, /tea/i);
  assert.equal(
    made.variables.map(({ name, sensitive }) => [name, sensitive]),
    [
      ["password", true],
      ["login", true],
      ["open", false],
    ],
  );
  assert.is(made.builds[0]?.sources[0]?.config.c, "x");
});

test("builds are sorted and named as Packer does; steps follow their filters and overrides", async () => {
  const made = await program(
    JSON.stringify({
      description: "all of it",
      variables: { n: "1" },
      builders: [
        { type: "null", communicator: "none", name: "z-{{user `n`}}" },
        { type: "null", communicator: "none" },
      ],
      provisioners: [
        { type: "shell-local", inline: ["a"], only: ["z-{{user `n`}}"], max_retries: "{{user `n`}}", pause_before: "1s" },
        { type: "shell-local", inline: ["b"], except: "null", override: { "z-{{user `n`}}": { inline: ["c"] } } },
      ],
      "error-cleanup-provisioner": { type: "shell-local", inline: ["d"], only: ["nobody"] },
      "post-processors": ["manifest", ["manifest", { type: "checksum", only: ["null"], keep_input_artifact: true }], []],
    }),
  );
  const canonical = await canonicalProgram(made);
  const step = { type: "shell-local" };
  const cleanup = { ...step, config: { inline: ["d"] } };
  const manifest = { type: "manifest", config: {} };
  const source = { config: { communicator: "none" }, type: "null" };
  assert.equal(JSON.parse(JSON.stringify(canonical)).builds, [
    {
      description: "all of it",
      errorCleanup: cleanup,
      name: "null.null",
      postProcessors: [[manifest], [manifest, { type: "checksum", keep_input_artifact: true, config: {} }]],
      provisioners: [],
      source: { ...source, name: "null" },
    },
    {
      description: "all of it",
      errorCleanup: cleanup,
      name: "null.z-1",
      postProcessors: [[manifest], [manifest]],
      provisioners: [
        { ...step, config: { inline: ["a"] }, max_retries: 1, pause_before: "1s" },
        { ...step, config: { inline: ["c"] } },
      ],
      source: { ...source, name: "z-1" },
    },
  ]);
  assert.equal(
    made.builds[0]?.sources.map(({ displayName }) => displayName),
    ["null", "null.z-1"],
  );
});

test("a template on standard input", async () => {
  const loaded = await load("-", { workingDirectory: folder, standardInput: template({ options: { x: "{{template_dir}}" } }) });
  assert.is(loaded.program?.builds[0]?.sources[0]?.config.x, folder);
  const broken = await load("-", { workingDirectory: folder, standardInput: "{" });
  assert.is(broken.diagnostics[0]?.subject?.file, "<standard input>");
});

test("options are found in the file", async () => {
  const made = await program('{\n"builders": [\n{"type": "null",\n "list": [{"a": "x"}],\n "communicator": "none"}]}');
  const origin = made.builds[0]?.sources[0]?.origin;
  const places = [[], ["communicator"], ["list", 0, "a"], ["list"], ["none"]].map((path) => origin?.locate(path)?.start);
  assert.equal(
    places.map((place) => place && [place.line, place.column]),
    [[3, 1], [5, 2], [4, 12], [4, 2], undefined],
  );
});

test("variables may ask services", async () => {
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify([{ Key: "k", Value: Buffer.from(`value of ${request.url}`).toString("base64") }]));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  try {
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const text = template({
      variables: { a: "<{{consul_key `k`}}>", b: "{{user `a`}}{{consul_key `j`}}" },
      options: { x: "{{user `b`}}" },
    });
    const made = await program(text, { environment: { CONSUL_HTTP_ADDR: `http://127.0.0.1:${port}` } });
    assert.is(made.userVariables?.b, "<value of /v1/kv/k>value of /v1/kv/j");
    assert.ok(made.variables.every(({ sensitive }) => sensitive));
  } finally {
    server.close();
  }
});

test("long chains of variables are no deep recursion", async () => {
  const variables = Object.fromEntries(
    Array.from({ length: 5000 }, (_, index) => [`v${index}`, index === 4999 ? "end" : `{{user \`v${index + 1}\`}}`]),
  );
  const made = await program(template({ variables, options: { x: "{{user `v0`}}" } }));
  assert.is(made.builds[0]?.sources[0]?.config.x, "end");
});

lab(test, "packer")("Packer renders variables to the same values", async () => {
  const variables = {
    a: "y",
    b: "{{if eq (user `a`) `y`}}yes{{else}}no{{end}}",
    c: "{{user `d`}}-{{upper `x`}}-{{split `p,q` `,` 1}}",
    d: "{{replace_all `o` `0` `foo`}}",
    e: "{{env `E`}}",
    f: "given",
  };
  const names = Object.keys(variables);
  const inline = [`echo ${names.map((name) => `[{{user \`${name}\`}}]`).join("")}{{user \`nobody\`}}`];
  const text = JSON.stringify({
    variables,
    builders: [{ type: "null", communicator: "none" }],
    provisioners: [{ type: "shell-local", inline }],
  });
  const options: LoadOptions = { variables: { f: "{{user `a`}}!" }, environment: { E: "env" } };
  const made = await program(text, options);
  const expected = names.map((name) => `[${made.userVariables?.[name]}]`).join("");
  const environment = { ...process.env, E: "env", CHECKPOINT_DISABLE: "1" };
  const output = execFileSync("packer", ["build", "-color=false", "-var", "f={{user `a`}}!", "template.json"], {
    cwd: folder,
    env: environment,
    encoding: "utf8",
  });
  assert.ok(output.includes(`null: ${expected}\n`), `${expected} is not in\n${output}`);
});

test.run();
