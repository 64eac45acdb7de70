import { test } from "uvu";
import * as assert from "uvu/assert";
import { runProgram } from "../../src/engine/run-program.ts";
import { PlainPrinter } from "../../src/events/plain.ts";
import { build, components, postProcess, program, provision, source } from "./programs.ts";

test("a build with a provisioner and a post-processor prints what Packer prints", async () => {
  const { catalog } = components({ provision: ({ ui }) => ui.output("stdout", "hello") });
  const run = runProgram(
    program([build("web", source("one", { provisioners: [provision("act")], postProcessors: [[postProcess("pack")]] }))]),
    { catalog, runsDirectory: false },
  );
  const printer = new PlainPrinter();
  const lines: string[] = [];
  for await (const event of run) lines.push(...printer.lines(event));
  const result = await run.result;
  assert.is(result.exitCode, 0);
  assert.equal(
    lines.map((line) => line.replace(/\d+ milliseconds?/, "N ms")),
    [
      "==> web.machine.one: starting",
      "==> web.machine.one: hello",
      "==> web.machine.one: Running post-processor: pack",
      "Build 'web.machine.one' finished after N ms.",
      "",
      "==> Wait completed after N ms",
      "",
      "==> Builds finished. The artifacts of successful builds are:",
      "--> web.machine.one: image one.packed",
    ],
  );
});

test.run();
