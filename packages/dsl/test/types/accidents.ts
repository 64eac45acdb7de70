// Section 5 of the types page: what the compiler says about a Ref that is used as if it were its value. What it cannot see
// compiles here, and throws when it runs (see test/program/ref.test.ts).
import { readFileSync } from "node:fs";
import { data, type Input, type Ref } from "tspack";

const image = data("image", "debian", {});
const ref: Ref<string> = image.id;
const size: Ref<number> = image.size;
let text = "";

// @ts-expect-error TS2731
export const template = `${ref}`;
// @ts-expect-error TS2469
// biome-ignore lint/style/useTemplate: the operator is what is tried
export const joined = "a" + ref;
// @ts-expect-error TS2469
text += ref;
// @ts-expect-error TS2365
export const sum = size + 1;
// @ts-expect-error TS2362
export const product = size * 2;

declare const either: Input<string>;
declare const known: string | Ref<string>;
// @ts-expect-error: also where it is only perhaps a Ref
export const perhaps = `${known}`;

// @ts-expect-error: methods of the value
ref.toUpperCase();
// @ts-expect-error: elements of a list
export const element = image.files[0];
// @ts-expect-error: spreading
export const list = [...image.files];
// @ts-expect-error: iterating
for (const file of image.files) text = String(file);

// @ts-expect-error: a parameter of type string
readFileSync(ref);
// @ts-expect-error: a parameter of type string
Number.parseInt(ref, 10);

// @ts-expect-error TS2367
export const same = ref === "x";
switch (ref) {
  // @ts-expect-error TS2678
  case "x":
    break;
}

// Not seen by the compiler: these throw.
export const seen = [String(ref), JSON.stringify(ref), [ref].join(), { [ref]: 1 }, { ...image }, Object.keys(image)];
for (const key in image) text = key;
// Not seen by anybody: these are silently true and false.
const strings: unknown[] = [];
export const silent = [ref ? 1 : 2, !ref, ref ?? "x", strings.includes(ref)];
export { either, text };
