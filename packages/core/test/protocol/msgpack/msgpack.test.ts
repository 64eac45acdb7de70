import { rejects } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ValueDecoder } from "../../../src/protocol/msgpack/decode.ts";
import { encodeValues } from "../../../src/protocol/msgpack/encode.ts";
import { Float64 } from "../../../src/protocol/msgpack/float64.ts";

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(/\s/g, ""), "hex");
}

function decode(hex: string): unknown {
  const values = new ValueDecoder().push(bytes(hex));
  assert.is(values.length, 1, hex);
  return values[0];
}

const sample = { text: "é😀", list: [1, -1, 1.5, true, null, { deep: [[]] }], data: Buffer.from([0, 255]), empty: {} };
const long = "x".repeat(70_000);

/** A value, its bytes; what comes back where that is something else. */
const forms: readonly (readonly [unknown, string, unknown?])[] = [
  [null, "c0"],
  [undefined, "c0", null],
  [false, "c2"],
  [true, "c3"],
  [0, "00"],
  [127, "7f"],
  [128, "d1 0080"],
  [255, "d1 00ff"],
  [32_767, "d1 7fff"],
  [32_768, "d2 00008000"],
  [70_000, "d2 00011170"],
  [2_147_483_647, "d2 7fffffff"],
  [2_147_483_648, "d3 0000000080000000"],
  [Number.MAX_SAFE_INTEGER, "d3 001fffffffffffff"],
  [2n ** 53n, "d3 0020000000000000"],
  [2n ** 63n - 1n, "d3 7fffffffffffffff"],
  [2n ** 63n, "cf 8000000000000000"],
  [2n ** 64n - 1n, "cf ffffffffffffffff"],
  [5n, "05", 5],
  [-1, "ff"],
  [-32, "e0"],
  [-33, "d0 df"],
  [-128, "d0 80"],
  [-129, "d1 ff7f"],
  [-32_769, "d2 ffff7fff"],
  [-2_147_483_649, "d3 ffffffff7fffffff"],
  [-(2n ** 63n), "d3 8000000000000000"],
  [1.5, "cb 3ff8000000000000"],
  [-0, "cb 8000000000000000"],
  [2 ** 53, "cb 4340000000000000"],
  [Number.POSITIVE_INFINITY, "cb 7ff0000000000000"],
  [new Float64(1), "cb 3ff0000000000000", 1],
  [new Float64(3), "cb 4008000000000000", 3],
  ["", "a0"],
  ["x".repeat(31), `bf ${"78".repeat(31)}`],
  ["x".repeat(32), `d9 20 ${"78".repeat(32)}`],
  ["x".repeat(255), `d9 ff ${"78".repeat(255)}`],
  ["x".repeat(256), `da 0100 ${"78".repeat(256)}`],
  [long, `db 00011170 ${"78".repeat(70_000)}`],
  ["é", "a2 c3a9"],
  [Buffer.of(1, 2), "c4 02 0102"],
  [new Uint8Array([3]), "c4 01 03", Buffer.of(3)],
  [Buffer.alloc(0), "c4 00"],
  [Buffer.alloc(256), `c5 0100 ${"00".repeat(256)}`],
  [Buffer.alloc(70_000), `c6 00011170 ${"00".repeat(70_000)}`],
  [[], "90"],
  [[1, "a"], "92 01 a161"],
  [Array.from({ length: 16 }, () => 1), `dc 0010 ${"01".repeat(16)}`],
  [Array.from({ length: 65_536 }, () => 1), `dd 00010000 ${"01".repeat(65_536)}`],
  [{}, "80"],
  [{ a: undefined, b: 1 }, "82 a161 c0 a162 01", { a: null, b: 1 }],
  [
    new Map<unknown, unknown>([
      [1, "a"],
      ["b", 2],
    ]),
    "82 01 a161 a162 02",
  ],
  [new Map([["a", 1]]), "81 a161 01", { a: 1 }],
  [new Date(1_000), "d6 ff 00000001"],
  [new Date(1_500), "d7 ff 7735940000000001"],
  [new Date(2 ** 32 * 1000), "d7 ff 0000000100000000"],
  [new Date(-500), "c7 0c ff 1dcd6500 ffffffffffffffff"],
  [new Date(2 ** 34 * 1000), "c7 0c ff 00000000 0000000400000000"],
];

test("values are written in the forms of Go's peers, and read back", () => {
  for (const [value, hex, back] of forms) {
    const name = hex.slice(0, 40);
    assert.is(encodeValues(value).toString("hex"), hex.replaceAll(/\s/g, ""), name);
    assert.equal(decode(hex), back === undefined && value !== undefined ? value : back, name);
  }
});

test("what Go sends and we do not is read too", () => {
  const others: readonly (readonly [string, unknown])[] = [
    ["cc c8", 200],
    ["cd 012c", 300],
    ["ce ffffffff", 4_294_967_295],
    ["cf 0000000000000005", 5],
    ["d3 0000000000000005", 5],
    ["d3 ffffffffffffffff", -1],
    ["ca 3fc00000", 1.5],
    ["c6 00000002 0102", Buffer.of(1, 2)],
    ["db 00000001 61", "a"],
    ["dd 00000001 01", [1]],
    ["df 00000001 a161 01", { a: 1 }],
    ["a1 ff", "\ufffd"],
    ["d6 ff ffffffff", new Date(0xffff_ffff * 1000)],
  ];
  for (const [hex, value] of others) assert.equal(decode(hex), value, hex);
});

test("values cut anywhere, and byte by byte, are read whole; several in one piece come in order", () => {
  const all = [sample, 1, [], "end", { time: new Date(1_500), big: 2n ** 60n }];
  const encoded = encodeValues(...all);
  for (let cut = 0; cut <= encoded.length; cut++) {
    const decoder = new ValueDecoder();
    assert.equal([...decoder.push(encoded.subarray(0, cut)), ...decoder.push(encoded.subarray(cut))], all, `${cut}`);
    assert.not(decoder.isInsideValue);
  }
  const decoder = new ValueDecoder();
  const seen = [...encoded].flatMap((byte) => decoder.push(Buffer.of(byte)));
  assert.equal(seen, all);
  const cut = new ValueDecoder();
  cut.push(encoded.subarray(0, 3));
  assert.ok(cut.isInsideValue);
});

test("a value does not change when the bytes that it came in are used again", () => {
  const input = bytes("c4 02 0102");
  const [value] = new ValueDecoder().push(input);
  input.fill(9);
  assert.equal(value, Buffer.of(1, 2));
});

test("a key named __proto__ is a key like any other", () => {
  const value = decode(encodeValues(new Map([["__proto__", { polluted: true }]])).toString("hex")) as object;
  assert.equal(Object.keys(value), ["__proto__"]);
  assert.is((value as { polluted?: boolean }).polluted, undefined);
});

test("what is no value, or claims too much, is refused before memory is taken for it", async () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ["c1", /no msgpack/],
    ["d4 05 00", /unknown msgpack extension 5/],
    ["c7 00 ff", /time that does not exist/],
    ["d7 ff ffffffff00000000", /time that does not exist/],
    ["c7 0c ff 00000000 7fffffffffffffff", /time that does not exist/],
    ["c6 ffffffff", /more than 33554432 bytes/],
    ["db ffffffff", /more than 33554432 bytes/],
    ["c9 ffffffff", /more than 33554432 bytes/],
    ["dd ffffffff", /more than 1000000 values/],
    ["df ffffffff", /more than 1000000 values/],
    ["91".repeat(101), /more than 100 levels/],
    ["81".repeat(101), /more than 100 levels/],
  ];
  for (const [hex, message] of refused) {
    await rejects(
      Promise.resolve().then(() => new ValueDecoder().push(bytes(hex))),
      { code: "TPK4002", message },
    );
  }
  assert.is(JSON.stringify(decode(`${"91".repeat(99)}90`)), "[".repeat(100) + "]".repeat(100));
});

test("a message cannot grow without end, neither in bytes nor in values", async () => {
  const pieces = async (start: string, piece: Buffer): Promise<void> => {
    const decoder = new ValueDecoder();
    decoder.push(bytes(start));
    for (let n = 0; n < 1_000; n++) decoder.push(piece);
  };
  const string = Buffer.concat([bytes("da ffff"), Buffer.alloc(65_535, "x")]);
  await rejects(pieces("dd 000f0000", string), { message: /more than 33554432 bytes/ });
  await rejects(pieces("dd 000f0000 dd 000f0000", Buffer.alloc(4_000)), { message: /more than 1000000 values/ });
});

test("what cannot be sent is named", async () => {
  class Secret {}
  const cycle: unknown[] = [];
  cycle.push(cycle);
  const refused: readonly (readonly [unknown, RegExp])[] = [
    [() => 1, /^a function cannot be sent/],
    [{ a: Symbol("s") }, /^a symbol cannot be sent/],
    [[new Secret()], /^an object of class Secret cannot be sent/],
    [new Date(Number.NaN), /^an invalid date/],
    [2n ** 64n, /^an integer of more than 64 bits/],
    [-(2n ** 63n) - 1n, /^an integer of more than 64 bits/],
    [cycle, /^a value of more than 100 levels/],
  ];
  for (const [value, message] of refused) {
    await rejects(
      Promise.resolve().then(() => encodeValues(value)),
      { message },
    );
  }
});

test.run();
