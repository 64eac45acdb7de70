import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { lab, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { finish, startTspack } from "./support/tspack.ts";

/** What a run is doing when it is interrupted. */
interface Phase {
  /** Arguments of `build`. */
  readonly build: string;
  /** Lines of the program before it. */
  readonly before?: string;
  /** True once the phase is reached; until then it is asked again and again. */
  readonly isReached: (output: string) => boolean;
}

let requests = 0;
const silent: RequestListener = () => {
  requests++;
};
const half: RequestListener = (_, response) => {
  response.write("x");
  requests++;
};
const web = createServer((request, response) => (request.url === "/half" ? half : silent)(request, response)).listen(0, "127.0.0.1");
const notSsh = createTcpServer(() => requests++).listen(0, "127.0.0.1");
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

test.after(() => {
  web.closeAllConnections();
  web.close();
  notSsh.close();
});

const none = 'sources: [source("null", "x", { communicator: "none" })]';
const asked = (): boolean => requests > 0;
const local = (line: string, more = ""): string => `provisioners: [provision("shell-local", { inline: [${JSON.stringify(line)}]${more} })]`;
const onBigFile = (postProcessor: string): string =>
  `${none}, postProcessors: [[postProcess("artifice", { files: ["big"] }), ${postProcessor}]]`;

const phases: { readonly [name: string]: () => Phase } = {
  "a data source waits for an answer": () => ({
    before: `const page = data("http", "page", { url: "http://127.0.0.1:${portOf(web)}/" });`,
    build: `${none}, provisioners: [provision("shell-local", { inline: [t\`echo \${page.body}\`] })]`,
    isReached: asked,
  }),
  "a data source reads": () => ({
    before: `const page = data("http", "page", { url: "http://127.0.0.1:${portOf(web)}/half" });`,
    build: `${none}, provisioners: [provision("shell-local", { inline: [t\`echo \${page.body}\`] })]`,
    isReached: asked,
  }),
  "the program waits for data": () => ({
    before: `await resolved(data("http", "page", { url: "http://127.0.0.1:${portOf(web)}/" }));`,
    build: none,
    isReached: asked,
  }),
  "SSH waits for a greeting": () => ({
    build: `sources: [source("null", "x", { ssh_host: "127.0.0.1", ssh_port: ${portOf(notSsh)}, ssh_username: "u", ssh_password: "p" })]`,
    isReached: asked,
  }),
  "a provisioner pauses": () => ({
    build: `${none}, ${local("true", ', pause_before: "1h"')}`,
    isReached: (output) => /paus/i.test(output),
  }),
  "a provisioner is tried again": () => ({
    build: `${none}, ${local("false", ", max_retries: 100000")}`,
    isReached: (output) => output.split("\n").length > 20,
  }),
  "a file is compressed": () => ({
    build: onBigFile('postProcess("compress", { output: "out/big.gz" })'),
    isReached: (output) => output.includes("compress"),
  }),
  "a checksum is made": () => ({
    build: onBigFile('postProcess("checksum", { output: "out/sums", checksum_types: ["md5", "sha512"] })'),
    isReached: (output) => output.includes("checksum"),
  }),
};

/** Starts the program of a phase; answers when the phase is reached. */
async function start({ build, before = "", isReached }: Phase) {
  const cwd = tmp("cancel");
  for (const folder of ["tmp", "out"]) mkdirSync(join(cwd, folder));
  writeFileSync(join(cwd, "big"), "");
  truncateSync(join(cwd, "big"), 8 * 1024 ** 3);
  const names = "build, data, postProcess, provision, resolved, source, t";
  writeFileSync(join(cwd, "image.ts"), `import { ${names} } from "tspack";\n${before}\nexport default build({ ${build} });\n`);
  requests = 0;
  const child = startTspack(["run", "-machine-readable"], { cwd, env: { TMPDIR: join(cwd, "tmp") } });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  const ended = finish(child);
  await within(180_000, async () => {
    while (!isReached(output)) {
      assert.is(child.exitCode, null, output);
      await pause(10);
    }
  });
  return { child, ended, cwd };
}

for (const [name, phase] of Object.entries(phases)) {
  test(`an interrupt while ${name} ends the run at once, and nothing is left`, async () => {
    const { child, ended, cwd } = await start(phase());
    child.kill("SIGINT");
    const { code } = await within(180_000, () => ended);
    assert.is(code, 1);
    for (const folder of ["tmp", "out"]) assert.equal(readdirSync(join(cwd, folder)), [], folder);
  });
}

for (const signal of ["SIGINT", "SIGKILL"] as const) {
  lab(test, "mounts")(`${signal} while a command runs inside a root file system leaves no process and no mount`, async () => {
    // Found again by its number of seconds.
    const mark = String(1_000_000 + process.pid);
    const command = `trap '' TERM INT HUP; sleep ${mark} & echo inside; while :; do sleep ${mark}; done`;
    const { child, ended, cwd } = await start({
      build: `sources: [source("rootfs", "x", { base: { host_files: ["sh", "sleep", "chmod", "rm"] }, output: [{ format: "tar", path: "out/x.tar" }] })],
        provisioners: [provision("shell", { inline: [${JSON.stringify(command)}] })]`,
      isReached: (output) => /inside$/m.test(output),
    });
    child.kill(signal);
    const { code } = await within(180_000, () => ended);
    assert.is(code, signal === "SIGINT" ? 1 : null);
    await within(180_000, async () => {
      while (commandLines().some((line) => line.includes(mark) && line.includes("sleep"))) await pause(20);
    });
    assert.not.ok(readFileSync("/proc/self/mountinfo", "utf8").includes(cwd));
    assert.equal(readdirSync(join(cwd, "out")), []);
    // After SIGKILL nobody is there to remove it, and its name says whose it is.
    assert.equal(
      readdirSync(join(cwd, "tmp")).map((folder) => folder.replace(/-\w+$/, "")),
      signal === "SIGINT" ? [] : ["tspack"],
    );
  });
}

function commandLines(): string[] {
  return readdirSync("/proc").flatMap((name) => {
    try {
      return /^\d+$/.test(name) ? [readFileSync(`/proc/${name}/cmdline`, "utf8")] : [];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

test.run();
