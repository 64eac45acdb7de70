import type { FlagDefinition } from "../argv.ts";
import type { CommandInfo } from "../command.ts";
import { commandNames, rootFlags, shellWord } from "./words.ts";

/** Completion for zsh: a function for `compdef`, or a file `_tspack` for a folder of `fpath`. */
export function zshCompletion(commands: readonly CommandInfo[]): string {
  const described = commands.flatMap((info) => commandNames(info).map((name) => shellWord(`${name}:${info.summary}`)));
  return `#compdef tspack
# Completion of tspack for zsh. Printed by \`tspack completion zsh\`.

_tspack_commands() {
  local -a commands=(${described.join(" ")})
  _describe command commands
}

_tspack() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C ${rootFlags.map((name) => shellWord(`-${name}`)).join(" ")} '1: :_tspack_commands' '*:: :->rest' && return
  [[ $state == rest ]] || return 1
  case $line[1] in
${commands.flatMap(commandCase).join("\n")}
  esac
}

# As a file of fpath this is the function itself; in a start-up file it is made known here.
if [[ $funcstack[1] == _tspack ]]; then
  _tspack "$@"
else
  if (( ! $+functions[compdef] )); then autoload -Uz compinit && compinit; fi
  compdef _tspack tspack
fi
`;
}

function commandCase(info: CommandInfo): string[] {
  const specs = Object.entries(info.flags).map(([name, flag]) => flagSpec(name, flag));
  return [
    `    ${commandNames(info).join("|")})`,
    ["      _arguments", ...specs, shellWord("-help[Shows the help of the command.]"), ...positional(info)].join(" \\\n        "),
    "      ;;",
  ];
}

/** `'-flag=[what it does]:value:action'`, where a value may follow `=` or a space. */
function flagSpec(name: string, flag: FlagDefinition): string {
  const repeated = flag.kind === "list" ? "*" : "";
  const summary = flag.summary.replace(/[[\]\\]/g, "\\$&");
  const value = flag.kind === "switch" ? "" : `:${flag.kind === "choice" ? name : flag.value}:${action(flag)}`;
  return shellWord(`${repeated}-${name}${flag.kind === "switch" ? "" : "="}[${summary}]${value}`);
}

function action(flag: FlagDefinition): string {
  if (flag.kind === "choice") return `(${flag.choices.join(" ")})`;
  return flag.kind === "list" && flag.files !== undefined ? files(flag.files) : "";
}

function positional({ words }: CommandInfo): string[] {
  if (words === undefined) return [];
  if (words === "programs") return [shellWord(`1:program:${files([".ts", ".pkr.hcl", ".json"])}`)];
  if (words === "templates") return [shellWord(`*:template:${files([".pkr.hcl", ".pkrvars.hcl"])}`)];
  if (words === "folders") return [shellWord("1:folder:_files -/")];
  return [shellWord(words === "commands" ? "1: :_tspack_commands" : `1: :(${words.join(" ")})`)];
}

function files(endings: readonly string[]): string {
  return `_files -g "*(${endings.join("|")})(-.)"`;
}
