// A Windows machine of which it is recorded what is done to it. Nothing runs there; a test says what a command answers.
import type { Writable } from "node:stream";
import { packerVariables, prepare, prepareWell, RecordingUi, runInfo } from "@tspack/test-support";
import { CancelledError } from "../../../src/diagnostics/error.ts";
import type { Config } from "../../../src/program/program.ts";
import type { Communicator, RemoteCommand } from "../../../src/sdk/communicator.ts";
import type { ComponentFactory } from "../../../src/sdk/component.ts";
import type { GeneratedData } from "../../../src/sdk/hook.ts";
import type { Provisioner } from "../../../src/sdk/provisioner.ts";

/** One thing that was done to the machine. */
export type Action =
  | { readonly kind: "upload"; readonly path: string; readonly text: string }
  | { readonly kind: "run"; readonly command: string };

/** What a command of the machine answers: an exit code (0 unless given) and output. Throws for a machine that cannot be reached. */
export type Answer = { readonly exitCode?: number; readonly stdout?: string; readonly stderr?: string } | undefined;

export interface MachineUse {
  /** `command` has what is encoded in it decoded. It may also wait. */
  readonly answer?: (command: string, signal: AbortSignal) => Answer | Promise<Answer>;
  /** Sees what the provisioner says, while it runs. */
  readonly onSay?: (text: string) => void;
  readonly data?: GeneratedData;
  readonly folder?: string;
  readonly signal?: AbortSignal;
}

export interface Recorded {
  readonly actions: readonly Action[];
  readonly ui: RecordingUi;
  /** What the provisioner failed with. */
  readonly error: unknown;
}

/** Prepares and runs a provisioner on such a machine. */
export async function provisionRecorded(factory: ComponentFactory<Provisioner>, config: Config, use: MachineUse = {}): Promise<Recorded> {
  const { answer = () => undefined, data = {}, folder = process.cwd(), signal = new AbortController().signal } = use;
  const actions: Action[] = [];
  const ui = new RecordingUi();
  const say = ui.say.bind(ui);
  ui.say = (text) => {
    say(text);
    use.onSay?.(text);
  };
  const component = await factory.create();
  const packer = packerVariables({ packer_build_name: "win" });
  await prepareWell(component, config, { run: runInfo({ workingDirectory: folder }), packer });
  const recorded = (error: unknown): Recorded => ({ actions, ui, error });
  return component.provision({ ui, communicator: recordingCommunicator(actions, answer), data, signal }).then(
    () => recorded(undefined),
    (error: unknown) => recorded(error),
  );
}

/** What is wrong with a configuration: code and option of each. */
export async function problemsOf(factory: ComponentFactory<Provisioner>, config: Config): Promise<string[]> {
  return (await prepare(await factory.create(), config)).map(({ code, path }) => `${code} ${path?.join(".")}`);
}

/** What was run, decoded. */
export function commandsOf(actions: readonly Action[]): string[] {
  return actions.flatMap((action) => (action.kind === "run" ? [action.command] : []));
}

/** The text of the only file whose path matches. */
export function uploadedText(actions: readonly Action[], path: RegExp): string {
  const found = actions.flatMap((action) => (action.kind === "upload" && path.test(action.path) ? [action.text] : []));
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} files match ${path}`);
  return found[0];
}

/** A command line with the script that is encoded in it as text. */
export function decoded(command: string): string {
  return command.replace(/(-EncodedCommand) (\S+)/i, (_whole, option: string, text: string) => {
    return `${option} ${Buffer.from(text, "base64").toString("utf16le")}`;
  });
}

/** The way into such a machine. */
export function recordingCommunicator(actions: Action[], answer: NonNullable<MachineUse["answer"]>): Communicator {
  const refuse = async (): Promise<never> => Promise.reject(new Error("not recorded"));
  return {
    async execute({ command, stdout, stderr, signal }: RemoteCommand) {
      if (signal.aborted) throw new CancelledError();
      const seen = decoded(command);
      actions.push({ kind: "run", command: seen });
      const said = await answer(seen, signal);
      await write(stdout, said?.stdout);
      await write(stderr, said?.stderr);
      return { exitCode: said?.exitCode ?? 0 };
    },
    async upload({ path, content, signal }) {
      if (signal.aborted) throw new CancelledError();
      const chunks: Buffer[] = [];
      for await (const chunk of content) chunks.push(chunk);
      actions.push({ kind: "upload", path, text: Buffer.concat(chunks).toString() });
    },
    uploadDirectory: refuse,
    download: refuse,
    downloadDirectory: refuse,
  };
}

// --- internal ---

async function write(to: Writable | undefined, text: string | undefined): Promise<void> {
  if (to !== undefined && text !== undefined) await new Promise<void>((resolve) => to.write(text, () => resolve()));
}
