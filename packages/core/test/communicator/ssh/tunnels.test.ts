import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort, lab, makeSshKey, rejects, type Sshd, startSshd, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseTunnel } from "../../../src/communicator/ssh/tunnel-address.ts";
import { connectTo, output } from "./connection.ts";

const labTest = lab(test, "sshd", "root");

test("a tunnel is PORT:HOST:PORT", () => {
  assert.equal(parseTunnel("8080:localhost:80"), { listenPort: 8080, host: "localhost", port: 80 });
  assert.equal(parseTunnel("8080:[::1]:80"), { listenPort: 8080, host: "::1", port: 80 });
  for (const wrong of ["8080", "8080:host", "localhost:8080:host:80", "x:host:80", "70000:host:80", "1:host:0", "1:::1:80"]) {
    assert.is(parseTunnel(wrong), undefined, wrong);
  }
});

/** Says back what it gets, and who it is. */
async function echoServer(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((socket) => {
    socket.write("hello ");
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, port: portOf(server) };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function talk(port: number, host = "localhost"): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect({ host, port });
    socket.on("data", (chunk) => {
      answer += chunk.toString();
    });
    socket.once("error", reject);
    socket.once("close", () => resolve(answer));
    socket.end("ping");
  });
}

async function login(sshd: Sshd): Promise<{ readonly ssh_private_key_file: string }> {
  const key = makeSshKey(sshd.directory, "id", "ed25519");
  sshd.authorize(key.publicKey);
  return { ssh_private_key_file: key.file };
}

labTest("local and remote tunnels carry data both ways, also after a reconnection, and end with the connection", async () => {
  const sshd = await startSshd();
  const { server, port } = await echoServer();
  try {
    const local = await freePort();
    const remote = await freePort();
    const options = {
      ...(await login(sshd)),
      ssh_local_tunnels: [`${local}:127.0.0.1:${port}`],
      ssh_remote_tunnels: [`${remote}:127.0.0.1:${port}`],
    };
    const connection = await connectTo(sshd, { options });
    try {
      for (const round of ["first", "reconnected"]) {
        assert.is(await within(20_000, () => talk(local)), "hello ping", `${round}, local`);
        await rejects(talk(local, "127.0.0.2"), { code: "ECONNREFUSED" });
        assert.is(await within(20_000, () => talk(remote)), "hello ping", `${round}, remote`);
        await sshd.kill();
        await sshd.start();
        assert.is((await output(connection, "echo back")).stdout, "back\n");
      }
    } finally {
      await connection.close();
    }
    await rejects(talk(local), { code: "ECONNREFUSED" });
    await rejects(talk(remote), { code: "ECONNREFUSED" });
  } finally {
    await new Promise((resolve) => server.close(resolve));
    await sshd.stop();
  }
});

labTest("a tunnel to where nobody listens is closed, and the connection goes on", async () => {
  const sshd = await startSshd();
  try {
    const [local, nobody] = [await freePort(), await freePort()];
    const connection = await connectTo(sshd, { options: { ...(await login(sshd)), ssh_local_tunnels: [`${local}:127.0.0.1:${nobody}`] } });
    try {
      assert.is(await within(20_000, () => talk(local).catch(() => "")), "");
      assert.is((await output(connection, "echo in")).stdout, "in\n");
    } finally {
      await connection.close();
    }
  } finally {
    await sshd.stop();
  }
});

labTest("a connection that breaks off before its tunnel is open leaves none open on the machine", async () => {
  const sshd = await startSshd();
  let arrived = (_socket: Socket): void => {};
  const arrival = new Promise<Socket>((resolve) => {
    arrived = resolve;
  });
  const server = createServer((socket) => arrived(socket.resume()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const local = await freePort();
    const connection = await connectTo(sshd, {
      options: { ...(await login(sshd)), ssh_local_tunnels: [`${local}:127.0.0.1:${portOf(server)}`] },
    });
    try {
      const socket = connect({ host: "127.0.0.1", port: local });
      socket.once("connect", () => socket.resetAndDestroy());
      const far = await within(20_000, () => arrival);
      await within(20_000, async () => far.closed || once(far, "close"));
    } finally {
      await connection.close();
    }
  } finally {
    await new Promise((resolve) => server.close(resolve));
    await sshd.stop();
  }
});

labTest("a tunnel that cannot be opened fails the connection and says which port", async () => {
  const sshd = await startSshd({ config: ["AllowTcpForwarding local"] });
  const { server, port } = await echoServer();
  try {
    const options = await login(sshd);
    const local = connectTo(sshd, { options: { ...options, ssh_local_tunnels: [`${port}:127.0.0.1:22`] } });
    await rejects(local, { code: "TPK5006", message: new RegExp(`local tunnel cannot listen on port ${port}`) });
    const remote = connectTo(sshd, { options: { ...options, ssh_remote_tunnels: ["8080:127.0.0.1:22"] } });
    await rejects(remote, { code: "TPK5006", message: /remote tunnel listen on its port 8080/ });
    assert.equal(
      process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap"),
      [],
    );
  } finally {
    await new Promise((resolve) => server.close(resolve));
    await sshd.stop();
  }
});

test.run();
