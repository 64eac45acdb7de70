import { UsageError } from "../argv.ts";
import { command } from "../command.ts";

/** `tspack execute`, which help does not list (row CMD-16). */
export const executeCommand = command(
  {
    name: "execute",
    summary: "serve a built-in component as a plugin",
    about:
      "Serves one of tspack's own components over Packer's plugin protocol, for a host that started it; nobody types this. An executable script called " +
      "packer-builder-file that runs `tspack execute packer-builder-file` is a plugin for Packer 1.6.",
    usage: "[-protobuf] packer-KIND-NAME",
    examples: [{ command: "tspack execute packer-provisioner-shell", does: "serves the shell provisioner" }],
    maxPositionals: 1,
    flags: {
      protobuf: { kind: "switch", group: "Flags", summary: "Tells options as protocol buffers, with the handshake of current hosts." },
    },
  },
  async ({ flags, positionals: [name], host }) => {
    if (name === undefined) throw new UsageError("execute needs the name of a component", { hint: "For example packer-builder-file." });
    const { serveBuiltIn } = await import("@tspack/core");
    const problem = await serveBuiltIn(name, { protobuf: flags.protobuf === true, environment: host.environment });
    if (problem.kind === "unknown") {
      throw new UsageError(`there is no built-in component "${name}"`, { unknown: { word: name, candidates: problem.known } });
    }
    host.stderr.line(`${name} is served to a host that starts it as a plugin, as Packer does. It is not run by hand.`);
    return 1;
  },
);
