import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodeSpec, encodeSpec, type WireForm } from "../../../src/protocol/spec/codec.ts";
import type { ConfigSpec, OptionSpec, SpecType } from "../../../src/sdk/config/spec.ts";
import { mutations, seededRandom } from "../mutations.ts";

const samples: { specs: { [name: string]: { gob: string; protobuf?: string } } } = JSON.parse(
  readFileSync(new URL("../fixtures/go-samples.json", import.meta.url), "utf8"),
);
const forms: readonly WireForm[] = ["protobuf", "gob"];
const fromHex = (hex: string | undefined): Buffer => Buffer.from((hex ?? "").replaceAll(" ", ""), "hex");
const option = (type: SpecType, required = false): OptionSpec => ({ type, required });
const text: SpecType = { kind: "string" };
const number: SpecType = { kind: "number" };
const listOf = (element: SpecType): SpecType => ({ kind: "list", element });

test("the protobuf samples of the protocol are read and written byte for byte", () => {
  const one = fromHex("0a1e 0a1c 0a0173 1217 1215 0a0173 120e 0a0c 0a0a 6374792e537472696e67 1801");
  assert.equal(decodeSpec(one, "protobuf"), { options: { s: option(text, true) } });
  assert.is(encodeSpec({ options: { s: option(text, true) } }, "protobuf").toString("hex"), one.toString("hex"));
  const output = fromHex(
    "0a5a0a1c0a026964121612140a026964120e0a0c0a0a6374792e537472696e670a1a0a016e121512130a016e120e0a0c0a0a6374792e4e756d6265720a1e0a016c121912170a016c121212100a0e0a0c0a0a6374792e537472696e67",
  );
  const spec: ConfigSpec = { options: { id: option(text), n: option(number), l: option(listOf(text)) } };
  assert.equal(decodeSpec(output, "protobuf"), spec);
  assert.is(encodeSpec(spec, "protobuf").toString("hex"), output.toString("hex"));
});

const inner: ConfigSpec = {
  options: { x: option(text, true), flags: option({ kind: "map", element: listOf({ kind: "bool" }) }) },
};
const all: ConfigSpec = {
  options: {
    s: option(text, true),
    n: option(number),
    b: option({ kind: "bool" }),
    l: option(listOf(text)),
    m: option({ kind: "map", element: number }),
    block: option({ kind: "block", spec: inner }, true),
    one: {
      ...option({ kind: "block-list", spec: { options: { deep: option({ kind: "block-list", spec: inner }) } } }),
      sentAs: "many",
    },
  },
};

for (const form of forms) {
  test(`what Go sends as ${form} is understood: attributes, nested and repeated blocks, names that differ from keys`, () => {
    assert.equal(decodeSpec(fromHex(samples.specs.all?.[form]), form), all);
    assert.equal(decodeSpec(fromHex(samples.specs.single?.[form]), form), { options: { s: option(text, true) } });
    assert.equal(decodeSpec(fromHex(samples.specs.empty?.[form]), form), {
      options: { e: option({ kind: "block", spec: { options: {} } }) },
    });
  });

  test(`generated specifications come back from ${form}, in their order`, () => {
    for (let seed = 0; seed < 60; seed++) {
      const spec = randomSpec(seededRandom(seed), 3);
      const read = decodeSpec(encodeSpec(spec, form), form);
      assert.equal(read, spec);
      assert.equal(Object.keys(read.options), Object.keys(spec.options));
    }
  });

  test(`damaged ${form} specifications are read or refused, and never do harm`, () => {
    let refused = 0;
    for (const damaged of mutations(fromHex(samples.specs.all?.[form]), { count: 2000, seed: 7 })) {
      try {
        decodeSpec(damaged, form);
      } catch (error) {
        assert.is((error as { code?: string }).code, "TPK4002", String(error));
        refused++;
      }
    }
    assert.ok(refused > 200, `only ${refused} were refused`);
  });

  test(`blocks within blocks in ${form} are read to a depth, and refused beyond it`, () => {
    assert.equal(decodeSpec(encodeSpec(nested(40), form), form), nested(40));
    assert.throws(
      () => decodeSpec(encodeSpec(nested(150), form), form),
      (error: Error & { code?: string }) => error.code === "TPK4002" && /nested deeper/.test(error.message),
    );
  });
}

test("old plugins may state sets, objects, limits and free attributes in gob", () => {
  assert.equal(decodeSpec(fromHex(samples.specs.more?.gob), "gob"), {
    options: {
      set: option({ kind: "set", element: number }),
      obj: option({ kind: "object", attributes: { a: text } }),
      tup: option({ kind: "any" }),
      lim: option({ kind: "block-list", spec: inner, minItems: 1, maxItems: 3 }, true),
      attrs: option({ kind: "map", element: text }, true),
    },
  });
});

test("a kind of block that is not known is refused by name", () => {
  assert.throws(() => decodeSpec(fromHex(samples.specs.blockobj?.gob), "gob"), /\*hcldec\.BlockObjectSpec/);
});

test("fields of later protocols are skipped", () => {
  // Unknown fields of every kind: in the specification, in an entry and in an attribute.
  const extra = "f80101 f101 0102030405060708 fa0103 616263 fd01 01020304";
  const attribute = `0a0173 120e0a0c0a0a6374792e537472696e67 1801 ${extra}`;
  const entry = `0a0173 12${byteLength(wrap("12", attribute))} ${wrap("12", attribute)} ${extra}`;
  const bytes = fromHex(`${wrap("0a", wrap("0a", entry))} ${extra}`);
  assert.equal(decodeSpec(bytes, "protobuf"), { options: { s: option(text, true) } });
});

const refusedProtobuf: readonly (readonly [string, string])[] = [
  ["nothing at all", ""],
  ["an attribute at the top", "1215 0a0173 120e0a0c0a0a6374792e537472696e67 1801"],
  ["an attribute without a type", "0a0c 0a0a 0a0173 1205 1203 0a0173"],
  ["a type that does not exist", "0a1b 0a19 0a0173 1214 1212 0a0173 120d 0a0b 0a09 6374792e4f74686572"],
  ["a length beyond the end", "0aff7f 0a"],
  ["a field of an unknown kind", "0a02 0b00"],
];
for (const [what, hex] of refusedProtobuf) {
  test(`refused as protobuf: ${what}`, () => {
    assert.throws(
      () => decodeSpec(fromHex(hex), "protobuf"),
      (error: { code?: string }) => error.code === "TPK4002",
    );
  });
}

test("types that the wire does not have are put in terms of those it has", () => {
  const spec: ConfigSpec = {
    options: {
      set: option({ kind: "set", element: text }),
      place: option({ kind: "object", attributes: { x: number } }),
      places: option(listOf({ kind: "object", attributes: { x: number } }), true),
      size: option({ kind: "union", variants: [option(number), option(text)] }),
      names: option({ kind: "union", variants: [option(text), option(listOf(text))] }),
    },
  };
  const place: ConfigSpec = { options: { x: option(number) } };
  const expected: ConfigSpec = {
    options: {
      set: option(listOf(text)),
      place: option({ kind: "block", spec: place }),
      places: option({ kind: "block-list", spec: place }),
      size: option(text),
      names: option(listOf(text)),
    },
  };
  assert.equal(decodeSpec(encodeSpec(spec, "protobuf"), "protobuf"), expected);
});

test("a type that cannot be sent is reported with the option's path", () => {
  const spec: ConfigSpec = { options: { disk: option({ kind: "block", spec: { options: { extra: option({ kind: "any" }) } } }) } };
  for (const form of forms) {
    assert.throws(
      () => encodeSpec(spec, form),
      (error: Error & { code?: string }) => error.code === "TPK1006" && error.message.includes('"disk.extra"'),
    );
  }
});

function wrap(tag: string, content: string): string {
  return `${tag}${byteLength(content)} ${content}`;
}

function byteLength(hex: string): string {
  return fromHex(hex).length.toString(16).padStart(2, "0");
}

function nested(depth: number): ConfigSpec {
  return depth === 0 ? { options: { x: option(text) } } : { options: { b: option({ kind: "block", spec: nested(depth - 1) }) } };
}

function randomSpec(random: (limit: number) => number, depth: number): ConfigSpec {
  const options: [string, OptionSpec][] = [];
  for (let count = random(6); count >= 0; count--) {
    const required = random(2) === 1;
    const kind = random(depth > 0 ? 5 : 3);
    const name = `${["disk", "größe", "__proto__", "iso_url"][random(4)]}_${count}`;
    if (kind < 3) options.push([name, option(randomType(random, 3), required)]);
    else if (kind === 3) options.push([name, option({ kind: "block", spec: randomSpec(random, depth - 1) }, required)]);
    else options.push([name, option({ kind: "block-list", spec: randomSpec(random, depth - 1) })]);
  }
  return { options: Object.fromEntries(options) };
}

function randomType(random: (limit: number) => number, depth: number): SpecType {
  const kinds = ["string", "number", "bool"] as const;
  if (depth > 0 && random(3) === 0) return { kind: random(2) === 0 ? "list" : "map", element: randomType(random, depth - 1) };
  return { kind: kinds[random(3)] ?? "string" };
}

test.run();
