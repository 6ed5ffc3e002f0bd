/** How types travel: what generated files are made of. Import it whole, `import * as t`, and a bundler keeps what is used. */

import { type Codec, type Data, fail, Fields, Float, Raw, safe, type Type } from "./codec.js";
import { target } from "./params.js";

export type { Type };

/** A variant of an open union whose tag this program does not know. It is received only: sending one fails. */
export interface Unknown {
  readonly $unknown: string;
  /** Undefined if the tag came alone. */
  readonly data: unknown;
}

/** A property that may be missing. It is left out when it is, never null or undefined. */
export interface Optional<in out T> {
  to(value: T, codec: Codec): Data;
  from(data: Data, codec: Codec): T;
  zero(): T;
  readonly optional: true;
}

/* @__NO_SIDE_EFFECTS__ */
export function optional<T>(of: Type<T>): Optional<T> {
  return { ...of, optional: true };
}

interface Way {
  to(value: never, codec: Codec): unknown;
  from(data: never, codec: Codec): unknown;
  zero(): unknown;
}

/**
 * Converts a part of something. If that fails, the step to the part comes in front of the path to the fault, as in
 * `items[3].id: not a string`. A path that is long enough grows no more.
 */
function part(type: Way, way: "to" | "from" | "zero", value: unknown, codec: Codec, step: string | number): unknown {
  try {
    return (type[way] as Way["to"])(value as never, codec);
  } catch (error) {
    const { constructor, message } = error as Error;
    if (message.length > 200) throw error;
    throw new (constructor as ErrorConstructor)(
      (typeof step === "number" ? `[${step}]` : step) + (message[0] === "[" ? "" : message.includes(": ") ? "." : ": ") + message,
    );
  }
}

/** A type whose values are data. */
/* @__NO_SIDE_EFFECTS__ */
function plain<T extends Data>(zero: T, check: (value: unknown, codec: Codec) => T): Type<T> {
  return { to: check, from: check, zero: () => zero };
}

/** A type of which typeof tells whether a value is one. */
/* @__NO_SIDE_EFFECTS__ */
function named<T extends boolean | string>(zero: T): Type<T> {
  return plain(zero, (value) => (typeof value === typeof zero ? (value as T) : fail("not a " + typeof zero)));
}

export const boolean: Type<boolean> = /* @__PURE__ */ named<boolean>(false);
export const string: Type<string> = /* @__PURE__ */ named<string>("");

/* @__NO_SIDE_EFFECTS__ */
function integer(min: number, max: number): Type<number> {
  return plain(0, (value) =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
      ? (value as number)
      : fail(`not an integer from ${min} to ${max}`, RangeError),
  );
}

const most = 9007199254740991;

export const int8: Type<number> = /* @__PURE__ */ integer(-128, 127);
export const int16: Type<number> = /* @__PURE__ */ integer(-32768, 32767);
export const int32: Type<number> = /* @__PURE__ */ integer(-2147483648, 2147483647);
export const int64: Type<number> = /* @__PURE__ */ integer(-most, most);
export const uint8: Type<number> = /* @__PURE__ */ integer(0, 255);
export const uint16: Type<number> = /* @__PURE__ */ integer(0, 65535);
export const uint32: Type<number> = /* @__PURE__ */ integer(0, 4294967295);
export const uint64: Type<number> = /* @__PURE__ */ integer(0, most);

export const float64: Type<number> = {
  to: (value) => (typeof value !== "number" ? fail("not a number") : Number.isInteger(value) ? new Float(value) : value),
  from(data, codec) {
    if (data instanceof Float) return data.value;
    const whole = typeof data === "bigint" || Number.isInteger(data);
    return (whole ? codec.name !== "cbor" : typeof data === "number") ? near(data as number | bigint) : fail("not a float");
  },
  zero: () => 0,
};

/** The float that is nearest to an integer, if there is one, or a float itself. */
function near(n: number | bigint): number {
  const float = Number(n);
  return typeof n === "bigint" && !Number.isFinite(float) ? fail("out of range", RangeError) : float;
}

/* @__NO_SIDE_EFFECTS__ */
export function list<T>(of: Type<T>): Type<T[]> {
  const all = (way: "to" | "from") => (value: unknown, codec: Codec) => {
    if (!Array.isArray(value)) fail("not a list");
    const list: unknown[] = [];
    for (const element of value as unknown[]) list.push(part(of, way, element, codec, list.length));
    return list;
  };
  return { to: all("to") as Type<T[]>["to"], from: all("from") as Type<T[]>["from"], zero: () => [] };
}

/** An object. What it does not list is ignored; a property that is missing and not optional is an error. */
/* @__NO_SIDE_EFFECTS__ */
export function struct<T>(fields: {
  readonly [K in keyof T]-?: {} extends Pick<T, K> ? Optional<Exclude<T[K], undefined>> : Type<T[K]>;
}): Type<T> {
  const names = Object.keys(fields);
  const types = Object.values(fields) as Type<unknown>[];
  const from = (data: Data, codec: Codec): T => {
    if (Array.isArray(data) && codec.name !== "cbor" && data.length === names.length)
      data = new Map(names.map((name, i) => [name, (data as Data[])[i]!]));
    if (data === null && !names.length) data = new Map();
    if (!(data instanceof Map)) fail("not a map");
    let value: Plain = {};
    let known = 0;
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!;
      const got = data.get(name);
      if (got !== undefined) known++;
      if (got == null && types[i]!.optional) continue;
      const property = part(types[i]!, got === undefined ? "zero" : "from", got, codec, name);
      // Set, it would be the prototype.
      if (name === "__proto__") value = { ...value, [name]: property };
      else value[name] = property;
    }
    if (known < data.size) for (const key of data.keys()) if (typeof key !== "string") fail("a key that is not a string");
    return value as T;
  };
  return {
    to(value, codec) {
      const values: Data[] = [];
      const there = names.filter((name, i) => {
        const property = (value as Plain)[name];
        const type = types[i]!;
        // An inherited property is not there.
        return (!type.optional || property !== none[name]) && values.push(part(type, "to", property, codec, name) as Data);
      });
      return new Fields(there, values);
    },
    from,
    zero: () => from(new Map(), null as never),
  };
}

type Plain = Record<string, unknown>;
const none: Plain = {};

type Known<T> = Exclude<T, Unknown>;
type Tag<T> = T extends string ? T : keyof T;
type Content<T, K> = T extends string ? never : T extends { readonly [P in K & PropertyKey]: infer V } ? V : never;
type Variants = Map<unknown, Type<unknown> | null>;

/** What stands for a variant without content, where something does. */
function nothing(data: Data): boolean {
  return data === null || data instanceof Map || (Array.isArray(data) && !data.length);
}

/** { Tag: content }, or "Tag" alone, which is null here. An open union takes others as {@link Unknown}. */
/* @__NO_SIDE_EFFECTS__ */
export function union<T>(
  variants: { readonly [K in Tag<Known<T>> & string]: K extends T ? null : Type<Content<Known<T>, K>> },
  options?: { readonly open: true },
): Type<T> {
  const types = new Map(Object.entries(variants)) as Variants;
  return {
    to(value, codec) {
      if (typeof value === "string" && types.get(value) === null) return value;
      const [tag, another] = Object.keys(value as Plain);
      const type = types.get(tag);
      if (typeof value === "string" || !type || another) fail("no variant");
      return new Fields([tag!], [part(type, "to", (value as Plain)[tag!], codec, tag!) as Data]);
    },
    from(data, codec) {
      const bare = typeof data === "string";
      if (!bare && (!(data instanceof Map) || data.size !== 1)) fail("no variant");
      const [tag, content] = bare ? [data, null] : [...data][0]!;
      const type = types.get(tag);
      if (type && !bare) return { [tag as string]: part(type, "from", content, codec, tag as string) } as T;
      if (type === null && nothing(content)) return tag as T;
      if (type !== undefined || !options || !tag || typeof tag !== "string") fail("no variant");
      return { $unknown: tag, data: bare ? undefined : fromData(content, codec) } as T;
    },
    zero: missing,
  };
}

/** Data as JavaScript has it. In JSON an integer of more than 64 bits is a float, as in Go: floats are written so. */
function fromData(data: Data, codec: Codec): unknown {
  if (typeof data === "bigint") return codec.name === "json" && !fits64(data) ? near(data) : any64(data);
  if (data instanceof Float) return data.value;
  const each = (element: Data): unknown => fromData(element, codec);
  if (Array.isArray(data)) return data.map(each);
  return data instanceof Map ? object(data, each) : data;
}

/** Entries as the properties of an object, also one named __proto__. */
function object<T>(data: Map<Data, Data>, from: (data: Data, key: string) => T): Record<string, T> {
  return Object.fromEntries(
    [...data].map(([key, element]) => (typeof key === "string" ? [key, from(element, key)] : fail("a key that is not a string"))),
  );
}

function missing(): never {
  fail("missing");
}

/** { type: "Tag", data: content }, under these or other keys; null for a tag without data. */
/* @__NO_SIDE_EFFECTS__ */
export function adjacent<T, TypeKey extends string, DataKey extends string>(
  variants: {
    readonly [K in Content<Known<T>, TypeKey> & string]: Extract<Known<T>, { readonly [P in TypeKey]: K }> extends {
      readonly [P in DataKey]: infer V;
    }
      ? Type<V>
      : null;
  },
  options: { readonly type: TypeKey; readonly data: DataKey; readonly open?: true },
): Type<T> {
  const types = new Map(Object.entries(variants)) as Variants;
  const { type: typeKey, data: dataKey } = options;
  return {
    to(value, codec) {
      const tag = (value as Plain)[typeKey];
      const type = types.get(tag);
      if (type === undefined) fail("no variant");
      return type
        ? new Fields([typeKey, dataKey], [tag as string, part(type, "to", (value as Plain)[dataKey], codec, dataKey) as Data])
        : new Fields([typeKey], [tag as string]);
    },
    from(data, codec) {
      if (Array.isArray(data) && codec.name !== "cbor" && data.length < 3)
        data = new Map(data.map((element, i) => [i ? dataKey : typeKey, element]));
      if (!(data instanceof Map)) fail("not a map");
      for (const key of data.keys()) if (typeof key !== "string") fail("a key that is not a string");
      const tag = part(string, "from", data.get(typeKey), codec, typeKey) as string;
      const content = data.get(dataKey);
      const type = types.get(tag);
      if (type && content !== undefined)
        return { [typeKey]: tag, [dataKey]: part(type, "from", content, codec, dataKey) } as T;
      if (type === null && (content === undefined || nothing(content))) return { [typeKey]: tag } as T;
      if (type !== undefined || !options.open || !tag) fail("no variant");
      return { $unknown: tag, data: content === undefined ? content : fromData(content, codec) } as T;
    },
    zero: missing,
  };
}

export const float32: Type<number> = {
  to(value, codec) {
    if (typeof value !== "number") fail("not a number");
    const rounded = single(value);
    if (codec.name !== "json" || !rounded) return new Float(rounded, true);
    return new Float(Number.isFinite(rounded) ? Math.sign(rounded) * shortest(Math.abs(rounded)) : rounded);
  },
  from: (data, codec) => single(float64.from(data, codec)),
  zero: () => 0,
};

/**
 * The number with the fewest digits that is read as the same single, and of those the nearest, as Go writes it: of two that are as
 * near the even one. But below a power of two singles lie closer together than above: it takes the greater one, and the next may
 * do where the nearest does not.
 */
function shortest(n: number): number {
  for (let after = 0; ; after++) {
    const [digits, exponent] = n.toExponential(after).split("e");
    const nearest = +digits!.replace(".", "");
    const finer = n.toExponential(after + 1);
    const between = /5e/.test(finer) && +finer === n && Math.log2(n) % 1;
    for (const some of [between && nearest % 2 ? nearest - 1 : nearest, nearest, nearest + 1]) {
      const fewer = +(some + "e" + (+exponent! - after));
      if (Math.fround(fewer) === n) return fewer;
    }
  }
}

function single(n: number): number {
  const rounded = Math.fround(n);
  return Number.isFinite(n) && !Number.isFinite(rounded) ? fail("not a float of 32 bits", RangeError) : rounded;
}

/* @__NO_SIDE_EFFECTS__ */
function big(min: bigint, max: bigint): Type<bigint> {
  const check = (value: unknown): bigint =>
    typeof value === "bigint" && value >= min && value <= max ? value : fail(`not a bigint from ${min} to ${max}`, RangeError);
  return {
    to: (value) => safe(check(value)),
    from: (data) => check(typeof data === "number" && Number.isInteger(data) ? BigInt(data) : data),
    zero: () => 0n,
  };
}

/** The same with all digits, and an integer of any size. In JSON they are numbers too, so read from the text. */
export const bigInt64: Type<bigint> = /* @__PURE__ */ big(-9223372036854775808n, 9223372036854775807n);
export const bigUint64: Type<bigint> = /* @__PURE__ */ big(0n, 18446744073709551615n);
/** Up to 8192 bits, as in Go. Beyond 64 bits it is a bignum in CBOR, and in MessagePack bytes: 16, so 128 bits. */
export const bigint: Type<bigint> = {
  to(value, codec) {
    if (typeof value !== "bigint" || bits(value) > 8192) fail("not a bigint of up to 8192 bits", RangeError);
    if (codec.name === "json" || BigInt.asIntN(64, value) === value || BigInt.asUintN(64, value) === value) return safe(value);
    if (codec.name === "cbor") {
      const tagged = codec.write(magnitude(value < 0 ? ~value : value)) as Uint8Array;
      return new Raw(Uint8Array.of(value < 0 ? 0xc3 : 0xc2, ...tagged));
    }
    if (BigInt.asIntN(128, value) !== value) fail("not an integer of 128 bits", RangeError);
    return magnitude(BigInt.asUintN(128, value), 16);
  },
  from(data, codec) {
    if (data instanceof Uint8Array && data.length === 16 && codec.name === "msgpack") {
      let value = 0n;
      for (const byte of data) value = (value << 8n) | BigInt(byte);
      return BigInt.asIntN(128, value);
    }
    if (typeof data === "number" && Number.isInteger(data)) return BigInt(data);
    return typeof data === "bigint" && bits(data) <= 8192 ? data : fail("not an integer of up to 8192 bits", RangeError);
  },
  zero: () => 0n,
};

function bits(n: bigint): number {
  return (n < 0 ? -n : n).toString(2).length;
}

/** Big endian. */
function magnitude(n: bigint, length = 0): Uint8Array {
  let hex = n.toString(16);
  hex = hex.padStart(Math.max(length * 2, hex.length + (hex.length % 2)), "0");
  return Uint8Array.from(hex.match(/../g)!, (byte) => parseInt(byte, 16));
}

/** RFC 3339 text, kept as text with all its digits, or as a Date with milliseconds. */
export const time: Type<string> = /* @__PURE__ */ plain("0001-01-01T00:00:00Z", (value) =>
  typeof value === "string" && isTime(value) ? value : fail("not a time of RFC 3339", RangeError),
);

function isTime(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[-+]([01]\d|2[0-3]):[0-5]\d)$/.exec(text);
  if (!match) return false;
  const day = new Date(0);
  day.setUTCFullYear(+match[1]!, +match[2]! - 1, +match[3]!);
  return day.getUTCMonth() + 1 === +match[2]! && day.getUTCDate() === +match[3]!;
}

export const date: Type<Date> = {
  to: (value, codec) => time.to(value.toISOString().replace(/\.?0*Z$/, "Z"), codec),
  from: (data, codec) => new Date(time.from(data, codec)),
  zero: () => new Date(time.zero()),
};

const octets: Type<number[]> = /* @__PURE__ */ list(uint8);

/** Base64 in JSON, a byte string elsewhere; and the same bytes as a list of integers. */
/* @__NO_SIDE_EFFECTS__ */
export function bytes(length?: number): Type<Uint8Array> {
  const check = (value: unknown): Uint8Array => {
    if (!(value instanceof Uint8Array)) fail("not bytes");
    return length === undefined || value.length === length ? value : fail(`not ${length} bytes`, RangeError);
  };
  return {
    to: check,
    from(data, codec) {
      if (typeof data === "string" && codec.name === "json") data = fromBase64(data);
      if (Array.isArray(data)) data = Uint8Array.from(octets.from(data, codec));
      return check(data);
    },
    zero: () => new Uint8Array(length ?? 0),
  };
}

function fromBase64(text: string): Uint8Array {
  let bytes = "";
  try {
    bytes = atob(text);
  } catch {}
  // Others are let pass by atob.
  if (btoa(bytes) !== text) fail("not base64", SyntaxError);
  return Uint8Array.from(bytes, (c) => c.charCodeAt(0));
}

/* @__NO_SIDE_EFFECTS__ */
export function byteList(length?: number): Type<Uint8Array> {
  const of = bytes(length);
  return { ...of, to: (value, codec) => [...(of.to(value, codec) as Uint8Array)] };
}

/** Whatever the codec can say. */
export const unknown: Type<unknown> = {
  to(value, codec) {
    if (typeof value === "number") return Number.isSafeInteger(value) && !Object.is(value, -0) ? value : new Float(value);
    if (typeof value === "bigint") return safe(any64(value));
    if (value === null || typeof value === "string" || typeof value === "boolean" || value instanceof Uint8Array) return value;
    if (Array.isArray(value)) return unknowns.to(value, codec);
    const prototype = typeof value === "object" && Object.getPrototypeOf(value);
    if (prototype !== null && prototype !== Object.prototype) fail("neither data nor a plain object");
    return record(unknown).to(
      Object.fromEntries(Object.entries(value as Plain).filter(([, property]) => property !== undefined)),
      codec,
    );
  },
  from: fromData,
  zero: () => null,
};

const unknowns: Type<unknown[]> = /* @__PURE__ */ list(/* @__PURE__ */ lazy(() => unknown));

function fits64(n: bigint): boolean {
  return n >= -(1n << 63n) && n < 1n << 64n;
}

function any64(n: bigint): bigint {
  return fits64(n) ? n : fail("not an integer of 64 bits", RangeError);
}

/* @__NO_SIDE_EFFECTS__ */
export function nullable<T>(of: Type<T>): Type<T | null> {
  return {
    to: (value, codec) => (value === null ? null : of.to(value, codec)),
    from: (data, codec) => (data === null ? null : of.from(data, codec)),
    zero: () => null,
  };
}

/* @__NO_SIDE_EFFECTS__ */
export function array<T>(of: Type<T>, length: number): Type<T[]> {
  return tuple<unknown[]>(...Array<Type<unknown>>(length).fill(of as Type<unknown>)) as Type<T[]>;
}

/* @__NO_SIDE_EFFECTS__ */
export function tuple<T extends unknown[]>(...of: { readonly [I in keyof T]: Type<T[I]> }): Type<T> {
  const types = of as unknown as Type<unknown>[];
  const all = (way: "to" | "from") => (value: unknown, codec: Codec) => {
    if (value === null && !types.length && way === "from") return [];
    if (!Array.isArray(value)) fail("not a list");
    if (value.length !== types.length) fail(`${value.length} elements where ${types.length} belong`, RangeError);
    return types.map((type, i) => part(type, way, value[i], codec, i));
  };
  return {
    to: all("to") as Type<T>["to"],
    from: all("from") as Type<T>["from"],
    zero: () => types.map((type) => type.zero()) as T,
  };
}

/**
 * A map whose keys are text. It is a plain object, with a property of its own for each key, be it __proto__. So ask with
 * Object.hasOwn whether there is one: objects inherit others, such as constructor.
 */
/* @__NO_SIDE_EFFECTS__ */
export function record<T>(of: Type<T>): Type<Record<string, T>> {
  return {
    to: (value, codec) =>
      sorted(
        Object.entries(value).map(([key, element]) => [key, part(of, "to", element, codec, step(key)) as Data]),
        codec,
      ),
    from(data, codec) {
      if (!(data instanceof Map)) fail("not a map");
      return object(data, (element, key) => part(of, "from", element, codec, step(key)) as T);
    },
    zero: () => ({}),
  };
}

/** A key in a path. Of what a peer sent only a little is shown. */
function step(key: unknown): string {
  return `[${JSON.stringify(String(key).slice(0, 16))}]`;
}

/** Entries in the order of their encoded keys. */
function sorted(entries: [Data, Data][], codec: Codec): Map<Data, Data> {
  const keyed = entries.map((entry) => {
    const key = codec.write(codec.name === "json" ? String(entry[0]) : entry[0]);
    return { entry, key: typeof key === "string" ? new TextEncoder().encode(key) : key };
  });
  keyed.sort(({ key: a }, { key: b }) => {
    let i = 0;
    while (i < a.length && a[i] === b[i]) i++;
    return (a[i] ?? -1) - (b[i] ?? -1);
  });
  return new Map(keyed.map(({ entry }) => entry));
}

/* @__NO_SIDE_EFFECTS__ */
export function recordOf<K extends string>(): <T>(of: Type<T>) => Type<Partial<Record<K, T>>> {
  return record as never;
}

/* @__NO_SIDE_EFFECTS__ */
export function map<K, V>(key: Type<K>, of: Type<V>): Type<Map<K, V>> {
  return {
    to(value, codec) {
      if (!(value instanceof Map)) fail("not a Map");
      return sorted(
        [...value].map(([k, element]) => [
          part(key, "to", k, codec, "[]") as Data,
          part(of, "to", element, codec, step(k)) as Data,
        ]),
        codec,
      );
    },
    from(data, codec) {
      if (!(data instanceof Map)) fail("not a map");
      const value = new Map<K, V>();
      const kind = codec.name === "json" && typeof key.zero();
      data.forEach((element, k) => {
        // In JSON keys are text, and numbers have one spelling there.
        let read = k;
        if (kind === "boolean") read = k === "true" || (k === "false" ? false : k);
        else if (kind && kind !== "string" && /^(0|-?[1-9]\d{0,19})$/.test(k as string)) {
          read = BigInt(k as string);
          if (Number.isSafeInteger(Number(read))) read = Number(read);
        }
        value.set(
          part(key, "from", read, codec, "[]") as K,
          part(of, "from", element, codec, step(k)) as V,
        );
      });
      return value;
    },
    zero: () => new Map(),
  };
}

/** The type of constants. Others are let pass: a newer server may know more. */
/* @__NO_SIDE_EFFECTS__ */
export function valuesOf<T extends string | number>(of: Type<string> | Type<number>): Type<T> {
  return of as never;
}

/** For types that contain themselves. */
/* @__NO_SIDE_EFFECTS__ */
export function lazy<T>(of: () => Type<T>): Type<T> {
  return {
    to: (value, codec) => of().to(value, codec),
    from: (data, codec) => of().from(data, codec),
    zero: () => of().zero(),
  };
}

/** Where a parameter travels. */
export interface Param<in out T> {
  readonly of: Type<T>;
  readonly in: "path" | "query";
  readonly optional?: never;
}

export interface OptionalParam<in out T> {
  readonly of: Optional<T>;
  readonly in: "query";
  readonly optional: true;
}

/* @__NO_SIDE_EFFECTS__ */
export function path<T>(of: Type<T>): Param<T> {
  return { of, in: "path" };
}

export function query<T>(of: Type<T>): Param<T>;
export function query<T>(of: Optional<T>): OptionalParam<T>;
/* @__NO_SIDE_EFFECTS__ */
export function query(of: { readonly optional?: true }): never {
  return { of, in: "query", optional: of.optional } as never;
}

/** The parameters of an endpoint, by name. */
export interface Params<in out P> {
  readonly fields: { readonly [name: string]: Param<never> | OptionalParam<never> };
  /** The path and query with these parameters, see params.ts. */
  readonly target: (path: string, value: P) => string;
}

/* @__NO_SIDE_EFFECTS__ */
export function params<P>(fields: {
  readonly [K in keyof P]-?: {} extends Pick<P, K> ? OptionalParam<Exclude<P[K], undefined>> : Param<P[K]>;
}): Params<P> {
  const made: Params<P> = { fields: fields as never, target: (path, value) => target(path, made, value) };
  return made;
}
