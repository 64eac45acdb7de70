// Built-in components as plugins of one component, for Packer and for anything else that speaks its protocol (row CMD-16).
import { builtInCatalog } from "../components/built-in.ts";
import { asBuilder, asDatasource, asPostProcessor, asProvisioner } from "../components/lookup.ts";
import type { ComponentFactory } from "../sdk/component.ts";
import type { NamedComponent } from "../sdk/plugin/definition.ts";
import { parsePluginFileName } from "./file-name.ts";
import { MAGIC_COOKIE } from "./handshake.ts";

/** What kept a built-in component from being served. */
export type ServeProblem =
  /** There is none of that name; these are the names that there are. */
  | { readonly kind: "unknown"; readonly known: readonly string[] }
  /** No host started this process. */
  | { readonly kind: "by-hand" };

/**
 * Serves the built-in component that a name like `packer-builder-file` means, until its host goes away; the process ends then. Returns
 * only when it cannot be served. `protobuf`: specifications are told so, and the handshake is that of current hosts; otherwise they are gob, and
 * the handshake is that of Packer 1.6.
 */
export async function serveBuiltIn(
  name: string,
  { protobuf, environment }: { readonly protobuf: boolean; readonly environment: { readonly [name: string]: string | undefined } },
): Promise<ServeProblem> {
  const catalog = builtInCatalog();
  const parsed = parsePluginFileName(name, { os: "linux", architecture: "" });
  const factory = parsed?.form === "single" ? await catalog.find(parsed.kind, parsed.type) : undefined;
  if (factory === undefined) {
    const kinds = ["builder", "provisioner", "post-processor", "datasource"] as const;
    return { kind: "unknown", known: kinds.flatMap((kind) => catalog.names(kind).map((type) => `packer-${kind}-${type}`)) };
  }
  if (environment[MAGIC_COOKIE.name] !== MAGIC_COOKIE.value) return { kind: "by-hand" };
  const { servePlugin } = await import("../sdk/plugin/serve-plugin.ts");
  await servePlugin(namedComponent(factory), { form: protobuf ? "protobuf" : "gob", isLegacy: !protobuf });
  // The process has ended.
  return { kind: "by-hand" };
}

// --- internal ---

function namedComponent(factory: ComponentFactory): NamedComponent {
  const { kind, type: name } = factory;
  switch (kind) {
    case "builder":
      return { kind, name, factory: { ...factory, create: async () => asBuilder(await factory.create()) } };
    case "provisioner":
      return { kind, name, factory: { ...factory, create: async () => asProvisioner(await factory.create()) } };
    case "post-processor":
      return { kind, name, factory: { ...factory, create: async () => asPostProcessor(await factory.create()) } };
    case "datasource":
      return { kind, name, factory: { ...factory, create: async () => asDatasource(await factory.create()) } };
  }
}
