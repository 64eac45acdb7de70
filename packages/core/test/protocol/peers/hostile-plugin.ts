// A plugin whose builders break the protocol, each in a way of its own and in a phase of its own: `run-twice` answers Builder.Run
// twice. Bundled and run by the test beside it.
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createBroker } from "../../../src/protocol/broker/broker.ts";
import { encodeValues } from "../../../src/protocol/msgpack/encode.ts";
import { createRpcClient } from "../../../src/protocol/rpc/client.ts";
import { serveRpc } from "../../../src/protocol/rpc/server.ts";
import { encodeSpec } from "../../../src/protocol/spec/codec.ts";
import type { Broker } from "../../../src/protocol/transport.ts";
import { startSession } from "../../../src/protocol/yamux/session.ts";
import { listen } from "../../../src/sdk/plugin/listen.ts";

interface Scene {
  readonly socket: Socket;
  readonly main: Duplex;
  readonly broker: Broker;
  readonly argument: unknown;
}

const never = new Promise<never>(() => undefined);

/** What it does in place of an answer; what it returns is the answer. */
const tricks: { readonly [name: string]: (scene: Scene) => unknown } = {
  silent: () => never,
  exit: () => process.exit(9),
  killed: () => process.kill(process.pid, "SIGKILL") && never,
  closes: ({ socket }) => socket.destroy() && never,
  // As on a busy machine.
  lingers: ({ socket }) => {
    socket.destroy();
    setTimeout(() => process.exit(9), 1_000);
    return never;
  },
  truncated: ({ socket }) => socket.end(Buffer.from("0000000000", "hex")) && never,
  garbage: ({ socket }) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n") && never,
  oversized: ({ socket }) => socket.write(Buffer.from("000000000000000100ffffff", "hex")) && never,
  unfinished: ({ main }) => main.end(encodeValues({ ServiceMethod: "x", Seq: 0, Error: "" }, "half").subarray(0, 20)) && never,
  // A text of four gigabytes, it says.
  immense: ({ main }) => main.write(Buffer.from("dbffffffff", "hex")) && never,
  // The main stream is over, the process goes on.
  leaves: ({ main }) => main.end() && never,
  // Whatever the number of the call is, one of these answers it, and the next answers it again.
  twice: ({ main }) => main.write(Buffer.concat([0, 1, 2, 3, 4].flatMap((number) => [answer(number), answer(number)]))) && never,
  unasked: ({ main }) => main.write(encodeValues({ ServiceMethod: "Builder.Nope", Seq: 999, Error: "" }, null)) && never,
  wrong: () => [["not", "what", "was"], "expected"],
  // Calls what is not there, and passes on what it is told.
  calls: async ({ broker, argument }) => {
    const rpc = createRpcClient(await broker.dial(Number(argument)));
    const told = await Promise.allSettled(["Ui.Nope", "Nope.Nope", "nope", "Ui.constructor"].map((name) => rpc.call(name)));
    throw new Error(told.map((one) => (one.status === "rejected" ? String(one.reason.message) : "answered")).join(" | "));
  },
  // Writes a great deal to its log, one line of it without an end.
  floods: async () => {
    for (let turn = 0; turn < 200; turn++) {
      const isTaken = process.stderr.write(`${randomBytes(50_000).toString("hex")}${turn % 2 === 0 ? "\n" : ""}`);
      if (!isTaken) await new Promise((resolve) => process.stderr.once("drain", resolve));
    }
    // What has not left the process by its end is lost.
    await new Promise((resolve) => process.stderr.write("\nflooded\n", resolve));
    process.exit(9);
  },
};

function answer(sequence: number): Buffer {
  return encodeValues({ ServiceMethod: "Builder.Run", Seq: sequence, Error: "" }, {});
}

const phases: { readonly [phase: string]: string } = { spec: "ConfigSpec", prepare: "Prepare", run: "Run" };

async function serve(name: string): Promise<void> {
  const [phase = "", trick = ""] = name.split("-");
  const { network, address, connection } = await listen(process.env);
  process.stdout.write(`5|0|${network}|${address}\n`);
  const socket = await connection;
  const broker = createBroker(startSession(socket, { role: "server" }));
  const main = await broker.accept(0);
  const answers: { readonly [method: string]: unknown } = {
    ConfigSpec: { ConfigSpec: encodeSpec({ options: {} }, "protobuf") },
    Prepare: { GeneratedVars: undefined, Warnings: undefined, Error: undefined },
    Run: 0,
    Cancel: undefined,
  };
  const methods = Object.keys(answers).map((method) => {
    const play = async (argument: unknown): Promise<unknown> => {
      if (phases[phase] !== method || trick === "fine") return answers[method];
      console.error(`about to do ${trick}`);
      return tricks[trick]?.({ socket, main, broker, argument });
    };
    return [method, play] as const;
  });
  serveRpc(main, new Map([["Builder", Object.fromEntries(methods)]]));
}

if (process.argv[2] === "describe") {
  const builders = Object.keys(phases).flatMap((phase) => [`${phase}-fine`, ...Object.keys(tricks).map((trick) => `${phase}-${trick}`)]);
  const none = { provisioners: [], post_processors: [], datasources: [] };
  console.log(JSON.stringify({ version: "1.0.0", sdk_version: "0.6.10", api_version: "x5.0", builders, ...none, protocol_version: "v2" }));
} else {
  void serve(process.argv.at(-1) ?? "");
}
