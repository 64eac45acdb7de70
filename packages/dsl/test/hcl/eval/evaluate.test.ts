// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of HCL
// The language, topic by topic: inputs of our own with what must come out, or how they must fail.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { convert } from "../../../src/hcl/eval/convert.ts";
import { evaluate } from "../../../src/hcl/eval/evaluate.ts";
import { fromPlain } from "../../../src/hcl/eval/plain.ts";
import { listOf, mapOf, numberType, setOf, stringType, typeText } from "../../../src/hcl/eval/type.ts";
import { nullValue, unknownValue, type Value } from "../../../src/hcl/eval/value.ts";
import { parseExpression, parseTemplate } from "../../../src/hcl/syntax/parse.ts";
import { SourceText } from "../../../src/hcl/syntax/source-text.ts";
import { languageFunctions } from "./language-functions.ts";
import { jsonOf, placeOf, scopeOf } from "./test-scope.ts";

const scope = scopeOf(
  {
    image: fromPlain({ name: "debian", version: 12, tags: ["stable", "slim"], "disk-size": 10 }),
    disks: fromPlain([
      { id: "sda", parts: ["boot", "root"] },
      { id: "sdb", parts: [] },
    ]),
    words: convert(fromPlain(["one", "two", "three"]), listOf(stringType)),
    sizes: convert(fromPlain([10, 9, 10]), setOf(numberType)),
    labels: convert(fromPlain({ os: "linux", arch: "amd64" }), mapOf(stringType)),
    nothing: nullValue(),
    absent: nullValue(listOf(stringType)),
    later: unknownValue(stringType),
    anything: unknownValue({ kind: "dynamic" }),
    laterList: unknownValue(listOf(stringType)),
    key: fromPlain("os"),
  },
  languageFunctions,
);

/** `type json`, `type unknown`, or each error as `CODE place`. */
function answer(text: string, parse = parseExpression): string {
  const { tree, diagnostics } = parse(new SourceText("input.hcl", text));
  assert.equal(diagnostics, [], text);
  const evaluated = evaluate(tree, scope);
  if (evaluated.diagnostics.length > 0) return evaluated.diagnostics.map((one) => `${one.code} ${placeOf(one)}`).join(", ");
  return resultText(evaluated.value);
}

function resultText(value: Value): string {
  return `${typeText(value.type)} ${jsonOf(value) ?? "unknown"}`;
}

const topics: { readonly [topic: string]: readonly (readonly [input: string, result: string])[] } = {
  "numbers are exact decimals of 512 bits": [
    ["0.1 + 0.7", "number 0.8"],
    ["1 / 8", "number 0.125"],
    ["10 / 3 * 3 == 10", "bool true"],
    ["1e3 - 0.5", "number 999.5"],
    ["18446744073709551617 + 1", "number 18446744073709551618"],
    ["-7.5 % 2", "number -1.5"],
    ["5 % 0", "number 5"],
    ["1 / 0 > 1e300", "bool true"],
    ["(1 / 0) - (1 / 0)", "TPK2101 1:1-1:18"],
    ["1e20000", "TPK2003 1:1-1:8"],
    ["1e9000 * 1e9000", "TPK2003 1:1-1:16"],
  ],
  "operators convert, refuse null, and compare types": [
    ['"4" * "2.5"', "number 10"],
    ['"9" < 10', "bool true"],
    ['1 == "1"', "bool false"],
    ['words == ["one", "two", "three"]', "bool false"],
    ["nothing == absent", "bool true"],
    ["[1, [2]] == [1, [2]]", "bool true"],
    ["{ a = 1 } != { a = 2 }", "bool true"],
    ['"x" + 1', "TPK2104 1:1-1:4"],
    ["1 + nothing", "TPK2104 1:5-1:12"],
    ["-words", "TPK2104 1:2-1:7"],
    ["!later", "bool unknown"],
  ],
  "a side of && and || that decides makes the other not matter": [
    ["false && nosuch", "bool false"],
    ["nothing == null || nothing.x", "bool true"],
    ["later == null && false", "bool false"],
    ["true && later", "bool unknown"],
    ["true && nothing", "TPK2104 1:9-1:16"],
  ],
  "conditionals unify both sides and forget the one not taken": [
    ['true ? 1 : "a"', 'string "1"'],
    ["false ? 1 : null", "number null"],
    ["true ? words : []", 'list(string) ["one","two","three"]'],
    ["false ? { a = 1 } : { b = true }", "TPK2104 1:9-1:33"],
    ['true ? { a = 1 } : { b = "x" }', 'map(string) {"a":"1"}'],
    ["true ? [1, 2] : [true]", "TPK2104 1:8-1:23"],
    ["true ? 1 : nothing.a.b", "number 1"],
    ["false ? 1 : nothing.a.b", "TPK2101 1:20-1:22"],
    ['later == "x" ? 1 : "b"', "string unknown"],
    ["words ? 1 : 2", "TPK2104 1:1-1:6"],
    ["nothing ? 1 : 2", "TPK2101 1:1-1:8"],
    ['true ? { a = { b = 1 } } : { a = { b = "x" } }', 'object({a=object({b=string})}) {"a":{"b":"1"}}'],
  ],
  "objects and tuples": [
    ['{ a = 1, "b c" = 2, (key) = 3, 4 = 5 }', 'object({4=number,a=number,b c=number,os=number}) {"4":5,"a":1,"b c":2,"os":3}'],
    ["{ a = 1, a = 2 }", 'object({a=number}) {"a":2}'],
    ["{ image.name = 1 }", "TPK2101 1:3-1:13"],
    ["{ (later) = 1 }", "any unknown"],
    ["{ (words) = 1 }", "TPK2104 1:3-1:10"],
    ["[1, null, [later]]", "tuple([number,any,tuple([string])]) unknown"],
  ],
  "attributes and indexes": [
    ["image.tags[1]", 'string "slim"'],
    ["image.tags.0", 'string "stable"'],
    ["image.disk-size", "number 10"],
    ['image["name"]', 'string "debian"'],
    ["labels[key]", 'string "linux"'],
    ['words["2"]', 'string "three"'],
    ["image.tag", "TPK2102 1:6-1:10"],
    ["labels.cpu", "TPK2102 1:7-1:11"],
    ["words[3]", "TPK2102 1:6-1:9"],
    ["words[-1]", "TPK2102 1:6-1:10"],
    ["words[0.5]", "TPK2102 1:6-1:11"],
    ["sizes[0]", "TPK2102 1:6-1:9"],
    ["words.first", "TPK2102 1:6-1:12"],
    ["image.name[0]", "TPK2102 1:11-1:14"],
    ["absent[0]", "TPK2101 1:7-1:10"],
    ["words[nothing]", "TPK2102 1:6-1:15"],
    ["laterList[0]", "string unknown"],
    ["anything.a[0].b", "any unknown"],
  ],
  splats: [
    ["disks[*].id", 'tuple([string,string]) ["sda","sdb"]'],
    ["disks.*.parts[0]", 'tuple([string,string]) ["boot","root"]'],
    ["disks[0].parts[*]", 'tuple([string,string]) ["boot","root"]'],
    ["disks[*].parts[*]", 'tuple([tuple([string,string]),tuple([])]) [["boot","root"],[]]'],
    ["words[*]", 'list(string) ["one","two","three"]'],
    ["image[*].name", 'tuple([string]) ["debian"]'],
    ["nothing[*].name", "tuple([]) []"],
    ["absent[*]", "TPK2101 1:1-1:7"],
    ["disks[*].size", "TPK2102 1:9-1:14"],
    ["laterList[*]", "list(string) unknown"],
  ],
  "for expressions": [
    ['[for i, w in words : "${i}:${w}" if w != "two"]', 'tuple([string,string]) ["0:one","2:three"]'],
    ["{ for k, v in labels : v => k }", 'object({amd64=string,linux=string}) {"amd64":"arch","linux":"os"}'],
    ["[for k, v in labels : k]", 'tuple([string,string]) ["arch","os"]'],
    ["[for s in sizes : s]", "tuple([number,number]) [9,10]"],
    ["{ for w in words : strlen(w) => w... }", 'object({3=tuple([string,string]),5=tuple([string])}) {"3":["one","two"],"5":["three"]}'],
    ["{ for w in words : strlen(w) => w }", "TPK2101 1:20-1:29"],
    ["[for w in words : [for v in words : v if v == w][0]]", 'tuple([string,string,string]) ["one","two","three"]'],
    ["[for w in image.name : w]", "TPK2104 1:11-1:21"],
    ["[for w in nothing : w]", "TPK2101 1:11-1:18"],
    ["[for w in words : w if nothing]", "TPK2101 1:24-1:31"],
    ["[for w in words : nosuch]", "TPK2102 1:19-1:25"],
    ["[for w in laterList : w]", "any unknown"],
    ["[for w in words : w if later == w]", "any unknown"],
  ],
  calls: [
    ["upper(12)", 'string "12"'],
    ["max(1, [5, 3]...)", "number 5"],
    ['length([later, "x"])', "number 2"],
    ["upper(later)", "string unknown"],
    ["max(laterList...)", "any unknown"],
    ["upper()", "TPK2103 1:7-1:8"],
    ['upper("a", words)', "TPK2103 1:12-1:17"],
    ["upper(nothing)", "TPK2103 1:7-1:14"],
    ["max(1, words)", "TPK2103 1:8-1:13"],
    ["max([]...)", "TPK2103 1:1-1:5"],
    ["max(words...)", "TPK2103 1:5-1:10"],
    ["upper(image.name...)", "TPK2103 1:7-1:17"],
    ["nosuch(1)", "TPK2102 1:1-1:7"],
    ['try(image.nosuch, nothing.x, "fallback")', 'string "fallback"'],
    ["can(image.nosuch)", "bool false"],
    ["can(image.name)", "bool true"],
  ],
  templates: [
    ['"${image.version}"', "number 12"],
    ['"${image.tags}"', 'tuple([string,string]) ["stable","slim"]'],
    ['"v${image.version}-${true}"', 'string "v12-true"'],
    ['"$${a} %%{b} 100% $"', 'string "${a} %{b} 100% $"'],
    ['"%{ if image.version > 11 }new%{ else }old%{ endif }"', 'string "new"'],
    ['"%{ for k, v in labels }${k}=${v};%{ endfor }"', 'string "arch=amd64;os=linux;"'],
    ['"e\\u0301" == "\\u00e9"', "bool true"],
    ['"a${later}"', "string unknown"],
    ['"%{ if later == "" }a%{ endif }"', "string unknown"],
    ['"%{ for v in laterList }${v}%{ endfor }"', "string unknown"],
    ['"a${nothing}"', "TPK2101 1:5-1:12"],
    ['"a${words}"', "TPK2104 1:5-1:10"],
    ['"%{ if words }a%{ endif }"', "TPK2104 1:8-1:13"],
    ['"%{ for v in 5 }a%{ endfor }"', "TPK2104 1:14-1:15"],
  ],
  "all errors of an expression are reported": [
    ["[nosuch, image.nosuch, words[7]]", "TPK2102 1:2-1:8, TPK2102 1:15-1:22, TPK2102 1:29-1:32"],
    ['"${nosuch1}${nosuch2}"', "TPK2102 1:4-1:11, TPK2102 1:14-1:21"],
    ["max(words[8], words[9])", "TPK2102 1:10-1:13, TPK2102 1:20-1:23"],
  ],
};

for (const [topic, cases] of Object.entries(topics)) {
  test(topic, () => {
    const differences = cases.flatMap(([input, expected]) => {
      const given = answer(input);
      return given === expected ? [] : [`${input}\n  expected ${expected}\n  given    ${given}`];
    });
    assert.equal(differences, []);
  });
}

test("a file as a template keeps the type of a lone interpolation, and is text otherwise", () => {
  assert.is(answer("${words}", parseTemplate), 'list(string) ["one","two","three"]');
  assert.is(answer("${image.version}\n", parseTemplate), 'string "12\\n"');
  assert.is(answer('a "quoted" \\n', parseTemplate), 'string "a \\"quoted\\" \\\\n"');
});

test("names that are nearly right are suggested", () => {
  const hints = ["imge.name", "image.nam", 'labels["arc"]', 'uper("a")'].map((text) => {
    const { tree } = parseExpression(new SourceText("input.hcl", text));
    return evaluate(tree, scope).diagnostics[0]?.hint;
  });
  assert.equal(
    hints,
    ["image", "name", "arch", "upper"].map((name) => `Did you mean "${name}"?`),
  );
});

test("a scope says why something that exists elsewhere is not available", () => {
  const { tree } = parseExpression(new SourceText("input.hcl", 'env("HOME")'));
  const limited = { ...scope, explainMissing: (kind: string, name: string) => `The ${kind} ${name} is for defaults of variables.` };
  assert.is(evaluate(tree, limited).diagnostics[0]?.detail, "The function env is for defaults of variables.");
});

test("a scope without names says that none may be used", () => {
  const summaries = ["a", "b()"].map((text) => {
    const { tree } = parseExpression(new SourceText("input.hcl", text));
    return evaluate(tree, scopeOf({})).diagnostics[0]?.summary;
  });
  assert.equal(summaries, ["Variables not allowed", "Function calls not allowed"]);
});

test.run();
