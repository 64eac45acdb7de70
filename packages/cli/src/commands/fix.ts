import { UsageError } from "../argv.ts";
import { command } from "../command.ts";

/** `tspack fix` (rows CMD-07, DET-15, FLG-26, FIX-01 to FIX-09). */
export const fixCommand = command(
  {
    name: "fix",
    summary: "bring an outdated JSON template up to date",
    about:
      "Prints the template with outdated options, types and calls replaced, in Packer's order of fixes, as JSON with sorted keys. The file " +
      "itself stays; nothing is rendered. docs/json-templates.md lists the fixes.\n\n" +
      "Exit code 1 when the template cannot be read, or when what is printed is still no valid template.",
    usage: "[flags] TEMPLATE.json",
    examples: [
      { command: "tspack fix template.json > fixed.json", does: "writes the fixed template" },
      { command: "tspack fix -validate=false part.json", does: "does not check what comes of it" },
      { command: "tspack fix - < template.json", does: "reads standard input" },
    ],
    maxPositionals: 1,
    words: "programs",
    flags: {
      validate: { kind: "switch", group: "Flags", summary: "Checks the fixed template too; on unless -validate=false is given." },
    },
  },
  async ({ flags, positionals, host }) => {
    const [template] = positionals;
    if (template === undefined) throw new UsageError("`tspack fix` needs a template", { hint: "For example: tspack fix template.json." });
    if (/\.(hcl|pkr\.json|[cm]?[jt]s)$/i.test(template)) {
      throw new UsageError(`${template} is no legacy JSON template`, { hint: "`tspack fix` works on JSON templates alone." });
    }
    const [core, dsl] = await Promise.all([import("@tspack/core"), import("@tspack/dsl")]);
    const { text, diagnostics } = await dsl.fixTemplate(template, {
      workingDirectory: host.workingDirectory,
      validate: flags.validate !== false,
      ...(template === "-" ? { standardInput: await host.readInput() } : {}),
    });
    // Standard output belongs to the template.
    if (text !== undefined) host.stdout.write(text);
    host.stderr.write(core.renderDiagnostics(diagnostics, { width: 80 }));
    return core.hasErrors(diagnostics) ? 1 : 0;
  },
);
