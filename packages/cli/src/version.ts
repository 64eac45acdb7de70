import { createRequire } from "node:module";

/** The version of the program, from the manifest beside `src` and `dist`. */
export function readVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)("../package.json");
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) return String(manifest.version);
  return "0.0.0";
}
