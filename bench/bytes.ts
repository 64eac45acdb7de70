// Checksum and gzip of one big file, by the post-processors of that name.
import { randomBytes } from "node:crypto";
import { closeSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { median } from "./measure.ts";
import type { Report } from "./report.ts";
import { inFolder, packer, tspack } from "./tools.ts";

interface Work {
  readonly label: string;
  readonly type: string;
  readonly options: { readonly [option: string]: unknown };
}

/** 1 GB (`TSPACK_BENCH_MEGABYTES` for less), half of it noise; the peer is Packer's post-processor with the same options. */
export async function benchBytes(report: Report): Promise<void> {
  const megabytes = Number(process.env.TSPACK_BENCH_MEGABYTES ?? 1000);
  const size = megabytes >= 1000 ? `${megabytes / 1000} GB` : `${megabytes} MB`;
  const works: readonly Work[] = [
    { label: `sha256 of ${size}`, type: "checksum", options: { checksum_types: ["sha256"], output: "result" } },
    { label: `md5 and sha256 of ${size}`, type: "checksum", options: { checksum_types: ["md5", "sha256"], output: "result" } },
    { label: `gzip of ${size}`, type: "compress", options: { output: "result.gz" } },
    { label: `lz4 of ${size}`, type: "compress", options: { output: "result.lz4" } },
  ];
  await inFolder(async (folder) => {
    writeBigFile(join(folder, "big"), megabytes);
    const clean = (): void => {
      for (const name of ["result", "result.gz", "result.lz4"]) rmSync(join(folder, name), { force: true });
    };
    for (const work of works) {
      writeFileSync(join(folder, "image.ts"), program(work));
      writeFileSync(join(folder, "template.json"), template(work));
      const ours = await median({ argv: [...tspack, "run", "image.ts"], cwd: folder }, 5, clean);
      const peer = packer && (await median({ argv: [packer, "build", "template.json"], cwd: folder }, 5, clean));
      report.addMeasurement(work.label, ours, peer || undefined, ["wall", "cpu", "memory"]);
    }
  });
}

/** Blocks of noise and blocks of text in turn: like a disk image, neither trivial nor hopeless to compress. */
function writeBigFile(path: string, megabytes: number): void {
  const noise = randomBytes(1_000_000);
  const line = (index: number): string => `${index * 7919} some text that stands for files of a system\n`;
  const text = Buffer.from(Array.from({ length: 25_000 }, (_, index) => line(index)).join("")).subarray(0, 1_000_000);
  const file = openSync(path, "w");
  for (let index = 0; index < megabytes; index++) writeSync(file, index % 2 === 0 ? noise : text);
  closeSync(file);
}

function program({ type, options }: Work): string {
  return `import { build, postProcess, source } from "tspack";
export default build({
  sources: [source("null", "bytes", { communicator: "none" })],
  postProcessors: [[
    postProcess("artifice", { files: ["big"] }),
    postProcess(${JSON.stringify(type)}, ${JSON.stringify({ ...options, keep_input_artifact: true })}),
  ]],
});
`;
}

function template({ type, options }: Work): string {
  const chain = [
    { type: "artifice", files: ["big"] },
    { type, ...options, keep_input_artifact: true },
  ];
  return JSON.stringify({ builders: [{ type: "null", communicator: "none" }], "post-processors": [chain] });
}
