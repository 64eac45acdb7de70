// Runs the example without the network: from the Debian of the test lab (`npm run lab`), of which it is told where it is and its checksum.
// Then starts what came out of it.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { makeDebianGuest } from "@tspack/test-support";

const here = fileURLToPath(new URL(".", import.meta.url));

function tspack(...words: readonly string[]): void {
  const { status } = spawnSync("npx", ["tspack", "run", ...words], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

const { disk } = makeDebianGuest();
const digest = createHash("sha256");
await pipeline(createReadStream(disk), digest);
tspack("-var", `image=${disk}`, "-var", `checksum=sha256:${digest.digest("hex")}`, here);
tspack(`${here}boots.ts`);
