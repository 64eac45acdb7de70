import { definePlugin } from "@tspack/core/sdk";
import qemu from "./builder.ts";

/** The plugin: one builder, called like it. */
export const plugin = definePlugin({ name: "qemu", version: "0.1.0", builders: [qemu] });
