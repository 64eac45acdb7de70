import type { ComponentCatalog } from "../components/catalog.ts";
import { InternalError } from "../diagnostics/error.ts";
import type { Program } from "./program.ts";

/** The canonical Program: what `inspect --json` prints. Plain data with sorted keys. */
export async function canonicalProgram(
  _program: Program,
  _options: { readonly catalog?: ComponentCatalog | undefined } = {},
): Promise<unknown> {
  throw new InternalError("canonicalProgram is not there yet");
}
