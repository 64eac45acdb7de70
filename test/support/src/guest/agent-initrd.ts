// The tiny guest's initramfs with the real QEMU guest agent in it, for the tests of it: no other test has to load it.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { findLabProgram } from "../lab.ts";
import { runTool } from "./bootable-disk.ts";
import { cloudKernel } from "./root-tree.ts";
import { tinyGuest } from "./tiny-guest.ts";

/** Programs that `lab` has to find for it, besides those of the tiny guest. */
export const agentGuestNeeds = ["qemu-ga"] as const;

/** Writes the initramfs to a path. The agent starts when the guest is up; asked to shut down, it says so on the console. */
export function writeAgentInitrd(path: string): void {
  const tree = mkdtempSync(join(tmpdir(), "agent-initrd-"));
  try {
    const put = (name: string, text: string): void => {
      mkdirSync(dirname(join(tree, name)), { recursive: true });
      writeFileSync(join(tree, name), text);
      chmodSync(join(tree, name), 0o755);
    };
    const copy = (from: string, name: string): void => {
      mkdirSync(dirname(join(tree, name)), { recursive: true });
      copyFileSync(realpathSync(from), join(tree, name));
      chmodSync(join(tree, name), 0o755);
    };
    const agent = findLabProgram("qemu-ga") ?? "qemu-ga";
    copy(agent, "agent/qemu-ga");
    for (const [, library = ""] of execFileSync("ldd", [agent], { encoding: "utf8" }).matchAll(/(\/\S+) \(0x/g)) {
      copy(library, join("agent/lib", basename(library)));
    }
    const modules = execFileSync("modprobe", ["-S", cloudKernel().version, "--show-depends", "virtio_console"], { encoding: "utf8" });
    const names = [...modules.matchAll(/^insmod (\S+)/gm)].map(([, module = ""]) => {
      copy(module, join("agent", basename(module)));
      return basename(module);
    });
    put("agent/start", start.replace("@MODULES@", names.map((name) => `insmod /agent/${name} 2>/dev/null`).join("\n")));
    // It has ended before the guest goes off, as a real one has: the agent would take its death for a refusal.
    put("bin/shutdown", '#!/bin/sh\necho "shut down: $*" >/dev/console\n(sleep 1; poweroff) &\n');
    put("etc/inittab", "::sysinit:/bin/true\n::once:/agent/start\n::ctrlaltdel:/bin/poweroff\n");
    const files = runTool("find", [".", "-mindepth", "1"], undefined, tree);
    const archive = runTool("cpio", ["-o", "-H", "newc", "--quiet", "-R", "0:0"], files, tree);
    // The kernel unpacks archives that follow one another into the same tree.
    writeFileSync(path, Buffer.concat([readFileSync(tinyGuest().initrd), runTool("gzip", ["-1"], archive)]));
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

// --- internal ---

/** The kernel makes the port's device a moment after its module is loaded. */
const start = `#!/bin/sh
export PATH=/bin LD_LIBRARY_PATH=/agent/lib
@MODULES@
tries=0
until ls /dev/vport* >/dev/null 2>&1; do
  [ $tries = 200 ] && exit 1
  sleep 0.1
  tries=$((tries + 1))
done
exec /agent/qemu-ga -m virtio-serial -p "$(ls /dev/vport*)" -t /run -f /run/agent.pid
`;
