import { test } from "uvu";
import * as assert from "uvu/assert";
import { shutdownOptions } from "../../src/sdk/shutdown.ts";

test("MISC-01, MISC-02: no command and five minutes unless given; a timeout has a unit", () => {
  assert.equal(shutdownOptions().parse({}), { shutdown_command: "", shutdown_timeout: 300_000 });
  assert.is(shutdownOptions().parse({ shutdown_timeout: "1h30m" }).shutdown_timeout, 5_400_000);
  assert.is(shutdownOptions().parse({ shutdown_timeout: "0s" }).shutdown_timeout, 300_000, "zero, as in Packer");
  assert.not.ok(shutdownOptions().safeParse({ shutdown_timeout: "5" }).success);
});

test.run();
