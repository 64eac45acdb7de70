// The two PowerShell programs that move files (rows CON-12..14), one process for a whole file or folder. Both speak the same
// lines, ended by LF or CR LF, each with one letter in front:
//
//   D<path>   a folder: UTF-8 path relative to the root in base64, `/` between its parts
//   F<path>   a file begins; an empty path is the root itself
//   =<bytes>  more of its content, base64, at least one byte
//   .<hash>   it is complete; SHA-1 of all of its content in hexadecimal, upper case
//   !<count>  everything is done; the number of files
//
// The receiver reads D, F, = and . from its input and writes ! at the end; the sender writes all of them. Both end with exit
// code 1 and one message on the error stream when something fails. They run in Windows PowerShell from 2.0 on.
import { quoteLiteral } from "../../components/windows/quoting.ts";

/** What a download names: a file, a folder with its name, what is in a folder, or what a pattern matches, each with its name. */
export type DownloadKind = "file" | "folder" | "contents" | "matches";

/** The command that writes what it reads to `destination`: a file, or the folder that relative paths start at. */
export function receiveCommand(destination: string): string {
  return powershellCommand([`begin {`, `$destination = ${quoteLiteral(destination)}`, receiver].join("\n"));
}

/** The command that sends `source`. */
export function sendCommand(source: string, kind: DownloadKind): string {
  return powershellCommand([`$source = ${quoteLiteral(source)}`, `$kind = ${quoteLiteral(kind)}`, sender].join("\n"));
}

/** The longest command that cmd.exe reads, in characters. */
export const LONGEST_COMMAND = 8_191;

// --- internal ---

/** `$env:TEMP` and `${env:ProgramFiles(x86)}` mean what they do in PowerShell; any other `$` is a letter of the path. */
const prelude = `
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$file = $null
$open = $null
function Expand($text) {
[regex]::Replace($text, '(?i)\\$\\{env:([^}]+)\\}|\\$env:(\\w+)', {
param($m)
$name = $m.Groups[1].Value + $m.Groups[2].Value
$value = [Environment]::GetEnvironmentVariable($name)
if (!$value) { throw "the machine has no environment variable $name" }
$value
})
}
function Fail($e) {
if ($file) { $file.Close() }
if ($open) { [IO.File]::Delete($open) }
[Console]::Error.WriteLine($e.Exception.GetBaseException().Message)
exit 1
}`.trim();

/** Folders around a file are made, as Packer does. A file that did not arrive whole is removed. */
const receiver = `
${prelude}
$count = 0
function Place($text) {
$below = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($text))
if ($below) { [IO.Path]::Combine($root, $below) } else { $root }
}
try { $root = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath((Expand $destination)) } catch { Fail $_ }
}
process {
try {
$line = [string]$_
if ($line) {
$rest = $line.Substring(1)
$what = $line.Substring(0, 1)
if ($what -eq '=') {
$bytes = [Convert]::FromBase64String($rest)
$file.Write($bytes, 0, $bytes.Length)
[void]$sha.TransformBlock($bytes, 0, $bytes.Length, $bytes, 0)
} elseif ($what -eq 'D') {
[void][IO.Directory]::CreateDirectory((Place $rest))
} elseif ($what -eq 'F') {
$path = Place $rest
if ([IO.Directory]::Exists($path)) { throw "$path is a folder" }
[void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($path))
$file = [IO.File]::Create($path)
$open = $path
$sha = [Security.Cryptography.SHA1]::Create()
} elseif ($what -eq '.') {
[void]$sha.TransformFinalBlock(([byte[]]@()), 0, 0)
$file.Close()
$file = $null
if ([BitConverter]::ToString($sha.Hash).Replace('-', '') -ne $rest) { throw "$open arrived damaged" }
$open = $null
$count++
} else { throw 'unexpected input' }
}
} catch { Fail $_ }
}
end {
try { if ($open) { throw "$open did not arrive whole" } } catch { Fail $_ }
[Console]::Out.WriteLine("!$count")
exit 0
}`.trim();

/** Junctions and links to folders inside of the source are passed over: Windows has some that lead around in a circle. */
const sender = `
${prelude}
$script:count = 0
$out = [Console]::OpenStandardOutput()
$buffer = New-Object byte[] 61440
function Say($text) {
$bytes = [Text.Encoding]::ASCII.GetBytes("$text\`n")
$out.Write($bytes, 0, $bytes.Length)
}
function IsLink($item) { $item.PSIsContainer -and ($item.Attributes -band [IO.FileAttributes]::ReparsePoint) }
function Pass($item, $name) {
$encoded = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($name))
if ($item.PSIsContainer) {
Say "D$encoded"
foreach ($below in @(Get-ChildItem -LiteralPath $item.FullName -Force)) {
if (!(IsLink $below)) { Pass $below "$name/$($below.Name)" }
}
return
}
Say "F$encoded"
$file = [IO.File]::Open($item.FullName, 'Open', 'Read', 'ReadWrite')
$sha = [Security.Cryptography.SHA1]::Create()
while (($size = $file.Read($buffer, 0, $buffer.Length)) -gt 0) {
Say ('=' + [Convert]::ToBase64String($buffer, 0, $size))
[void]$sha.TransformBlock($buffer, 0, $size, $buffer, 0)
}
$file.Close()
[void]$sha.TransformFinalBlock($buffer, 0, 0)
Say ('.' + [BitConverter]::ToString($sha.Hash).Replace('-', ''))
$script:count++
}
try {
$path = Expand $source
if ($kind -eq 'matches') { $items = @(Get-Item -Path $path -Force) }
else {
$items = @(Get-Item -LiteralPath $path -Force)
if (($kind -eq 'file') -eq $items[0].PSIsContainer) { throw "$path is $(if ($kind -eq 'file') { 'a folder' } else { 'not a folder' })" }
if ($kind -eq 'contents') { $items = @(Get-ChildItem -LiteralPath $path -Force | Where-Object { !(IsLink $_) }) }
}
foreach ($item in $items) { Pass $item $item.Name }
Say "!$script:count"
} catch { Fail $_ }
exit 0`.trim();

function powershellCommand(script: string): string {
  return `powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand ${Buffer.from(script, "utf16le").toString("base64")}`;
}
