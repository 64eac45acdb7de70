import { runInfo } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { withUnknown } from "../../../src/plugins/configurations.ts";
import { flatData } from "../../../src/sdk/plugin/generated-data.ts";
import { requestFrom } from "../../../src/sdk/plugin/request.ts";

const typed = (value: object, type: unknown): Buffer => Buffer.from(JSON.stringify({ value, type }));

test("what HCL sends: texts about the run, typed options, nil for no override", () => {
  const about = { packer_build_name: "one", packer_builder_type: "acme", packer_debug: "true", packer_force: "false", packer_on_error: "" };
  const options = typed({ who: "me", count: 2, unset: null }, ["object", { who: "string", count: "number", unset: "string" }]);
  const { config, packer, unknown } = requestFrom([{ ...about, packer_sensitive_variables: ["token"] }, options, undefined], runInfo());
  assert.equal(config, { who: "me", count: 2 });
  assert.is(packer.packer_debug, true);
  assert.is(packer.packer_force, false);
  assert.is(packer.packer_on_error, "cleanup");
  assert.equal(packer.packer_sensitive_variables, ["token"]);
  assert.is(packer.packer_user_variables, undefined);
  assert.equal(unknown, []);
});

test("what JSON templates send: plain options, real types about the run, and placeholders that come last", () => {
  const about = { packer_debug: true, packer_on_error: "abort", packer_template_path: "t.json", packer_user_variables: { a: "b" } };
  const placeholders = { ID: "Build_ID. To set this …", PackerRunUUID: "Build_PackerRunUUID. To set this …" };
  const { config, packer, unknown } = requestFrom([{ who: "{{user `a`}} <unknown>" }, about, placeholders], runInfo());
  assert.equal(config, { who: "{{user `a`}} <unknown>" });
  assert.is(packer.packer_debug, true);
  assert.is(packer.packer_on_error, "abort");
  assert.is(packer.packer_template_path, "t.json");
  assert.equal(packer.packer_user_variables, { a: "b" });
  assert.equal(unknown, []);
});

test("values of a typed configuration that are not known yet are told apart, wherever they are", () => {
  const type = ["object", { id: "string", list: ["list", "string"], known: "string" }];
  const { unknown } = requestFrom([typed({ id: "<unknown>", list: ["a", "b-<unknown>"], known: "c" }, type)], runInfo());
  assert.equal(unknown, [["id"], ["list", 1]]);
});

test("a host of ours says which options are not known yet, also where a placeholder looks like a value", () => {
  const type = ["object", { id: "string", isOn: "bool" }];
  const configs = [{ packer_build_name: "one" }, typed({ id: "<unknown>", isOn: false }, type)];
  const told = withUnknown(configs, [["isOn"], ["list", 0], ["list", 1]]);
  const { config, unknown } = requestFrom(told, runInfo());
  assert.equal(config, { id: "<unknown>", isOn: false });
  assert.equal(unknown, [["id"], ["isOn"], ["list"]]);
  assert.is(withUnknown(configs, []), configs, "Packer's protocol as it is when all is known");
});

test("nothing at all is a request without options", () => {
  const { config, packer } = requestFrom([undefined], runInfo());
  assert.equal(config, {});
  assert.is(packer.packer_build_name, "");
});

test("generated data is flat: absent values are left out, others that are not plain are named", () => {
  assert.equal(flatData({ ID: "i", Port: 22, Ok: true, Nothing: undefined, Null: null }), { ID: "i", Port: 22, Ok: true });
  for (const value of [[1], { a: 1 }, Buffer.from("x"), () => 1])
    assert.throws(() => flatData({ Deep: value }), /the generated data "Deep" has to be/);
});

test.run();
