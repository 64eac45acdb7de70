// Legacy JSON templates of ours: each is converted, type-checked strictly, loaded, and compared with what it came from.
import { cpSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { hasErrors } from "@tspack/core";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { convert } from "../../../src/convert/convert.ts";
import { verifyConversion } from "../../../src/convert/verify/verify.ts";
import { typeCheck } from "../type-check.ts";
import { withQemu } from "../with-qemu.ts";

const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));
const catalog = withQemu();
const environment = { TSPACK_TEST_HOME: "/home/test", SOURCE_DATE_EPOCH: "1700000000" };

/** Values for a fixture, with its defaults and besides them: each is one comparison. */
const given: { readonly [fixture: string]: readonly { readonly [name: string]: string }[] } = {
  "variables.json": [
    { required: "x", own: "me", outside: "there" },
    {
      required: "",
      own: "",
      outside: "o",
      prefix: "other",
      release: "trixie",
      nobody: "somebody",
      "odd-name.1": "-",
      id: "1",
      code: "{{.Y}}",
    },
  ],
  "texts.json": [
    {},
    { arch: "arm64", debug: "1", flavour: "", version: "v2-0" },
    { arch: "riscv", secret: "elsewhere", version: 'a"b\\c' },
  ],
  "steps.json": [{}, { name: "me", retries: "0", size: "4096", headless: "false", disks: "" }],
  "names.json": [{}, { prefix: "z", none: "m", "disk-size": "3" }],
};

test("every fixture converts, passes a strict type check, and means the same for its defaults and for other values", async () => {
  const folder = tmp("json");
  cpSync(fixtures, folder, { recursive: true });
  process.env.TSPACK_TEST_HOME = environment.TSPACK_TEST_HOME;
  const names = readdirSync(fixtures);
  for (const name of names) {
    const { files, report, diagnostics } = await convert(join(folder, name), {
      environment,
      catalog,
      file: `${basename(name, ".json")}.ts`,
      isSingleFile: true,
    });
    const unexpected = report.attention.filter(
      ({ detail = "" }) => !detail.includes("which its component") && !detail.includes("its component does not"),
    );
    assert.equal(unexpected, [], name);
    assert.not.ok(hasErrors(diagnostics), name);
    for (const { name: written, text } of files) writeFileSync(join(folder, written), text);
  }
  const program = (name: string): string => join(folder, `${basename(name, ".json")}.ts`);
  assert.equal(Object.fromEntries(await typeCheck(folder, names.map(program))), {});
  for (const name of names) {
    assert.ok(given[name], `values for ${name}`);
    for (const variables of given[name] ?? []) {
      const { diagnostics, differences } = await verifyConversion(join(folder, name), program(name), { environment, catalog, variables });
      assert.equal(differences, [], `${name} with ${JSON.stringify(variables)}`);
      assert.equal(
        diagnostics.filter(({ severity }) => severity === "error").map(({ detail }) => detail),
        [],
        name,
      );
    }
  }
});

test.run();
