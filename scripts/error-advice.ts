import type { ErrorCode } from "../packages/core/src/diagnostics/codes.ts";

/** What docs/errors.md says about a code beyond its meaning: why it usually happens, and what to do. */
export const errorAdvice: { readonly [code in ErrorCode]?: string } = {
  TPK1001:
    "`tspack run` takes `image.ts` in the working directory, or the file or folder that is named. Check the path and its permissions.",
  TPK1002:
    "The place is marked. For an import that is not found: is it a file beside the program (then it starts with `./`), or a package that `npm install` has to fetch?",
  TPK1003:
    "The place in your program is marked, also when the error came from a file that it imports, or after an `await`. An error that nothing waited for, in a callback or in a promise without `await`, cancels the run when it comes later.",
  TPK1004: "A promise that nobody settles, such as a request without a time limit, keeps the program waiting. The limit is one minute.",
  TPK1005: "Write `export default build({ … })`, or export builds by name. Exported functions and sources are not builds.",
  TPK1006: "TypeScript finds most of these in the editor; this one was found when the program was evaluated.",
  TPK1007: "Such a value is a `Ref`. Compose text with the tag `t`, as docs/dsl.md shows, and compute with `value.map((v) => …)`.",
  TPK1008: "Declare what is used before what uses it. Two builds that use each other's artifacts cannot be ordered at all.",
  TPK1101: "Give it with `-var name=value`, in a variable file, as `PKR_VAR_name` in the environment, or as a default in the program.",
  TPK1102: "Names given by `-var` must be declared with `variable()`. In variable files an unknown name is only a warning.",
  TPK1103: "Text from `-var` and `PKR_VAR_` is converted to the type of the default; lists and objects are written as JSON.",
  TPK1104: "Variable files are `.json`, `.hcl` or `.ts`. A `.ts` file exports an object, or named values.",
  TPK1105: "Each name can be declared once in a program, files that it imports included.",
  TPK3101:
    "The message lists the nearest name. When a plugin should have it, the message says why that plugin is not used; docs/plugins.md says where plugins are found.",
  TPK3102:
    "The message suggests the nearest name. Common arguments such as `only` and `max_retries` belong to provisioners and post-processors.",
  TPK3103: "The message says what the option takes.",
  TPK3104: "The message names the option and the component that needs it.",
  TPK3105: "The message says what is acceptable.",
  TPK3106: "Remove all but one of the options that the message names.",
  TPK3107:
    "Relative paths start at the working directory, as in Packer. For files beside the program begin with `path.root`. It was found before any build started.",
  TPK3108: "Options of components may hold Go template strings, `{{ … }}`. docs/templates.md lists what they can call.",
  TPK3109: "These options name sources as `type.name`, or take the source values themselves, which a rename then follows.",
  TPK3110: "The build can run; the component finds something doubtful.",
  TPK3201: "The message names the builds in order. One of the references has to go.",
  TPK3202: "Give the builds, or the sources within a build, different names.",
  TPK3203: "The artifact of a source can only be used if that source is in the build.",
  TPK3204: "`-only` and `-except` left nothing to do. `tspack inspect` shows the full names.",
  TPK3205: "Patterns are globs on full names, `[build.]type.name`; quote them, so that the shell does not expand them.",
  TPK4001:
    "Does the file run on this system, and is it a Packer plugin? The end of what it wrote to its standard error stands below the message.",
  TPK4002: "Look for a newer version of the plugin. With `PACKER_LOG=1` its log shows what it was doing.",
  TPK4003: "The plugin crashed, was killed, or ended early. The end of its log stands below the message; its authors need that.",
  TPK4004: "The plugin hangs or the machine is overloaded. `PACKER_LOG=1` shows what the plugin was doing.",
  TPK4005: "The text comes from the plugin itself; its documentation says more.",
  TPK4006:
    "Files without a version have no checksum beside them. Install the plugin under its source and version, or take the file away if you did not put it there.",
  TPK4007:
    "The message says what is wrong with the address, the source of the download or the file, and what to do next. docs/plugins-install.md has the rest.",
  TPK4008:
    "`tspack init` without `-frozen` brings `tspack.lock` up to date; commit it with the program. A digest that differs from the locked one means that somebody changed a published file: find out why before you remove the entry.",
  TPK4009:
    "Nothing was installed. The message names the key and what is wrong with it. Which keys are trusted is said by `trusted_keys` of `packer()` and by `-trusted-key`, see docs/plugins-install.md; get a new key from the plugin's authors, never from where the download comes from.",
  TPK5001:
    "Is the machine up, the address and port right, and a firewall open? `ssh_timeout` or `winrm_timeout` says how long to try. `PACKER_LOG=1` shows each attempt.",
  TPK5002: "Check user, password or key. The message lists the methods that the server offers.",
  TPK5003:
    "Either the machine was made anew, then change `ssh_host_key_fingerprints`, or somebody stands in for it. A machine that signs its own certificate for WinRM takes `winrm_insecure`.",
  TPK5004:
    "The machine rebooted, ran out of memory, or the network failed. A provisioner that reboots on purpose sets `expect_disconnect`.",
  TPK5005:
    "Is the destination writable for the user who logged in, and is there room? Upload to `/tmp` and move with a `shell` provisioner if root owns it.",
  TPK5006: 'For example a provisioner that needs a machine, in a build with `communicator: "none"`.',
  TPK5007:
    "The machine reported trouble, or its output could not be taken. The command is not run again by itself, since it may have done a part of its work.",
  TPK6001: "The message and the output before it say why. Full logs are in `.tspack/runs/`.",
  TPK6002: "The message names the provisioner. `-on-error=ask` stops at that point and asks.",
  TPK6003: "The artifact that came before it is kept.",
  TPK6004: "What depends on it is skipped; other builds go on.",
  TPK6005: "Raise `timeout` of the provisioner, or find out what it waits for.",
  TPK6006: "`valid_exit_codes` lists the codes that count as success; 0 alone unless it is set.",
  TPK6007: "Nothing was overwritten. Run again with `-force`, or move it away.",
  TPK6008: "The message says what is missing and what can be used instead.",
  TPK6009: "Everything that had been started was cleaned up, unless `-on-error=abort` was given.",
  TPK6010: "Questions need a terminal in the foreground, and plain or live output.",
  TPK6011: "Make room, or write elsewhere; the half-written file was removed.",
  TPK7001: "Check the address and the proxy variables `HTTPS_PROXY` and `NO_PROXY`.",
  TPK7002: "Either the file has changed since its checksum was written, or it is not the one you meant. It was not used.",
  TPK8001: "`tspack COMMAND -help` shows what the command takes.",
  TPK9001: "Please report it, with the stack that is printed.",
};
