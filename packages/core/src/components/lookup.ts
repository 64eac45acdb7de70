import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { InternalError } from "../diagnostics/error.ts";
import { suggest } from "../diagnostics/suggest.ts";
import type { Builder } from "../sdk/builder.ts";
import type { Component, ComponentKind } from "../sdk/component.ts";
import type { Datasource } from "../sdk/datasource.ts";
import type { PostProcessor } from "../sdk/post-processor.ts";
import type { Provisioner } from "../sdk/provisioner.ts";
import type { ComponentCatalog } from "./catalog.ts";
import { likelyPluginOf } from "./plugin-of.ts";

const kinds: readonly ComponentKind[] = ["builder", "provisioner", "post-processor", "datasource"];
const words: { readonly [kind in ComponentKind]: string } = {
  builder: "builder",
  provisioner: "provisioner",
  "post-processor": "post-processor",
  datasource: "data source",
};

/**
 * What to say about a component that no catalog has (row EVA-10): why it is not there although the program asks for its plugin (row
 * MSG-03), the plugin that likely has it, a name that is near, or the same name under another kind.
 */
export async function unknownComponent(catalog: ComponentCatalog, kind: ComponentKind, type: string): Promise<Diagnostic> {
  const advice = await catalog.advice?.(kind, type);
  const known = await catalog.names(kind);
  const elsewhere: string[] = [];
  for (const other of kinds) if (other !== kind && (await catalog.names(other)).includes(type)) elsewhere.push(words[other]);
  const near = suggest(type, known);
  const plugin = likelyPluginOf(type);
  let hint = `${known.length === 0 ? "" : `Known here: ${known.join(", ")}. `}Plugins have more: \`tspack plugins install ADDRESS\`.`;
  // Other plugins may be missing, too.
  if (advice !== undefined && (plugin === undefined || advice.includes(plugin.slice(plugin.lastIndexOf("/") + 1)))) hint = advice;
  else if (plugin !== undefined) hint = `The plugin ${plugin} should have it: \`tspack plugins install ${plugin}\`.`;
  else if (near !== undefined) hint = `Did you mean ${JSON.stringify(near)}?`;
  else if (elsewhere.length > 0) hint = `There is a ${elsewhere.join(" and a ")} of that name.`;
  return {
    severity: "error",
    code: "TPK3101",
    summary: `Unknown ${words[kind]} type`,
    detail: `There is no ${words[kind]} named ${JSON.stringify(type)}.`,
    hint,
  };
}

/** The component as a builder. Throws if the catalog handed out something else. */
export function asBuilder(component: Component): Builder {
  if (isBuilder(component)) return component;
  throw notA("builder");
}

/** The component as a provisioner. Throws if the catalog handed out something else. */
export function asProvisioner(component: Component): Provisioner {
  if (isProvisioner(component)) return component;
  throw notA("provisioner");
}

/** The component as a post-processor. Throws if the catalog handed out something else. */
export function asPostProcessor(component: Component): PostProcessor {
  if (isPostProcessor(component)) return component;
  throw notA("post-processor");
}

/** The component as a data source. Throws if the catalog handed out something else. */
export function asDatasource(component: Component): Datasource {
  if (isDatasource(component)) return component;
  throw notA("data source");
}

// --- internal ---

function isBuilder(component: Component): component is Builder {
  return "run" in component && typeof component.run === "function";
}

function isProvisioner(component: Component): component is Provisioner {
  return "provision" in component && typeof component.provision === "function";
}

function isPostProcessor(component: Component): component is PostProcessor {
  return "postProcess" in component && typeof component.postProcess === "function";
}

function isDatasource(component: Component): component is Datasource {
  return "execute" in component && typeof component.execute === "function";
}

function notA(kind: string): InternalError {
  return new InternalError(`what the catalog gave for a ${kind} is none`);
}
