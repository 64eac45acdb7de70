import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodeExitRecord, encodeExitRecord } from "../../../src/protocol/gob/exit-record.ts";

/** As Go sends them (plugin-protocol section 7.9). */
const definition = "2cff810301010f436f6d6d616e6446696e697368656401ff82000101010a457869745374617475730104000000";
const captured: readonly (readonly [number, string])[] = [
  [0, "03ff8200"],
  [1, "05ff82010200"],
  [42, "05ff82015400"],
  [123, "06ff8201fff600"],
  [300, "07ff8201fe025800"],
  [-1, "05ff82010100"],
  [2300218, "08ff8201fd46327400"],
];

for (const [status, value] of captured) {
  test(`exit status ${status} is written and read as Go does`, () => {
    assert.is(encodeExitRecord(status).toString("hex"), definition + value);
    assert.is(decodeExitRecord(Buffer.from(definition + value, "hex")), status);
  });
}

test("every exit status comes back", () => {
  for (const status of [2, 63, 64, -64, -65, 127, 128, 255, 65535, 65536, 2 ** 31 - 1, -(2 ** 31), 2 ** 40, Number.MAX_SAFE_INTEGER]) {
    assert.is(decodeExitRecord(encodeExitRecord(status)), status);
  }
});

test("an exit record that is cut off at any place is refused", () => {
  const whole = encodeExitRecord(300);
  for (let length = 0; length < whole.length; length++) {
    assert.throws(
      () => decodeExitRecord(whole.subarray(0, length)),
      (error: { code?: string }) => error.code === "TPK4002",
    );
  }
});

test("a stream that holds something else is no exit record", () => {
  // A string: type 6 with its zero.
  assert.throws(() => decodeExitRecord(Buffer.from("050c00026869", "hex")), /no exit status/);
  assert.throws(
    () => decodeExitRecord(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")),
    (error: { code?: string }) => error.code === "TPK4002",
  );
});

test.run();
