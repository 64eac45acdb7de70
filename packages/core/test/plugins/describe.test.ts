// Programs that answer badly when they are asked what they are: each is one clear error, and nothing of it stays.
import { join } from "node:path";
import { installPlugin, lab, rejects, runningFrom, tmp, within, writeScript } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { describePlugin } from "../../src/plugins/describe.ts";
import { PluginRegistry } from "../../src/plugins/registry.ts";

const unixTest = lab(test, "linux");

/** Resolves when nothing of a folder runs any more: what was killed is gone when the system comes to it. */
async function ended(folder: string): Promise<void> {
  while (runningFrom(folder).length > 0) await new Promise(setImmediate);
}

const hostile: readonly { readonly name: string; readonly script: string; readonly reason: RegExp; readonly timeoutMs?: number }[] = [
  { name: "hangs", script: "echo thinking >&2; sleep 600", reason: /did not answer within 3 s\n.*log:\n {2}thinking$/s, timeoutMs: 3_000 },
  { name: "leaves a child that holds its output", script: "sleep 600 & echo '{}'", reason: /did not answer within 0\.3 s/, timeoutMs: 300 },
  { name: "prints without end", script: "yes '{}'", reason: /printed more than 4 MB/ },
  { name: "logs a gigabyte", script: "yes | head -c 1000000000 >&2; echo '{}'", reason: /logged more than 4 MB\n.*( {2}y\n){14} {2}y$/s },
  { name: "fails", script: "echo broken >&2; exit 7", reason: /it ended with exit code 7\nThe last lines of its log:\n {2}broken$/ },
  { name: "is killed", script: "kill -9 $$", reason: /it was ended by SIGKILL/ },
  { name: "prints garbage", script: "head -c 1000 /dev/urandom", reason: /does not describe itself: / },
  { name: "prints nothing", script: "exit 0", reason: /does not describe itself: / },
  { name: "prints something else", script: "echo '[1,2]'", reason: /does not describe itself: / },
];

for (const { name, script, reason, timeoutMs } of hostile) {
  unixTest(`a plugin that ${name} is a clear error, and does not stay`, () =>
    within(60_000, async () => {
      const folder = tmp("plugin");
      const file = join(folder, "packer-plugin-bad");
      writeScript(file, script);
      const environment = { PATH: process.env.PATH };
      const options = { environment, workingDirectory: folder, cacheDirectory: tmp("cache"), timeoutMs };
      await rejects(describePlugin(file, "digest", options), { code: "TPK4001", message: reason });
      await ended(folder);
    }),
  );
}

unixTest("giving up ends the question, with the reason that was given", () =>
  within(30_000, async () => {
    const folder = tmp("plugin");
    const file = join(folder, "packer-plugin-slow");
    writeScript(file, "sleep 600");
    const abort = new AbortController();
    const options = {
      environment: { PATH: process.env.PATH },
      workingDirectory: folder,
      cacheDirectory: tmp("cache"),
      signal: abort.signal,
    };
    const asked = describePlugin(file, "digest", options);
    abort.abort(new Error("enough"));
    await rejects(asked, { message: /enough/ });
    await ended(folder);
  }),
);

unixTest("a file that cannot be run says so, and the other plugins are found all the same", async () => {
  const folder = tmp("plugins");
  const made = tmp("made");
  writeScript(join(made, "bad"), "exit 1");
  writeScript(join(made, "good"), `echo '{"version":"1.0.0","api_version":"x5.0","builders":["-packer-default-plugin-name-"]}'`);
  installPlugin(folder, join(made, "bad"), "1.0.0", { source: "github.com/tspack/bad" });
  installPlugin(folder, join(made, "good"), "1.0.0", { source: "github.com/tspack/good" });
  const registry = new PluginRegistry({
    environment: { PATH: process.env.PATH, PACKER_PLUGIN_PATH: folder },
    workingDirectory: folder,
    cacheDirectory: tmp("cache"),
    log: () => undefined,
  });
  assert.equal(await registry.names("builder", {}), ["good"]);
  assert.ok(await registry.findMulti("builder", "good", {}));
  const missing = join(made, "gone");
  const options = { environment: {}, workingDirectory: made, cacheDirectory: tmp("cache") };
  await rejects(describePlugin(missing, undefined, options), { code: "TPK4001", message: /cannot be run: it does not exist/ });
});

test.run();
