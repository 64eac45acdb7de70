import { StringDecoder } from "node:string_decoder";
import { CommunicatorError, errorText, isCancellation, TspackError } from "../../diagnostics/error.ts";
import { throwIfAborted } from "../abort.ts";
import { printable } from "../printable.ts";
import { LONGEST_COMMAND } from "./scripts.ts";
import type { InputBlock, RemoteShells } from "./shells.ts";
import { parseXml, XmlError } from "./xml.ts";

/**
 * Runs one of the programs that move files. Throws `CommunicatorError` with `what` in front: TPK5005 with the machine's own words when
 * the program fails, TPK5004 when the connection is lost, a cancellation on abort.
 */
export async function runTransfer(
  shells: RemoteShells,
  task: {
    readonly command: string;
    readonly input?: AsyncIterable<InputBlock>;
    /** Takes what the program prints. */
    readonly onOutput: (bytes: Buffer) => Promise<void>;
    readonly what: string;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { command, input, what, signal } = task;
  const decoder = new StringDecoder("utf8");
  let words = "";
  let exitCode: number | undefined;
  try {
    if (command.length > LONGEST_COMMAND) throw new CommunicatorError("the path on the machine is too long", { code: "TPK5005" });
    exitCode = await shells.run({
      command,
      input,
      onOutput: async ({ stream, bytes }) => {
        if (stream === "stdout") await task.onOutput(bytes);
        else if (words.length < MOST_WORDS) words += decoder.write(bytes);
      },
      signal,
    });
  } catch (error) {
    throwIfAborted(signal);
    if (isCancellation(error)) throw error;
    const known = TspackError.is(error) ? error : undefined;
    const code = known?.code === "TPK5005" || known === undefined ? "TPK5005" : "TPK5004";
    throw new CommunicatorError(`${what}: ${errorText(error)}`, { code, hint: known?.hint, cause: error });
  }
  if (exitCode === undefined) throw new CommunicatorError(`${what}: the connection was lost`, { code: "TPK5004" });
  if (exitCode !== 0) {
    const reason = plain(words) || `PowerShell ended with exit code ${exitCode}`;
    throw new CommunicatorError(`${what}: ${reason}`, { code: "TPK5005" });
  }
}

// --- internal ---

const MOST_WORDS = 8_000;

/** One line. Of the objects that PowerShell sends along as XML (MS-PSRP §2.2.5 has their form) only errors are words. */
function plain(words: string): string {
  const lines = words.split(/\r?\n/);
  return printable(lines.map((line) => (/^\s*#< CLIXML/.test(line) ? "" : /^\s*<Objs /.test(line) ? errorsIn(line) : line)).join(" "));
}

function errorsIn(objects: string): string {
  try {
    const errors = parseXml(objects.trim()).children.filter(({ name, attributes }) => name === "S" && attributes.get("S") === "Error");
    const text = errors.map((error) => error.text).join("");
    return text.replace(/_x([0-9A-F]{4})_/g, (_whole, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  } catch (error) {
    // Cut off, perhaps: the exit code is told instead.
    if (error instanceof XmlError) return "";
    throw error;
  }
}
