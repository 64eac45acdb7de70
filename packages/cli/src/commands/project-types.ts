// The types of plugins in a project, for `tspack types` and `tspack init`.
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ComponentKind, FoundPlugin, PluginCatalog, Requirements } from "@tspack/core";
import type { WrittenTypes } from "@tspack/dsl";
import { UsageError } from "../argv.ts";
import type { Host } from "../command.ts";
import type { PluginLines } from "./plugin-lines.ts";

/** Which types are written, and where. */
export interface ProjectTypes {
  /** Absolute path of the folder with the program. */
  readonly project: string;
  readonly catalog: PluginCatalog;
  /** What the program requires. */
  readonly requirements: Requirements;
  /** Plugins to take, by name or address; those of the program unless given. */
  readonly only?: readonly string[] | undefined;
  /** Take every plugin that is found. */
  readonly all?: boolean | undefined;
  readonly check?: boolean | undefined;
  /** Ask nobody for documentation. */
  readonly offline?: boolean | undefined;
  readonly host: Host;
  readonly signal: AbortSignal;
}

/** What has become of it. */
export interface ProjectTypesOutcome extends WrittenTypes {
  /** Components that have types now. */
  readonly count: number;
  /** Whole sentences about components without types. */
  readonly problems: readonly string[];
}

/** Brings the types of a project up to date, or with `check` says what is not. Throws UsageError for an unknown name in `only`. */
export async function updateTypes(request: ProjectTypes): Promise<ProjectTypesOutcome> {
  const { catalog, project, requirements, host, signal, offline, check } = request;
  const { environment } = host;
  const [core, dsl] = await Promise.all([import("@tspack/core"), import("@tspack/dsl")]);
  const found = await catalog.plugins(requirements);
  const plugins = choosePlugins(found, request);
  const isKnown = await typedAlready(core, found);
  const answers = await dsl.askPlugins(plugins, {
    catalog,
    requirements,
    environment,
    workingDirectory: project,
    isKnown,
    documentation: (plugin) =>
      core.pluginDocumentation(plugin, {
        ...host,
        signal,
        isOffline: offline,
        log: (text) => host.stderr.line(text),
        // Nobody waits long for what is good to have.
        attempts: 2,
      }),
    signal,
  });
  const { files, cuts } = dsl.typeFiles(answers.types, answers.packages, keptFiles(project, dsl.TYPES_FOLDER, answers.kept));
  const written = await dsl.writeTypes(project, files, { check, kept: answers.kept });
  const incomplete = cuts.map(({ file, cut }) => `${file} would be too large for an editor: ${cut}.`);
  const notes = [...answers.remarks, ...incomplete, ...written.notes];
  return { ...written, notes, count: answers.types.length, problems: answers.problems };
}

/**
 * The types after an installation: what is written is said, and what cannot be had is a remark, since everything is installed. Closes
 * the catalog. A project without components of plugins needs no types.
 */
export async function initTypes(request: ProjectTypes, lines: PluginLines): Promise<void> {
  const { catalog, project, requirements } = request;
  try {
    const { TYPES_FOLDER } = await import("@tspack/dsl");
    const isWanted =
      existsSync(join(project, TYPES_FOLDER)) ||
      (await catalog.plugins(requirements)).some(({ components, isShipped }) => components.length > 0 && !isShipped);
    if (!isWanted) return;
    const { written, removed, notes, problems } = await updateTypes(request);
    for (const text of [...problems, ...notes]) lines.note(text);
    for (const path of written) lines.say(`Wrote ${path}`);
    for (const path of removed) lines.say(`Removed ${path}`);
  } finally {
    await catalog.close();
  }
}

/** The folder of a program, by its file or folder. */
export function projectOf(program: string): string {
  return statSync(program, { throwIfNoEntry: false })?.isDirectory() === true ? program : dirname(program);
}

// --- internal ---

/**
 * What the program requires, and what cannot be required: plugins in packages, and those that the user has put into a folder by hand. All
 * plugins of the machine where nothing is required.
 */
function choosePlugins(
  plugins: readonly FoundPlugin[],
  { only = [], all, requirements }: Pick<ProjectTypes, "only" | "all" | "requirements">,
): readonly FoundPlugin[] {
  if (only.length > 0) {
    const namesOf = ({ name, source, package: from }: FoundPlugin): readonly (string | undefined)[] => [name, source, from?.name];
    const unknown = only.find((word) => !plugins.some((plugin) => namesOf(plugin).includes(word)));
    if (unknown !== undefined) {
      const candidates = [...new Set(plugins.map(({ name }) => name))];
      throw new UsageError(`there is no plugin "${unknown}"`, {
        unknown: { word: unknown, candidates },
        hint: candidates.length === 0 ? "No plugins are found: `tspack init` installs them." : `There are ${candidates.join(", ")}.`,
      });
    }
    return plugins.filter((plugin) => namesOf(plugin).some((name) => name !== undefined && only.includes(name)));
  }
  if (all === true || Object.keys(requirements.required_plugins ?? {}).length === 0) return plugins;
  return plugins.filter(({ isRequired, source, package: from }) => isRequired || source === undefined || from !== undefined);
}

/** The package tspack itself has the types of what is built in, and of what ships with it. */
async function typedAlready(
  core: typeof import("@tspack/core"),
  plugins: readonly FoundPlugin[],
): Promise<(kind: ComponentKind, type: string) => boolean> {
  const catalog = core.builtInCatalog();
  const known = new Set<string>();
  for (const kind of ["builder", "provisioner", "post-processor", "datasource"] as const) {
    for (const type of await catalog.names(kind)) known.add(`${kind} ${type}`);
  }
  for (const { kind, type } of plugins.flatMap(({ components, isShipped }) => (isShipped ? components : []))) known.add(`${kind} ${type}`);
  return (kind, type) => known.has(`${kind} ${type}`);
}

function keptFiles(project: string, folder: string, files: readonly string[]): readonly string[] {
  return files.filter((file) => existsSync(join(project, folder, file)));
}
