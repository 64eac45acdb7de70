// What differs between templates, collected while their programs are merged. Merged text holds marks for it, which become
// `settings.name` when all is known: then values that are the same in every template share a name.

import { identifier, NameScope } from "../expression/names.ts";
import { quote, templateText } from "../expression/text.ts";
import { type CommonText, commonText } from "./common-text.ts";
import { type Literal, neutral, textValue, typeOf } from "./literal.ts";
import type { Comment } from "./parsed-module.ts";

/** The templates that have something. Those without it have no settings for what is in it. */
export interface Scope {
  readonly id: number;
  readonly parent: Scope | undefined;
  readonly wish: string;
  readonly members: readonly number[];
  /** What it is about, for the reader: `Adds the step shell.` */
  readonly about: string;
}

/** A setting of the merged program. */
export interface Setting {
  readonly name: string;
  readonly type: string;
  readonly isOptional: boolean;
  readonly about?: string | undefined;
  /** As TypeScript, by template. */
  readonly values: ReadonlyMap<number, string>;
  readonly comments: ReadonlyMap<number, readonly Comment[]>;
  /** Settings of a scope: it is an object then. */
  readonly inner?: readonly Setting[] | undefined;
}

/** What came of collecting. */
export interface FinishedSettings {
  readonly settings: readonly Setting[];
  /** Puts the settings into merged text. `parameter` is the function's name for them. */
  resolve(text: string, parameter: string): string;
}

interface Hole {
  readonly id: number;
  readonly scope: Scope;
  readonly wishes: readonly string[];
  readonly values: ReadonlyMap<number, Literal>;
  /** Read where its templates are not told apart: others need something there. */
  readonly isAlwaysRead: boolean;
  /** An operator stands beside it. */
  readonly isOperand: boolean;
  readonly comments: Map<number, Comment[]>;
}

const mark = { hole: /\$hole(\d+)\$/g, inTemplate: /\$\{\$hole(\d+)\$\}/g, scope: /\$scope(\d+)\$/g, template: /\$template\$/g };

/** Collects what differs. */
export class Settings {
  readonly root: Scope;
  readonly #names: readonly string[];
  readonly #holes: Hole[] = [];
  readonly #scopes: Scope[] = [];
  #usesTemplate = false;

  /** `names` are those of the templates, which tell them apart where nothing else does. */
  constructor(names: readonly string[]) {
    this.#names = names;
    this.root = { id: 0, parent: undefined, wish: "", members: names.map((_, index) => index), about: "" };
  }

  /** How many there are: tells whether a step made some. */
  get count(): number {
    return this.#holes.length;
  }

  /** A value that differs. `wishes` are names for it, best first, each with the next one in front if it is taken. */
  value(
    scope: Scope,
    wishes: readonly string[],
    values: ReadonlyMap<number, Literal>,
    { isAlwaysRead = false, isOperand = false } = {},
  ): string {
    const id = this.#holes.length;
    this.#holes.push({ id, scope, wishes, values, isAlwaysRead, isOperand, comments: new Map() });
    return `$hole${id}$`;
  }

  /** Something that only some templates have. Its mark is true for them. */
  scope(parent: Scope, wish: string, members: readonly number[], about: string): { readonly scope: Scope; readonly mark: string } {
    const isSame = (one: Scope): boolean => one.parent === parent && one.wish === wish && one.members.join() === members.join();
    const known = this.#scopes.find(isSame);
    const scope = known ?? { id: this.#scopes.length + 1, parent, wish, members, about };
    if (known === undefined) this.#scopes.push(scope);
    return { scope, mark: `$scope${scope.id}$` };
  }

  /** A condition that is true for some templates, which their names tell. */
  isOneOf(members: readonly number[]): string {
    this.#usesTemplate = true;
    const names = members.map((index) => JSON.stringify(this.#names[index] ?? ""));
    return names.length === 1 ? `$template$ === ${names[0]}` : `[${names.join(", ")}].includes($template$)`;
  }

  /** Comments of one template alone, kept at the first setting made since `count` was read; false if there is none. */
  remark(since: number, index: number, comments: readonly Comment[]): boolean {
    const hole = this.#holes.slice(since).find(({ values }) => values.has(index));
    if (hole === undefined) return false;
    hole.comments.set(index, [...(hole.comments.get(index) ?? []), ...comments]);
    return true;
  }

  finish(): FinishedSettings {
    const paths = new Map<number, (parameter: string) => Reading>();
    const scopePaths = new Map<number, string>();
    const parts = sharedParts(this.#holes.filter(({ scope }) => scope === this.root));
    const settings = this.#settingsOf(this.root, "", { paths, scopePaths, parts });
    const templateName = new NameScope(settings.map(({ name }) => name)).fresh("template");
    const reading = (id: string | undefined, parameter: string): Reading => {
      return paths.get(Number(id))?.(parameter) ?? { code: "undefined", inTemplate: "" };
    };
    return {
      settings: this.#usesTemplate ? [this.#templateSetting(templateName), ...settings] : settings,
      resolve: (text, parameter) =>
        text
          .replace(mark.inTemplate, (_, id) => reading(id, parameter).inTemplate)
          .replace(mark.hole, (_, id) => reading(id, parameter).code)
          .replace(mark.scope, (_, id) => `${parameter}${scopePaths.get(Number(id)) ?? ""}`)
          .replace(mark.template, () => `${parameter}.${templateName}`),
    };
  }

  #templateSetting(name: string): Setting {
    const texts = this.#names.map((each) => JSON.stringify(each));
    return {
      name,
      type: [...texts].sort().join(" | "),
      isOptional: false,
      about: "Which of the templates this is: some expressions differ.",
      values: new Map(texts.map((text, index) => [index, text])),
      comments: new Map(),
    };
  }

  /** The settings of a scope, in the order in which they were asked for; those of the scopes inside of it at their places. */
  #settingsOf(scope: Scope, path: string, found: Found): readonly Setting[] {
    const names = new NameScope();
    const known = new Map<string, string>();
    const made: Setting[] = [];
    for (const hole of this.#holes) {
      if (hole.scope === scope) this.#addValue(hole, path, { ...found, names, known, made });
    }
    for (const inner of this.#scopes) {
      if (inner.parent !== scope) continue;
      const name = names.fresh(inner.wish);
      const innerPath = `${path}.${name}`;
      found.scopePaths.set(inner.id, innerPath);
      const settings = this.#settingsOf(inner, innerPath, found);
      made.push({
        name,
        type: settings.length === 0 ? "boolean" : "",
        isOptional: true,
        about: inner.about,
        values: new Map(inner.members.map((index) => [index, "true"])),
        comments: new Map(),
        inner: settings.length === 0 ? undefined : settings,
      });
    }
    return made;
  }

  #addValue(hole: Hole, path: string, found: Found & Naming): void {
    const part = found.parts.get(hole.id);
    const values = part === undefined ? hole.values : part.values;
    const type = typeOf([...values.values()].map(({ shape }) => shape));
    const wishes = part?.wish === undefined ? hole.wishes : [part.wish];
    const wish = wishes[0] ?? "value";
    const vector = JSON.stringify([...values].map(([index, { text }]) => [index, text]).sort());
    // Values like "true" and "2" are the same by chance; of others nobody would change just one.
    const key = part !== undefined || isTelling(values) ? vector : `${wish} ${vector}`;
    const name = found.known.get(key) ?? freshName(found.names, wishes);
    const isOptional = hole.scope.members.some((index) => !values.has(index)) || values.size < hole.scope.members.length;
    if (!found.known.has(key)) {
      found.known.set(key, name);
      const texts = new Map([...values].map(([index, { text }]) => [index, text]));
      found.made.push({ name, type, isOptional, values: texts, comments: hole.comments });
    } else {
      const setting = found.made.find((one) => one.name === name);
      const index = setting === undefined ? -1 : found.made.indexOf(setting);
      if (setting !== undefined) found.made[index] = { ...setting, comments: joined(setting.comments, hole.comments) };
    }
    found.paths.set(hole.id, (parameter) => {
      const plain = `${parameter}${path}.${name}`;
      const read = isOptional && hole.isAlwaysRead ? `${plain} ?? ${neutral(type)}` : plain;
      if (part === undefined || part.around === undefined) {
        return { code: read !== plain && hole.isOperand ? `(${read})` : read, inTemplate: `\${${read}}` };
      }
      const inTemplate = `${templateText(part.around.before)}\${${read}}${templateText(part.around.behind)}`;
      return { code: `\`${inTemplate}\``, inTemplate };
    });
  }
}

// --- internal ---

interface Reading {
  readonly code: string;
  /** Inside of a template literal. */
  readonly inTemplate: string;
}

interface Found {
  readonly paths: Map<number, (parameter: string) => Reading>;
  readonly scopePaths: Map<number, string>;
  readonly parts: ReadonlyMap<number, Part>;
}

interface Naming {
  readonly names: NameScope;
  /** Names of settings by their values. */
  readonly known: Map<string, string>;
  readonly made: Setting[];
}

/** The first wish that is free; each further one goes in front of those before it. */
function freshName(names: NameScope, wishes: readonly string[]): string {
  for (let count = 1; count <= wishes.length; count++) {
    const wish = wishes.slice(0, count).reverse().join("-");
    if (!names.has(identifier(wish))) return names.fresh(wish);
  }
  return names.fresh(wishes[0] ?? "value");
}

function isTelling(values: ReadonlyMap<number, Literal>): boolean {
  return [...values.values()].every(({ text }) => text.length > 4 && !/^"?(true|false|[\d.]+[a-z]{0,2})"?$/i.test(text));
}

function joined(a: Setting["comments"], b: Setting["comments"]): Setting["comments"] {
  const all = new Map(a);
  for (const [index, comments] of b) all.set(index, [...(all.get(index) ?? []), ...comments]);
  return all;
}

/** The part of a text that differs, where others differ in the same. */
interface Part {
  readonly values: ReadonlyMap<number, Literal>;
  /** undefined: it is the whole text. */
  readonly around: CommonText | undefined;
  readonly wish: string | undefined;
}

/** The texts that differ in the same part as others: `builds/debian11.box` and `me/debian11`. */
function sharedParts(holes: readonly Hole[]): ReadonlyMap<number, Part> {
  const wholes = new Map<string, Hole>();
  const candidates = new Map<string, { readonly hole: Hole; readonly common: CommonText }[]>();
  for (const hole of holes) {
    const texts = hole.scope.members.map((index) => {
      const value = hole.values.get(index);
      return value === undefined ? undefined : textValue(value);
    });
    if (!texts.every((text) => text !== undefined)) continue;
    const whole = JSON.stringify(texts);
    if (!wholes.has(whole)) wholes.set(whole, hole);
    const common = commonText(texts);
    if (common === undefined) continue;
    const key = JSON.stringify(common.middles);
    candidates.set(key, [...(candidates.get(key) ?? []), { hole, common }]);
  }
  const parts = new Map<number, Part>();
  for (const [key, found] of candidates) {
    const whole = wholes.get(key);
    // Text that is the same in several options is one setting anyway.
    const different = new Set(found.map(({ common: { before, behind } }) => `${before}\0${behind}`));
    if (whole === undefined && different.size < 2) continue;
    for (const { hole, common } of found) {
      const values = textLiterals(hole.scope.members, common.middles);
      const isVersion = common.middles.every((middle) => /^v?\d[\d.]*$/.test(middle));
      parts.set(hole.id, { values, around: common, wish: whole?.wishes[0] ?? (isVersion ? "version" : "name") });
    }
    if (whole === undefined) continue;
    const texts: readonly string[] = found[0]?.common.middles ?? [];
    parts.set(whole.id, { values: textLiterals(whole.scope.members, texts), around: undefined, wish: whole.wishes[0] });
  }
  return parts;
}

function textLiterals(members: readonly number[], texts: readonly string[]): ReadonlyMap<number, Literal> {
  return new Map(
    members.map((index, at): [number, Literal] => {
      const value = texts[at] ?? "";
      return [index, { text: quote(value), shape: { kind: "text", value } }];
    }),
  );
}
