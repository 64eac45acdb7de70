// What a plugin says about itself (plugin-protocol section 2.2). Every start of Packer asks each installed plugin: no library is loaded for it.
import { coreVersion } from "../../version.ts";
import type { ComponentKind } from "../component.ts";
import type { NamedComponent } from "./definition.ts";

/** The JSON of `PLUGIN describe`. */
export function describePlugin(version: string, components: readonly NamedComponent[]): string {
  const names = (kind: ComponentKind): readonly string[] =>
    components
      .filter((component) => component.kind === kind)
      .map(({ name }) => name)
      .sort();
  return JSON.stringify({
    version,
    sdk_version: coreVersion,
    api_version: "x5.0",
    builders: names("builder"),
    post_processors: names("post-processor"),
    provisioners: names("provisioner"),
    datasources: names("datasource"),
    // Specifications are sent as protocol buffers to a host that asks for them so.
    protocol_version: "v2",
    // Ours: Packer leaves it alone.
    tells_specs: true,
  });
}

/** The JSON of `PLUGIN specs`: what each component takes and answers, with descriptions, which specifications on the wire lack. */
export async function specsOfPlugin(components: readonly NamedComponent[]): Promise<string> {
  const told = await Promise.all(
    components.map(async ({ kind, name, factory }) => ({
      kind,
      name,
      description: factory.description,
      options: await factory.configSpec(),
      output: await factory.outputSpec?.(),
    })),
  );
  return JSON.stringify({ components: told });
}

/** What a user is told who runs a plugin by hand. */
export function explainPlugin(name: string, version: string, components: readonly NamedComponent[]): string {
  const width = Math.max(0, ...components.map(({ kind, factory }) => kind.length + factory.type.length + 1));
  return [
    `This is version ${version} of ${name}, a plugin for tspack and Packer. It is not run by hand: they start it when a build needs it.`,
    "",
    ...components.map(({ kind, factory }) => `  ${`${kind} ${factory.type}`.padEnd(width)}  ${factory.description}`),
    "",
    "Install it where they look for plugins:",
    "  packer plugins install --path FILE github.com/OWNER/NAME",
    "or, for tspack, put it into a folder that PACKER_PLUGIN_PATH names. `describe` prints what it is as JSON, and",
    "  tspack plugin inspect FILE",
    "shows every component with its options.",
  ].join("\n");
}
