/**
 * What to do when QEMU or qemu-img said that it cannot read from the network (row QM-36); undefined when that is not what it said. Linux
 * distributions ship the driver apart from QEMU.
 */
export function networkDriverHint(said: string): string | undefined {
  if (!/unknown protocol '(https?|ftps?)'/i.test(said)) return undefined;
  return "QEMU lacks its drivers for the network: on Debian and Ubuntu they are the package qemu-block-extra, on Fedora and Arch qemu-block-curl; or leave out iso_skip_cache, and the image is downloaded";
}
