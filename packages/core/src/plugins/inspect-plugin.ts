// What a plugin's file is, found out by starting it: for authors of plugins, and for whoever wonders why one does not work.
import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { errorText, PluginError } from "../diagnostics/error.ts";
import { callConfigSpec, serviceNames } from "../protocol/services/component.ts";
import { callOutputSpec } from "../protocol/services/datasource.ts";
import { decodeSpec, type WireForm } from "../protocol/spec/codec.ts";
import type { ComponentKind } from "../sdk/component.ts";
import type { ConfigSpec } from "../sdk/config/spec.ts";
import { startProcessGroup } from "../sdk/process-group.ts";
import { SPOKEN_API } from "./api-version.ts";
import { DEFAULT_COMPONENT, describePlugin, type PluginDescription } from "./describe.ts";
import { type ExplicitPlugin, explicitPlugin } from "./explicit.ts";
import { isCanonicalVersion } from "./file-name.ts";
import { MAGIC_COOKIE } from "./handshake.ts";
import { type Command, launchCommand } from "./launch.ts";
import { PluginProcess } from "./process.ts";
import { askForSpecs, type ToldComponent } from "./told-specs.ts";

export interface InspectOptions {
  readonly environment: { readonly [name: string]: string | undefined };
  readonly workingDirectory: string;
  readonly signal: AbortSignal;
  /** How long each thing that the plugin is asked may take; 30 s unless given. */
  readonly timeoutMs?: number | undefined;
}

/** A component, as it was found. */
export interface InspectedComponent {
  readonly kind: ComponentKind;
  /** As users name it. */
  readonly type: string;
  /** From its author, where the plugin tells it. */
  readonly description: string | undefined;
  /** Where it listened; undefined when it did not come up. */
  readonly network: "unix" | "tcp" | undefined;
  /** Undefined when it did not tell. */
  readonly options: ConfigSpec | undefined;
  /** Data sources: what they answer. */
  readonly output: ConfigSpec | undefined;
}

/** Something that is wrong with a plugin: whole sentences, and what to do about it. */
export interface InspectionProblem {
  readonly text: string;
  readonly hint?: string | undefined;
}

export interface PluginInspection {
  /** Absolute. */
  readonly file: string;
  readonly name: string;
  /** What it says of itself; undefined for a plugin of one component, which says nothing, and one that fails to. */
  readonly description: PluginDescription | undefined;
  readonly components: readonly InspectedComponent[];
  /** Empty when all is well. */
  readonly problems: readonly InspectionProblem[];
}

/**
 * Starts each component of a plugin as a host does, and asks it for its options. `word` is a path, or NAME=PATH where the file's name
 * does not say what the plugin is called. What is wrong with the plugin is in `problems`. Throws a PluginError (TPK4001) when there is
 * no such file, and the signal's reason when aborted. Nothing is left running.
 */
export async function inspectPlugin(word: string, options: InspectOptions): Promise<PluginInspection> {
  const plugin = await pluginOf(word, options.workingDirectory);
  const { file } = plugin;
  const name = plugin.form === "multi" ? plugin.name : plugin.type;
  const problems: InspectionProblem[] = [];
  const inspection = { file, name, description: undefined, components: [], problems };
  const launch = await attempt(problems, () => launchCommand(file), options);
  if (launch === undefined) return inspection;
  if (plugin.form === "single") {
    const component = { kind: plugin.kind, type: plugin.type, inside: undefined, argv: launch, form: "gob" } as const;
    await checkCookie(component, problems, options);
    return { ...inspection, components: [await inspectComponent(component, file, undefined, problems, options)] };
  }
  const description = await attempt(
    problems,
    () => describePlugin(file, undefined, { ...options, cacheDirectory: "", timeoutMs: limitMsOf(options) }),
    options,
  );
  if (description === undefined) return inspection;
  checkDescription(description, problems);
  const told = description.tellsSpecs ? await attempt(problems, () => askForSpecs(file, options), options) : undefined;
  const starts = startsOf(plugin.name, description, launch);
  const [first] = starts;
  if (first === undefined) problems.push({ text: "It has no components." });
  else await checkCookie(first, problems, options);
  const components: InspectedComponent[] = [];
  for (const start of starts) components.push(await inspectComponent(start, file, told, problems, options));
  return { ...inspection, description, components };
}

// --- internal ---

/** A component, and how it is started. */
interface Start {
  readonly kind: ComponentKind;
  readonly type: string;
  /** Its name inside the plugin; undefined when it is called like it. */
  readonly inside: string | undefined;
  readonly argv: Command;
  readonly form: WireForm;
}

function limitMsOf({ timeoutMs = 30_000 }: InspectOptions): number {
  return timeoutMs;
}

/** Aborts with the user's signal, and when the plugin has had its time. */
function limitOf(options: InspectOptions): AbortSignal {
  const late = AbortSignal.timeout(limitMsOf(options));
  // Node 20 forgets a time that nobody but `any` knows of.
  late.addEventListener("abort", () => undefined);
  return AbortSignal.any([options.signal, late]);
}

/** A plugin whose file is called anything can be looked at too. */
async function pluginOf(word: string, workingDirectory: string): Promise<ExplicitPlugin> {
  try {
    return await explicitPlugin(word, workingDirectory);
  } catch (error) {
    const file = resolve(workingDirectory, word);
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile() !== true) throw error;
    return { form: "multi", name: basename(file).replace(/\.[^.]*$/, ""), file };
  }
}

function checkDescription({ version, apiVersion }: PluginDescription, problems: InspectionProblem[]): void {
  if (!isCanonicalVersion(version)) {
    problems.push({
      text: `It says that its version is ${JSON.stringify(version)}; Packer takes versions like 1.2.3 and 1.2.3-dev alone.`,
    });
  }
  if (apiVersion !== SPOKEN_API) {
    problems.push({
      text: `It says that it speaks version ${JSON.stringify(apiVersion)} of the protocol; tspack and Packer speak ${JSON.stringify(SPOKEN_API)}.`,
    });
  }
}

function startsOf(plugin: string, description: PluginDescription, launch: Command): readonly Start[] {
  const { builders, provisioners, postProcessors, datasources } = description;
  const form = description.protocolVersion === "v2" ? "protobuf" : "gob";
  const kinds = { builder: builders, provisioner: provisioners, "post-processor": postProcessors, datasource: datasources };
  const all = (["builder", "provisioner", "post-processor", "datasource"] as const).flatMap((kind) =>
    kinds[kind].map((name) => ({ kind, name })),
  );
  return all.map(({ kind, name }) => ({
    kind,
    type: name === DEFAULT_COMPONENT ? plugin : `${plugin}-${name}`,
    inside: name === DEFAULT_COMPONENT ? undefined : name,
    argv: [...launch, "start", kind, ...(form === "protobuf" ? ["--protobuf"] : []), name],
    form,
  }));
}

/** Without the cookie a plugin was started by a person: it has to say so and end. */
async function checkCookie(start: Start, problems: InspectionProblem[], options: InspectOptions): Promise<void> {
  const { environment, workingDirectory, signal } = options;
  const { [MAGIC_COOKIE.name]: _, ...others } = environment;
  const { child, stop } = startProcessGroup(start.argv, { env: others, cwd: workingDirectory, graceMs: 0 });
  const limit = limitOf(options);
  let printed = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    if (printed.length < 4096) printed += chunk.toString("latin1");
  });
  child.stderr?.resume();
  const ended = await new Promise<boolean>((fulfil) => {
    child.once("close", () => fulfil(true));
    child.once("error", () => fulfil(true));
    limit.addEventListener("abort", () => fulfil(false), { once: true });
    if (limit.aborted) fulfil(false);
  });
  await stop();
  signal.throwIfAborted();
  const hint = `It has to serve only where ${MAGIC_COOKIE.name} has its value, and else to explain itself on standard error and end with exit code 1.`;
  if (/^\d+\|/.test(printed)) problems.push({ text: "Run by hand, without a host, it serves.", hint });
  else if (!ended) problems.push({ text: `Run by hand, without a host, it does not end within ${limitMsOf(options) / 1000} s.`, hint });
  else if (child.exitCode === 0)
    problems.push({ text: "Run by hand, without a host, it ends with exit code 0, as if it had done something.", hint });
}

async function inspectComponent(
  start: Start,
  file: string,
  told: readonly ToldComponent[] | undefined,
  problems: InspectionProblem[],
  options: InspectOptions,
): Promise<InspectedComponent> {
  const { kind, type, form, argv } = start;
  const { environment, workingDirectory, signal } = options;
  const known = told?.find((one) => one.kind === kind && one.inside === start.inside);
  const title = `${kind === "datasource" ? "data source" : kind} ${JSON.stringify(type)}`;
  const base = { kind, type, description: known?.description };
  const none = { ...base, network: undefined, options: known?.options, output: known?.output };
  const begin = () =>
    PluginProcess.start({
      title: `the ${title}`,
      argv,
      file,
      environment,
      workingDirectory,
      signal,
      log: () => undefined,
      handshakeTimeoutMs: limitMsOf(options),
    });
  const started = await attempt(problems, begin, options);
  if (started === undefined) return none;
  try {
    const limit = limitOf(options);
    const asking = `the ${title} did not tell its options`;
    const spec = await attempt(
      problems,
      async () => decodeSpec(await callConfigSpec(started.rpc, serviceNames[kind], limit), form),
      options,
      asking,
    );
    const output =
      kind === "datasource"
        ? await attempt(problems, async () => decodeSpec(await callOutputSpec(started.rpc, limit), form), options, asking)
        : undefined;
    return { ...base, network: started.network, options: known?.options ?? spec, output: known?.output ?? output };
  } finally {
    await started.stop();
  }
}

/** Does something with the plugin; a failure is a problem of it. */
async function attempt<T>(
  problems: InspectionProblem[],
  work: () => Promise<T>,
  { signal }: InspectOptions,
  what?: string,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    const isLate = error instanceof Error && error.name === "TimeoutError";
    const text = isLate ? "it did not answer in time" : errorText(error);
    const hint = error instanceof PluginError ? error.hint : undefined;
    problems.push({ text: sentence(what === undefined ? text : `${what}: ${text}`), hint });
    return undefined;
  }
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.:!?]$/.test(capital) || capital.includes("\n") ? capital : `${capital}.`;
}
