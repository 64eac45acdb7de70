// Prints the option types of the built-in components, and of those in the plugins that ship with tspack, into
// packages/cli/src/component-types, and their reference into docs/components.md, both from their own schemas.
// usage: generate-types.ts [--check]   (--check writes nothing and fails if a file is out of date)
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtInCatalog, type ComponentCatalog } from "@tspack/core";
import type { ComponentFactory, ComponentKind } from "@tspack/core/sdk";
import { printModule, type TypedComponent } from "@tspack/dsl";
import qemu from "../packages/plugin-qemu/src/builder.ts";
import { componentPage } from "./component-page.ts";

const folder = fileURLToPath(new URL("../packages/cli/src/component-types", import.meta.url));
const page = fileURLToPath(new URL("../docs/components.md", import.meta.url));
const header = "Option types of the components that come with tspack. Printed from their schemas by `npm run typegen`; do not edit.";

/** One file per kind, so that a builder and a provisioner of one name can have interfaces of one name. */
const files: { readonly [kind in ComponentKind]: string } = {
  builder: "builders.ts",
  provisioner: "provisioners.ts",
  "post-processor": "post-processors.ts",
  datasource: "datasources.ts",
};

/** Components of plugins that ship with tspack. */
const shipped: readonly ComponentFactory[] = [qemu];

async function componentsOf(catalog: ComponentCatalog, kind: ComponentKind): Promise<readonly TypedComponent[]> {
  const ofPlugins = shipped.filter((factory) => factory.kind === kind);
  const builtIn = await Promise.all((await catalog.names(kind)).map((type) => catalog.find(kind, type)));
  const found = await Promise.all(
    [...builtIn, ...ofPlugins].map(async (factory): Promise<TypedComponent | undefined> => {
      const spec = await factory?.configSpec();
      if (factory === undefined || spec === undefined) return undefined;
      return { kind, type: factory.type, spec, output: await factory.outputSpec?.(), description: factory.description };
    }),
  );
  return found.filter((component) => component !== undefined).sort((a, b) => (a.type < b.type ? -1 : 1));
}

/** Writes a file, or with `--check` fails when it is not what it would be. */
function write(path: string, text: string): void {
  if (!check) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, "utf8") !== text) {
    console.error(`${path} is out of date: run \`npm run typegen\``);
    process.exitCode = 1;
  }
}

const catalog = builtInCatalog();
const check = process.argv.includes("--check");
mkdirSync(folder, { recursive: true });
const all: TypedComponent[] = [];
for (const kind of Object.keys(files) as ComponentKind[]) {
  const components = await componentsOf(catalog, kind);
  write(join(folder, files[kind]), printModule(components, header));
  all.push(...components);
}
write(page, componentPage(all));
