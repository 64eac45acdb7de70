// A host that tests kill: starts one plugin, says so, and waits. usage: plugin-host.ts FILE BUILDER
import { PluginProcess } from "../../src/plugins/process.ts";

const [, , file = "", builder = ""] = process.argv;
const started = await PluginProcess.start({
  title: "the plugin",
  argv: [file, "start", "builder", builder],
  environment: process.env,
  workingDirectory: process.cwd(),
  log: () => undefined,
  signal: new AbortController().signal,
});
await started.rpc.call("Builder.ConfigSpec");
console.log("started");
process.on("SIGTERM", () => process.exit(3));
setInterval(() => undefined, 60_000);
