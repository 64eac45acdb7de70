// A machine behind the wire: the streams of commands and transfers, and the traps of the protocol there.
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { localCommunicator, rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { communicatorClient } from "../../../src/protocol/services/communicator-client.ts";
import { communicatorService } from "../../../src/protocol/services/communicator-service.ts";
import type { DirectoryTransfer } from "../../../src/sdk/index.ts";
import { relayed, wire } from "./wire.ts";

const never = new AbortController().signal;

test("both outputs end before the exit status comes, and 0 stands for streams that are not wanted", () =>
  within(30_000, async () => {
    const { host, plugin, serve, close } = await wire();
    const rpc = await serve((services) =>
      services.set("Communicator", communicatorService({ communicator: localCommunicator(tmp("machine")), broker: plugin, signal: never })),
    );
    const order: string[] = [];
    const watch = async (name: string, id: number): Promise<void> => {
      const stream = await host.accept(id);
      stream.on("data", () => order.push(`${name} data`)).on("end", () => order.push(`${name} end`));
      await once(stream, "end");
    };
    const [stdout, response] = [host.nextId(), host.nextId()];
    const watched = Promise.all([watch("stdout", stdout), watch("response", response)]);
    const ids = { StdinStreamId: 0, StdoutStreamId: stdout, StderrStreamId: 0, ResponseStreamId: response };
    await rpc.call("Communicator.Start", { Command: "echo x; echo y >&2", ...ids });
    await watched;
    assert.equal(
      order.filter((event) => event !== "response data"),
      ["stdout data", "stdout end", "response end"],
    );
    close();
  }));

test("a command that ends without a record has exit code 123, and one that cannot start fails with the reason", () =>
  within(30_000, async () => {
    const { host, plugin, serve, close } = await wire();
    const rpc = await serve((services) =>
      services.set("Communicator", {
        Start: async (argument) => {
          const { ResponseStreamId, Command } = Object(argument);
          if (Command === "bad") throw new Error("no such shell");
          (await plugin.dial(ResponseStreamId)).end();
        },
      }),
    );
    const communicator = communicatorClient(rpc, host);
    assert.equal(await communicator.execute({ command: "good", signal: never }), { exitCode: 123 });
    const stdout = new PassThrough();
    await rejects(communicator.execute({ command: "bad", stdout, signal: never }), { message: /no such shell/, code: "TPK5004" });
    assert.not.ok(stdout.writableEnded);
    close();
  }));

test("a download that fails ends its stream, so that nobody waits for it", () =>
  within(20_000, async () => {
    const { host, plugin, serve, close } = await wire();
    const rpc = await serve((services) =>
      services.set("Communicator", communicatorService({ communicator: localCommunicator(tmp("machine")), broker: plugin, signal: never })),
    );
    const id = host.nextId();
    const ended = host.accept(id).then((stream) => once(stream.resume(), "end"));
    await rejects(rpc.call("Communicator.Download", { Path: "missing", WriterStreamId: id }), { message: /missing/ });
    await ended;
    close();
  }));

test("a big upload is held back by a slow reader at the far end of a relay", () =>
  within(20_000, async () => {
    // plugin A's communicator, offered by the host to plugin B.
    const [first, second] = [await wire(), await wire()];
    let taken = 0;
    let resume = (): void => undefined;
    const gate = new Promise<void>((resolve) => (resume = resolve));
    const owner = {
      ...localCommunicator(tmp("machine")),
      async upload({ content }: { readonly content: Readable }) {
        for await (const chunk of content) {
          taken += chunk.length;
          if (taken > 1_000_000) await gate;
        }
      },
    };
    const communicator = await relayed(owner, [first, second]);
    let produced = 0;
    const block = Buffer.alloc(65_536);
    const content = new Readable({
      read() {
        if (produced >= 40_000_000) this.push(null);
        else {
          produced += block.length;
          this.push(block);
        }
      },
    });
    const uploading = communicator.upload({ path: "x", content, signal: never });
    let last = -1;
    // Until nothing moves any more.
    while (produced !== last) {
      last = produced;
      for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
    }
    assert.ok(produced < 4_000_000, `${produced} bytes were taken although nobody read them`);
    resume();
    await uploading;
    assert.ok(taken >= 40_000_000);
    first.close();
    second.close();
  }));

test("folders are named by paths of the server's own system, and exclusions travel", () =>
  within(30_000, async () => {
    const { host, plugin, serve, close } = await wire();
    const seen: unknown[] = [];
    const owner = {
      ...localCommunicator(tmp("machine")),
      uploadDirectory: async ({ source, destination, exclude }: DirectoryTransfer) => void seen.push(["up", source, destination, exclude]),
      downloadDirectory: async ({ source, destination, exclude }: DirectoryTransfer) =>
        void seen.push(["down", source, destination, exclude]),
    };
    const rpc = await serve((services) =>
      services.set("Communicator", communicatorService({ communicator: owner, broker: plugin, signal: never })),
    );
    const communicator = communicatorClient(rpc, host);
    const folder = tmp("here");
    writeFileSync(join(folder, "f"), "");
    await communicator.uploadDirectory({ source: `${folder}/`, destination: "/there", exclude: ["a"], signal: never });
    await communicator.downloadDirectory({ source: "/there", destination: folder, signal: never });
    assert.equal(seen, [
      ["up", `${folder}/`, "/there", ["a"]],
      ["down", "/there", folder, []],
    ]);
    close();
  }));

test.run();
