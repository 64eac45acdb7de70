import { didYouMean, formatPath, type PathSegment, type Requirements } from "@tspack/core";
import { describe } from "./config.ts";
import { currentLoad } from "./context.ts";
import { isPlainObject } from "./plain-object.ts";
import { captureOrigin, report } from "./report.ts";
import { requireConfig } from "./require.ts";
import {
  pluginNameProblem,
  pluginSourceProblem,
  pluginVersionProblem,
  type RequirementProblem,
  requiredVersionProblem,
} from "./requirement-problems.ts";

/** What HCL's `packer` block says. */
export interface PackerSettings {
  /** Releases of Packer that this is written for, one of which tspack follows: `">= 1.7"`. */
  readonly required_version?: string | undefined;
  /** Plugins by the name that components start with. */
  readonly required_plugins?: { readonly [name: string]: { readonly version: string; readonly source: string } } | undefined;
  /**
   * Files with the public OpenPGP keys of plugin authors, from the folder of the program. Where there are some, `tspack init` installs
   * only what one of them has signed.
   */
  readonly trusted_keys?: readonly string[] | undefined;
}

/**
 * Says what the program needs. Several calls, from several modules, add up: of a plugin that they all require all conditions count.
 * What is wrong is recorded (TPK1006, TPK2205, TPK2206) and left out. Outside a load there is nobody to tell.
 */
export function packer(settings: PackerSettings): void {
  const load = currentLoad();
  if (load === undefined) return;
  const reading = readSettings(settings);
  const { required_version: version, required_plugins: before = {}, trusted_keys: keysBefore } = load.requirements ?? {};
  const versions = [version, reading.version].filter((one) => one !== undefined);
  const plugins = { ...before };
  for (const [name, plugin] of Object.entries(reading.plugins)) {
    const other = plugins[name];
    if (other === undefined || (other.source === plugin.source && other.version === plugin.version)) plugins[name] = plugin;
    else if (isSame(other.source, plugin.source)) plugins[name] = { ...other, version: `${other.version}, ${plugin.version}` };
    else reading.complain(["required_plugins", name, "source"], "TPK2206", twoSources(name, other.source));
  }
  const hasPlugins = Object.keys(plugins).length > 0;
  const keys = keysBefore === undefined && reading.keys === undefined ? undefined : [...(keysBefore ?? []), ...(reading.keys ?? [])];
  if (versions.length === 0 && !hasPlugins && keys === undefined) return;
  load.requirements = {
    required_version: versions.length === 0 ? undefined : versions.join(", "),
    required_plugins: hasPlugins ? plugins : undefined,
    ...(keys === undefined ? {} : { trusted_keys: keys }),
  };
}

// --- internal ---

type Plugins = NonNullable<Requirements["required_plugins"]>;
type Complain = (path: readonly PathSegment[], code: "TPK1006" | "TPK2205" | "TPK2206", problem: RequirementProblem) => void;

interface Reading {
  readonly version: string | undefined;
  readonly plugins: Plugins;
  readonly keys: readonly string[] | undefined;
  readonly complain: Complain;
}

const settingNames = ["required_version", "required_plugins", "trusted_keys"];

/** Takes the settings apart, for programs that no type checker has seen too. */
function readSettings(settings: PackerSettings): Reading {
  const origin = captureOrigin();
  const complain: Complain = (path, code, problem) => report({ code, ...problem, where: "in packer()", origin, path });
  const wrong = (path: readonly PathSegment[], detail: string, hint?: string): void =>
    complain(path, "TPK1006", { summary: "Invalid argument", detail, hint });
  const given = requireConfig("packer()", settings);
  for (const name of Object.keys(given)) {
    if (!settingNames.includes(name)) wrong([name], `packer() has no setting ${name}.`, didYouMean(name, settingNames));
  }
  const text = (value: unknown, path: readonly PathSegment[]): string | undefined => {
    if (typeof value === "string") return value;
    wrong(path, `${formatPath(path)} is ${describe(value)}, not text.`);
    return undefined;
  };
  const { required_version: version, required_plugins: plugins, trusted_keys: keys } = given;
  return {
    complain,
    version: version === undefined ? undefined : checked(text(version, ["required_version"])),
    plugins: plugins === undefined ? {} : pluginsIn(plugins),
    keys: keys === undefined ? undefined : keysIn(keys),
  };

  function checked(constraint: string | undefined): string | undefined {
    const problem = constraint === undefined ? undefined : requiredVersionProblem(constraint);
    if (problem !== undefined) complain(["required_version"], "TPK2205", problem);
    return problem === undefined ? constraint : undefined;
  }

  function pluginsIn(value: unknown): Plugins {
    if (!isPlainObject(value)) {
      wrong(["required_plugins"], `required_plugins is ${describe(value)}, not an object with a plugin under each name.`);
      return {};
    }
    const found: { [name: string]: Plugins[string] } = {};
    for (const [name, requirement] of Object.entries(value)) {
      const path = ["required_plugins", name];
      const nameProblem = pluginNameProblem(name);
      if (nameProblem !== undefined) complain(path, "TPK2206", nameProblem);
      if (!isPlainObject(requirement)) {
        wrong(path, `${formatPath(path)} is ${describe(requirement)}, not an object.`, example(name));
        continue;
      }
      for (const key of Object.keys(requirement)) {
        if (key === "version" || key === "source") continue;
        wrong([...path, key], `A plugin requirement has no "${key}".`, didYouMean(key, ["version", "source"]));
      }
      const version = field("version", requirement.version, pluginVersionProblem);
      const source = field("source", requirement.source, pluginSourceProblem);
      if (nameProblem === undefined && version !== undefined && source !== undefined) found[name] = { version, source };

      function field(key: string, one: unknown, problemOf: (text: string) => RequirementProblem | undefined): string | undefined {
        if (one === undefined) {
          wrong(path, `The requirement of plugin "${name}" has no ${key}.`, example(name));
          return undefined;
        }
        const constraint = text(one, [...path, key]);
        const problem = constraint === undefined ? undefined : problemOf(constraint);
        if (problem !== undefined) complain([...path, key], "TPK2206", problem);
        return problem === undefined ? constraint : undefined;
      }
    }
    return found;
  }

  function keysIn(value: unknown): readonly string[] {
    if (Array.isArray(value))
      return value.map((one: unknown, index) => text(one, ["trusted_keys", index])).filter((one) => one !== undefined);
    wrong(["trusted_keys"], `trusted_keys is ${describe(value)}, not a list of files.`);
    return [];
  }
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function twoSources(name: string, other: string): RequirementProblem {
  return {
    summary: "Duplicate plugin requirement",
    detail: `The plugin "${name}" is asked for twice, the other time from ${other}.`,
    hint: "Give one of the two another name; its components are called by that then.",
  };
}

function example(name: string): string {
  return `Write: ${JSON.stringify(name)}: { version: ">= 1.0.0", source: "github.com/hashicorp/${name}" }`;
}
