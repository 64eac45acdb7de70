// The types of `fn` and `all`.
import { all, data, type Fn, fn, type Ref, type Secret } from "tspack";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles only if the value has exactly this type. */
function is<Expected>() {
  return <Actual>(_value: Actual, ..._same: Same<Actual, Expected> extends true ? [] : [never]): void => {};
}

is<Fn>()(fn);
is<string>()(fn.cidrsubnet("10.0.0.0/8", 8, 2));
is<string[]>()(fn.cidrsubnets("10.0.0.0/8", 8, 8));
is<number>()(fn.max(1, 2, 3));
is<number>()(fn.lookup({ a: 1 }, "a", 2));
is<string | number>()(fn.lookup({ a: 1 }, "b", "none"));
is<Omit<{ a: number }, "b"> & { b: string }>()(fn.merge({ a: 1 }, { b: "x" }));
is<{ [name: string]: string }>()(fn.merge<string>({ a: "1" }, { b: "2" }, null));
is<string[]>()(fn.convert([1], "list(string)"));
is<{ [name: string]: number[] }>()(fn.convert({ a: ["1"] }, "map(list(number))"));
is<boolean>()(fn.convert("true", "bool"));
is<[string, number][]>()(fn.setproduct(["a"], [1]));
is<string>()(fn.element(["a"], 0));
is<string>()(fn.coalesce(null, "a", undefined));
is<(string | number)[]>()(fn.concat<string | number>(["a"], [1]));
is<string>()(fn.templatefile("x.pkrtpl.hcl", { a: [1, { b: true }] }));
is<string[]>()(fn.templatefile<string[]>("list.pkrtpl.hcl", {}));
is<number>()(fn.rfc3339_parse(fn.timestamp()).unix);
is<Promise<Secret<string>>>()(fn.vault("secret/data/x", "key"));
is<Promise<Secret<string>>>()(fn.aws_secretsmanager("name", null));

const settings: { readonly a?: { readonly b: string } } = {};
is<string>()(fn.try(() => settings.a?.b, "none"));
is<boolean>()(fn.can(() => settings.a));

const page = data("http", "page", { url: "https://example.org" });
// @ts-expect-error: known only later
fn.upper(page.body);
is<Ref<string>>()(page.body.map((text: string) => fn.upper(text)));
is<Ref<string>>()(all([page.body as Ref<string>, 1, "x"]).map(([body, count, text]) => fn.join("-", [body, count, text])));
is<Ref<string>>()(all({ body: page.body as Ref<string>, size: 2 }).map(({ body, size }) => body.slice(size)));
is<Ref<string>>()(all({ body: page.body as Ref<string> }).body);
is<Ref<string>>()(all({ deep: [page.body as Ref<string>] }).map(({ deep }) => deep[0]));

// @ts-expect-error: the default is mandatory
fn.lookup({ a: 1 }, "a");
// @ts-expect-error: a network is text
fn.cidrhost(10, 1);
// @ts-expect-error: there is no such function
fn.tolist([1]);
