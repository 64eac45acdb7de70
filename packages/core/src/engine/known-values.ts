import { TspackError } from "../diagnostics/error.ts";
import { formatPath, type PathSegment } from "../diagnostics/range.ts";
import type { Redactor } from "../events/redact.ts";
import { type Dependency, dependencyName, type Scope, UnknownValue } from "../program/deferred.ts";
import { eachText } from "../program/resolve.ts";
import type { Artifact } from "../sdk/artifact.ts";
import type { GeneratedData } from "../sdk/hook.ts";

/** What a reference to another build's artifact sees. */
export interface ArtifactHandle {
  readonly id: string;
  readonly builderId: string;
  readonly description: string;
  /** Files of all artifacts of the build, each once. */
  readonly files: readonly string[];
  /** Named values of the first artifact, those that somebody in the program refers to. */
  readonly state: { readonly [name: string]: unknown };
}

/** The answers of data sources and the artifacts of builds, as far as they are there. One per run. */
export class KnownValues {
  readonly #redactor: Redactor;
  readonly #data = new Map<string, unknown>();
  readonly #artifacts = new Map<string, ArtifactHandle | undefined>();

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  setData(type: string, name: string, output: unknown): void {
    this.#data.set(`${type}.${name}`, output);
  }

  /** Undefined says that the build ended without an artifact. */
  setArtifact(build: string, handle: ArtifactHandle | undefined): void {
    this.#artifacts.set(build, handle);
  }

  /** A scope over these values and, inside a build, over what its builder announced. */
  scope(build?: GeneratedData): Scope {
    return {
      value: (dependency) => this.#value(dependency, build),
      secret: (value) => eachText(value, (text) => this.#redactor.add(text)),
    };
  }

  #value(dependency: Dependency, build: GeneratedData | undefined): unknown {
    switch (dependency.kind) {
      case "build":
        if (build === undefined) throw new UnknownValue(dependency);
        return follow(build, dependency);
      case "data": {
        const key = `${dependency.type}.${dependency.name}`;
        if (!this.#data.has(key)) throw new UnknownValue(dependency);
        return follow(this.#data.get(key), dependency);
      }
      case "artifact": {
        if (!this.#artifacts.has(dependency.build)) throw new UnknownValue(dependency);
        const handle = this.#artifacts.get(dependency.build);
        if (handle === undefined) {
          throw new TspackError(`${dependency.build} ended without an artifact, which ${dependencyName(dependency)} needs`, {
            code: "TPK3203",
          });
        }
        return follow(handle, dependency);
      }
    }
  }
}

/**
 * The handle for what a build resulted in; `stateNames` are the named values that are asked for somewhere. A value that cannot be
 * had is left out, so that only whoever uses it fails.
 */
export async function artifactHandle(artifacts: readonly Artifact[], stateNames: readonly string[]): Promise<ArtifactHandle | undefined> {
  const [first] = artifacts;
  if (first === undefined) return undefined;
  const state: { [name: string]: unknown } = {};
  for (const name of stateNames) {
    const value = await first.state(name).catch(() => undefined);
    if (value !== undefined) state[name] = value;
  }
  return {
    id: first.id,
    builderId: first.builderId,
    description: first.description,
    files: [...new Set(artifacts.flatMap((artifact) => artifact.files))],
    state,
  };
}

/** The value at the dependency's path; a name that is not there is an error that says what is. */
function follow(root: unknown, dependency: Dependency): unknown {
  let value = root;
  const done: PathSegment[] = [];
  for (const segment of dependency.path) {
    done.push(segment);
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) {
      const names = typeof value === "object" && value !== null ? Object.keys(value) : [];
      throw new TspackError(`${dependencyName(dependency)} has no value: there is no ${formatPath(done)}`, {
        code: "TPK3203",
        hint: names.length === 0 ? undefined : `There is ${names.join(", ")}.`,
      });
    }
    value = Reflect.get(value, segment);
  }
  return value;
}
