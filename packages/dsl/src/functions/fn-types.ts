// The types of `fn`: every function of the HCL language by its own name, as TypeScript sees it. What each does in full stands beside its
// implementation and in docs/functions.md.
import type { Secret } from "../program/ref-types.ts";

/** What `rfc3339_parse` and `unix_timestamp_parse` give. */
export interface DateParts {
  readonly year: number;
  readonly year_day: number;
  readonly day: number;
  readonly month: number;
  readonly month_name: string;
  readonly weekday: number;
  readonly weekday_name: string;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly iso_year: number;
  readonly iso_week: number;
}

/** Text, or what has one text in HCL. */
export type Textual = string | number | boolean;

type Texts = readonly (string | null | undefined)[];
type Values = { readonly [name: string]: unknown };
type Captures = string | (string | null)[] | { [name: string]: string | null };
// biome-ignore lint/suspicious/noExplicitAny: as for JSON.parse, only the text says what is in it
type Decoded = any;

/** What a type of HCL is in TypeScript; `any` for objects, tuples and `any`. */
export type Converted<T extends string> = T extends "string"
  ? string
  : T extends "number"
    ? number
    : T extends "bool"
      ? boolean
      : T extends `${"list" | "set"}(${infer E})`
        ? Converted<E>[]
        : T extends `map(${infer E})`
          ? { [name: string]: Converted<E> }
          : Decoded;

/** The functions of HCL templates, for TypeScript. They throw TPK2103 for arguments they refuse, and TPK1007 for a Ref. */
export interface Fn {
  // Numbers

  /** The number without its sign. */
  abs(number: number): number;
  /** The next whole number that is not less. */
  ceil(number: number): number;
  /** The next whole number that is not greater. */
  floor(number: number): number;
  /** The logarithm to a base. */
  log(number: number, base: number): number;
  /** The greatest number. */
  max(...numbers: readonly number[]): number;
  /** The least number. */
  min(...numbers: readonly number[]): number;
  /** The whole number that a text has in a base from 2 to 62. */
  parseint(text: string, base: number): number;
  /** A number to a power. */
  pow(number: number, power: number): number;
  /** -1, 0 or 1. */
  signum(number: number): number;
  /** The sum of a list. */
  sum(numbers: readonly number[]): number;

  // Text

  /** Without newlines at its end. */
  chomp(text: string): string;
  /** Whether it ends with another. */
  endswith(text: string, suffix: string): boolean;
  /** Text with values in it, by a pattern as of `printf`: `%s`, `%d`, `%05.1f`, `%q`, `%v`, `%#v`. */
  format(pattern: string, ...values: readonly unknown[]): string;
  /** `format` for every element of the lists given. */
  formatlist(pattern: string, ...values: readonly unknown[]): string[];
  /** Spaces in front of every line but the first. */
  indent(spaces: number, text: string): string;
  /** The texts of lists with a separator between them. */
  join(separator: string, ...lists: readonly (readonly Textual[])[]): string;
  /** In lower case. */
  lower(text: string): string;
  /** The first match of an RE2 pattern: its text, or what its groups match. An error when there is none. */
  regex(pattern: string, text: string): Captures;
  /** All matches replaced; `$1` and `${name}` stand for groups. */
  regex_replace(text: string, pattern: string, replacement: string): string;
  /** Every match of an RE2 pattern. */
  regexall(pattern: string, text: string): Captures[];
  /** All places of a text replaced. */
  replace(text: string, old: string, replacement: string): string;
  /** The parts of a text between separators. */
  split(separator: string, text: string): string[];
  /** Whether it starts with another. */
  startswith(text: string, prefix: string): boolean;
  /** Whether another is in it. */
  strcontains(text: string, part: string): boolean;
  /** From its end to its start. */
  strrev(text: string): string;
  /** So many characters from a position; from the end when it is negative, all the rest for length -1. */
  substr(text: string, offset: number, length: number): string;
  /** The first letter of each word in upper case. */
  title(text: string): string;
  /** Without any of the characters at its ends. */
  trim(text: string, characters: string): string;
  /** Without another at its start. */
  trimprefix(text: string, prefix: string): string;
  /** Without white space at its ends. */
  trimspace(text: string): string;
  /** Without another at its end. */
  trimsuffix(text: string, suffix: string): string;
  /** In upper case. */
  upper(text: string): string;
  /** Encoded for a query of a URL. */
  urlencode(text: string): string;
  /** In base64. */
  base64encode(text: string): string;
  /** The text that base64 holds. */
  base64decode(text: string): string;
  /** Compressed with gzip, in base64. */
  base64gzip(text: string): string;
  /** In an encoding such as `UTF-16LE`, and that in base64. */
  textencodebase64(text: string, encoding: string): string;
  /** The text of such base64. */
  textdecodebase64(text: string, encoding: string): string;

  // Collections

  /** Whether all elements are true. */
  alltrue(list: readonly (boolean | string | null)[]): boolean;
  /** Whether an element is true. */
  anytrue(list: readonly (boolean | string | null)[]): boolean;
  /** A list cut into lists of at most so many elements. */
  chunklist<T>(list: readonly T[], size: number): T[][];
  /** The first value that is neither null nor an empty text. */
  coalesce<T>(...values: readonly (T | null | undefined)[]): T;
  /** The first list that is not empty. */
  coalescelist<T>(...lists: readonly (readonly T[] | null | undefined)[]): T[];
  /** The texts that are not empty. */
  compact(list: Texts): string[];
  /** The elements of several lists in one. */
  concat<T>(...lists: readonly (readonly T[])[]): T[];
  /** Whether a list holds a value. */
  contains<T>(list: readonly T[], value: T): boolean;
  /** Without repetitions. */
  distinct<T>(list: readonly T[]): T[];
  /** The element at a position, counted round the list. */
  element<T>(list: readonly T[], index: number): T;
  /** The elements of a list and of all lists in it. */
  flatten(list: readonly unknown[]): Decoded[];
  /** The position of a value; an error when it is not there. */
  index<T>(list: readonly T[], value: T): number;
  /** The keys, sorted. */
  keys(map: Values): string[];
  /** How many elements or characters. */
  length(value: string | readonly unknown[] | Values): number;
  /** The value of a key; the default when there is none. */
  lookup<T, D>(map: { readonly [name: string]: T }, key: string, fallback: D): T | D;
  /** The entries of several maps in one; of one key the last counts. */
  merge<A extends object>(map: A): A;
  merge<A extends object, B extends object>(first: A, second: B): Omit<A, keyof B> & B;
  merge<T>(...maps: readonly ({ readonly [name: string]: T } | null | undefined)[]): { [name: string]: T };
  /** Numbers from 0 to before an end. */
  range(end: number): number[];
  /** Numbers from a start to before an end, by a step. */
  range(start: number, end: number, step?: number): number[];
  /** From the end to the start. */
  reverse<T>(list: readonly T[]): T[];
  /** What is in all of the sets, sorted. */
  setintersection<T>(...sets: readonly (readonly T[])[]): T[];
  /** All combinations of one element of each set. */
  setproduct<T extends readonly (readonly unknown[])[]>(...sets: T): { -readonly [K in keyof T]: T[K][number] }[];
  /** What is in any of the sets, sorted. */
  setunion<T>(...sets: readonly (readonly T[])[]): T[];
  /** The elements from one position to before another. */
  slice<T>(list: readonly T[], from: number, to: number): T[];
  /** The texts in the order of their characters. */
  sort(list: readonly string[]): string[];
  /** The values in the order of their keys. */
  values<T>(map: { readonly [name: string]: T }): T[];
  /** A map of a list of keys and a list of values. */
  zipmap<T>(keys: readonly string[], values: readonly T[]): { [name: string]: T };
  /** A value in a type of HCL: `fn.convert("5", "number")`, `fn.convert([1, "2"], "list(string)")`. */
  convert<const T extends string>(value: unknown, type: T): Converted<T>;
  /** What the first function gives that neither throws nor gives undefined. The last may be a plain value. */
  try<const T extends readonly unknown[]>(
    ...ways: T
  ): T[number] extends infer W ? (W extends () => infer R ? Exclude<R, undefined> : W) : never;
  /** Whether a function neither throws nor gives undefined. */
  can(way: () => unknown): boolean;

  // Data formats

  /** The rows of CSV as objects, named by the first row. */
  csvdecode(text: string): { [column: string]: string }[];
  /** The value that JSON holds. */
  jsondecode(text: string): Decoded;
  /** JSON, as HCL writes it: without blanks, keys sorted. */
  jsonencode(value: unknown): string;
  /** The value that YAML holds. */
  yamldecode(text: string): Decoded;
  /** YAML, as HCL writes it. */
  yamlencode(value: unknown): string;

  // Files

  /** The absolute path; relative ones start in the working directory. */
  abspath(path: string): string;
  /** The last part of a path. */
  basename(path: string): string;
  /** A path without its last part. */
  dirname(path: string): string;
  /** The text of a file; relative paths start in the folder of `image.ts`. */
  file(path: string): string;
  /** The bytes of a file in base64; relative paths start in the working directory. */
  filebase64(path: string): string;
  /** Whether there is a file. */
  fileexists(path: string): boolean;
  /** The files below a folder that match a pattern, relative to it. */
  fileset(folder: string, pattern: string): string[];
  /** With the home folder in place of `~`. */
  pathexpand(path: string): string;
  /** A file rendered as an HCL template with values: `fn.templatefile("user-data.pkrtpl.hcl", { name })`. */
  templatefile<T = string>(path: string, values: Values): T;

  // Date and time

  /** A time of RFC 3339 in another format: `fn.formatdate("YYYY-MM-DD", fn.timestamp())`. */
  formatdate(format: string, time: string): string;
  /** A time of RFC 3339 with a duration such as `-1h30m` added. */
  timeadd(time: string, duration: string): string;
  /** Now, in RFC 3339. */
  timestamp(): string;
  /** When tspack started, in a layout of Go. */
  legacy_isotime(layout?: string): string;
  /** When tspack started, in a format of strftime. */
  legacy_strftime(format?: string): string;
  /** The parts of a time of RFC 3339. */
  rfc3339_parse(time: string): DateParts & { readonly unix: number };
  /** The parts of a time in seconds since 1970. */
  unix_timestamp_parse(seconds: number): DateParts & { readonly rfc3339: string };

  // Hashes, encryption and identity

  /** The bcrypt hash of a text. */
  bcrypt(text: string, cost?: number): string;
  /** MD5 in hexadecimal. */
  md5(text: string): string;
  /** The text in base64 that was encrypted for an RSA key (PKCS #1 v1.5). */
  rsadecrypt(ciphertext: string, privateKey: string): string;
  /** SHA-1 in hexadecimal. */
  sha1(text: string): string;
  /** SHA-256 in hexadecimal. */
  sha256(text: string): string;
  /** SHA-512 in hexadecimal. */
  sha512(text: string): string;
  /** A random UUID. */
  uuidv4(): string;
  /** The UUID of a name in a namespace: `dns`, `url`, `oid`, `x500` or a UUID. */
  uuidv5(namespace: string, name: string): string;

  // Network

  /** The address of a host in a network. */
  cidrhost(prefix: string, host: number): string;
  /** The mask of an IPv4 network. */
  cidrnetmask(prefix: string): string;
  /** A network in a larger one: `fn.cidrsubnet("10.0.0.0/8", 8, 2)`. */
  cidrsubnet(prefix: string, newBits: number, number: number): string;
  /** Networks one after the other in a larger one. */
  cidrsubnets(prefix: string, ...newBits: readonly number[]): string[];

  // Environment and services

  /** A variable of the environment; empty when it is not set. */
  env(name: string): string;
  /** A field of a secret in Vault. */
  vault(path: string, key: string): Promise<Secret<string>>;
  /** The value of a key in Consul. */
  consul_key(key: string): Promise<Secret<string>>;
  /** A key of a secret in AWS Secrets Manager. */
  aws_secretsmanager(name: string, key: string | null): Promise<Secret<string>>;
  /** The text of a secret in AWS Secrets Manager. */
  aws_secretsmanager_raw(name: string): Promise<Secret<string>>;
}
