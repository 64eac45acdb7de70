import { resolve } from "node:path";
import { inputKind } from "./input-kind.ts";
import { loadTypeScript } from "./load-typescript.ts";
import type { Loaded, LoadOptions } from "./options.ts";

/**
 * Loads a program: an `image.ts`, an HCL template (`.pkr.hcl`, `.pkr.json`), a legacy JSON template, or a folder with one of the
 * first two (row INV-10). It is evaluated, and the shape of what it declares is checked. Does not look at components; see
 * `validate`. Loads may run at the same time. Rejects on abort, and for faults of ours.
 *
 * @example
 * const loaded = await load("image.ts", { variables: { release: "trixie" }, environment: process.env });
 * if (loaded.program === undefined) console.error(renderDiagnostics(loaded.diagnostics));
 */
export async function load(path: string, options: LoadOptions = {}): Promise<Loaded> {
  const kind = inputKind(path, options);
  switch (kind) {
    case "typescript":
      return loadTypeScript(path, options);
    case "hcl":
      return (await import("../hcl/packer/load.ts")).loadHcl(path, options);
    case "json":
      return (await import("../json/load.ts")).loadJson(path, options);
    default: {
      const file = resolve(options.workingDirectory ?? process.cwd(), path);
      return { file, program: undefined, diagnostics: [kind], dependencies: [file], cached: false, explain: () => undefined };
    }
  }
}
