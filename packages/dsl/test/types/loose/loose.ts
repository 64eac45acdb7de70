// Without `strict` completion and the checks of keys stay; only `null` and `undefined` pass unseen.
import { data, source } from "tspack";

// @ts-expect-error: an option that does not exist
source("qemu", "a", { iso_chcksum: "x" });
// @ts-expect-error: text for a number
source("qemu", "a", { cpus: "two" });
source("qemu", "a", { iso_url: null });
// @ts-expect-error: a forgotten t
export const text = `x-${data("image", "x", {}).id}`;
