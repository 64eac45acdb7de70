import { lab, makeSshKey, rejects, runInfo, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { communicatorOptions } from "../../../src/communicator/options.ts";
import { givenPublicKey } from "../../../src/communicator/ssh/given-public-key.ts";

const keyTest = lab(test, "ssh-keygen");

function configOf(options: { readonly [option: string]: unknown }) {
  return communicatorOptions().parse(options);
}

keyTest("the public half of a key that the user brings, encrypted or not", async () => {
  const folder = tmp();
  const open = makeSshKey(folder, "open", "ed25519");
  const closed = makeSshKey(folder, "closed", "ed25519", [], "words");
  const run = runInfo({ workingDirectory: folder });
  assert.is(await givenPublicKey(configOf({ ssh_private_key_file: "open" }), run), open.publicKey.trim());
  const options = { ssh_private_key_file: closed.file, ssh_private_key_passphrase: "words" };
  assert.is(await givenPublicKey(configOf(options), run), closed.publicKey.trim());
  assert.is(await givenPublicKey(configOf({}), run), "");
  await rejects(givenPublicKey(configOf({ ssh_private_key_file: "none" }), run), {
    message: /private key none cannot be used: it does not exist/,
  });
});

test.run();
