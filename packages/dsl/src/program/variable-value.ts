// From what was given for a variable to its value (rows VAR-03, VAR-07, VAR-08, VAR-10).
import { types } from "node:util";
import type { VariableInput } from "./context.ts";
import type { Schema, SchemaIssue } from "./schema.ts";

/** What came of an input: a value, nothing, or why not. */
export type Converted =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "missing" }
  /** `reason` never holds the value itself, unless the schema's own message does (`fromSchema`). */
  | { readonly kind: "unfit"; readonly reason: string; readonly fromSchema: boolean };

/** What decides about a variable's type. */
export interface VariableType {
  readonly default?: unknown;
  readonly schema?: Schema | undefined;
}

/** The value when nothing was given: the default, checked by the schema where there is one. */
export function defaultValue(type: VariableType): Converted {
  if (type.schema !== undefined) {
    const checked = validate(type.schema, type.default);
    return checked.kind === "unfit" && type.default === undefined && checked.fromSchema ? { kind: "missing" } : checked;
  }
  return "default" in type ? { kind: "value", value: type.default } : { kind: "missing" };
}

/** The value for what was given. */
export function convertInput(input: VariableInput["value"], type: VariableType): Converted {
  if (type.schema !== undefined) {
    return "text" in input ? validateText(type.schema, input.text) : validate(type.schema, input.typed);
  }
  if ("text" in input) return convertText(input.text, type.default);
  // Without a default nothing says what type is meant, but for `variable("name")`, which is text.
  return fit(input.typed, "default" in type ? type.default : "", "the value");
}

// --- internal ---

/** What a schema says: it leaves nothing missing. */
type Checked = Exclude<Converted, { kind: "missing" }>;

/** The text is tried first, then what it says as JSON. */
function validateText(schema: Schema, text: string): Checked {
  const asText = validate(schema, text);
  if (asText.kind === "value" || !asText.fromSchema) return asText;
  const parsed = parseJson(text);
  if (parsed === undefined) return asText;
  return validate(schema, parsed.value);
}

function validate(schema: Schema, value: unknown): Checked {
  const result = schema["~standard"].validate(value);
  if (types.isPromise(result)) {
    // Nobody will look at it; without this a rejection would end the process.
    result.catch(() => undefined);
    return { kind: "unfit", reason: "its schema checks asynchronously, which a variable cannot wait for", fromSchema: false };
  }
  if (result.issues === undefined) return { kind: "value", value: result.value };
  return { kind: "unfit", reason: result.issues.map(issueText).join("; "), fromSchema: true };
}

function issueText(issue: SchemaIssue): string {
  const path = (issue.path ?? []).map((segment) => String(typeof segment === "object" ? segment.key : segment));
  const message = issue.message.replace(/\.$/, "");
  return path.length === 0 ? message : `${path.join(".")}: ${message}`;
}

function convertText(text: string, example: unknown): Converted {
  switch (typeof example) {
    case "number":
    case "boolean":
      return fit(text.trim(), example, "the text");
    case "object": {
      if (example === null) return { kind: "value", value: text };
      const parsed = parseJson(text);
      const expected = Array.isArray(example) ? 'a list, such as ["a", "b"]' : 'an object, such as {"a": "b"}';
      if (parsed === undefined) return unfit(`the text is not JSON, and it must be ${expected}`);
      return fit(parsed.value, example, "the value");
    }
    default:
      return { kind: "value", value: text };
  }
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    // Not JSON: the caller says so in its own words.
    return undefined;
  }
}

/** Compares a value with an example of its type. Texts, numbers and booleans convert into each other where nothing is lost. */
function fit(value: unknown, example: unknown, name: string): Converted {
  if (example === undefined || example === null) return { kind: "value", value };
  if (Array.isArray(example)) return fitList(value, example, name);
  if (typeof example === "object") return fitRecord(value, example, name);
  if (typeof value === typeof example) return { kind: "value", value };
  const converted = convertScalar(value, typeof example);
  return converted === undefined ? unfit(`${name} is not ${scalarName(typeof example)}`) : { kind: "value", value: converted };
}

function fitList(value: unknown, example: readonly unknown[], name: string): Converted {
  if (!Array.isArray(value)) return unfit(`${name} is not a list`);
  // Elements of several types say nothing about what others may be.
  const uniform = example.every((item) => typeof item === typeof example[0]);
  const items: unknown[] = [];
  for (const [index, item] of value.entries()) {
    const fitted = fit(item, uniform ? example[0] : undefined, `${name}[${index}]`);
    if (fitted.kind !== "value") return fitted;
    items.push(fitted.value);
  }
  return { kind: "value", value: items };
}

function fitRecord(value: unknown, example: object, name: string): Converted {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return unfit(`${name} is not an object`);
  const fields = new Map<string, unknown>(Object.entries(value));
  for (const [key, exampleField] of Object.entries(example)) {
    if (!fields.has(key)) return unfit(`${name} has no ${JSON.stringify(key)}`);
    const fitted = fit(fields.get(key), exampleField, `${name}.${key}`);
    if (fitted.kind !== "value") return fitted;
    fields.set(key, fitted.value);
  }
  return { kind: "value", value: Object.fromEntries(fields) };
}

function convertScalar(value: unknown, type: string): unknown {
  if (type === "string") return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
  if (typeof value !== "string") return undefined;
  if (type === "number") return /^[+-]?(\d|\.\d)/.test(value) && Number.isFinite(Number(value)) ? Number(value) : undefined;
  return value === "true" ? true : value === "false" ? false : undefined;
}

function scalarName(type: string): string {
  return type === "number" ? "a number" : type === "boolean" ? "true or false" : "text";
}

function unfit(reason: string): Converted {
  return { kind: "unfit", reason, fromSchema: false };
}
