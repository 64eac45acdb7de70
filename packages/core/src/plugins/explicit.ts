// Plugins that the user names one by one (`-plugin`).
import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { PluginError } from "../diagnostics/error.ts";
import { fileTrouble } from "../files/file-trouble.ts";
import type { ComponentKind } from "../sdk/component.ts";
import { currentPlatform, parsePluginFileName } from "./file-name.ts";
import { readPackage } from "./package-plugin.ts";

/** A plugin by its file: of many components, which begin with `name`, or of one, as before Packer 1.7. */
export type ExplicitPlugin =
  | { readonly form: "multi"; readonly name: string; readonly file: string }
  | { readonly form: "single"; readonly kind: ComponentKind; readonly type: string; readonly file: string };

/**
 * The plugin that `PATH` or `NAME=PATH` names: an executable, a JavaScript or TypeScript file, or the folder of a package. Without a name
 * the file's own has to say it, as `packer-plugin-NAME` and `packer-builder-NAME` do, or the package. Throws a PluginError (TPK4001).
 */
export async function explicitPlugin(text: string, workingDirectory: string): Promise<ExplicitPlugin> {
  const [, given, path = text] = /^([a-z0-9]+(?:-[a-z0-9]+)*)=(.+)$/s.exec(text) ?? [];
  const file = resolve(workingDirectory, path);
  const found = await stat(file).catch((cause: unknown) => {
    throw refused(path, fileTrouble(cause), "Name its file or folder; `tspack plugins installed` lists those of this machine.");
  });
  if (found.isDirectory()) {
    const { plugin, problem } = await readPackage(file);
    if (plugin !== undefined) return { form: "multi", name: given ?? plugin.name, file: plugin.file };
    throw refused(path, problem?.text ?? "its package.json says nothing of a plugin", 'Add "tspack": { "plugin": "FILE" } to it.');
  }
  if (given !== undefined) return { form: "multi", name: given, file };
  const stem = basename(path).replace(/\.[cm]?[jt]s$/i, "");
  const platform = currentPlatform();
  const name = parsePluginFileName(stem, platform) ?? parsePluginFileName(stem, { ...platform, os: "linux" });
  if (name === undefined) throw refused(path, "the name of its file does not say what it is called", `Write NAME=${path}.`);
  return name.form === "single" ? { form: "single", kind: name.kind, type: name.type, file } : { form: "multi", name: name.name, file };
}

// --- internal ---

function refused(path: string, why: string, hint: string): PluginError {
  return new PluginError(`the plugin ${path} cannot be used: ${why}`, { code: "TPK4001", hint });
}
