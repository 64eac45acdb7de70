import { types } from "node:util";
import { type BuildDeclaration, buildName, type Dependency, dependencyName, type PathSegment, TspackError } from "@tspack/core";
import type { Artifacts } from "./components.ts";
import { declare, withProvider } from "./declaration.ts";
import { computedRef, dependencyRef } from "./ref.ts";
import type { Ref, Refs } from "./ref-types.ts";

/** What every artifact has. */
export interface ArtifactFields {
  /** What the builder calls the artifact. */
  readonly id: Ref<string>;
  /** Paths of its files; empty where the artifact is not files. */
  readonly files: Ref<readonly string[]>;
  /**
   * The one file that matches: a regular expression, or text with `*`, `?` and `**` compared with the path or its last part.
   * None or several are an error when the artifact is there, which lists the files.
   */
  file(pattern: RegExp | string): Ref<string>;
}

/** The artifact that a build will make of a source of type `T`. Using a part of it makes one build wait for the other. */
export type ArtifactRef<T = string> = ArtifactFields & (T extends keyof Artifacts ? Refs<Artifacts[T]> : unknown);

/** The handle of an artifact to come. */
export function artifactRef<T>(build: BuildDeclaration, type: string, name: string): ArtifactRef<T> {
  const fullName = buildName(build, { type, name });
  const label = `artifact.${fullName}`;
  const part = (path: readonly PathSegment[]): Dependency => withProvider({ kind: "artifact", build: fullName, path }, build);
  const files = part(["files"]);
  const fields: ArtifactFields = {
    id: dependencyRef(`${label}.id`, part(["id"])),
    files: dependencyRef(`${label}.files`, files),
    file: (pattern) => {
      const fileLabel = `${label}.file(${types.isRegExp(pattern) ? String(pattern) : JSON.stringify(pattern)})`;
      const probe = `<${dependencyName(part(["files", 0]))}>`;
      return computedRef({
        label: fileLabel,
        waitsFor: [files],
        sensitive: false,
        evaluate: (scope) => {
          const value = scope.value(files);
          // In the canonical Program files are stand-ins that match no pattern: there the choice stands for itself.
          if (Array.isArray(value) && value.length === 1 && value[0] === probe) return `<${fileLabel}>`;
          return pickFile(value, pattern, fullName);
        },
      });
    },
  };
  declare("artifact", { build, type, name }, fields);
  // Fields of `Artifacts` are read by the component's own code; every other name is one of those.
  return new Proxy(fields, {
    get(target, key, receiver) {
      if (typeof key === "symbol" || key in target || key === "then") return Reflect.get(target, key, receiver);
      return dependencyRef(`${label}.${key}`, part([key]));
    },
  }) as ArtifactRef<T>;
}

function pickFile(value: unknown, pattern: RegExp | string, build: string): string {
  const files = Array.isArray(value) ? value.filter((file) => typeof file === "string") : [];
  const found = files.filter((file) => matches(file, pattern));
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  const shown = types.isRegExp(pattern) ? String(pattern) : JSON.stringify(pattern);
  const list = (names: readonly string[]): string => names.map((name) => `\n  ${name}`).join("");
  const detail =
    found.length > 1
      ? `${found.length} files of the artifact of ${build} match ${shown}:${list(found)}`
      : files.length === 0
        ? `the artifact of ${build} has no files, so none matches ${shown}`
        : `no file of the artifact of ${build} matches ${shown}; it has:${list(files)}`;
  throw new TspackError(detail, { code: "TPK3203", hint: "Change the pattern so that it matches exactly one file." });
}

function matches(file: string, pattern: RegExp | string): boolean {
  // A regular expression with the flag `g` keeps a position between tests.
  if (types.isRegExp(pattern)) return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, "")).test(file);
  const path = file.replaceAll("\\", "/");
  const expression = globExpression(pattern);
  return expression.test(path) || expression.test(path.slice(path.lastIndexOf("/") + 1));
}

function globExpression(glob: string): RegExp {
  const source = glob.replace(/\*\*\/?|[*?]|[.+^${}()|[\]\\]/g, (token) => {
    if (token === "**/") return "(?:.*/)?";
    if (token === "**") return ".*";
    if (token === "*") return "[^/]*";
    return token === "?" ? "[^/]" : `\\${token}`;
  });
  return new RegExp(`^${source}$`);
}
