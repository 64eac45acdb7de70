// One use of a component in a test: its options, checked as a host checks them, and a session that is prepared with them.
import { type Diagnostic, hasErrors } from "../../diagnostics/diagnostic.ts";
import { ConfigError, PluginError } from "../../diagnostics/error.ts";
import { plainConfigs, typedConfigs, withUnknown } from "../../plugins/configurations.ts";
import { componentFailure } from "../../plugins/failure.ts";
import { problemsIn, warningOf } from "../../plugins/problems.ts";
import type { Config } from "../../program/program.ts";
import { typeConfig } from "../../protocol/cty/typed-config.ts";
import { RemoteError } from "../../protocol/rpc/remote-error.ts";
import { callBuilderPrepare } from "../../protocol/services/builder.ts";
import { callConfigSpec, serviceNames } from "../../protocol/services/component.ts";
import { callDatasourceConfigure } from "../../protocol/services/datasource.ts";
import { callPostProcessorConfigure } from "../../protocol/services/post-processor.ts";
import { callProvisionerPrepare } from "../../protocol/services/provisioner.ts";
import { decodeSpec, type WireForm } from "../../protocol/spec/codec.ts";
import type { ComponentKind, PackerVariables } from "../component.ts";
import { placeholderFor } from "../config/decode.ts";
import type { ConfigSpec } from "../config/spec.ts";
import type { NamedComponent } from "../plugin/definition.ts";
import type { RecordingUi } from "./recording-ui.ts";
import { openTestSession, type TestSession } from "./test-session.ts";

/** What a component said about its options. */
export interface TestedPrepare {
  /** Everything that is wrong or doubtful, at the option that it is about. */
  readonly diagnostics: readonly Diagnostic[];
  /** True when none of them is an error. */
  readonly isAccepted: boolean;
  /** Builders: the names that they promise in the generated data. */
  readonly generatedVariables: readonly string[];
}

/** A component with its options, and what its host says and is. */
export interface TestedUse {
  readonly component: NamedComponent;
  readonly config: Config;
  readonly packer: PackerVariables;
  /** `typed` as from HCL and programs, `plain` as from JSON templates. */
  readonly style: "typed" | "plain";
  readonly form: WireForm;
  readonly environment: { readonly [name: string]: string | undefined };
  readonly workingDirectory: string;
  /** Told of each session that is opened. */
  opened(session: TestSession): void;
}

const never = new AbortController().signal;

/** The options of a component, as it tells them to its host. */
export async function askForSpec(use: TestedUse): Promise<ConfigSpec> {
  return inSession(use, undefined, (session) => specOf(use, session));
}

/** Has the component check its options. */
export async function prepareTested(use: TestedUse, unknown: readonly string[]): Promise<TestedPrepare> {
  return inSession(use, undefined, (session) => prepareIn(use, session, unknown));
}

/**
 * A session whose component is prepared: twice, as hosts do it. Throws a ConfigError with the diagnostics for options that are not
 * acceptable. The caller closes the session.
 */
export async function openPrepared(use: TestedUse, ui: RecordingUi): Promise<TestSession> {
  const session = await openFor(use, ui);
  try {
    for (let time = 0; time < 2; time++) {
      const { diagnostics, isAccepted } = await prepareIn(use, session, []);
      if (isAccepted) continue;
      const problem = diagnostics.find(({ severity }) => severity === "error");
      const { kind, factory } = use.component;
      const message = `the ${kind} ${factory.type} does not take these options: ${problem?.detail ?? problem?.summary ?? "it does not say why"}`;
      throw new ConfigError(message, { code: problem?.code ?? "TPK3105", hint: problem?.hint, diagnostics });
    }
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** What a call failed with, as the engine reports it: a component's own words are a failure of the build. */
export function failureOf(error: unknown, kind: ComponentKind): unknown {
  return error instanceof RemoteError ? componentFailure(error, kind) : error;
}

// --- internal ---

async function openFor(use: TestedUse, ui: RecordingUi | undefined): Promise<TestSession> {
  const log = (...line: Parameters<RecordingUi["log"]>): void => ui?.log(...line);
  const session = await openTestSession(use.component, { ...use, log });
  use.opened(session);
  return session;
}

async function inSession<T>(use: TestedUse, ui: RecordingUi | undefined, work: (session: TestSession) => Promise<T>): Promise<T> {
  const session = await openFor(use, ui);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

async function specOf({ component, form }: TestedUse, { rpc }: TestSession): Promise<ConfigSpec> {
  return decodeSpec(await callConfigSpec(rpc, serviceNames[component.kind]), form);
}

async function prepareIn(use: TestedUse, session: TestSession, unknown: readonly string[]): Promise<TestedPrepare> {
  const { packer, style } = use;
  const { kind } = use.component;
  const spec = await specOf(use, session);
  const placeholders = unknown.map((name) => [name, placeholderFor(spec.options[name]?.type)] as const);
  const config = { ...use.config, ...Object.fromEntries(placeholders) };
  const paths = unknown.map((name) => [name]);
  const ask = (configs: readonly unknown[]): Promise<TestedPrepare> => callPrepare(kind, session, withUnknown(configs, paths), spec);
  if (style === "plain") return without(unknown, await ask(plainConfigs(kind, config, packer)));
  const { value, diagnostics } = typeConfig(config, spec, { unknown: paths });
  if (value === undefined) return { diagnostics, isAccepted: false, generatedVariables: [] };
  const found = await ask(typedConfigs(kind, value, packer));
  return without(unknown, { ...found, diagnostics: [...diagnostics, ...found.diagnostics] });
}

/** What a component says of a placeholder says nothing: hosts drop it. */
function without(unknown: readonly string[], { diagnostics, generatedVariables }: TestedPrepare): TestedPrepare {
  const known = diagnostics.filter(({ path: [option] = [] }) => !unknown.some((name) => name === option));
  return { diagnostics: known, isAccepted: !hasErrors(known), generatedVariables };
}

async function callPrepare(
  kind: ComponentKind,
  { rpc }: TestSession,
  configs: readonly unknown[],
  spec: ConfigSpec,
): Promise<TestedPrepare> {
  if (kind === "builder") {
    const { warnings, error, generatedVariables } = await callBuilderPrepare(rpc, configs, never);
    const diagnostics = [...warnings.map((text) => warningOf(text, spec)), ...(error === undefined ? [] : problemsIn(error, spec))];
    return { diagnostics, isAccepted: !hasErrors(diagnostics), generatedVariables };
  }
  const call = { provisioner: callProvisionerPrepare, "post-processor": callPostProcessorConfigure, datasource: callDatasourceConfigure }[
    kind
  ];
  try {
    await call(rpc, configs, never);
    return { diagnostics: [], isAccepted: true, generatedVariables: [] };
  } catch (error) {
    if (error instanceof PluginError || !(error instanceof Error)) throw error;
    return { diagnostics: problemsIn(error.message, spec), isAccepted: false, generatedVariables: [] };
  }
}
