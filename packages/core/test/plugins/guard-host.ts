// A host with two children that heed nothing, for guard.test.ts: one is let go of before it ends, and one is not.
import { spawn } from "node:child_process";
import { guardGroup } from "../../src/plugins/guard.ts";

const script = 'trap "" TERM INT HUP; while :; do sleep 0.2; done';
const [guarded, released] = ["guarded", "released"].map((name) => {
  const child = spawn("/bin/sh", ["-c", script, `${process.argv[2]}/${name}`], { detached: true, stdio: "ignore" });
  return { child, release: guardGroup(child.pid, 1) };
});
released?.release();
process.stdout.write(`${guarded?.child.pid} ${released?.child.pid}\n`);
