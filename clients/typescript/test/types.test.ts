import { describe, expect, test } from "vitest";
import { cbor } from "../src/cbor.js";
import { type Codec, decode, encode, type Type } from "../src/codec.js";
import { json } from "../src/json.js";
import { msgpack } from "../src/msgpack.js";
import * as t from "../src/types.js";

const codecs: Codec[] = [json, cbor, msgpack];

/** Goes there and back in all codecs, and is this in JSON. */
function both<T>(type: Type<T>, value: T, text: string): void {
  expect(encode(json, type, value)).toBe(text);
  for (const codec of codecs) expect(decode(codec, type, encode(codec, type, value)), codec.name).toStrictEqual(value);
}

/** Is refused both ways, when it is sent and when it comes. */
function refused<T>(type: Type<T>, value: unknown, error: RegExp | Error | typeof TypeError): void {
  for (const codec of codecs) {
    expect(() => encode(codec, type, value as T), codec.name).toThrow(error);
    const payload = encode(codec, t.unknown, value);
    expect(() => decode(codec, type, payload), codec.name).toThrow(error);
  }
}

// The rows of the table in docs/gen.md, by its files in cmd/tandem/testdata.
describe("docs/gen.md", () => {
  test("scalars", () => {
    both(t.string, "a\"\\\u0001é😀\u2028", '"a\\"\\\\\\u0001é😀\u2028"');
    both(t.boolean, true, "true");
    for (const [type, min, max] of [
      [t.int8, -128, 127],
      [t.int16, -32768, 32767],
      [t.int32, -(2 ** 31), 2 ** 31 - 1],
      [t.int64, -(2 ** 53 - 1), 2 ** 53 - 1],
      [t.uint8, 0, 255],
      [t.uint16, 0, 65535],
      [t.uint32, 0, 2 ** 32 - 1],
      [t.uint64, 0, 2 ** 53 - 1],
    ] as const) {
      for (const n of [min, max, 0, Math.floor(max / 2)]) both(type, n, String(n));
      for (const n of [BigInt(min) - 1n, BigInt(max) + 1n])
        refused(type, n, new RangeError(`not an integer from ${min} to ${max}`));
      for (const n of [1.5, NaN, "1"]) expect(() => encode(json, type, n as number)).toThrow(RangeError);
    }
    for (const n of [0, -0, 1, 1.5, 0.1, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, 65504, 65536, 2 ** -24, 2 ** -25])
      both(t.float64, n, Object.is(n, -0) ? "-0" : String(n));
    for (const n of [0, -0, 1.5, 16777216, 3.4028234663852886e38]) both(t.float32, n, Object.is(n, -0) ? "-0" : String(n).replace("028234663852886", "028235"));
    // Go was asked for these.
    for (const text of ["0.1", "1048576.2", "4194303.2", "186839.12", "1.2621775e-29", "1.5474251e+26", "0.00024414063", "1e-45"])
      expect(encode(json, t.float32, Number(text))).toBe(text);
    both(t.unknown, { a: [1, null, 1.5, "x", true, -3] }, '{"a":[1,null,1.5,"x",true,-3]}');
  });

  test("bigint", () => {
    both(t.bigInt64, -(2n ** 63n), "-9223372036854775808");
    both(t.bigUint64, 2n ** 64n - 1n, "18446744073709551615");
    for (const n of [0n, 5n, -5n, 2n ** 53n, -(2n ** 53n), 2n ** 63n, -(2n ** 63n) - 1n, 2n ** 64n, -(2n ** 64n), 2n ** 127n - 1n, -(2n ** 127n)])
      both(t.bigint, n, String(n));
    for (const codec of [json, cbor]) {
      const n = 2n ** 8192n - 1n;
      expect(decode(codec, t.bigint, encode(codec, t.bigint, n))).toBe(n);
      expect(() => encode(codec, t.bigint, n + 1n)).toThrow(RangeError);
    }
    expect(() => decode(json, t.bigint, String(2n ** 8192n))).toThrow(RangeError);
    expect(() => encode(msgpack, t.bigint, 2n ** 127n)).toThrow(RangeError);
    refused(t.bigInt64, 2n ** 63n, RangeError("not a bigint from -9223372036854775808 to 9223372036854775807"));
    refused(t.bigUint64, -1n, RangeError("not a bigint from 0 to 18446744073709551615"));
    // As Go writes them.
    expect(Buffer.from(encode(cbor, t.bigint, -(2n ** 63n) - 1n)).toString("hex")).toBe("c3488000000000000000");
    both(t.list(t.bigUint64), [1n, 2n ** 60n], "[1,1152921504606846976]");
    both(t.nullable(t.bigInt64), null, "null");
    both(t.record(t.bigInt64), { a: 2n ** 62n }, '{"a":4611686018427387904}');
  });

  test("optional", () => {
    interface Profile {
      nick: string | null;
      bio?: string;
      age?: number;
      friends: (string | null)[];
      best?: Profile;
    }
    const profile: Type<Profile> = t.struct<Profile>({
      nick: t.nullable(t.string),
      bio: t.optional(t.string),
      age: t.optional(t.int64),
      friends: t.list(t.nullable(t.string)),
      best: t.optional(t.lazy(() => profile)),
    });
    both(profile, { nick: null, friends: [null, "a"] }, '{"nick":null,"friends":[null,"a"]}');
    both(profile, { nick: "n", bio: "", age: 0, friends: [], best: { nick: null, friends: [] } }, '{"nick":"n","bio":"","age":0,"friends":[],"best":{"nick":null,"friends":[]}}');
    expect(encode(json, profile, { nick: null, bio: undefined, friends: [] } as unknown as Profile)).toBe('{"nick":null,"friends":[]}');
    expect(decode(json, profile, '{"age":null}')).toStrictEqual({ nick: null, friends: [] });
    // A method that every object has is no property.
    const odd = t.struct<{ toString?: string; constructor?: string }>({
      toString: t.optional(t.string),
      constructor: t.optional(t.string),
    } as never);
    expect(encode(json, odd, {} as never)).toBe("{}");
  });

  test("maps", () => {
    both(t.record(t.int64), { b: 1, a: 2, aa: 3 }, '{"a":2,"aa":3,"b":1}');
    expect(Buffer.from(encode(cbor, t.record(t.int64), { b: 1, aa: 3, a: 2 })).toString("hex")).toBe("a361610261620162616103");
    both(t.map(t.int64, t.string), new Map([[-1, "b"], [10, "a"]]), '{"-1":"b","10":"a"}');
    both(t.map(t.boolean, t.string), new Map([[false, "b"], [true, "a"]]), '{"false":"b","true":"a"}');
    both(t.map(t.bigInt64, t.string), new Map([[2n ** 60n, "b"]]), '{"1152921504606846976":"b"}');
    both(t.recordOf<"admin" | "guest">()(t.int64), { admin: 1 }, '{"admin":1}');
    for (const key of ["01", "+1", "-0", " 1", "1.0", "true", "", "128"])
      expect(() => decode(json, t.map(t.int8, t.string), `{"${key}":""}`), key).toThrow(RangeError);
    expect(() => decode(json, t.map(t.boolean, t.string), '{"1":""}')).toThrow(TypeError);
    expect(() => decode(cbor, t.map(t.int8, t.string), encode(cbor, t.record(t.string), { "1": "" }))).toThrow(RangeError);
    expect(() => encode(json, t.map(t.int8, t.string), new Map([[200, "a"]]))).toThrow("[]: not an integer from -128 to 127");
    // Names of characters beyond U+FFFF come last in UTF-8, but not in UTF-16.
    expect(encode(json, t.record(t.int8), { "\u{1f600}": 1, "\uffee": 2 })).toBe('{"\uffee":2,"\u{1f600}":1}');
  });

  test("tuples", () => {
    both<[number, number]>(t.tuple(t.int64, t.int64), [1, 2], "[1,2]");
    both<[number, string]>(t.tuple(t.float64, t.string), [1, "a"], '[1,"a"]');
    both(t.array(t.float64, 3), [0, 1, 2], "[0,1,2]");
    refused(t.tuple(t.int64, t.int64), [1], /^1 elements where 2 belong/);
    refused(t.array(t.int64, 2), [1, 2, 3], /^3 elements where 2 belong/);
  });

  test("structs", () => {
    const item = t.struct<{ name: string; none: Record<string, never> }>({ name: t.string, none: t.struct<Record<string, never>>({}) });
    both(item, { name: "a", none: {} }, '{"name":"a","none":{}}');
    expect(decode(json, item, '["a",null]')).toStrictEqual({ name: "a", none: {} });
    expect(decode(json, item, '{"zz":[{}],"none":{},"name":"a"}')).toStrictEqual({ name: "a", none: {} });
    expect(decode(json, item, "{}")).toStrictEqual({ name: "", none: {} });
  });

  test("recursive", () => {
    interface Tree {
      value: number;
      children: Tree[];
      index: Index;
    }
    type Index = { [key: string]: Index };
    const index: Type<Index> = t.record(t.lazy(() => index));
    const tree: Type<Tree> = t.struct<Tree>({ value: t.int64, children: t.list(t.lazy(() => tree)), index });
    both(tree, { value: 1, children: [{ value: 2, children: [], index: {} }], index: { a: { b: {} } } }, '{"value":1,"children":[{"value":2,"children":[],"index":{}}],"index":{"a":{"b":{}}}}');
    const loop: Tree = { value: 1, children: [], index: {} };
    loop.children.push(loop);
    for (const codec of codecs) expect(() => encode(codec, tree, loop)).toThrow(RangeError);
  });

  test("enums", () => {
    both(t.valuesOf<"admin" | "guest">(t.string), "admin", '"admin"');
    both(t.valuesOf<-1 | 0>(t.int64), -1, "-1");
    expect(decode(json, t.valuesOf<"admin">(t.string), '"newer"')).toBe("newer");
  });

  test("bytes", () => {
    const some = Uint8Array.of(0, 1, 254, 255);
    both(t.bytes(), some, '"AAH+/w=="');
    both(t.bytes(4), some, '"AAH+/w=="');
    both(t.byteList(), some, "[0,1,254,255]");
    for (const codec of codecs) {
      expect(decode(codec, t.bytes(), encode(codec, t.byteList(), some))).toStrictEqual(some);
      expect(decode(codec, t.byteList(4), encode(codec, t.bytes(), some))).toStrictEqual(some);
      expect(() => decode(codec, t.bytes(3), encode(codec, t.bytes(), some))).toThrow("not 3 bytes");
      expect(() => encode(codec, t.bytes(3), some)).toThrow("not 3 bytes");
      expect(() => encode(codec, t.bytes(), [1] as never)).toThrow("not bytes");
      expect(t.bytes(2).zero()).toStrictEqual(new Uint8Array(2));
    }
    // What is read is the reader's own, and long bytes have no limit of a call's arguments.
    const long = new Uint8Array(300_000).fill(7);
    for (const codec of codecs) expect(decode(codec, t.bytes(), encode(codec, t.bytes(), long))).toSatisfy((read: Uint8Array) => Buffer.from(read).equals(long));
  });

  test("times", () => {
    for (const text of ["2024-02-29T23:59:59.123456789+05:30", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
      both(t.time, text, JSON.stringify(text));
    for (const text of ["2023-02-29T00:00:00Z", "2024-01-01", "2024-01-01T24:00:00Z", "2024-01-01T00:00:60Z", "2024-01-01T00:00:00", "2024-13-01T00:00:00Z", "2024-1-01T00:00:00Z", "2024-01-01t00:00:00z", "2024-01-01T00:00:00+24:00"])
      refused(t.time, text, RangeError("not a time of RFC 3339"));
    both(t.date, new Date(Date.UTC(2024, 0, 2, 3, 4, 50, 120)), '"2024-01-02T03:04:50.12Z"');
    both(t.date, new Date(Date.UTC(2024, 0, 2, 3, 4, 50)), '"2024-01-02T03:04:50Z"');
    both(t.date, t.date.zero(), '"0001-01-01T00:00:00Z"');
    expect(decode(json, t.date, '"2024-01-02T03:04:05.9999999+01:00"').getTime()).toBe(Date.UTC(2024, 0, 2, 2, 4, 5, 999));
    for (const bad of [NaN, 8e15, -8e15]) expect(() => encode(json, t.date, new Date(bad))).toThrow(RangeError);
  });

  test("unions", () => {
    type Event = "Left" | { Moved: { x: number } } | { Said: string };
    const moved = t.struct<{ x: number }>({ x: t.int64 });
    const event = t.union<Event>({ Left: null, Moved: moved, Said: t.string });
    both(event, "Left", '"Left"');
    both(event, { Moved: { x: 1 } }, '{"Moved":{"x":1}}');
    both(t.nullable(event), null, "null");
    for (const codec of codecs) {
      const loose = t.union<{ Left: unknown }>({ Left: t.unknown });
      for (const content of [null, {}, []]) expect(decode(codec, event, encode(codec, loose, { Left: content }))).toBe("Left");
      for (const content of [1, "", "x", [1], false])
        expect(() => decode(codec, event, encode(codec, loose, { Left: content }))).toThrow("no variant");
    }
    refused(event, "Said", /^no variant/);
    refused(event, "Nope", /^no variant/);
    refused(event, { Nope: 1 }, /^no variant/);
    refused(event, {}, /^no variant/);
    refused(event, { Said: "a", Moved: { x: 1 } }, /^no variant/);
    refused(event, null, TypeError);
    refused(event, { constructor: 1 }, /^no variant/);
    refused(event, { Moved: { x: 1.5 } }, /^Moved\.x: not an integer/);
    expect(() => event.zero()).toThrow("missing");
    expect(() => decode(json, t.struct<{ e: Event }>({ e: event }), "{}")).toThrow("e: missing");
  });

  test("adjacent", () => {
    type Event = { type: "left" } | { type: "said"; data: string };
    const event = t.adjacent<Event, "type", "data">({ left: null, said: t.string }, { type: "type", data: "data" });
    both(event, { type: "left" }, '{"type":"left"}');
    both(event, { type: "said", data: "x" }, '{"type":"said","data":"x"}');
    expect(decode(json, event, '{"data":"x","zz":1,"type":"said"}')).toStrictEqual({ type: "said", data: "x" });
    expect(decode(json, event, '{"data":{},"type":"left"}')).toStrictEqual({ type: "left" });
    expect(decode(json, event, '["said","x"]')).toStrictEqual({ type: "said", data: "x" });
    for (const [text, error] of [
      ['{"data":"x"}', "type: not a string"],
      ['{"type":"said"}', "no variant"],
      ['{"type":"nope"}', "no variant"],
      ['{"type":"left","data":1}', "no variant"],
      ['{"type":"said","data":1}', "data: not a string"],
      ['["said","x",1]', "not a map"],
      ['{"type":"said","data":"x","data":"x"}', "a key twice"],
    ] as const)
      expect(() => decode(json, event, text), text).toThrow(error);
    expect(() => encode(json, event, { type: "nope" } as never)).toThrow("no variant");
  });

  test("unknown variants", () => {
    type Event = { Said: string } | t.Unknown;
    const event = t.union<Event>({ Said: t.string }, { open: true });
    const other = t.adjacent<{ type: "one"; data: number } | t.Unknown, "type", "data">({ one: t.int64 }, { type: "type", data: "data", open: true });
    expect(decode(json, event, '{"New":{"a":[1,1.0]}}')).toStrictEqual({ $unknown: "New", data: { a: [1, 1] } });
    expect(decode(json, event, '"New"')).toStrictEqual({ $unknown: "New", data: undefined });
    expect(decode(json, other, '{"data":{"a":1},"type":"two"}')).toStrictEqual({ $unknown: "two", data: { a: 1 } });
    expect(decode(json, other, '{"type":"two"}')).toStrictEqual({ $unknown: "two", data: undefined });
    for (const codec of codecs) {
      expect(() => encode(codec, event, { $unknown: "New", data: 1 })).toThrow("no variant");
      expect(() => encode(codec, other, { $unknown: "New", data: 1 })).toThrow("no variant");
      expect(() => decode(codec, event, encode(codec, t.string, ""))).toThrow("no variant");
    }
  });
});

describe("paths", () => {
  const feed = t.struct<{ items: { id: number; by: Record<string, number[]> }[] }>({
    items: t.list(t.struct({ id: t.int8, by: t.record(t.list(t.int8)) })),
  });
  const value = (id: number, n: number): unknown => ({ items: [{ id: 1, by: {} }, { id, by: { "a b": [1, n] } }] });

  test("lead to the fault", () => {
    refused(feed, value(300, 1), new RangeError("items[1].id: not an integer from -128 to 127"));
    refused(feed, value(3, 300), new RangeError('items[1].by["a b"][1]: not an integer from -128 to 127'));
    refused(feed, { items: 1 }, new TypeError("items: not a list"));
    expect(() => encode(json, feed, { items: [{ id: 1 }] } as never)).toThrow(TypeError);
    expect(() => encode(json, feed, undefined as never)).toThrow(TypeError);
    expect(() => encode(json, feed, { items: new Array(2) } as never)).toThrow(TypeError);
  });

  test("are short, whatever a peer sends", () => {
    const long = "x".repeat(10_000);
    let deep: unknown = 1;
    for (let i = 0; i < 20; i++) deep = { [long]: deep };
    interface Nest {
      [key: string]: Nest;
    }
    const nest: Type<Nest> = t.record(t.lazy(() => nest));
    for (const codec of codecs)
      try {
        decode(codec, nest, encode(codec, t.unknown, deep));
        expect.unreachable();
      } catch (error) {
        expect((error as Error).message.length).toBeLessThan(257);
      }
  });
});

describe("keys of all objects", () => {
  const evil = JSON.parse('{"__proto__":{"x":1},"constructor":{"x":2},"toString":{"x":3}}') as Record<string, { x: number }>;

  test("are properties of their own", () => {
    for (const type of [t.unknown, t.record(t.struct<{ x: number }>({ x: t.int8 })), t.struct({ ["__proto__"]: t.unknown, constructor: t.unknown, toString: t.unknown } as never)] as unknown[] as Type<object>[])
      for (const codec of codecs) {
        const read = decode(codec, type, encode(codec, type, evil));
        expect(Object.keys(read).sort()).toEqual(["__proto__", "constructor", "toString"]);
        expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
        expect(Object.getOwnPropertyDescriptor(read, "__proto__")!.value).toEqual({ x: 1 });
      }
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  test("are tags", () => {
    const union = t.union<{ __proto__: string }>({ ["__proto__"]: t.string } as never);
    const read = decode(json, union, '{"__proto__":"a"}');
    expect(Object.keys(read)).toEqual(["__proto__"]);
    expect(encode(json, union, read)).toBe('{"__proto__":"a"}');
    expect(() => decode(json, t.union<"a">({ a: null }), '"constructor"')).toThrow("no variant");
  });
});

test("unknown sends plain data alone", () => {
  expect(encode(json, t.unknown, { b: undefined, a: 1e300, c: 2 ** 53, d: 5n, e: -0 })).toBe('{"a":1e+300,"c":9007199254740992,"d":5,"e":-0}');
  for (const bad of [undefined, Symbol(), () => 1, new Date(), new Map(), { a: [new (class A {})()] }, 2n ** 64n, -(2n ** 63n) - 1n])
    for (const codec of codecs) expect(() => encode(codec, t.unknown, bad)).toThrow();
  expect(decode(json, t.unknown, "9007199254740993")).toBe(9007199254740993n);
  // As in Go, which writes floats up to 1e21 without an exponent.
  expect(decode(json, t.unknown, "1" + "0".repeat(25))).toBe(1e25);
  expect(decode(json, t.unknown, encode(json, t.unknown, 1e20))).toBe(1e20);
  expect(decode(json, t.unknown, "[-9223372036854775809]")).toEqual([-9223372036854775808]);
  expect(decode(json, t.union<t.Unknown>({}, { open: true }), `{"New":{"a":${2n ** 70n}}}`)).toEqual({ $unknown: "New", data: { a: 2 ** 70 } });
  for (const type of [t.unknown, t.float64, t.float32] as t.Type<unknown>[]) expect(() => decode(json, type, "1" + "0".repeat(310))).toThrow(RangeError);
  expect(() => decode(cbor, t.unknown, Uint8Array.of(0xc2, 0x49, 1, 0, 0, 0, 0, 0, 0, 0, 0))).toThrow(RangeError);
  expect(decode(cbor, t.unknown, encode(cbor, t.bytes(), Uint8Array.of(1)))).toStrictEqual(Uint8Array.of(1));
});
