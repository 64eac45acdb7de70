// Connects to the test's own sshd the way a builder does.
import { Writable } from "node:stream";
import { packerVariables, RecordingUi, runInfo, type Sshd } from "@tspack/test-support";
import * as assert from "uvu/assert";
import type { Connection, ConnectRequest } from "../../../src/communicator/connect.ts";
import { communicatorOptions } from "../../../src/communicator/options.ts";
import { connectSsh } from "../../../src/communicator/ssh/connect.ts";
import { type ConnectPace, defaultPace } from "../../../src/communicator/ssh/settings.ts";
import type { RunInfo } from "../../../src/sdk/component.ts";

/** A server on a busy machine may be silent for seconds. Tests count connections: another one is opened only where that is the point. */
export const quickPace: ConnectPace = { ...defaultPace, unreachableMs: 20, refusedMs: 20, silentMs: 60_000 };

export interface ConnectChanges {
  readonly options?: { readonly [option: string]: unknown };
  readonly request?: Partial<ConnectRequest>;
  readonly environment?: RunInfo["environment"];
  readonly pace?: ConnectPace;
}

/** A request for root at this server; no agent is in sight unless `environment` names one. */
export function connectRequest(sshd: Pick<Sshd, "host" | "port">, changes: ConnectChanges = {}): ConnectRequest {
  const config = communicatorOptions().parse({
    ssh_host: sshd.host,
    ssh_port: sshd.port,
    ssh_username: "root",
    ssh_handshake_attempts: 1,
    ssh_timeout: "20s",
    ...changes.options,
  });
  return {
    config,
    ui: new RecordingUi(),
    signal: new AbortController().signal,
    packer: packerVariables(),
    run: runInfo({ environment: { HOME: process.env.HOME, ...changes.environment } }),
    ...changes.request,
  };
}

export async function connectTo(sshd: Pick<Sshd, "host" | "port">, changes: ConnectChanges = {}): Promise<Connection> {
  return connectSsh(connectRequest(sshd, changes), changes.pace ?? quickPace);
}

/** Runs a command to its end and returns what it printed. */
export async function output(
  connection: Pick<Connection, "communicator">,
  command: string,
  signal = new AbortController().signal,
): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }> {
  const stdout = new Gathered();
  const stderr = new Gathered();
  const { exitCode } = await connection.communicator.execute({ command, stdout, stderr, signal });
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

/** Connects, runs a command, and closes. */
export async function reaches(machine: Pick<Sshd, "host" | "port">, changes: ConnectChanges): Promise<void> {
  const connection = await connectTo(machine, changes);
  try {
    assert.is((await output(connection, "echo in")).stdout, "in\n");
  } finally {
    await connection.close();
  }
}

/** Keeps what is written to it. */
export class Gathered extends Writable {
  readonly chunks: Buffer[] = [];
  /** Resolves with the first piece. */
  readonly begun: Promise<void>;
  #begin = (): void => {};

  constructor() {
    super();
    this.begun = new Promise((resolve) => {
      this.#begin = resolve;
    });
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
  get text(): string {
    return this.bytes.toString();
  }
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk);
    this.#begin();
    done();
  }
}
