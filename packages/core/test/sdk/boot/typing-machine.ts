// A virtual machine that tells which keys reach it. It boots a sector of our own, which reads keys from the BIOS and prints them on the
// serial port: two bytes for each, the character and the scan code.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { findLabProgram, tmp, within } from "@tspack/test-support";

export interface TypingMachine {
  /** The Unix socket of its VNC server, which asks for no password. */
  readonly vncPath: string;
  /** The port of its other VNC server on 127.0.0.1, which wants `password`. */
  readonly vncPort: number;
  qmp(command: string, args?: object): Promise<unknown>;
  /** The next keys that arrive: characters, and `[scan code]` for keys without one. Waits until the text ends with `end`. */
  keysUntil(end: string): Promise<string>;
  /** That many keys, when they have arrived. */
  nextKeys(count: number): Promise<string>;
  stop(): Promise<void>;
}

/** Prints `R` and FF when it runs. */
const bootSector = Buffer.alloc(512);
Buffer.from([
  ...[0xb8, 0x52, 0xff], //       mov ax, 0xff52
  ...[0xeb, 0x04], //             jmp send
  ...[0xb4, 0x00], // next:       mov ah, 0
  ...[0xcd, 0x16], //             int 16h: wait for a key; al is the character, ah the scan code
  ...[0xba, 0xf8, 0x03], // send: mov dx, 0x3f8: the first serial port
  ...[0xee], //                   out dx, al
  ...[0x88, 0xe0], //             mov al, ah
  ...[0xee], //                   out dx, al
  ...[0xeb, 0xf3], //             jmp next
]).copy(bootSector);
bootSector.writeUInt16LE(0xaa55, 510);

/** Boots the machine; resolves when it waits for keys. */
export async function startTypingMachine(password: string, devices: readonly string[] = []): Promise<TypingMachine> {
  const folder = tmp("typing");
  const [disk, vncPath, qmpPath] = [join(folder, "disk.img"), join(folder, "vnc"), join(folder, "qmp")];
  writeFileSync(disk, bootSector);
  // It ends with the test, whatever becomes of that.
  const setpriv = findLabProgram("setpriv");
  const [program = "", ...before] = [
    ...(setpriv === undefined ? [] : [setpriv, "--pdeathsig", "KILL"]),
    findLabProgram("qemu-system-x86_64") ?? "",
  ];
  const qemu = spawn(
    program,
    [
      ...before,
      ...["-nodefaults", "-no-user-config", "-accel", "tcg", "-m", "16", "-vga", "std", "-display", "none"],
      ...["-drive", `file=${disk},format=raw,if=ide`, "-serial", "stdio", "-qmp", `unix:${qmpPath},server=on,wait=off`],
      // Otherwise QEMU itself lets 10 ms pass between events of VNC.
      ...["-vnc", `unix:${vncPath},key-delay-ms=0`, "-vnc", "127.0.0.1:0,to=90,id=locked,password=on"],
      ...devices,
    ],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  const exited = once(qemu, "exit");
  let received = Buffer.alloc(0);
  qemu.stdout.on("data", (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
  });
  const take = async (isWhole: (bytes: Buffer) => boolean): Promise<Buffer> => {
    while (!isWhole(received)) await Promise.race([once(qemu.stdout, "data"), exited.then(() => Promise.reject(new Error("QEMU ended")))]);
    const bytes = received;
    received = Buffer.alloc(0);
    return bytes;
  };
  await within(30_000, () => take((bytes) => bytes.length >= 2));
  const { execute, socket } = await openQmp(qmpPath);
  await execute("set_password", { protocol: "vnc", display: "locked", password });
  const servers = (await execute("query-vnc-servers")) as readonly { id: string; server: readonly { service: string }[] }[];
  return {
    vncPath,
    vncPort: Number(servers.find(({ id }) => id === "locked")?.server[0]?.service),
    qmp: execute,
    async keysUntil(end) {
      const keys = await within(30_000, () => take((bytes) => bytes.length % 2 === 0 && keyText(bytes).endsWith(end)));
      return keyText(keys);
    },
    nextKeys: async (count) => keyText(await within(30_000, () => take((bytes) => bytes.length >= 2 * count))),
    async stop() {
      socket.destroy();
      qemu.kill("SIGKILL");
      await exited;
    },
  };
}

function keyText(bytes: Buffer): string {
  let text = "";
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    const [character = 0, scancode = 0] = bytes.subarray(at, at + 2);
    text +=
      character >= 0x20 && character < 0x7f
        ? String.fromCharCode(character)
        : `[${character === 0 || character === 0xe0 ? scancode.toString(16) : `^${character}`}]`;
  }
  return text;
}

/** Just enough of QEMU's monitor: one command at a time. */
async function openQmp(path: string): Promise<{ execute: TypingMachine["qmp"]; socket: Socket }> {
  const socket = connect(path);
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const execute = async (command: string, args: object = {}): Promise<unknown> => {
    socket.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    for (;;) {
      const { value, done } = await lines.next();
      const message = JSON.parse(done === true ? '{"error":"closed"}' : value);
      if (message.error !== undefined) throw new Error(JSON.stringify(message.error));
      if (message.return !== undefined) return message.return;
    }
  };
  await execute("qmp_capabilities");
  return { execute, socket };
}
