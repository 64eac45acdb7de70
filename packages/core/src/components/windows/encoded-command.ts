/** A script as a command line that every shell of Windows passes on unharmed (powershell.exe, `-EncodedCommand`: Base64 of UTF-16). */
export function encodedCommand(script: string): string {
  return `powershell.exe -EncodedCommand ${Buffer.from(script, "utf16le").toString("base64")}`;
}
