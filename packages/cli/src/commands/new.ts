import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "../argv.ts";
import { command } from "../command.ts";

/** Names that npm or git would not take along, or would read as their own, stand in templates with another first letter. */
const realNames: { readonly [name: string]: string } = {
  _github: ".github",
  _gitignore: ".gitignore",
  "_package.json": "package.json",
  _tspack: ".tspack",
};

/** What the plugin of the template is called, in its files and in their names, until it is given the name of its folder. */
const PLUGIN_NAME = "acme";

/** `tspack new`: a folder with a program that works. */
export const newCommand = command(
  {
    name: "new",
    summary: "start a program from a template",
    about:
      "Writes image.ts, what an editor needs to check it, and a package.json where there is none. Nothing that exists is overwritten.\n\n" +
      "`new plugin NAME` starts a plugin called NAME in the folder packer-plugin-NAME, or in the folder that NAME is the path of.\n\n" +
      "-list shows the templates.",
    usage: "[TEMPLATE] [FOLDER]",
    examples: [
      { command: "tspack new my-image", does: "a small web application as a container image, in my-image/" },
      { command: "tspack new ssh .", does: "a program for a machine that is reached over SSH, in this folder" },
      { command: "tspack new plugin hello", does: "a plugin in TypeScript called hello, in packer-plugin-hello/" },
    ],
    maxPositionals: 2,
    words: "folders",
    flags: {
      template: { kind: "text", value: "NAME", group: "Flags", summary: "Which template, in place of its name; container unless given." },
      list: { kind: "switch", group: "Flags", summary: "Lists the templates." },
    },
  },
  async ({ flags, positionals, host }) => {
    const templates = readTemplates();
    if (flags.list === true) {
      for (const template of templates) host.stdout.line(`${template.name.padEnd(12)} ${template.summary}`);
      return 0;
    }
    const { name, word } = wanted(flags.template, positionals);
    const template = templates.find((candidate) => candidate.name === name);
    if (template === undefined) {
      const names = templates.map((candidate) => candidate.name);
      throw new UsageError(`there is no template "${name}"`, {
        unknown: { word: name, candidates: names },
        hint: `There are ${names.join(", ")}.`,
      });
    }
    const isPlugin = template.name === "plugin";
    const isName = isPlugin && flags.template === undefined && word !== undefined && !/[\\/]|^\.+$/.test(word);
    const plugin = isPlugin ? await pluginName(isName ? word : basename(resolve(host.workingDirectory, word ?? "."))) : undefined;
    const folder = isName ? `packer-plugin-${plugin}` : (word ?? ".");
    const target = resolve(host.workingDirectory, folder);
    const files = listFiles(template.folder, plugin);
    // A project of the user's keeps its manifest; everything else must be new. That of a plugin says that it is one.
    const written = files.filter(({ to }) => isPlugin || !(to === "package.json" && existsSync(join(target, to))));
    const taken = written.filter(({ to }) => existsSync(join(target, to)));
    if (taken.length > 0) {
      const instead = isPlugin ? "plugin ./another-folder" : "my-image";
      throw new UsageError(`the folder ${folder} has ${taken.map(({ to }) => to).join(", ")} already`, {
        hint: `Nothing was written. Choose another folder: tspack new ${instead}.`,
      });
    }
    if (existsSync(target) && !statSync(target).isDirectory()) {
      throw new UsageError(`${folder} is a file`, { hint: "Nothing was written. Choose another name." });
    }
    for (const { from, to } of written) {
      if (plugin === undefined) cpSync(from, join(target, to), { recursive: true });
      else copyRenamed(from, join(target, to), plugin);
      host.stdout.line(`  ${relative(host.workingDirectory, join(target, to)) || to}`);
    }
    const isHere = target === host.workingDirectory;
    host.stdout.line("");
    host.stdout.line(`${template.summary}.`);
    host.stdout.line("Next:");
    const steps = [...(isHere ? [] : [`cd ${folder}`]), ...(findsTspack(target) ? [] : ["npm install"]), template.firstRun];
    for (const step of steps) host.stdout.line(`  ${step}`);
    return 0;
  },
);

interface Template {
  readonly name: string;
  readonly folder: string;
  readonly summary: string;
  /** The command that runs it for the first time. */
  readonly firstRun: string;
}

/** The templates of the package, or those of the repository when its sources run unbuilt. */
function readTemplates(): Template[] {
  const isSource = import.meta.url.endsWith(".ts");
  const folder = fileURLToPath(new URL(isSource ? "../../../../templates" : "../templates", import.meta.url));
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, folder: join(folder, name), ...aboutItself(join(folder, name, "image.ts")) }));
}

/** The template's own words: the comment that opens its program, and the command in it where it needs one of its own. */
function aboutItself(file: string): Pick<Template, "summary" | "firstRun"> {
  const text = readFileSync(file, "utf8");
  return {
    summary: /^\/\/ (.*?)\.?$/m.exec(text)?.[1] ?? "",
    firstRun: /^\/\/ Run it: (.*)$/m.exec(text)?.[1] ?? "npx tspack run",
  };
}

/** True where a program in the folder can import tspack already, as in a folder of a project that has it. */
function findsTspack(folder: string): boolean {
  try {
    createRequire(join(folder, "image.ts")).resolve("tspack");
    return true;
  } catch {
    return false;
  }
}

/** The template and the folder that the words mean: two words are both, one is the folder, and `-template` leaves one word. */
function wanted(flag: string | undefined, words: readonly string[]): { readonly name: string; readonly word: string | undefined } {
  const [first, second] = words;
  if (flag !== undefined) {
    if (second === undefined) return { name: flag, word: first };
    throw new UsageError(`"${second}" is one word too many for \`tspack new -template=${flag}\``, { hint: "It takes a folder." });
  }
  if (first !== undefined && second !== undefined) return { name: first, word: second };
  if (first === "plugin") {
    throw new UsageError("what is the plugin called?", {
      hint: "tspack new plugin hello. For a program in a folder called plugin: tspack new ./plugin.",
    });
  }
  return { name: "container", word: first };
}

/** The name of a plugin from that of its folder or repository: `packer-plugin-hello` and `hello` both make `hello`. */
async function pluginName(given: string): Promise<string> {
  const name = given.replace(/^(packer|tspack)-plugin-/, "");
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
    const close = name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "");
    const hint = close === "" ? "tspack new plugin hello" : `tspack new plugin ${close}`;
    throw new UsageError(`a plugin cannot be called "${name}": its name has lower-case letters, digits and single dashes`, { hint });
  }
  // Its builder is called like it, and what is built in wins over plugins.
  const { builtInCatalog } = await import("@tspack/core");
  if ((await builtInCatalog().names("builder")).includes(name)) {
    throw new UsageError(`there is a builder called "${name}" already`, { hint: `tspack new plugin my-${name}` });
  }
  return name;
}

/** Copies a file of the plugin's template; one that can be run stays so. */
function copyRenamed(from: string, to: string, plugin: string): void {
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, readFileSync(from, "utf8").replaceAll(PLUGIN_NAME, plugin), { mode: statSync(from).mode });
}

function listFiles(folder: string, plugin = PLUGIN_NAME): { readonly from: string; readonly to: string }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const from = join(entry.parentPath, entry.name);
      const parts = relative(folder, from).split(sep);
      return { from, to: parts.map((part) => realNames[part] ?? part.replace(PLUGIN_NAME, plugin)).join("/") };
    })
    .sort((a, b) => a.to.localeCompare(b.to));
}
