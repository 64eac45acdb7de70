import { builtInCatalog, type ComponentCatalog } from "@tspack/core";
import qemu from "../../../plugin-qemu/src/builder.ts";

/** The built-in components and the QEMU builder, which tspack brings along: the types that programs are checked with know its options. */
export function withQemu(): ComponentCatalog {
  const builtIn = builtInCatalog();
  return {
    ...builtIn,
    find: async (kind, type) => (kind === "builder" && type === qemu.type ? qemu : builtIn.find(kind, type)),
  };
}
