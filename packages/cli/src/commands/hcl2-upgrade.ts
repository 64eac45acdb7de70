import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileTrouble } from "@tspack/core";
import { UsageError } from "../argv.ts";
import { command } from "../command.ts";
import { outputFlags } from "./flags.ts";

/** `tspack hcl2_upgrade` (rows CMD-08, FLG-31, FLG-32, EXIT-12, UPG-01 to UPG-16). */
export const hcl2UpgradeCommand = command(
  {
    name: "hcl2_upgrade",
    summary: "translate a legacy JSON template to HCL",
    about:
      "Writes a .pkr.hcl file for those who stay with HCL; `tspack convert` makes an image.ts. Nothing is evaluated, and the template stays.\n\n" +
      "Exit code 1 with a file written means that something in it wants a look. An existing file is replaced.",
    usage: "[flags] TEMPLATE.json",
    examples: [
      { command: "tspack hcl2_upgrade template.json", does: "writes template.json.pkr.hcl" },
      { command: "tspack hcl2_upgrade -output-file=images/web.pkr.hcl -with-annotations web.json", does: "with comments, elsewhere" },
    ],
    maxPositionals: 1,
    words: "programs",
    flags: {
      "output-file": { kind: "text", value: "PATH", group: "Output", summary: "Where to write; TEMPLATE.pkr.hcl unless given." },
      "with-annotations": { kind: "switch", group: "Output", summary: "Adds comments that explain the parts." },
      color: outputFlags.color,
    },
  },
  async ({ flags, positionals, host }) => {
    const [template] = positionals;
    if (template === undefined) {
      throw new UsageError("hcl2_upgrade needs a template", { hint: "For example: tspack hcl2_upgrade template.json." });
    }
    if (/\.(hcl|pkr\.json|ts)$/i.test(template)) {
      throw new UsageError(`${template} is no legacy JSON template`, { hint: "hcl2_upgrade makes HCL of JSON templates alone." });
    }
    const [core, dsl, { diagnosticPrinter }] = await Promise.all([
      import("@tspack/core"),
      import("@tspack/dsl"),
      import("../display/diagnostics.ts"),
    ]);
    const print = diagnosticPrinter(host, { color: flags.color, isJson: false }, undefined);
    const { workingDirectory } = host;
    const { text, diagnostics } = await dsl.upgradeToHcl(template, { workingDirectory, annotations: flags["with-annotations"] });
    if (text !== undefined) {
      const output = flags["output-file"] ?? `${template}.pkr.hcl`;
      try {
        await core.writeFinishedFile(resolve(workingDirectory, output), (temporary) => writeFile(temporary, text));
      } catch (error) {
        const detail = `${output} could not be written: ${fileTrouble(error)}.`;
        const hint = "Name another place with -output-file=PATH.";
        print.diagnostics([{ severity: "error", code: "TPK2002", summary: "Unwritable file", detail, hint }]);
        return 1;
      }
      print.diagnostics(diagnostics);
      print.note(`Wrote ${output}.`);
    } else print.diagnostics(diagnostics);
    return core.hasErrors(diagnostics) ? 1 : 0;
  },
);
