// What Packer does with generated data in HCL: each value becomes a variable, and only plain values can (plugin-protocol section 7.6).
import { ConfigError } from "../../diagnostics/error.ts";
import type { Artifact } from "../artifact.ts";
import type { GeneratedData } from "../hook.ts";

/**
 * Generated data as Packer takes it. What is undefined or null is left out. Throws a ConfigError naming a value that is no text,
 * number or boolean: Packer would fail the build without saying whose value it was.
 */
export function flatData(data: GeneratedData): GeneratedData {
  const flat: [string, unknown][] = [];
  for (const [name, value] of Object.entries(data)) {
    if (value === undefined || value === null) continue;
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "bigint" && typeof value !== "boolean") {
      const found = Array.isArray(value) ? "a list" : `of type ${typeof value}`;
      throw new ConfigError(`the generated data ${JSON.stringify(name)} has to be a text, a number or a boolean, and is ${found}`, {
        code: "TPK1006",
        hint: "Announce each value under a name of its own, or as JSON text.",
      });
    }
    flat.push([name, value]);
  }
  return Object.fromEntries(flat);
}

/** An artifact whose generated data is flat. It is asked for now, so that a fault is the component's failure. */
export async function flatArtifact(artifact: Artifact): Promise<Artifact> {
  const data = await artifact.state(GENERATED_DATA);
  if (typeof data !== "object" || data === null || Array.isArray(data)) return artifact;
  const flat = flatData({ ...data });
  const { builderId, id, files, description } = artifact;
  return {
    builderId,
    id,
    files,
    description,
    state: async (name) => (name === GENERATED_DATA ? flat : artifact.state(name)),
    destroy: () => artifact.destroy(),
  };
}

// --- internal ---

const GENERATED_DATA = "generated_data";
