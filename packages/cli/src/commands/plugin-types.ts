import { resolve } from "node:path";
import type { PluginCatalog } from "@tspack/core";
import { UsageError } from "../argv.ts";
import { command } from "../command.ts";

/** `tspack plugin types`: for authors, part of a plugin's own build. */
export const pluginTypesCommand = command(
  {
    name: "plugin types",
    summary: "print the types of a plugin, for its package",
    about:
      "Starts the plugin and prints the declarations of its components: options with their descriptions, and what data sources answer. In a package " +
      "whose package.json names the file under types, whoever installs the package has them.\n\n" +
      "FILE is an executable, a JavaScript or TypeScript file, or the folder of a package. NAME=FILE says what the plugin is called where the file's " +
      "name does not.",
    usage: "[-out=FILE] [NAME=]FILE",
    examples: [{ command: "tspack plugin types -out=types.d.ts dist/packer-plugin-hello", does: "writes the types of the plugin hello" }],
    maxPositionals: 1,
    words: "folders",
    flags: {
      out: {
        kind: "text",
        value: "FILE",
        group: "Flags",
        summary: "Writes this file, unless it is up to date; standard output is used without it.",
      },
    },
  },
  async ({ flags, positionals: [word], host }) => {
    if (word === undefined) throw new UsageError("which plugin?", { hint: "Usage: tspack plugin types -out=types.d.ts FILE" });
    const [core, dsl, { catchInterrupts }] = await Promise.all([import("@tspack/core"), import("@tspack/dsl"), import("../interrupts.ts")]);
    const { environment, workingDirectory } = host;
    const interrupts = catchInterrupts();
    let catalog: PluginCatalog | undefined;
    try {
      const plugin = await core.explicitPlugin(word, workingDirectory);
      catalog = core.pluginCatalog({ environment, workingDirectory, plugins: [plugin] });
      const found = (await catalog.plugins()).filter(({ file }) => file === plugin.file);
      // Its own names count, also where tspack has a component of that name.
      const answers = await dsl.askPlugins(
        // A package that has types already gets new ones.
        found.map((one) => ({ ...one, package: undefined })),
        { catalog, environment, workingDirectory, isKnown: () => false, signal: interrupts.signal },
      );
      for (const text of answers.problems) host.stderr.line(text);
      if (answers.problems.length > 0) return 1;
      if (answers.types.length === 0) {
        // Says why it could not be asked what it has.
        if (plugin.form === "multi") await catalog.find("builder", plugin.name);
        host.stderr.line(`${word} has no components.`);
        return 1;
      }
      const name = found[0]?.name ?? word;
      const header = `Types of the plugin ${name}, for tspack. Printed by \`tspack plugin types\`; do not edit.`;
      const components = answers.types.map(({ component }) => component);
      const text = dsl.printModule(components, header);
      if (flags.out === undefined) host.stdout.write(text);
      else if (await dsl.writeChanged(resolve(workingDirectory, flags.out), text)) host.stdout.line(`Wrote ${flags.out}`);
      else host.stdout.line(`${flags.out} is up to date`);
      return 0;
    } finally {
      await catalog?.close();
      interrupts.release();
    }
  },
);
