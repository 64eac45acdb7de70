import { test } from "uvu";
import * as assert from "uvu/assert";
import { didYouMean, suggest } from "../../src/diagnostics/suggest.ts";

test("finds the name that was meant, also when letters are swapped", () => {
  assert.is(suggest("iso_chcksum", ["iso_url", "iso_checksum"]), "iso_checksum");
  assert.is(suggest("shlel", ["shell", "shell-local", "sleep"]), "shell");
  assert.is(suggest("Shell", ["shell"]), "shell");
});

test("stays silent when nothing is near", () => {
  assert.is(suggest("amazon-ebs", ["null", "file", "rootfs"]), undefined);
  assert.is(didYouMean("x", []), undefined);
});

test("prefers the nearest of several", () => {
  assert.is(didYouMean("script", ["inline", "scripts", "skip_clean"]), 'Did you mean "scripts"?');
});

test.run();
