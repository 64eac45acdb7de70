import { definePlugin } from "@tspack/core/sdk";
import { builder } from "./builder.ts";
import { provisioner } from "./provisioner.ts";

/** Components are called like the plugin, or begin with its name and a dash. */
export const plugin = definePlugin({
  name: "acme",
  version: "0.1.0",
  builders: [builder],
  provisioners: [provisioner],
});
