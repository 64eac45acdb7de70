// A virtual machine from a disk image, provisioned over SSH: tspack's QEMU builder against the one of Packer.
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { findLabProgram, tinyGuest, tinyGuestNeeds, tinyGuestOptions } from "@tspack/test-support";
import { cleanEnvironment, processTree } from "./measure.ts";
import { formatBytes, formatMs, type Report } from "./report.ts";
import { inFolder, packer, tspack } from "./tools.ts";

/** The parts of a build, in their order. Each ends with the line of output that begins the next. */
const phases = ["prepare", "disk copy", "boot to SSH", "provisioning", "shutdown", "compaction"] as const;
type Phase = (typeof phases)[number];

/** What a tool prints when a phase is over. The last phase ends with the process. */
type Marks = Readonly<Record<Exclude<Phase, "compaction">, RegExp>>;

const ourMarks: Marks = {
  prepare: /Copying the disk image|Converting the disk image/,
  "disk copy": /Starting the machine\.\.\./,
  "boot to SSH": /Connected by SSH to/,
  provisioning: /Shutting the machine down/,
  shutdown: /Compacting the disk/,
};

const packerMarks: Marks = {
  prepare: /File extension already matches desired output format/,
  "disk copy": /Starting VM.* booting disk image/,
  "boot to SSH": /Connected to SSH!/,
  provisioning: /Gracefully halting virtual machine/,
  shutdown: /Converting hard drive/,
};

interface Run {
  readonly totalMs: number;
  readonly phaseMs: Readonly<Record<Phase, number>>;
  /** CPU time of the tool's own processes, without QEMU's. */
  readonly ownCpuMs: number;
  /** Highest resident memory of the tool's own processes, without QEMU's. */
  readonly peakBytes: number;
  /** Size of the image in the end. */
  readonly imageBytes: number;
}

/** Times of each run. The two tools take turns, so that a machine that gets slower is slower for both. */
const TIMES = 3;

/** One build with an upload of 8 MiB and a shell script, accelerator `tcg`; nothing where the lab's programs are missing. */
export async function benchQemu(report: Report): Promise<void> {
  const missing = tinyGuestNeeds.filter((name) => findLabProgram(name) === undefined);
  if (missing.length > 0) {
    console.error(`  left out: ${missing.join(", ")} cannot be found`);
    return;
  }
  await inFolder(async (folder) => {
    const options = machineOptions();
    writeFileSync(join(folder, "payload"), randomBytes(8 * 1024 * 1024));
    writeFileSync(join(folder, "image.ts"), program(options));
    writeFileSync(join(folder, "template.json"), template(options));
    const ours: Run[] = [];
    const theirs: Run[] = [];
    for (let index = 0; index <= TIMES; index++) {
      const our = await runOnce([...tspack, "run", "-machine-readable", "image.ts"], folder, ourMarks);
      const their = packer && (await runOnce([packer, "build", "-machine-readable", "template.json"], folder, packerMarks));
      // The first round warms caches: of files, and of the trial of the accelerator.
      if (index === 0) continue;
      ours.push(our);
      if (their) theirs.push(their);
    }
    addRows(report, ours, theirs);
  });
}

// --- internal ---

/** What both builders are told. Packer waits ten seconds for the machine unless told not to; ours does not when there is nothing to type. */
function machineOptions(): { readonly [option: string]: unknown } {
  const iso_checksum = `sha256:${createHash("sha256").update(readFileSync(tinyGuest().disk)).digest("hex")}`;
  return { ...tinyGuestOptions(), iso_checksum, boot_wait: "-1s" };
}

const upload = { source: "payload", destination: "/root/payload" };
// What is not written yet would be so during the shutdown, which is longer then for the quicker one.
const script = { inline: ["sha256sum /root/payload > /root/payload.sha256", "uname -a > /root/about", "sync"] };

function program(options: object): string {
  return `import { build, provision, source } from "tspack";
export default build({
  sources: [source("qemu", "tiny", ${JSON.stringify(options)})],
  provisioners: [provision("file", ${JSON.stringify(upload)}), provision("shell", ${JSON.stringify(script)})],
});
`;
}

function template(options: object): string {
  const provisioners = [
    { type: "file", ...upload },
    { type: "shell", ...script },
  ];
  return JSON.stringify({ builders: [{ type: "qemu", ...options }], provisioners });
}

/** One build. Lines are stamped when they arrive: neither tool's own stamps are finer than a second. */
async function runOnce(argv: readonly string[], folder: string, marks: Marks): Promise<Run> {
  rmSync(join(folder, "out"), { recursive: true, force: true });
  const [command = "", ...args] = argv;
  const started = performance.now();
  const child = spawn(command, args, {
    cwd: folder,
    env: cleanEnvironment({ PACKER_CACHE_DIR: join(folder, "cache") }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let peakBytes = 0;
  const cpuMs = new Map<number, number>();
  const sampler = setInterval(() => {
    if (child.pid === undefined) return;
    // What the guest needs is QEMU's affair.
    const own = processTree(child.pid).filter(({ name }) => !name.startsWith("qemu-"));
    for (const process of own) cpuMs.set(process.pid, process.cpuMs);
    peakBytes = Math.max(
      peakBytes,
      own.reduce((sum, { bytes }) => sum + bytes, 0),
    );
  }, 20);
  const ends = new Map<Phase, number>();
  const lines: string[] = [];
  const read = createInterface({ input: child.stdout });
  read.on("line", (line) => {
    lines.push(line);
    for (const phase of phases) {
      if (phase !== "compaction" && !ends.has(phase) && marks[phase].test(line)) ends.set(phase, performance.now());
    }
  });
  child.stderr.on("data", (chunk: Buffer) => lines.push(String(chunk)));
  const [code]: unknown[] = await once(child, "close");
  ends.set("compaction", performance.now());
  clearInterval(sampler);
  if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${String(code)}:\n${lines.slice(-30).join("\n")}`);
  let last = started;
  const phaseMs: Record<Phase, number> = { prepare: 0, "disk copy": 0, "boot to SSH": 0, provisioning: 0, shutdown: 0, compaction: 0 };
  for (const phase of phases) {
    const end = ends.get(phase);
    if (end === undefined) throw new Error(`${command} said nothing at the end of: ${phase}\n${lines.join("\n")}`);
    phaseMs[phase] = end - last;
    last = end;
  }
  const ownCpuMs = [...cpuMs.values()].reduce((sum, ms) => sum + ms, 0);
  return { totalMs: last - started, phaseMs, ownCpuMs, peakBytes, imageBytes: statSync(join(folder, "out/tiny")).size };
}

function addRows(report: Report, ours: readonly Run[], theirs: readonly Run[]): void {
  const add = (quantity: string, pick: (run: Run) => number, show: (value: number) => string): void => {
    const our = middle(ours, pick);
    const their = theirs.length === 0 ? undefined : middle(theirs, pick);
    const ratio = their === undefined ? undefined : their / Math.max(our, 1e-9);
    report.add({
      work: "image of a virtual machine (tcg)",
      quantity,
      ours: show(our),
      peer: their === undefined ? undefined : show(their),
      ratio,
    });
  };
  add("total", (run) => run.totalMs, formatMs);
  for (const phase of phases) add(phase, (run) => run.phaseMs[phase], formatMs);
  add("cpu without QEMU", (run) => run.ownCpuMs, formatMs);
  add("memory without QEMU", (run) => run.peakBytes, formatBytes);
  add("size of the image", (run) => run.imageBytes, formatBytes);
}

function middle(runs: readonly Run[], pick: (run: Run) => number): number {
  return runs.map(pick).sort((a, b) => a - b)[Math.floor(runs.length / 2)] ?? 0;
}
