// Makes the machines of the lab ahead of the tests, or finds them in the cache. usage: npm run lab, as root on Debian
import { makeDebianGuest } from "./debian-guest.ts";
import { tinyGuest } from "./tiny-guest.ts";

function makeGuest(name: string, make: () => { readonly disk: string }): void {
  const started = Date.now();
  const { disk } = make();
  console.log(`${name}: ${disk} (${Math.round((Date.now() - started) / 1000)} s)`);
}

try {
  makeGuest("tiny guest", tinyGuest);
  makeGuest("Debian guest", makeDebianGuest);
} catch (error) {
  console.error(
    `A machine of the lab could not be made, which takes root, the packages in .ci/run and Debian's mirror: ${error instanceof Error ? error.message : error}`,
  );
  process.exitCode = 1;
}
