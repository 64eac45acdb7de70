import { command } from "../command.ts";

/** Rows DET-16, MR-06. There is no check for newer releases, so nothing leaves the machine whatever CHECKPOINT_DISABLE says. */
export const versionCommand = command(
  {
    name: "version",
    summary: "print the version",
    about: "Also as -v, -version or --version. tspack never asks the network for newer releases.",
    usage: "",
    examples: [
      { command: "tspack version", does: "prints tspack and its version" },
      { command: "tspack -machine-readable version", does: "the same as records, version, version-prelease and version-commit" },
    ],
    maxPositionals: 0,
    flags: {},
  },
  async ({ host }) => {
    if (!host.isMachineReadable) {
      host.stdout.line(`tspack v${host.version}`);
      return 0;
    }
    const seconds = Math.floor(Date.now() / 1000);
    const [number = "", prerelease = ""] = host.version.split(/-(.*)/s);
    // The misspelling of the second is part of Packer's format.
    for (const [type, value] of [
      ["version", number],
      ["version-prelease", prerelease],
      ["version-commit", ""],
      ["ui", `say,tspack v${host.version}`],
    ]) {
      host.stdout.line(`${seconds},,${type},${value}`);
    }
    return 0;
  },
);
