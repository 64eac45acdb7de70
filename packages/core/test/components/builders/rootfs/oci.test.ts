import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort, lab, podman, runInfo, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildRootfs } from "./harness.ts";

const run = promisify(execFile);
const labTest = lab(test, "podman", "skopeo", "root");

const server = `
const http = require("node:http");
http.createServer((request, response) => response.end("hello from " + process.env.NAME)).listen(Number(process.env.PORT), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
`;

labTest("a Node web app becomes a container image that podman loads and runs and skopeo inspects", async () => {
  const folder = tmp("web");
  writeFileSync(join(folder, "server.cjs"), server);
  const started = Date.now();
  const { artifact } = await buildRootfs(
    {
      base: { host_files: ["node"] },
      files: { "/app/server.cjs": "server.cjs" },
      output: [
        {
          format: "oci-archive",
          path: "web.tar",
          entrypoint: ["node", "/app/server.cjs"],
          env: { NAME: "the image" },
          labels: { maintainer: "nobody" },
          exposed_ports: ["8080"],
          workdir: "/app",
          user: "1000:1000",
          tags: ["localhost/web:1.0"],
        },
      ],
    },
    { folder },
  );
  console.log(`image: ${Date.now() - started} ms, ${(statSync(join(folder, "web.tar")).size / 1e6).toFixed(1)} MB`);
  assert.is(artifact.builderId, "tspack.rootfs");
  assert.match(artifact.id, /^sha256:[0-9a-f]{64}$/);

  const engine = podman();
  const inspected = JSON.parse(
    (await run("skopeo", ["inspect", `oci-archive:${join(folder, "web.tar")}:localhost/web:1.0`], { env: engine.environment })).stdout,
  );
  assert.is(inspected.Digest, artifact.id);
  assert.is(inspected.Labels.maintainer, "nobody");
  const config = JSON.parse(
    (await run("skopeo", ["inspect", "--config", `oci-archive:${join(folder, "web.tar")}:localhost/web:1.0`], { env: engine.environment }))
      .stdout,
  );
  assert.equal(config.config.Entrypoint, ["node", "/app/server.cjs"]);
  assert.is(config.config.User, "1000:1000");
  assert.is(config.config.WorkingDir, "/app");
  assert.equal(Object.keys(config.config.ExposedPorts), ["8080/tcp"]);

  try {
    const loaded = await engine("load", "-i", join(folder, "web.tar"));
    assert.match(loaded.stdout, /localhost\/web:1\.0/);
    const port = await freePort();
    const child = engine.start("run", "--rm", "--network=host", "--name", "web", "-e", `PORT=${port}`, "localhost/web:1.0");
    try {
      assert.is(await within(20_000, () => answerOf(port)), "hello from the image");
    } finally {
      const ended = once(child, "exit");
      await engine("stop", "--time", "5", "web");
      await ended;
    }
  } finally {
    await engine.close();
  }
});

test("same inputs and time give the same bytes, whatever the files' own times are", async () => {
  const digests = [];
  for (const mtime of [1_000_000_000, 1_500_000_000]) {
    const folder = tmp("same");
    mkdirSync(join(folder, "app"));
    writeFileSync(join(folder, "app", "b"), "bee");
    writeFileSync(join(folder, "app", "a"), "ay");
    utimesSync(join(folder, "app", "a"), mtime, mtime);
    const { artifact } = await buildRootfs(
      {
        base: "scratch",
        files: { "/app": "app" },
        output: [
          { format: "oci-archive", path: "o.tar" },
          { format: "tar.gz", path: "o.tgz" },
        ],
      },
      { folder, run: runInfo({ startedAtMs: 1_700_000_000_000 }) },
    );
    digests.push([
      artifact.id,
      readFileSync(join(folder, "o.tar")).toString("base64"),
      readFileSync(join(folder, "o.tgz")).toString("base64"),
    ]);
  }
  assert.equal(digests[0], digests[1]);
});

/** Asks until somebody answers. */
async function answerOf(port: number): Promise<string> {
  for (;;) {
    try {
      return await (await fetch(`http://127.0.0.1:${port}/`)).text();
    } catch {
      await wait(50);
    }
  }
}

test.run();
