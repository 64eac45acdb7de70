// What a plugin says about itself (plugin-protocol section 2.2), remembered until its file changes.
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { errorText, PluginError } from "../diagnostics/error.ts";
import { askDescription } from "./describe-process.ts";
import { digestOf } from "./digest.ts";
import { isScript, isTypeScript } from "./launch.ts";
import { recall, remember } from "./remembered.ts";

/** A plugin's description of itself. */
export interface PluginDescription {
  readonly version: string;
  readonly sdkVersion: string;
  /** `x5.0`. */
  readonly apiVersion: string;
  readonly builders: readonly string[];
  readonly provisioners: readonly string[];
  readonly postProcessors: readonly string[];
  readonly datasources: readonly string[];
  /** `v2`: specifications may be asked for as protocol buffers. */
  readonly protocolVersion: string | undefined;
  /** `PLUGIN specs` tells all specifications with descriptions: plugins in TypeScript. */
  readonly tellsSpecs: boolean;
}

export interface DescribeOptions {
  /** For the plugin. */
  readonly environment: { readonly [name: string]: string | undefined };
  readonly workingDirectory: string;
  /** Folder of remembered answers. */
  readonly cacheDirectory: string;
  readonly signal?: AbortSignal | undefined;
  /** How long the plugin may take; 30 s unless given. */
  readonly timeoutMs?: number | undefined;
}

/**
 * The description of a plugin whose file has the given digest. Asks the plugin unless an answer of the same file (path, size, time
 * and digest) is remembered. Without a digest nothing is remembered: the file says too little about what runs. Throws a PluginError
 * (TPK4001) when the plugin does not describe itself.
 */
export async function describePlugin(file: string, digest: string | undefined, options: DescribeOptions): Promise<PluginDescription> {
  if (digest === undefined) return readDescription(file, await askDescription(file, options));
  const { size, mtimeMs } = await stat(file);
  const key = { file, size, mtimeMs, digest };
  const remembered = join(options.cacheDirectory, `describe-${createHash("sha256").update(file).digest("hex").slice(0, 32)}.json`);
  const known = await readRemembered(remembered, key);
  if (known !== undefined) return known;
  const output = await askDescription(file, options);
  const description = readDescription(file, output);
  // Not being able to remember only costs time.
  await remember(remembered, JSON.stringify({ ...key, output: JSON.parse(output) })).catch(() => undefined);
  return description;
}

/**
 * The description of a plugin that the user put in its place. That of a script is not remembered: what it runs changes without it, as
 * the source of a plugin in development does.
 */
export async function describeUnverified(file: string, options: DescribeOptions): Promise<PluginDescription> {
  const changesUnseen = isTypeScript(file) || (await isScript(file));
  return describePlugin(file, changesUnseen ? undefined : await digestOf(file), options);
}

/** The reserved name of the component that is called like its plugin. */
export const DEFAULT_COMPONENT = "-packer-default-plugin-name-";

// --- internal ---

function schema() {
  const names = z
    .array(z.string())
    .nullish()
    .transform((list) => list ?? []);
  return z.object({
    version: z.string().default(""),
    sdk_version: z.string().default(""),
    api_version: z.string().default(""),
    builders: names,
    provisioners: names,
    post_processors: names,
    datasources: names,
    protocol_version: z.string().optional(),
    tells_specs: z.boolean().default(false),
  });
}

function readDescription(file: string, output: string): PluginDescription {
  try {
    const found = schema().parse(JSON.parse(output));
    return {
      version: found.version,
      sdkVersion: found.sdk_version,
      apiVersion: found.api_version,
      builders: found.builders,
      provisioners: found.provisioners,
      postProcessors: found.post_processors,
      datasources: found.datasources,
      protocolVersion: found.protocol_version,
      tellsSpecs: found.tells_specs,
    };
  } catch (cause) {
    const hint = `${file} describe has to print one JSON object: is it a Packer plugin?`;
    throw new PluginError(`the plugin ${file} does not describe itself: ${oneLine(errorText(cause))}`, { code: "TPK4001", hint });
  }
}

interface Key {
  readonly file: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly digest: string;
}

async function readRemembered(path: string, key: Key): Promise<PluginDescription | undefined> {
  const content = await recall(path);
  if (content === undefined) return undefined;
  try {
    const entry = z
      .object({ file: z.string(), size: z.number(), mtimeMs: z.number(), digest: z.string(), output: z.unknown() })
      .parse(JSON.parse(content.toString()));
    const isSame = entry.file === key.file && entry.size === key.size && entry.mtimeMs === key.mtimeMs && entry.digest === key.digest;
    return isSame ? readDescription(key.file, JSON.stringify(entry.output)) : undefined;
  } catch {
    // Damaged, or of another version of ours: the plugin is asked.
    return undefined;
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").slice(0, 200);
}
