// How values known later are typed. Two rules carry the error messages users see: `Input` names `RefBase` (so that refs of
// objects fit too), and the brand is the string "~ref" (so that two copies of the library meet, and errors name it first).

type Primitive = string | number | bigint | boolean | symbol | null | undefined;

/** What every Ref can do, whatever it stands for. */
export interface RefBase<out T> {
  /** Carries the type only; there is nothing to read here. */
  readonly "~ref": T;
  /** Computes something from the value once it is known: `ami.id.map((id) => id.slice(4))`. */
  map<U>(fn: (value: T) => U): RefOf<U>;
  /** One field or element: for records, lists, and fields called `map` or `get`. */
  get<K extends keyof T>(key: K): RefOf<T[K]>;
}

/**
 * A text, number, boolean or list that is known only later. Goes wherever an option is expected and into `t`.
 *
 * To the compiler it is a symbol as well, which it is not: that makes a forgotten `t` an error in the editor.
 */
export type Ref<T> = symbol & RefBase<T>;

/** An object that is known only later; each of its fields is a Ref. */
export type ObjectRef<T> = RefBase<T> & Refs<T>;

/** The Ref for a type: `Ref` for text, number, boolean and lists, `ObjectRef` for objects. */
export type RefOf<T> = [T] extends [Primitive | readonly unknown[]] ? Ref<T> : ObjectRef<T>;

/** Every field as a Ref. */
export type Refs<T> = { readonly [K in keyof T]: RefOf<T[K]> };

/** A value that is known but not shown. `reveal()` hands it to other code. */
export type Secret<T> = Ref<T> & { reveal(): T };

/** A Ref to an object whose shape is not known: the answer of a data source without types. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is the plugin's, and not ours to guess
export interface UntypedRef extends RefBase<any> {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly [name: string]: any;
}

/** An option's value: given now, or known later. */
export type Input<T> = T | RefBase<T>;

/** A list option. The list, or any element, may be known later. */
export type List<T> = Input<readonly Input<T>[]>;

/** An option that maps names to values. A name whose value is `undefined` is left out. */
export type Dict<T> = Input<{ readonly [key: string]: Input<T> | undefined }>;
