// The program's first file: hands the process to main(), and the answer of main() to the process.
import { main } from "./main.ts";
import { Output } from "./output.ts";
import { readVersion } from "./version.ts";

const stdout = new Output(process.stdout);
const stderr = new Output(process.stderr);

async function start(): Promise<void> {
  const exitCode = await main(process.argv.slice(2), {
    stdout,
    stderr,
    environment: process.env,
    workingDirectory: process.cwd(),
    version: readVersion(),
  });
  await stdout.flush();
  await stderr.flush();
  if (stdout.failure !== undefined) stderr.line(`tspack: standard output could not be written: ${stdout.failure.message}`);
  process.exitCode = exitCode === 0 && stdout.failure !== undefined ? 1 : exitCode;
}

void start();
