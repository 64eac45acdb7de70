import type { CommandInfo } from "../command.ts";
import { commandNames, rootFlags, shellWord } from "./words.ts";

/**
 * Completion for bash 3.2 and newer, with or without the package bash-completion. Starts no process for a key press. Bash cuts words
 * at `=`, so that `-on-error=ab` arrives as three.
 */
export function bashCompletion(commands: readonly CommandInfo[]): string {
  return `# Completion of tspack for bash. Printed by \`tspack completion bash\`.

_tspack_words() {
  local word
  while IFS='' read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$1" -- "$2")
  # After "-flag=" comes its value at once.
  if [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2> /dev/null; fi
}

# Folders, and files whose names end as the pattern says.
_tspack_files() {
  local path
  while IFS='' read -r path; do
    if [[ -d $path || $path =~ $1 ]]; then COMPREPLY+=("$path"); fi
  done < <(compgen -f -- "$2")
  compopt -o filenames 2> /dev/null
}

_tspack() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} flag='' command='' dash='' index
  COMPREPLY=()
  if [[ $current == '=' ]]; then flag=$before current=''
  elif [[ $before == '=' && $COMP_CWORD -gt 1 ]]; then flag=\${COMP_WORDS[COMP_CWORD - 2]}
  elif [[ $before == -* ]]; then flag=$before
  fi
  flag=\${flag#-} flag=\${flag#-}
  for ((index = 1; index < COMP_CWORD; index++)); do
    if [[ \${COMP_WORDS[index]} != -* ]]; then command=\${COMP_WORDS[index]}; break; fi
  done
  # Flags are offered with as many dashes as were typed.
  if [[ $current == --* ]]; then dash='-'; fi
  case "$command" in
    '')
      if [[ $current == -* ]]; then _tspack_words "${rootFlags.map((name) => `$dash-${name}`).join(" ")}" "$current"
      else _tspack_words ${shellWord(commands.flatMap(commandNames).join(" "))} "$current"
      fi
      ;;
${commands.flatMap((info) => commandCase(info, commands)).join("\n")}
  esac
}

complete -F _tspack tspack
`;
}

function commandCase(info: CommandInfo, commands: readonly CommandInfo[]): string[] {
  const flags = Object.entries(info.flags).map(([name, flag]) => `$dash-${name}${flag.kind === "switch" ? "" : "="}`);
  const values = Object.entries(info.flags).flatMap(([name, flag]) => {
    if (flag.kind === "choice") return [`        ${name}) _tspack_words ${shellWord(flag.choices.join(" "))} "$current"; return ;;`];
    if (flag.kind === "list" && flag.files !== undefined)
      return [`        ${name}) _tspack_files ${endingPattern(flag.files)} "$current"; return ;;`];
    return flag.kind === "switch" ? [] : [`        ${name}) return ;;`];
  });
  return [
    `    ${commandNames(info).join(" | ")})`,
    ...(values.length === 0 ? [] : [`      case "$flag" in`, ...values, "      esac"]),
    `      if [[ $current == -* ]]; then _tspack_words "${[...flags, "$dash-help"].join(" ")}" "$current"`,
    ...positional(info, commands).map((line) => `      else ${line}`),
    "      fi",
    "      ;;",
  ];
}

function positional({ words }: CommandInfo, commands: readonly CommandInfo[]): string[] {
  if (words === "programs") return [`_tspack_files ${endingPattern([".ts", ".pkr.hcl", ".json"])} "$current"`];
  if (words === "templates") return [`_tspack_files ${endingPattern([".pkr.hcl", ".pkrvars.hcl"])} "$current"`];
  if (words === "folders") return [`_tspack_files ${shellWord("/$")} "$current"`];
  if (words === "commands") return [`_tspack_words ${shellWord(commands.flatMap(commandNames).join(" "))} "$current"`];
  return words === undefined ? [] : [`_tspack_words ${shellWord(words.join(" "))} "$current"`];
}

function endingPattern(endings: readonly string[]): string {
  return shellWord(`(${endings.map((ending) => ending.replace(".", "\\.")).join("|")})$`);
}
