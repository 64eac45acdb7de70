// Uploads over SSH to a real sshd on loopback: one big file, and a folder of many small ones.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeSshKey, startSshd } from "@tspack/test-support";
import { type Measurement, median } from "./measure.ts";
import type { Report } from "./report.ts";
import { inFolder, packer, tspack } from "./tools.ts";

/**
 * 512 MB in one file (`TSPACK_BENCH_MEGABYTES` for less), then 5,000 files, by both transfer methods; peers: Packer's file
 * provisioner with the same method, and OpenSSH's own scp.
 */
export async function benchUpload(report: Report): Promise<void> {
  const megabytes = Number(process.env.TSPACK_BENCH_MEGABYTES ?? 512);
  await inFolder(async (folder) => {
    const sshd = await startSshd();
    try {
      execFileSync("dd", ["if=/dev/urandom", `of=${join(folder, "big")}`, "bs=1M", `count=${megabytes}`], { stdio: "ignore" });
      mkdirSync(join(folder, "many"));
      for (let index = 0; index < 5000; index++) writeFileSync(join(folder, "many", `f${index}`), `file ${index}\n`.repeat(20));
      const key = makeSshKey(folder, "key", "ed25519");
      sshd.authorize(key.publicKey);
      const login = { ssh_host: "127.0.0.1", ssh_port: sshd.port, ssh_username: "root", ssh_private_key_file: key.file };
      const sshOptions = ["-i", key.file, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"];
      // In memory where the system has that: making 5,000 files on a disk can take longer than sending them.
      const remote = existsSync("/dev/shm") ? mkdtempSync("/dev/shm/tspack-bench-") : join(folder, "remote");
      const clean = (): void => {
        rmSync(remote, { recursive: true, force: true });
        mkdirSync(remote);
      };
      for (const [work, source] of [
        [`upload of ${megabytes} MB`, "big"],
        ["upload of 5,000 files", "many"],
      ] as const) {
        const scp: Measurement = await median(
          {
            argv: ["scp", "-q", "-r", "-P", String(sshd.port), ...sshOptions, source, `root@127.0.0.1:${remote}/`],
            cwd: folder,
          },
          5,
          clean,
        );
        for (const method of ["scp", "sftp"]) {
          const label = `${work}, ${method}`;
          const options = { ...login, ssh_file_transfer_method: method };
          const provisioner = { type: "file", source, destination: `${remote}/` };
          writeFileSync(join(folder, "image.ts"), uploadProgram(options, source, remote));
          writeFileSync(
            join(folder, "template.json"),
            JSON.stringify({ builders: [{ type: "null", ...options }], provisioners: [provisioner] }),
          );
          const ours = await median({ argv: [...tspack, "run", "image.ts"], cwd: folder }, 5, clean);
          if (packer !== undefined)
            report.addMeasurement(label, ours, await median({ argv: [packer, "build", "template.json"], cwd: folder }, 5, clean));
          report.addMeasurement(`${label}, peer: OpenSSH scp`, ours, scp);
        }
      }
      rmSync(remote, { recursive: true, force: true });
    } finally {
      await sshd.stop();
    }
  });
}

function uploadProgram(login: object, from: string, to: string): string {
  return `import { build, provision, source } from "tspack";
export default build({
  sources: [source("null", "upload", ${JSON.stringify(login)})],
  provisioners: [provision("file", { source: ${JSON.stringify(from)}, destination: ${JSON.stringify(`${to}/`)} })],
});
`;
}
