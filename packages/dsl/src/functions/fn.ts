import { callFunction } from "./fn-call.ts";
import { functionNames } from "./fn-names.ts";
import type { Fn } from "./fn-types.ts";

/**
 * The functions of HCL templates, by their own names: for programs that come from a template, and where Packer's result is wanted to
 * the letter. The functions are loaded when the first of them is called. What is known only later goes through `.map`:
 * `` ref.map((text) => fn.upper(text)) ``.
 *
 * @example
 * const address = fn.cidrhost("10.0.0.0/24", 5);
 * const script = fn.templatefile("user-data.pkrtpl.hcl", { hostname: "web" });
 * const token = await fn.vault("secret/data/deploy", "token");
 */
// The names are those of the interface, which a test sees to; that each takes what its type says is what the functions check.
export const fn: Fn = Object.freeze(
  Object.fromEntries(functionNames.map((name) => [name, (...args: readonly unknown[]) => callFunction(name, args)])),
) as unknown as Fn;
