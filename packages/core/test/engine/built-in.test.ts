import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { builtInCatalog } from "../../src/components/built-in.ts";
import { unknownComponent } from "../../src/components/lookup.ts";
import { coreVersion } from "../../src/version.ts";

const kinds = ["builder", "provisioner", "post-processor", "datasource"] as const;

test("every built-in component loads, is what it is listed as, and documents each of its options", async () => {
  const catalog = builtInCatalog();
  for (const kind of kinds) {
    for (const type of catalog.names(kind)) {
      const factory = await catalog.find(kind, type);
      assert.equal([factory?.kind, factory?.type], [kind, type]);
      assert.match(factory?.description ?? "", /^[A-Z].*\.$/, `${kind} ${type}`);
      const spec = await factory?.configSpec();
      for (const [name, option] of Object.entries(spec?.options ?? {})) assert.ok(option.description, `${kind} ${type}: ${name}`);
      assert.type((await factory?.create())?.prepare, "function");
    }
  }
});

test("what is not there is undefined, also for names that every object has", async () => {
  const catalog = builtInCatalog();
  for (const type of ["nothing", "constructor", "toString", "__proto__"]) assert.is(await catalog.find("builder", type), undefined);
});

test("an unknown component is told with its plugin, a near name, or the kind that has it", async () => {
  const catalog = builtInCatalog();
  assert.is((await unknownComponent(catalog, "provisioner", "shel-local")).hint, 'Did you mean "shell-local"?');
  assert.is((await unknownComponent(catalog, "provisioner", "rootfs")).hint, "There is a builder of that name.");
  assert.match(
    (await unknownComponent(catalog, "builder", "qqqqqq")).hint ?? "",
    /^Known here: file, null.*`tspack plugins install ADDRESS`/,
  );
  const { hint } = await unknownComponent(catalog, "provisioner", "ansible-local");
  assert.is(hint, "The plugin github.com/hashicorp/ansible should have it: `tspack plugins install github.com/hashicorp/ansible`.");
  const missing = { ...catalog, advice: async () => "The required plugin github.com/hashicorp/ansible is not installed." };
  assert.match((await unknownComponent(missing, "provisioner", "ansible-local")).hint ?? "", /^The required plugin/);
  assert.match(
    (await unknownComponent(missing, "post-processor", "vagrant")).hint ?? "",
    /^The plugin github\.com\/hashicorp\/vagrant should/,
  );
});

test("the version that components are told is the package's", () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
  assert.is(coreVersion, version);
});

test.run();
