// @ts-check
// Plain JavaScript gets the same errors.
import { data, source, t } from "tspack";

const ami = data("image", "debian", {});
// @ts-expect-error: an option that does not exist
source("qemu", "a", { iso_chcksum: "x" });
// @ts-expect-error: a forgotten t
export const text = `x-${ami.id}`;
export const composed = t`x-${ami.id}`;
