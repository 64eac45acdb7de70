// The types page, read back: every file in test/types compiles (with its expected errors) and the editor shows what the page
// promises, on every version of TypeScript that users may have.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { within } from "@tspack/test-support";
import type * as typescript from "typescript-6.0";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Editor, Marked } from "./editor.ts";
import { ServerEditor } from "./server-editor.ts";
import { ServiceEditor } from "./service-editor.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const folder = fileURLToPath(new URL("../types", import.meta.url));
const compilers = {
  "5.9": join(root, "node_modules/typescript-5.9/lib/tsc.js"),
  "6.0": join(root, "node_modules/typescript-6.0/lib/tsc.js"),
  "7.0": join(root, "node_modules/typescript/bin/tsc"),
};
type Version = keyof typeof compilers;
const versions = Object.keys(compilers) as Version[];
const require = createRequire(import.meta.url);

function compile(compiler: string, args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [compiler, ...args], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output: Buffer.concat(chunks).toString() }));
  });
}

/** One editor per version: opening one is what takes time. */
const editors = new Map<Version, Editor>();

async function withEditor(version: Version, body: (editor: Editor) => Promise<void>): Promise<void> {
  await within(180_000, async () => {
    const editor =
      editors.get(version) ??
      (version === "7.0"
        ? await ServerEditor.start(compilers[version], folder)
        : new ServiceEditor(require(`typescript-${version}`) as typeof typescript, folder));
    editors.set(version, editor);
    await body(editor);
  });
}

/** Shows a program and gives the place that `▮` marks in it. */
async function place(editor: Editor, text: string): Promise<number> {
  const offset = text.indexOf("▮");
  await editor.edit(text.replace("▮", ""));
  return offset;
}

/** What is said about mistakes.ts, in its order. */
/** Names of the options of the QEMU builder, as its printed types have them. */
function qemuOptions(): readonly string[] {
  const text = readFileSync(join(folder, "../../../cli/src/component-types/builders.ts"), "utf8");
  const [, body = ""] = /^export interface QemuConfig \{\n(.*?)^\}/ms.exec(text) ?? [];
  return [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name = ""]) => name).sort();
}

function mistakes(version: Version): readonly Marked[] {
  const unknown = (name: string, type: string, meant: string): Marked => ({
    code: 2561,
    marked: name,
    text: `Object literal may only specify known properties, but '${name}' does not exist in type '${type}'. Did you mean to write '${meant}'?`,
  });
  const missing = "Property 'url' is missing in type '{}' but required in type 'HttpConfig'.";
  // The one thing that the versions do not agree on is the order of a union's members.
  const variableTypes = ["VariableOptions<string, false>", "Schema<string>"];
  if (version === "7.0") variableTypes.reverse();
  return [
    unknown("iso_chcksum", "QemuConfig", "iso_checksum"),
    { code: 2322, marked: "cpus", text: "Type 'string' is not assignable to type 'Input<number> | undefined'." },
    { code: 2322, marked: "5", text: "Type 'number' is not assignable to type 'Input<string>'." },
    unknown("volum_size", "AmazonEbsLaunchBlockDeviceMappings", "volume_size"),
    {
      code: 2322,
      marked: "cpus",
      text: [
        "Type 'Ref<string>' is not assignable to type 'Input<number> | undefined'.",
        "  Type 'Ref<string>' is not assignable to type 'RefBase<number>'.",
        "    Types of property '\"~ref\"' are incompatible.",
        "      Type 'string' is not assignable to type 'number'.",
      ].join("\n"),
    },
    unknown("max_retrys", "ShellConfig & ProvisionerArguments<ShellConfig>", "max_retries"),
    { code: 2339, marked: "Hots", text: "Property 'Hots' does not exist on type 'BuildRefs<\"amazon-ebs\">'." },
    {
      code: 2345,
      marked: "web",
      text: [
        `Argument of type 'Source<"amazon-ebs", "web">' is not assignable to parameter of type 'Source<"amazon-ebs", "debian" | "debian-large">'.`,
        `  Type '"web"' is not assignable to type '"debian" | "debian-large"'.`,
      ].join("\n"),
    },
    {
      code: 2353,
      marked: "defualt",
      text: `Object literal may only specify known properties, and 'defualt' does not exist in type '${variableTypes.join(" | ")}'.`,
    },
    {
      code: 2731,
      marked: "ami.id",
      text: "Implicit conversion of a 'symbol' to a 'string' will fail at runtime. Consider wrapping this expression in 'String(...)'.",
    },
    version === "7.0"
      ? { code: 2741, marked: "{}", text: missing }
      : { code: 2345, marked: "{}", text: `Argument of type '{}' is not assignable to parameter of type 'HttpConfig'.\n  ${missing}` },
    unknown("regoin", "Partial<AmazonEbsConfig>", "region"),
    unknown("inlin", "Partial<ShellConfig>", "inline"),
  ];
}

test.before(async () => {
  // The declarations as they are published; nothing to do where they are up to date. Errors elsewhere are the type check's business.
  await compile(compilers["7.0"], ["-b", "packages/cli"]);
});

test.after(async () => {
  for (const editor of editors.values()) await editor.close();
});

for (const version of versions) {
  test(`${version}: everything that should compile does, and every mistake is an error`, async () => {
    for (const project of [folder, join(folder, "loose")]) {
      const { code, output } = await compile(compilers[version], ["-p", project]);
      assert.is(output, "");
      assert.is(code, 0);
    }
  });

  test(`${version}: mistakes are marked at their place, with these words`, async () => {
    await withEditor(version, async (editor) => {
      await editor.edit(readFileSync(join(folder, "mistakes.ts"), "utf8").replaceAll("@ts-expect-error", ""));
      const found = await editor.diagnostics();
      for (const [index, expected] of mistakes(version).entries()) assert.equal(found[index], expected);
      assert.is(found.length, mistakes(version).length);
    });
  });

  test(`${version}: the options of a component complete, and nothing else`, async () => {
    const qemu = qemuOptions();
    const amazon = ["ami_users", "launch_block_device_mappings", "region", "run_tags", "source_ami_filter"];
    const start = 'import { build, data, postProcess, provision, source } from "tspack";\n';
    await withEditor(version, async (editor) => {
      const complete = async (text: string): Promise<readonly string[]> => editor.completions(await place(editor, start + text));
      assert.equal(await complete('source("qemu", "debian", { ▮ });'), qemu);
      assert.equal(
        await complete('source("qemu", "debian", { cpus: 2, iso▮ });'),
        qemu.filter((name) => name !== "cpus"),
      );
      assert.equal(await complete('source("amazon-ebs", "x", { launch_block_device_mappings: [{ ▮ }] });'), ["device_name", "volume_size"]);
      assert.equal(await complete('source("amazon-ebs", "x", {}).with("y", { ▮ });'), amazon);
      assert.equal(await complete('data("image", "x", { ▮ });'), ["family"]);
      const common = ["continue_on_error", "except", "max_retries", "name", "only", "override", "pause_before", "timeout"];
      const shell = (await complete('provision("shell", { ▮ });')).filter((name) => !common.includes(name));
      assert.ok(shell.includes("inline"));
      assert.equal(await complete('provision("shell", { override: { debian: { ▮ } } });'), shell);
      const manifest = await complete('postProcess("manifest", { ▮ });');
      for (const name of ["except", "keep_input_artifact", "name", "only"]) assert.ok(manifest.includes(name), name);
      const inFunction = 'build({ sources: [source("qemu", "x", {})], provisioners: () => [provision("shell", { ▮ })] });';
      assert.equal(await complete(inFunction), [...shell, ...common].sort());
    });
  });

  test(`${version}: names of components complete`, async () => {
    await withEditor(version, async (editor) => {
      const offset = await place(editor, 'import { source } from "tspack";\nsource("▮");');
      const names = await editor.completions(offset);
      for (const name of ["amazon-ebs", "qemu", "rootfs"]) assert.ok(names.includes(name), `${name} in ${names.join(", ")}`);
      for (const name of ["shell", "image", "Array"]) assert.not.ok(names.includes(name));
    });
  });

  test(`${version}: names that a build knows complete`, async () => {
    await withEditor(version, async (editor) => {
      const start = 'import { build, source, data } from "tspack";\n';
      const refs = 'build({ sources: [source("amazon-ebs", "x", {})], provisioners: ({ build }) => [build.▮] });';
      const names = await editor.completions(await place(editor, start + refs));
      for (const name of ["Host", "PackerRunUUID", "SourceAMI", "get"]) assert.ok(names.includes(name), name);
    });
  });

  test(`${version}: hovers fit on a line and use the names of the documentation`, async () => {
    await withEditor(version, async (editor) => {
      const start = 'import { data, source } from "tspack";\n';
      const hover = async (text: string): Promise<string> =>
        // Version 7 says `function source<…>`, and adds the documentation.
        (await editor.hover(await place(editor, start + text)))
          .replace(/^\((alias|property|const)\) (function )?/, (_, kind: string) => (kind === "property" ? "(property) " : ""))
          .split(/\n|(?<=Source<"qemu", "debian">)(?!$)/)[0] ?? "";
      assert.is(
        await hover('sou▮rce("qemu", "debian", {});'),
        'source<"qemu", "debian">(type: "qemu", name: "debian", config: QemuConfig): Source<"qemu", "debian">',
      );
      assert.match(
        await hover('source("qemu", "x", { iso_u▮rl: "x" });'),
        /^\(property\) QemuConfig\.iso_url\?: Input<string> \| undefined(Where the image is: .*)?$/,
      );
      assert.is(await hover('const a▮mi = data("image", "x", {});'), "const ami: ObjectRef<ImageOutput>");
      assert.is(await hover('const ami = data("image", "x", {});\nconst i▮d = ami.id;'), "const id: Ref<string>");
    });
  });
}

test("the examples of docs/dsl.md and docs/functions.md compile", async () => {
  const page = ["dsl", "functions"].map((name) => readFileSync(join(root, `docs/${name}.md`), "utf8")).join("\n");
  const names = Object.keys(await import("../../src/index.ts")).filter((name) => !["load", "run", "validate", "inspect"].includes(name));
  const prelude = `import { ${names.join(", ")}, type BuilderConfig, type Source } from "@tspack/dsl";
declare const debian: Source<"null", "debian">;\n`;
  const examples = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = ""]) => code);
  assert.ok(examples.length > 4);
  await withEditor("5.9", async (editor) => {
    for (const example of examples) {
      await editor.edit(example.includes("import ") ? example : prelude + example);
      assert.equal(await editor.diagnostics(), [], example);
    }
  });
});

test("the declarations of tspack import no zod", async () => {
  const editor = new ServiceEditor(require("typescript-5.9") as typeof typescript, folder);
  await editor.edit('import { source } from "tspack";\nsource("qemu", "x", {});\n');
  const files = editor.files();
  await editor.close();
  assert.ok(files.some((file) => file.endsWith("dsl/dist/types/program/source.d.ts")));
  assert.equal(
    files.filter((file) => file.includes("/node_modules/zod/")),
    [],
  );
});

test.run();
