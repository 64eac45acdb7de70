// The program's first file: hands the process to main(), and the answer of main() to the process.
import { dirname } from "node:path";
import { main } from "./main.ts";
import { type Output, StreamOutput } from "./output.ts";
import { PipeOutput } from "./pipe-output.ts";
import { readVersion } from "./version.ts";

/** How long what the user's program has left open may take to end by itself. */
const LEFT_OPEN_MS = 500;

const stdout = openOutput(process.stdout, 1);
const stderr = openOutput(process.stderr, 2);

/** Terminals are drawn on through Node's stream. On Windows pipes are synchronous in Node already. */
function openOutput(stream: NodeJS.WriteStream, descriptor: number): Output {
  return stream.isTTY || process.platform === "win32" ? new StreamOutput(stream) : new PipeOutput(descriptor);
}

async function start(): Promise<void> {
  const exitCode = await main(process.argv.slice(2), {
    stdout,
    stderr,
    environment: process.env,
    workingDirectory: process.cwd(),
    executableDirectory: process.argv[1] === undefined ? undefined : dirname(process.argv[1]),
    // From the sources as from the bundle.
    packageDirectory: dirname(import.meta.dirname),
    readInput: async () => (await import("./read-input.ts")).readInput(),
    version: readVersion(),
  });
  // What the user's program left running may still fail. It must not end in a stack, nor look like success.
  process.on("uncaughtException", (error) => {
    stderr.line(
      `tspack: after the end, something that the program did not wait for failed: ${error instanceof Error ? error.message : error}`,
    );
    process.exitCode ||= 1;
  });
  await stdout.flush();
  await stderr.flush();
  if (stdout.failure !== undefined) stderr.line(`tspack: standard output could not be written: ${stdout.failure.message}`);
  process.exitCode ||= exitCode === 0 && stdout.failure !== undefined ? 1 : exitCode;
  // All of ours has ended by now. A timer or connection that the user's program left open must not keep the process.
  setTimeout(() => process.exit(), LEFT_OPEN_MS).unref();
}

void start();
