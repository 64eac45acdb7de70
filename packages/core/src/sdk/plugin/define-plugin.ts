// The entry of a plugin's program. What serving needs is loaded when a component is started, so that `describe` is quick.
import { MAGIC_COOKIE } from "../../plugins/handshake.ts";
import { readCommand } from "./command-line.ts";
import { componentsOf, type NamedComponent, type PluginDefinition } from "./definition.ts";
import { describePlugin, explainPlugin, specsOfPlugin } from "./describe.ts";

/** A plugin that can be run. */
export interface Plugin {
  readonly name: string;
  readonly version: string;
  readonly components: readonly NamedComponent[];
  /**
   * Does what the command line of this process asks for (plugin-protocol section 2): the last line of a plugin's program. A component
   * that was started is served until the host goes away; then the process ends.
   */
  main(): Promise<void>;
}

/**
 * Makes a plugin for tspack and for Packer of components. Nothing happens before `main` is called, so the file of a definition can be
 * imported by tests. Throws a ConfigError (TPK1006) for a name or version that Packer would not find.
 *
 * @example
 * const hello = defineProvisioner({
 *   type: "hello",
 *   description: "Says hello.",
 *   options: () => z.object({ who: z.string().default("world").describe("Whom to greet.") }),
 *   async provision({ config, ui }) {
 *     ui.say(`Hello, ${config.who}!`);
 *   },
 * });
 * await definePlugin({ name: "hello", version: "1.0.0", provisioners: [hello] }).main();
 */
export function definePlugin(definition: PluginDefinition): Plugin {
  const { name, version } = definition;
  const components = componentsOf(definition);
  return { name, version, components, main: () => main(name, version, components) };
}

// --- internal ---

async function main(name: string, version: string, components: readonly NamedComponent[]): Promise<void> {
  const [, program = "", ...words] = process.argv;
  const command = readCommand(words, program);
  switch (command.kind) {
    case "describe":
      process.stdout.write(`${describePlugin(version, components)}\n`);
      return;
    case "specs":
      process.stdout.write(`${await specsOfPlugin(components)}\n`);
      return;
    case "explain":
      return refuse(explainPlugin(name, version, components));
    case "unknown":
      return refuse(`${command.problem}.\n\n${explainPlugin(name, version, components)}`);
    case "start": {
      if (process.env[MAGIC_COOKIE.name] !== MAGIC_COOKIE.value) return refuse(explainPlugin(name, version, components));
      const called = ({ name: inside, factory }: NamedComponent): string => (command.isLegacy ? factory.type : inside);
      const component = components.find((one) => one.kind === command.component && called(one) === command.name);
      if (component === undefined) {
        const known = components.filter(({ kind }) => kind === command.component).map(called);
        const offer = known.length === 0 ? "none" : known.map((one) => JSON.stringify(one)).join(", ");
        return refuse(`the plugin ${name} has no ${command.component} called ${JSON.stringify(command.name)}; it has ${offer}`);
      }
      const { servePlugin } = await import("./serve-plugin.ts");
      return servePlugin(component, { form: command.form, isLegacy: command.isLegacy });
    }
  }
}

function refuse(text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}
