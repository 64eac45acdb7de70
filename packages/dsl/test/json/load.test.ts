import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { canonicalProgram, type Diagnostic, deferredOf, type Program } from "@tspack/core";
import { type Loaded, type LoadOptions, load } from "@tspack/dsl";
import { lab, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";

const folder = tmp();

/** Loads a template with the fixed clock 1700000000. */
async function loadText(text: string, options: LoadOptions = {}): Promise<Loaded> {
  writeFileSync(join(folder, "template.json"), text);
  const environment = { SOURCE_DATE_EPOCH: "1700000000", ...options.environment };
  return load("template.json", { workingDirectory: folder, ...options, environment });
}

interface Parts {
  readonly variables?: unknown;
  readonly options?: unknown;
  readonly [key: string]: unknown;
}

/** A template with one null builder that has the options. */
function template({ options = {}, ...rest }: Parts): string {
  return JSON.stringify({ builders: [{ type: "null", communicator: "none", ...(options as object) }], ...rest });
}

async function program(text: string, options?: LoadOptions): Promise<Program> {
  const loaded = await loadText(text, options);
  assert.ok(loaded.program, JSON.stringify(loaded.diagnostics, undefined, 1));
  return loaded.program as Program;
}

/** `TPK2301 3:5 detail hint`, each. */
async function told(text: string, options?: LoadOptions): Promise<readonly string[]> {
  const { diagnostics } = await loadText(text, options);
  return diagnostics.map(line);
}

function line({ code, subject, detail, hint }: Diagnostic): string {
  return [code, subject === undefined ? "" : `${subject.start.line}:${subject.start.column}`, detail, hint].filter(Boolean).join(" ");
}

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

// [what, template, what is told…]
const problems: readonly (readonly [string, string, ...RegExp[]])[] = [
  ["a list in place of an object", "[1]", /^TPK2301 1:1 A template must be an object, not a list/],
  ["no builders", '{"variables": {}}', /^TPK2301 1:1 A template needs at least one builder/],
  [
    "unknown keys, each of them",
    '{"builder": [],\n"builders": [{"type": "null"}], "locals": {}, "_c": "ok"}',
    /^TPK2301 1:2 .*"builder"\. Did you mean "builders"/,
    /^TPK2301 2:33 .*"locals"\. A JSON template has no locals/,
  ],
  ["comments that are no text", '{"builders": [{"type": "null"}], "_c": 1}', /^TPK2301 1:40 The comment "_c" must be text, not a number/],
  ["keys that stand twice", '{"builders": [{"type": "null", "type": "null"}]}', /^TPK2202 1:32 The object has the name "type" twice/],
  [
    "variables that are no text",
    '{"builders": [{"type": "null"}], "variables": {"a": 1, "b": true, "c": []}}',
    /^TPK2301 1:53 The variable "a" must be text or null, not a number\. Write it in quotes: "1"/,
    /"b" must be .* not true/,
    /"c" must be .* not a list/,
  ],
  [
    "variables without a value, all of them",
    '{"builders": [{"type": "null"}], "variables": {"a": null, "b": null}}',
    /^TPK1101 1:48 The variable "a" has no value/,
    /^TPK1101 1:59 The variable "b" has no value/,
  ],
  [
    "two builders of one name",
    '{"builders": [{"type": "null"}, {"type": "null"}]}',
    /^TPK2202 1:33 Another builder has the name "null", which is its type, already/,
  ],
  [
    "two builders of one rendered name",
    '{"variables": {"a": "x"}, "builders": [{"type": "null", "name": "x"}, {"type": "null", "name": "{{user `a`}}"}]}',
    /^TPK2202 1:96 Two builders have the name "x"/,
  ],
  ["a builder without a type", '{"builders": [{"typ": "null"}]}', /^TPK2301 1:15 Builder 1 has no "type"\. Is "typ" meant to be "type"/],
  [
    "provisioners that are no list",
    '{"builders": [{"type": "null"}], "provisioners": {"type": "shell"}}',
    /^TPK2301 1:50 "provisioners" must be a list, not an object/,
  ],
  [
    "nested chains",
    '{"builders": [{"type": "null"}], "post-processors": [["manifest", ["manifest"]], 5]}',
    /^TPK2301 1:67 Post-processor 1\.2 is a list inside a chain/,
    /Post-processor 2 must be the name of a type/,
  ],
  [
    "keep_input_artifact as text",
    '{"builders": [{"type": "null"}], "post-processors": [{"type": "manifest", "keep_input_artifact": "true"}]}',
    /^TPK2301 1:98 .* must be true or false, not text/,
  ],
  [
    "filters of both kinds",
    '{"builders": [{"type": "null"}], "provisioners": [{"type": "shell", "only": ["null"], "except": ["null"]}]}',
    /^TPK2301 1:87 Provisioner 1 has both/,
  ],
  [
    "filters by a rendered name",
    '{"variables": {"a": "x"}, "builders": [{"type": "null", "name": "{{user `a`}}"}], "provisioners": [{"type": "shell", "only": ["x"]}]}',
    /^TPK3109 1:127 "only" of "shell" names "x".* as it is written/,
  ],
  [
    "overrides for nobody",
    '{"builders": [{"type": "null"}], "provisioners": [{"type": "shell", "override": {"nul": {}}}]}',
    /^TPK3109 1:82 "override" of "shell" names "nul".*Did you mean "null"/,
  ],
  [
    "retries that are no number",
    '{"builders": [{"type": "null"}], "provisioners": [{"type": "shell", "max_retries": "{{user `x`}}"}]}',
    /^TPK2301 .*max_retries/,
    /^TPK2302 .*no variable "x"/,
  ],
  [
    "a newer version",
    '{"builders": [{"type": "null"}], "min_packer_version": "9.0"}',
    /^TPK2205 1:56 The template needs Packer 9\.0 or newer/,
  ],
  ["a version that is none", '{"builders": [{"type": "null"}], "min_packer_version": ">= 1.0"}', /^TPK2205 1:56 .* is no version/],
  [
    "variables in a circle",
    '{"builders": [{"type": "null"}], "variables": {"a": "{{user `b`}}", "b": "{{user `a`}}"}}',
    /^TPK2203 .*"a" uses "b" uses "a"/,
  ],
  [
    "a variable of itself",
    '{"builders": [{"type": "null"}], "variables": {"a": "{{user `a`}}"}}',
    /^TPK2203 1:53 The variable "a" uses itself\. Set it with/,
  ],
  [
    "undeclared variables in variables",
    '{"builders": [{"type": "null"}], "variables": {"ab": "{{user `ac`}}"}}',
    /^TPK2302 1:54 .*no variable "ac".*Did you mean "ab"/,
  ],
  [
    "undeclared variables in options, which are empty",
    '{"builders": [{"type": "null", "x": "{{user `ac`}}"}]}',
    /^TPK2302 1:37 There is no variable "ac": it is empty/,
  ],
  [
    "values of builds in variables",
    '{"builders": [{"type": "null"}], "variables": {"a": "{{build_name}}"}}',
    /^TPK2302 1:53 .*cannot use values of builds/,
  ],
  [
    "the environment in options",
    '{"builders": [{"type": "null", "x": "{{env `HOME`}}"}]}',
    /^TPK2302 1:37 The call env works in the section "variables" alone/,
  ],
  ["secrets stores in options", '{"builders": [{"type": "null", "x": "{{vault `a` `b`}}"}]}', /^TPK2302 1:37 The call vault works/],
  [
    "templates that cannot be parsed",
    '{"builders": [{"type": "null", "x": "{{user `a`"}], "variables": {"a": "1"}}',
    /^TPK2302 1:37 The text cannot be rendered: the action is not closed/,
  ],
  [
    "names that are known too late",
    '{"builders": [{"type": "null", "x": "{{user .Name}}"}]}',
    /^TPK2302 1:37 .*only known during the build/,
  ],
  [
    "what was left of a service that is no more",
    '{"builders": [{"type": "null"}], "push": {"name": "x"}}',
    /^TPK2207 1:34 "push" has no effect/,
  ],
  [
    "variables that double each other",
    JSON.stringify({
      builders: [{ type: "null" }],
      variables: Object.fromEntries(
        Array.from({ length: 60 }, (_, index) => [`v${index}`, index === 0 ? "x" : `{{user \`v${index - 1}\`}}{{user \`v${index - 1}\`}}`]),
      ),
    }),
    /^TPK2003 .*would be longer than/,
  ],
];
for (const [what, text, ...expected] of problems) {
  test(`tells ${what}`, async () => {
    const found = await told(text);
    assert.is(found.length, expected.length, found.join("\n"));
    for (const pattern of expected)
      assert.ok(
        found.some((one) => pattern.test(one)),
        `${pattern} is not in\n${found.join("\n")}`,
      );
  });
}

test("long chains of variables are no deep recursion", async () => {
  const variables = Object.fromEntries(
    Array.from({ length: 5000 }, (_, index) => [`v${index}`, index === 4999 ? "end" : `{{user \`v${index + 1}\`}}`]),
  );
  const made = await program(template({ variables, options: { x: "{{user `v0`}}" } }));
  assert.is(made.builds[0]?.sources[0]?.config.x, "end");
});

test("variable files hold text alone", async () => {
  writeFileSync(join(folder, "numbers.json"), '{"a": 5}');
  writeFileSync(join(folder, "broken.json"), '{"a": ');
  const text = template({ variables: { a: "1" } });
  assert.match(
    (await told(text, { variableFiles: ["numbers.json"] }))[0] ?? "",
    /^TPK2301 1:7 The value of "a" must be text, not a number/,
  );
  assert.match((await told(text, { variableFiles: ["broken.json"] }))[0] ?? "", /^TPK2001 1:7/);
  assert.match((await told(text, { variableFiles: ["none.json"] }))[0] ?? "", /^TPK1104 none\.json could not be read: it does not exist/);
  assert.match((await told(text, { variableFiles: ["template.json"], variables: { b: "" }, undeclared: "warn" })).join(), /TPK2301/);
});

test("files that are no templates are told in one line", async () => {
  for (const [bytes, expected] of [
    [Buffer.from([0x7b, 0xff, 0xfe]), /UTF-8/],
    [Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0]), /NUL|text/],
    [Buffer.alloc(0), /empty/],
  ] as const) {
    writeFileSync(join(folder, "bytes.json"), bytes);
    const { diagnostics } = await load("bytes.json", { workingDirectory: folder });
    assert.is(diagnostics.length, 1);
    assert.match(line(diagnostics[0] as Diagnostic), expected);
  }
  const missing = await load("missing.json", { workingDirectory: folder });
  assert.match(line(missing.diagnostics[0] as Diagnostic), /^TPK2002 missing\.json could not be read: it does not exist/);
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
