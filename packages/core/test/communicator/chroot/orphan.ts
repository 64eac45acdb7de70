// A process that enters a root file system, starts a daemon in it and waits, to be killed by a test.
import { Writable } from "node:stream";
import { machine } from "./machine.ts";

const { communicator, workFolder } = await machine();
console.log(`folder ${workFolder}`);
await communicator.execute({
  command: "sleep 98760 & echo inside; exec sleep 98761",
  stdout: new Writable({
    write(chunk: Buffer, _encoding, done) {
      console.log(chunk.toString());
      done();
    },
  }),
  signal: new AbortController().signal,
});
