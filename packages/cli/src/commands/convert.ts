import { UsageError } from "../argv.ts";
import { command } from "../command.ts";
import { pluginFlags, programFlags } from "./flags.ts";
import { openPlugins } from "./plugin-catalog.ts";

/** Exit code when `-check` found that the program on disk is not what the template converts to. */
const OUTDATED = 3;

/** `tspack convert`: a Packer template to an image.ts that means the same. */
export const convertCommand = command(
  {
    name: "convert",
    summary: "turn a Packer template into an image.ts",
    about:
      "Writes image.ts beside the template: variables, locals, sources and builds in TypeScript, with the comments. Many variables go to " +
      "variables.ts. Nothing that exists is overwritten unless -force is given, and nothing is written half.\n\n" +
      "-verify loads both and compares what they mean, for the defaults and for the values given with -var and -var-file. What cannot be " +
      "expressed is marked TODO(tspack) in the program, and told. A template that does not load is converted all the same, unless it cannot " +
      "be read.\n\n" +
      "-into takes several templates that are nearly alike: what they share goes to shared.ts, and a short file each says what differs.\n\n" +
      "Exit code 1 with a program written means that something is marked in it, or wrong with the template, or that -verify found a " +
      `difference. Exit code ${OUTDATED} means that -check found the program on disk to be missing or out of date.`,
    usage: "[flags] [FILE or FOLDER …]",
    examples: [
      { command: "tspack convert", does: "converts the templates in this folder to image.ts" },
      { command: "tspack convert -stdout old.pkr.hcl", does: "shows what would be written" },
      { command: "tspack convert -out new -verify old.pkr.hcl", does: "writes new/image.ts and proves that it means the same" },
      { command: "tspack convert -into images debian11/ debian12/", does: "writes images/shared.ts, debian11.ts and debian12.ts" },
    ],
    maxPositionals: Number.POSITIVE_INFINITY,
    words: "programs",
    flags: {
      out: {
        kind: "text",
        value: "FOLDER or FILE",
        group: "Output",
        summary: "Where to write; a name that ends in .ts is a single file. The folder of the template unless given.",
      },
      into: {
        kind: "text",
        value: "FOLDER",
        group: "Output",
        summary: "Merges several templates: a module with what they share, and a short file each, in this folder.",
      },
      stdout: { kind: "switch", group: "Output", summary: "Prints the program, as a single file, and writes nothing." },
      check: {
        kind: "switch",
        group: "Output",
        summary: `Writes nothing; exits with ${OUTDATED} unless the program on disk is up to date.`,
      },
      force: { kind: "switch", group: "Output", summary: "Overwrites files that exist." },
      verify: { kind: "switch", group: "Output", summary: "Compares what the template and the program on disk mean." },
      var: programFlags.var,
      "var-file": programFlags["var-file"],
      "config-type": programFlags["config-type"],
      ...pluginFlags,
    },
  },
  async ({ flags, positionals, host }) => {
    requireSense(flags, positionals);
    const path = positionals[0] ?? ".";
    const core = await import("@tspack/core");
    // The types of a plugin's options shape what is written.
    const catalog = await openPlugins(core, { flags, host, path });
    try {
      if (flags.into === undefined) {
        return await (await import("./convert-one.ts")).convertTemplate({ ...flags, outdatedCode: OUTDATED }, path, { host, catalog });
      }
      const { convertTemplatesInto } = await import("./convert-into.ts");
      return await convertTemplatesInto({ ...flags, into: flags.into, outdatedCode: OUTDATED }, positionals, { host, catalog });
    } finally {
      await catalog.close();
    }
  },
);

// --- internal ---

function requireSense(
  flags: { readonly stdout?: boolean | undefined; readonly into?: string | undefined; readonly [flag: string]: unknown },
  paths: readonly string[],
): void {
  if (paths.includes("-"))
    throw new UsageError("a template cannot be converted from standard input", { hint: "Write it to a file first." });
  const isSet = (name: string): boolean => flags[name] !== undefined && flags[name] !== false;
  if (flags.into !== undefined) {
    const others = ["out", "stdout"].filter(isSet);
    if (others.length > 0)
      throw new UsageError(`-into goes with none of -${others.join(", -")}`, { hint: "-into names the folder that is written to." });
    if (paths.length < 2)
      throw new UsageError("-into merges several templates", { hint: "Name them all, or convert a single one with -out." });
    return;
  }
  if (paths.length > 1) {
    const hint = "Usage: tspack convert [flags] [FILE or FOLDER]; -into FOLDER converts several templates together.";
    throw new UsageError(`"${paths[1] ?? ""}" is one word too many for \`tspack convert\``, { hint });
  }
  if (flags.stdout !== true) return;
  const others = ["out", "check", "force", "verify"].filter(isSet);
  if (others.length === 0) return;
  throw new UsageError(`-stdout goes with none of -${others.join(", -")}`, {
    hint: "-stdout writes nothing; leave it out to write files.",
  });
}
