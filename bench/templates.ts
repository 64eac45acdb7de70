// Templates of Packer: parsing, validating and converting them, and how the time grows with their length.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Measurement } from "./measure.ts";
import { median } from "./measure.ts";
import { formatMs, type Report } from "./report.ts";
import { inFolder, packer, tspack } from "./tools.ts";

/** Lines of the templates measured. */
const lengths = [100, 1_000, 10_000, 100_000];

const parsePeer = fileURLToPath(new URL("./hcl2json.mjs", import.meta.url));

/**
 * Whole processes. `fmt -check` reads and parses a file and does little else; `hcl2json` is HCL's own parser compiled to WebAssembly.
 * `validate -syntax-only` evaluates everything and starts no component, in Packer too.
 */
export async function benchTemplates(report: Report): Promise<void> {
  await inFolder(async (folder) => {
    const conversions: (readonly [number, Measurement])[] = [];
    const validations: (readonly [number, Measurement])[] = [];
    for (const lines of lengths) {
      const name = `t${lines}.pkr.hcl`;
      writeFileSync(join(folder, name), template(lines));
      const times = lines > 10_000 ? 1 : 5;
      const parse = await median({ argv: [...tspack, "fmt", "-check", name], cwd: folder, anyStatus: true }, times);
      const hcl2json = await median({ argv: [process.execPath, parsePeer, name], cwd: folder }, times);
      report.addMeasurement(`parse ${lines} lines of HCL, peer: hcl2json`, parse, hcl2json);
      const packerFmt = packer && (await median({ argv: [packer, "fmt", "-check", name], cwd: folder, anyStatus: true }, times));
      report.addMeasurement(`parse ${lines} lines of HCL, \`fmt -check\``, parse, packerFmt || undefined);
      const ours = await median({ argv: [...tspack, "validate", "-syntax-only", name], cwd: folder }, times);
      const theirs = packer && (await median({ argv: [packer, "validate", "-syntax-only", name], cwd: folder, anyStatus: true }, times));
      report.addMeasurement(`\`validate -syntax-only\`, ${lines} lines of HCL`, ours, theirs || undefined, ["wall", "memory"]);
      validations.push([lines, ours]);
      const convert = await median({ argv: [...tspack, "convert", "-stdout", name], cwd: folder }, times);
      report.addMeasurement(`\`convert\`, ${lines} lines of HCL`, convert, undefined, ["wall", "memory"]);
      conversions.push([lines, convert]);
    }
    report.add({ work: "`validate` per 1,000 lines more", quantity: "slope", ours: slope(validations), peer: undefined, ratio: undefined });
    report.add({ work: "`convert` per 1,000 lines more", quantity: "slope", ours: slope(conversions), peer: undefined, ratio: undefined });
  });
}

/** Time for each 1,000 further lines, from each length to the next. Of equal steps the time grows linearly. */
function slope(points: readonly (readonly [number, Measurement])[]): string {
  return points
    .slice(1)
    .map(([lines, { wallMs }], index) => {
      const [before, earlier] = points[index] ?? [0, { wallMs: 0 }];
      return formatMs(((wallMs - earlier.wallMs) * 1000) / (lines - before));
    })
    .join(", ");
}

/** A template of about so many lines, in the proportions that real ones have: mostly variables, then sources and steps. */
function template(lines: number): string {
  const unit = (index: number): string => `
# The size of machine ${index}
variable "size_${index}" {
  type        = number
  default     = ${index % 64}
  description = "How many gigabytes"
}

locals {
  name_${index} = "image-\${var.size_${index}}-\${formatdate("YYYYMMDD", "2026-01-02T03:04:05Z")}"
  tags_${index} = merge({ Name = local.name_${index} }, { Size = var.size_${index}, Kind = var.size_${index} > 8 ? "large" : "small" })
}

source "null" "s${index}" {
  communicator = "none"
  ssh_host     = lower(local.name_${index})
}

build {
  name    = "b${index}"
  sources = ["source.null.s${index}"]
  provisioner "shell-local" {
    environment_vars = ["NAME=\${local.name_${index}}", "HOST=\${build.Host}"]
    inline = [
      "echo \${local.tags_${index}["Kind"]}",
      "echo done",
    ]
  }
}
`;
  const each = unit(0).split("\n").length - 1;
  return Array.from({ length: Math.max(1, Math.round(lines / each)) }, (_, index) => unit(index)).join("");
}
