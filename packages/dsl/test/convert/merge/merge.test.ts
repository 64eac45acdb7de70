// Families of templates of ours: each is merged, type-checked strictly, and every program compared with its template.
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { convertInto, type MergedConversion } from "../../../src/convert/merge/convert-into.ts";
import { verifyConversion } from "../../../src/convert/verify/verify.ts";
import type { LoadOptions } from "../../../src/load/options.ts";
import { typeCheck } from "../type-check.ts";

const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));
const environment = { HOME_OF_TEST: "/home/test" };

/** Values for a family besides its defaults: each is one comparison. */
const given: { readonly [family: string]: readonly LoadOptions["variables"][] } = {
  scalars: [{}, { mirror: "https://other.example.org", cpus: "4" }],
  options: [{}, { user: "me" }],
  steps: [{}, { version: "2", agent: "other", agent_token: "x", agent_ports: "[1]" }],
  lists: [{}],
  variables: [{ needed: "a" }, { needed: "b", release: "sid", sizes: '{"root": 7}', level: "50" }],
  legacy: [{}, { version: "9" }],
};

interface Merged {
  readonly folder: string;
  readonly conversion: MergedConversion;
  readonly text: (file: string) => string;
}

/** Merges the templates of a folder: its files, or the folders in it. */
async function merge(family: string, names: readonly string[], workingDirectory: string): Promise<Merged> {
  const folder = join(workingDirectory, "images", family);
  const paths = names.map((name) => join(family, name));
  const conversion = await convertInto(paths, { workingDirectory, folder, environment });
  mkdirSync(folder, { recursive: true });
  for (const { name, text } of conversion.files) writeFileSync(join(folder, name), text);
  return { folder, conversion, text: (file) => conversion.files.find(({ name }) => name === file)?.text ?? "" };
}

/** The values of variables that a template declares: any other is refused. */
function declaredIn(path: string, variables: NonNullable<LoadOptions["variables"]>): NonNullable<LoadOptions["variables"]> {
  const files = statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path];
  const text = files.map((file) => readFileSync(file, "utf8")).join("");
  return Object.fromEntries(Object.entries(variables).filter(([name]) => text.includes(`"${name}"`)));
}

test("every family becomes one shared module, passes a strict type check, and means the same for its defaults and for other values", async () => {
  const root = tmp("merge");
  cpSync(fixtures, root, { recursive: true });
  process.env.HOME_OF_TEST = environment.HOME_OF_TEST;
  const files: string[] = [];
  for (const [family, runs] of Object.entries(given)) {
    const { folder, conversion } = await merge(family, readdirSync(join(root, family)), root);
    const { report } = conversion;
    assert.equal(conversion.diagnostics, [], family);
    assert.equal(
      report.templates.map(({ alone }) => alone),
      report.templates.map(() => undefined),
      family,
    );
    assert.ok(report.linesOut < report.linesIn, `${family}: ${report.linesOut} lines of ${report.linesIn}`);
    files.push(...conversion.files.map(({ name }) => join(folder, name)));
    for (const { path, file } of report.templates) {
      for (const variables of runs) {
        const options: LoadOptions = { environment, variables: declaredIn(join(root, path), variables ?? {}) };
        const { diagnostics, differences } = await verifyConversion(join(root, path), join(folder, file), options);
        assert.equal(differences, [], `${path} with ${JSON.stringify(variables)}`);
        assert.equal(
          diagnostics.filter(({ severity }) => severity === "error"),
          [],
          path,
        );
      }
    }
  }
  assert.equal(Object.fromEntries(await typeCheck(root, files)), {});
});

test("values that differ become settings with the names of their options, and one for all that differ alike", async () => {
  const root = tmp("merge");
  cpSync(fixtures, root, { recursive: true });
  const { conversion, text } = await merge("scalars", ["alpha", "beta", "gamma"], root);
  assert.equal(conversion.report.settings, ["name", "titlePrefix", "isoUrl", "memory", "headless", "qemuarg"]);
  assert.match(text("shared.ts"), /vm_name: `web-\$\{settings\.name\}`,/);
  assert.match(text("shared.ts"), /resolve\(path\.root, `\.\.\/\.\.\/scalars\/\$\{settings\.name\}`\)/);
  assert.match(text("shared.ts"), 'const mirror = variable("mirror",');
  assert.match(text("beta.ts"), 'import { image } from "./shared.ts";\n\nexport default image({\n  name: "beta",');
});

test("comments of all templates stay in the shared module, those of one template in its file", async () => {
  const root = tmp("merge");
  cpSync(fixtures, root, { recursive: true });
  const scalars = await merge("scalars", ["alpha", "beta"], root);
  assert.match(scalars.text("shared.ts"), "// Images of the web servers.");
  assert.match(scalars.text("shared.ts"), "// Everything in one go.");
  assert.match(scalars.text("alpha.ts"), "// The old one.");
  assert.not.match(`${scalars.text("beta.ts")}${scalars.text("shared.ts")}`, "// The old one.");
  const options = await merge("options", ["plain.pkr.hcl", "timeout.pkr.hcl", "content.pkr.hcl"], root);
  assert.match(options.text("timeout.ts"), '  // Slow disks.\n  sshTimeout: "20m",');
});

test("options, steps and variables of some templates alone are settings that may be left out", async () => {
  const root = tmp("merge");
  cpSync(fixtures, root, { recursive: true });
  const options = await merge("options", ["plain.pkr.hcl", "timeout.pkr.hcl", "content.pkr.hcl"], root);
  assert.match(options.text("plain.ts"), "export default image({});");
  assert.match(options.text("shared.ts"), "readonly sshTimeout?: string;");
  const steps = await merge("steps", ["small", "agent"], root);
  assert.match(steps.text("shared.ts"), 'const agent = settings.hasAgent ? variable("agent", { default: "acme-agent" }) : "acme-agent";');
  assert.match(steps.text("agent.ts"), "hasAgent: true,");
});

test("long values that several templates have stand in the shared module once", async () => {
  const root = tmp("merge");
  const template = (name: string, commands: readonly string[]): string => `source "acme" "vm" {
  name = "${name}"
  boot_command = [
    ${commands.map((command) => JSON.stringify(command)).join(",\n    ")}
  ]
  a = 1
  b = 2
  c = 3
}
build {
  sources = ["source.acme.vm"]
}
`;
  const [debian, fedora] = [
    ["d1", "d2", "d3", "d4", "d5"],
    ["f1", "f2", "f3", "f4"],
  ];
  mkdirSync(join(root, "os"));
  writeFileSync(join(root, "os/one.pkr.hcl"), template("one", debian));
  writeFileSync(join(root, "os/two.pkr.hcl"), template("two", debian));
  writeFileSync(join(root, "os/three.pkr.hcl"), template("three", fedora));
  const { folder, text, conversion } = await merge("os", ["one.pkr.hcl", "two.pkr.hcl", "three.pkr.hcl"], root);
  assert.match(text("shared.ts"), "export const oneBootCommand = [");
  assert.match(text("two.ts"), 'import { image, oneBootCommand } from "./shared.ts";');
  const files = conversion.files.map(({ name }) => join(folder, name));
  assert.equal(Object.fromEntries(await typeCheck(root, files)), {});
});

test("templates that say the same share everything", async () => {
  const root = tmp("merge");
  cpSync(join(fixtures, "steps"), join(root, "steps"), { recursive: true });
  cpSync(join(root, "steps/small"), join(root, "steps/copy"), { recursive: true });
  const { text } = await merge("steps", ["small", "copy"], root);
  assert.is(text("copy.ts"), 'export { default } from "./shared.ts";\n');
});

test("a template that is too different is a program of its own, and the report says why", async () => {
  const root = tmp("merge");
  cpSync(fixtures, root, { recursive: true });
  writeFileSync(
    join(root, "odd.pkr.hcl"),
    'source "file" "x" {\n  content = "x"\n  target = "y"\n}\nbuild {\n  sources = ["source.file.x"]\n}\n',
  );
  const conversion = await convertInto(["scalars/alpha", "odd.pkr.hcl", "scalars/gamma"], { workingDirectory: root, folder: "images" });
  assert.match(conversion.report.templates[1]?.alone ?? "", /^only \d+ % of its lines are like those of the others$/);
  assert.not.match(conversion.files.find(({ name }) => name === "odd.ts")?.text ?? "", "shared.ts");
  assert.is(conversion.report.templates[0]?.alone, undefined);
});

test("a template with a data source that others lack is a program of its own", async () => {
  const root = tmp("merge");
  cpSync(join(fixtures, "steps"), join(root, "steps"), { recursive: true });
  writeFileSync(join(root, "steps/agent/b.pkr.hcl"), 'data "http" "page" {\n  url = "https://example.org"\n}\n');
  const { conversion } = await merge("steps", ["small", "agent", "cleanup"], root);
  assert.equal(
    conversion.report.templates.map(({ alone }) => alone),
    [undefined, "it declares the data source page, which the others do not", undefined],
  );
});

test("a template whose variable is of another type is a program of its own: what reads it is written for that type", async () => {
  const root = tmp("merge");
  cpSync(join(fixtures, "steps"), join(root, "steps"), { recursive: true });
  const path = join(root, "steps/cleanup/a.pkr.hcl");
  writeFileSync(path, readFileSync(path, "utf8").replace('default = "1.0"', 'default = "1.0"\n  sensitive = true'));
  const { conversion } = await merge("steps", ["small", "agent", "cleanup"], root);
  assert.is(conversion.report.templates[2]?.alone, 'its variable "version" is of another type');
});

test("what only some templates have may differ among them: an object of settings", async () => {
  const root = tmp("merge");
  mkdirSync(join(root, "nested"));
  const template = (step: string): string => `variable "os" {
  default = "debian"
}
source "null" "a" {
  communicator = "none"
}
build {
  sources = ["source.null.a"]
  provisioner "shell-local" {
    inline = ["echo \${var.os}", "date"]
  }
  provisioner "shell" {
    inline            = ["true"]
    environment_vars  = ["A=1"]
    execute_command   = "sh {{.Path}}"
    remote_folder     = "/tmp"
    skip_clean        = true
    expect_disconnect = true
    pause_before      = "1s"
  }
${step}
}
`;
  const step = (name: string, level: number): string => `  provisioner "acme" {
    script = "agent.sh"
    name   = "${name} of \${var.os}"
    level  = ${level}
    size   = ${level} * 2
    tags   = ["a", "${name}", "c"]
  }`;
  writeFileSync(join(root, "nested/plain.pkr.hcl"), template(""));
  writeFileSync(join(root, "nested/one.pkr.hcl"), template(step("one", 1)));
  writeFileSync(join(root, "nested/two.pkr.hcl"), template(step("two", 5)));
  const { folder, text, conversion } = await merge("nested", ["plain.pkr.hcl", "one.pkr.hcl", "two.pkr.hcl"], root);
  assert.match(text("shared.ts"), "settings.hasAgent &&");
  assert.match(text("two.ts"), /hasAgent: \{\n[^}]*level: 5,/);
  for (const { path, file } of conversion.report.templates) {
    assert.equal((await verifyConversion(join(root, path), join(folder, file))).differences, [], path);
  }
  const files = conversion.files.map(({ name }) => join(folder, name));
  assert.equal(Object.fromEntries(await typeCheck(root, files)), {});
});

test("variable files beside a template are in the report: its program does not read them", async () => {
  const root = tmp("merge");
  cpSync(join(fixtures, "steps"), join(root, "steps"), { recursive: true });
  writeFileSync(join(root, "steps/agent/x.auto.pkrvars.hcl"), 'version = "2"\n');
  const { conversion } = await merge("steps", ["small", "agent"], root);
  assert.equal(conversion.report.templates[1]?.variableFiles, [join(root, "steps/agent/x.auto.pkrvars.hcl")]);
  assert.ok(
    conversion.report.simplified.includes("x.auto.pkrvars.hcl stands beside its template and not beside agent.ts: give it with -var-file."),
  );
});

test("a template with errors leaves nothing", async () => {
  const root = tmp("merge");
  cpSync(fixtures, root, { recursive: true });
  writeFileSync(join(root, "bad.pkr.hcl"), "source {");
  const { files, diagnostics } = await convertInto(["scalars/alpha", "bad.pkr.hcl"], { workingDirectory: root, folder: "images" });
  assert.equal(files, []);
  assert.ok(diagnostics.some(({ severity }) => severity === "error"));
});

test("files are named after what tells their templates apart", async () => {
  const root = tmp("merge");
  for (const folder of ["a/Web Server", "b/Web Server", "b/shared"]) mkdirSync(join(root, folder), { recursive: true });
  const template = 'source "null" "x" {\n  communicator = "none"\n}\nbuild {\n  sources = ["source.null.x"]\n}\n';
  const paths = ["a/Web Server/t.pkr.hcl", "b/Web Server/t.pkr.hcl", "b/shared/t.pkr.hcl"];
  for (const path of paths) writeFileSync(join(root, path), template);
  const { report } = await convertInto(paths, { workingDirectory: root, folder: "images" });
  const names = report.templates.map(({ file }) => file);
  assert.is(new Set([...names, "shared.ts"]).size, 4);
  for (const name of names) assert.match(name, /^[\w.-]+\.ts$/);
});

test.run();
