import { definePlugin } from "@tspack/core/sdk";
import qemu from "./builder.ts";

// The program of the plugin: one component, called like the plugin.
void definePlugin({ name: "qemu", version: "0.1.0", builders: [qemu] }).main();
