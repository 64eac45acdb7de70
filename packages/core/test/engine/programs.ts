// Hand-made Programs and small real components for tests of the engine.
import * as z from "zod";
import { tmp } from "../../../../test/support/src/index.ts";
import type { ComponentCatalog } from "../../src/components/catalog.ts";
import type { Deferred, Dependency, Scope } from "../../src/program/deferred.ts";
import { deferredKey } from "../../src/program/deferred.ts";
import type {
  BuildDeclaration,
  Config,
  PostProcessorDeclaration,
  Program,
  ProvisionerDeclaration,
  SourceDeclaration,
} from "../../src/program/program.ts";
import {
  type Artifact,
  type ComponentFactory,
  defineBuilder,
  defineDatasource,
  definePostProcessor,
  defineProvisioner,
  type GeneratedData,
  HOOK_CLEANUP_PROVISION,
  HOOK_PROVISION,
  type PostProcessContext,
  type PostProcessResult,
  type ProvisionContext,
} from "../../src/sdk/index.ts";

/** A program with the given builds and nothing else, unless `changes` say so. */
export function program(builds: readonly BuildDeclaration[], changes: Partial<Program> = {}): Program {
  const root = changes.root ?? tmp("program");
  return { root, file: `${root}/image.ts`, configStyle: "typed", variables: [], datasources: [], builds, secrets: [], ...changes };
}

export function build(name: string | undefined, ...sources: readonly SourceDeclaration[]): BuildDeclaration {
  return { name, sources };
}

export function source(name: string, changes: Partial<SourceDeclaration> = {}): SourceDeclaration {
  return { type: "machine", name, config: {}, provisioners: [], postProcessors: [], ...changes };
}

export function provision(type: string, config: Config = {}, changes: Partial<ProvisionerDeclaration> = {}): ProvisionerDeclaration {
  return { type, config, ...changes };
}

export function postProcess(type: string, config: Config = {}, changes: Partial<PostProcessorDeclaration> = {}): PostProcessorDeclaration {
  return { type, config, ...changes };
}

/** A value known later. */
export function deferred(waitsFor: readonly Dependency[], evaluate: (scope: Scope) => unknown, sensitive = false): unknown {
  const made: Deferred = { label: "deferred", waitsFor, sensitive, evaluate };
  return { [deferredKey]: made };
}

/** `build.NAME`. */
export function buildValue(name: string): unknown {
  const dependency: Dependency = { kind: "build", path: [name] };
  return deferred([dependency], (scope) => scope.value(dependency));
}

/** `data.TYPE.NAME.…`. */
export function dataValue(type: string, name: string, ...path: readonly (string | number)[]): unknown {
  const dependency: Dependency = { kind: "data", type, name, path };
  return deferred([dependency], (scope) => scope.value(dependency));
}

/** `artifact.BUILD.…`. */
export function artifactValue(name: string, ...path: readonly (string | number)[]): unknown {
  const dependency: Dependency = { kind: "artifact", build: name, path };
  return deferred([dependency], (scope) => scope.value(dependency));
}

/** An artifact that says in `log` when it is destroyed. */
export function artifact(id: string, log: string[] = [], changes: Partial<Artifact> = {}): Artifact {
  return {
    builderId: "test.machine",
    id,
    files: [`${id}.img`],
    description: `image ${id}`,
    state: async () => undefined,
    destroy: async () => {
      log.push(`destroyed ${id}`);
    },
    ...changes,
  };
}

export interface TestComponents {
  /** What happened, in order. */
  readonly log: string[];
  readonly catalog: ComponentCatalog;
}

interface Behaviour {
  readonly data?: GeneratedData;
  readonly provision?: (context: ProvisionContext & { readonly config: { readonly text: string } }) => Promise<void> | void;
  readonly postProcess?: (context: PostProcessContext & { readonly config: { readonly text: string } }) => Promise<PostProcessResult>;
  readonly execute?: (config: { readonly text: string }) => Promise<{ readonly [name: string]: unknown }>;
  readonly machineArtifact?: (name: string, log: string[]) => Artifact | undefined;
  /** Stands between provisioning and the artifact. */
  readonly machineRun?: (signal: AbortSignal, name: string) => Promise<void>;
  readonly factories?: readonly ComponentFactory[];
}

/**
 * Components that do what a test says: builder `machine` (fires the hooks as builders do), provisioner `act`, post-processor `pack`,
 * data source `fetch`. Each takes a `text` and writes to the log.
 */
export function components(behaviour: Behaviour = {}): TestComponents {
  const log: string[] = [];
  const options = () => z.object({ text: z.string().default("").describe("Anything.") });
  const machine = defineBuilder({
    type: "machine",
    description: "A machine of tests.",
    generatedVariables: Object.keys(behaviour.data ?? {}),
    options: () => options().extend({ size: z.number().optional().describe("A number.") }),
    async run({ hook, ui, signal, packer, config }) {
      const name = packer.packer_build_name;
      log.push(`machine ${name} ${config.text}`.trim());
      ui.say("starting");
      try {
        await hook.run(HOOK_PROVISION, { ui, data: behaviour.data ?? {}, signal });
        await behaviour.machineRun?.(signal, name);
      } catch (error) {
        if (!signal.aborted)
          await hook.run(HOOK_CLEANUP_PROVISION, { ui, data: behaviour.data ?? {}, signal: new AbortController().signal });
        throw error;
      } finally {
        log.push(`machine ${name} cleaned up`);
      }
      return behaviour.machineArtifact === undefined ? artifact(name, log) : behaviour.machineArtifact(name, log);
    },
  });
  const act = defineProvisioner({
    type: "act",
    description: "Does what the test says.",
    options,
    async provision(context) {
      log.push(`act ${context.packer.packer_build_name} ${context.config.text}`.trim());
      await behaviour.provision?.(context);
    },
  });
  const pack = definePostProcessor({
    type: "pack",
    description: "Does what the test says.",
    options,
    async postProcess(context) {
      log.push(`pack ${context.artifact.id} ${context.config.text}`.trim());
      if (behaviour.postProcess !== undefined) return behaviour.postProcess(context);
      return { artifact: artifact(`${context.artifact.id}.${context.config.text || "packed"}`, log), keep: false, forceKeep: false };
    },
  });
  const fetch = defineDatasource({
    type: "fetch",
    description: "Answers what the test says.",
    options,
    output: () => z.object({ body: z.string().describe("The answer.") }),
    async execute({ config }) {
      log.push(`fetch ${config.text}`);
      return behaviour.execute === undefined ? { body: `body of ${config.text}` } : behaviour.execute(config);
    },
  });
  return { log, catalog: catalogOf(machine, act, pack, fetch, ...(behaviour.factories ?? [])) };
}

/** A catalog of the given components. */
export function catalogOf(...factories: readonly ComponentFactory[]): ComponentCatalog {
  return {
    find: async (kind, type) => factories.find((factory) => factory.kind === kind && factory.type === type),
    names: (kind) => factories.filter((factory) => factory.kind === kind).map((factory) => factory.type),
  };
}
