import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodeGob } from "../../../src/protocol/gob/decode.ts";
import { encodeGob } from "../../../src/protocol/gob/encode.ts";
import { type GobType, type GobValue, isGobInterface } from "../../../src/protocol/gob/type.ts";
import { mutations } from "../mutations.ts";

const text: GobType = { kind: "string" };
const anything: GobType = { kind: "interface" };
const point: GobType = {
  kind: "struct",
  name: "Point",
  fields: [
    { name: "X", type: { kind: "int" } },
    { name: "Y", type: { kind: "int" } },
    { name: "Label", type: text },
  ],
};
const everything: GobType = {
  kind: "struct",
  name: "Everything",
  fields: [
    { name: "Yes", type: { kind: "bool" } },
    { name: "Count", type: { kind: "uint" } },
    { name: "Ratio", type: { kind: "float" } },
    { name: "Raw", type: { kind: "bytes" } },
    { name: "Own", type: { kind: "encoder", name: "Own" } },
    { name: "Points", type: { kind: "slice", name: "[]Point", element: point } },
    { name: "Pair", type: { kind: "array", name: "[2]int", element: { kind: "int" }, length: 2 } },
    { name: "Names", type: { kind: "map", name: "map[int]string", key: { kind: "int" }, element: text } },
    { name: "Held", type: anything },
  ],
};

test("a value of every kind comes back", () => {
  const held: GobValue = { name: "main.Point", type: point, value: { struct: { Label: "inside" } } };
  const value: GobValue = {
    struct: {
      Yes: true,
      Count: 2n ** 63n,
      Ratio: -0.1,
      Raw: Buffer.from([0, 255]),
      Own: Buffer.from("own"),
      Points: [{ struct: { X: -1, Y: 70000, Label: "ü" } }, { struct: {} }],
      Pair: [0, -5],
      Names: new Map<GobValue, GobValue>([
        [1, "one"],
        [-2, ""],
      ]),
      Held: held,
    },
  };
  const read = decodeGob(encodeGob(everything, value));
  assert.ok(typeof read === "object" && read !== null && "struct" in read);
  const { Held: heldRead, ...others } = read.struct;
  const { Held: _, ...expected } = value.struct;
  assert.equal(others, expected);
  assert.ok(isGobInterface(heldRead));
  assert.equal([heldRead.name, heldRead.value], ["main.Point", { struct: { Label: "inside" } }]);
});

test("fields that are zero are left out, and read as missing", () => {
  assert.equal(decodeGob(encodeGob(everything, { struct: { Yes: false, Count: 0, Raw: Buffer.alloc(0), Held: null } })), { struct: {} });
});

test("a field named __proto__ is a field", () => {
  const odd: GobType = { kind: "struct", name: "Odd", fields: [{ name: "__proto__", type: text }] };
  const read = decodeGob(encodeGob(odd, { struct: Object.fromEntries([["__proto__", "x"]]) }));
  assert.ok(typeof read === "object" && read !== null && "struct" in read);
  assert.equal(Object.entries(read.struct), [["__proto__", "x"]]);
});

test("integers are exact to 64 bits", () => {
  const integer: GobType = { kind: "int" };
  for (const value of [
    0,
    63,
    64,
    -64,
    -65,
    2 ** 31,
    -(2 ** 31),
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
    2n ** 62n + 1n,
    -(2n ** 63n),
  ]) {
    assert.is(decodeGob(encodeGob(integer, value)), value);
  }
});

test("what does not have its type is not written", () => {
  assert.throws(() => encodeGob(point, { struct: { X: "one" } }), /does not have its type/);
  assert.throws(() => encodeGob({ kind: "uint" }, -1), /does not have its type/);
  assert.throws(() => encodeGob({ kind: "uint" }, 2n ** 64n), /longer than 8 bytes/);
});

/** Streams that break a rule, and what is said of them. */
const broken: readonly (readonly [string, string, RegExp])[] = [
  ["nothing", "", /ends before its value/],
  ["a message longer than the data", "05020001", /cut off/],
  ["an announced length of 2^63 bytes", "f87fffffffffffffff", /cut off/],
  ["an integer of nine bytes", "f7010203040506070809", /longer than 8 bytes/],
  ["a string longer than its message", "040c000501", /cut off/],
  ["a type that is not defined", "03ff8200", /not defined/],
  ["a type zero", "020000", /not defined|not understood|defined twice/],
  ["a list of 2^40 elements", "0fff8102010101 4c01ff8200010c0000 0aff8200fa010000000000".replaceAll(" ", ""), /cut off/],
];

for (const [what, hex, message] of broken) {
  test(`refused: ${what}`, () => {
    assert.throws(
      () => decodeGob(Buffer.from(hex, "hex")),
      (error: Error & { code?: string }) => error.code === "TPK4002" && message.test(error.message),
    );
  });
}

test("lists within lists are read to a depth, and refused beyond it without harm to the stack", () => {
  const list: { kind: "slice"; name: string; element: GobType } = { kind: "slice", name: "L", element: text };
  list.element = list;
  const nested = (depth: number): GobValue => (depth === 0 ? [] : [nested(depth - 1)]);
  assert.equal(decodeGob(encodeGob(list, nested(500))), nested(500));
  // Forty thousand lists of one list each.
  const whole = encodeGob(list, [[]]);
  const definitions = whole.subarray(0, whole.length - 6);
  const content = Buffer.concat([Buffer.from("ff8200", "hex"), Buffer.alloc(40_000, 1), Buffer.of(0)]);
  const length = Buffer.from([253, content.length >> 16, (content.length >> 8) & 255, content.length & 255]);
  assert.throws(() => decodeGob(Buffer.concat([definitions, length, content])), /nested deeper than 600 levels/);
});

test("millions of values in a few megabytes are refused before they take memory", () => {
  const structs: GobType = { kind: "slice", name: "[]Point", element: point };
  const whole = encodeGob(structs, [{ struct: {} }]);
  // The value's message: length, type, zero, one element, which is empty.
  const definitions = whole.subarray(0, whole.length - 6);
  const count = Buffer.from([253, 0x30, 0, 0]);
  const content = Buffer.concat([Buffer.from("ff8200", "hex"), count, Buffer.alloc(0x30_0000)]);
  const length = Buffer.from([253, content.length >> 16, (content.length >> 8) & 255, content.length & 255]);
  assert.throws(() => decodeGob(Buffer.concat([definitions, length, content])), /more values than can be meant/);
});

test("damaged streams are read or refused, and never do harm", () => {
  const held: GobValue = { name: "main.Point", type: point, value: { struct: { Label: "inside" } } };
  const whole = encodeGob(everything, {
    struct: { Ratio: 1.5, Points: [{ struct: { X: 1 } }], Names: new Map([[1, "one"]]), Pair: [1, 2], Held: held },
  });
  let refused = 0;
  for (const damaged of mutations(whole, { count: 3000, seed: 1 })) {
    try {
      decodeGob(damaged);
    } catch (error) {
      assert.is((error as { code?: string }).code, "TPK4002", String(error));
      refused++;
    }
  }
  assert.ok(refused > 1000, `only ${refused} were refused`);
});

test.run();
