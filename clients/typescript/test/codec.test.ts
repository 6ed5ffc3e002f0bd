import { describe, expect, test } from "vitest";
import { cbor } from "../src/cbor.js";
import { type Codec, type Data, decode, encode, Float, Raw, type Type } from "../src/codec.js";
import { json } from "../src/json.js";
import { msgpack } from "../src/msgpack.js";
import * as t from "../src/types.js";
import { types } from "./vectors.js";

const codecs: Codec[] = [json, cbor, msgpack];

/** Numbers that look random and are the same in each run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let n = Math.imul(state ^ (state >>> 15), state | 1);
    n ^= n + Math.imul(n ^ (n >>> 7), n | 61);
    return (((n ^ (n >>> 14)) >>> 0) / 2 ** 32 * below) | 0;
  };
}

type Next = (below: number) => number;
interface Sample {
  type: Type<never>;
  value: () => unknown;
}

const texts = ["", "a", "né", "😀", "\u0000\"\\\n", "x".repeat(23), "x".repeat(24), "é".repeat(40), "__proto__", "constructor", "1", "true"];
const floats = [0, -0, 1, 1.5, -0.1, 1e21, 1e-7, 5e-324, 65504, 65505, 2 ** -24, 2 ** -25, 2 ** 60, 1.7976931348623157e308];
const integers = [0, 1, 23, 24, 31, 32, 127, 128, 255, 256, 65535, 65536, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1];

/** A type, and values of it. */
function sample(next: Next, depth: number): Sample {
  const pick = <T>(of: readonly T[]): T => of[next(of.length)]!;
  const text = (): string => pick(texts);
  const int = (): number => pick(integers) * (next(2) ? 1 : -1) || 0;
  const big = (): bigint => BigInt(int()) * (next(2) ? 1n : 512n);
  const plain: Sample[] = [
    { type: t.string, value: text },
    { type: t.boolean, value: () => !next(2) },
    { type: t.int64, value: int },
    { type: t.uint8, value: () => next(256) },
    { type: t.int32, value: () => next(2 ** 31) - 2 ** 30 },
    { type: t.float64, value: () => pick(floats) },
    { type: t.float32, value: () => Math.fround(next(1000) / 7) },
    { type: t.bigInt64, value: big },
    { type: t.bigint, value: () => big() ** 2n },
    { type: t.bytes(), value: () => Uint8Array.from({ length: next(40) }, () => next(256)) },
    { type: t.byteList(2), value: () => Uint8Array.of(next(256), next(256)) },
    { type: t.time, value: () => "2024-02-29T12:00:00.5Z" },
    { type: t.date, value: () => new Date(next(2 ** 31) * 1000) },
    { type: t.unknown, value: () => pick([null, 1, "a", [1.5, { b: [] }], {}, true]) },
  ] as unknown as Sample[];
  if (!depth || next(4) === 0) return pick(plain);
  const of = sample(next, depth - 1);
  const other = sample(next, depth - 1);
  const some = <T>(make: () => T): T[] => Array.from({ length: next(5) }, make);
  const tags = () => pick(["A", "B", "C"]);
  return pick([
    () => ({ type: t.list(of.type), value: () => some(of.value) }),
    () => ({ type: t.nullable(of.type), value: () => (next(2) ? null : of.value()) }),
    () => ({ type: t.tuple(of.type, other.type), value: () => [of.value(), other.value()] }),
    () => ({ type: t.array(of.type, 3), value: () => [of.value(), of.value(), of.value()] }),
    () => ({ type: t.lazy(() => of.type), value: of.value }),
    () => ({
      type: t.record(of.type),
      value: () => Object.fromEntries(some(() => [text(), of.value()])),
    }),
    () => ({ type: t.map(t.int64, of.type), value: () => new Map(some(() => [int(), of.value()])) }),
    () => ({ type: t.map(t.boolean, of.type), value: () => new Map(some(() => [!next(2), of.value()])) }),
    () => ({
      type: t.struct({ a: of.type, ["__proto__"]: other.type, b: t.optional(t.lazy(() => t.string)) } as never),
      value: () => ({ a: of.value(), ["__proto__"]: other.value(), ...(next(2) ? { b: text() } : {}) }),
    }),
    () => ({
      type: t.union({ A: of.type, B: null, C: other.type } as never),
      value: () => {
        const tag = tags();
        return tag === "B" ? tag : { [tag]: tag === "A" ? of.value() : other.value() };
      },
    }),
    () => ({
      type: t.adjacent<never, "type", "data">({ A: of.type, B: null, C: other.type } as never, { type: "type", data: "data" }),
      value: () => {
        const tag = tags();
        return tag === "B" ? { type: tag } : { type: tag, data: tag === "A" ? of.value() : other.value() };
      },
    }),
  ])() as unknown as Sample;
}

/** Maps compare by what they hold: their entries travel in another order. */
function ordered(value: unknown): unknown {
  if (value instanceof Map) return { map: [...value].map(([key, v]) => [String(key), ordered(v)]).sort() };
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value === "object" && value && Object.getPrototypeOf(value) === Object.prototype)
    return Object.entries(value)
      .map(([key, v]) => [key, ordered(v)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  return value;
}

test("values come back as they were", () => {
  for (let seed = 0; seed < 400; seed++) {
    const next = random(seed);
    const { type, value } = sample(next, 3);
    for (let i = 0; i < 5; i++) {
      const v = value();
      for (const codec of codecs) {
        if (codec.name === "msgpack" && huge(v)) continue;
        const payload = encode(codec, type, v as never);
        const read = decode(codec, type, payload);
        expect(ordered(read), `${codec.name} ${seed}`).toStrictEqual(ordered(v));
        expect(encode(codec, type, read), `${codec.name} ${seed}`).toStrictEqual(payload);
      }
    }
  }
});

/** Whether there is an integer that MessagePack does not have. */
function huge(value: unknown): boolean {
  if (typeof value === "bigint") return BigInt.asIntN(128, value) !== value;
  if (value instanceof Map) return [...value.values()].some(huge);
  return typeof value === "object" && value !== null && Object.values(value).some(huge);
}

test("payloads that are changed are read or refused", () => {
  const names = Object.keys(types);
  const seeds = ["null", "[1,[2.5,\"x\"]]", '{"a":1,"b":null,"c":[1,2]}', '{"St":{"x":1,"y":true}}', '{"V4":["AAAA",80]}', '{"t":"A","c":1}', '"2024-01-01T00:00:00Z"', "[[],{},-1e5]"];
  for (let seed = 0; seed < 3000; seed++) {
    const next = random(seed);
    const codec = codecs[seed % 3]!;
    const start = codec.write(json.read(seeds[next(seeds.length)]!));
    let bytes = [...(typeof start === "string" ? new TextEncoder().encode(start) : start)];
    for (let changes = 1 + next(4); changes--; ) {
      const at = next(bytes.length + 1);
      if (next(3) === 0) bytes.splice(at, 1 + next(3));
      else if (next(2)) bytes.splice(at, 0, ...Array.from({ length: 1 + next(9) }, () => next(256)));
      else bytes[at] = next(256);
    }
    const payload = Uint8Array.from(bytes);
    for (const name of [names[next(names.length)]!, "any"]) {
      const type = types[name]!;
      try {
        const value = decode(codec, type, payload);
        expect(decode(codec, type, encode(codec, type, value))).toStrictEqual(value);
      } catch (error) {
        expect([RangeError, TypeError, SyntaxError], String((error as Error).stack)).toContain((error as Error).constructor);
        expect((error as Error).message.length).toBeLessThan(257);
      }
    }
  }
});

describe("data", () => {
  test("is the same in all codecs", () => {
    const data: Data = [null, true, 1, -1, 1.5, "a", [], new Map<Data, Data>([["a", [new Map()]]])];
    for (const codec of codecs) expect(codec.read(codec.write(data))).toStrictEqual(data);
    for (const codec of [cbor, msgpack]) {
      // In JSON a float that is whole looks like an integer.
      const more: Data = [new Float(1), NaN, Infinity, -Infinity, new Float(-0), Uint8Array.of(1), new Map<Data, Data>([[1, 2], ["1", 3], [true, 4], [-1, 5]])];
      expect(codec.read(codec.write(more))).toStrictEqual(more);
    }
  });

  test("of halves is exact", () => {
    for (let half = 0; half < 0x10000; half++) {
      const payload = Uint8Array.of(0xf9, half >> 8, half & 255);
      const read = cbor.read(payload);
      const nan = (half & 0x7c00) === 0x7c00 && half & 0x3ff;
      expect(Buffer.from(cbor.write(read) as Uint8Array).equals(nan ? Uint8Array.of(0xf9, 0x7e, 0) : payload)).toBe(true);
    }
  });

  test("holds payloads", () => {
    for (const codec of codecs) {
      const inner = codec.write(["a", 1]);
      const ends: number[] = [];
      const frame = codec.write([0, 17, new Raw(inner), new Map([["re", 3]])]);
      expect(codec.read(frame, 1, ends)).toStrictEqual([0, 17, ["a", 1], new Map([["re", 3]])]);
      expect(ends.length).toBe(4);
      // In JSON a comma is behind the end before.
      expect(ends[2]! - ends[1]! - (codec.name === "json" ? 1 : 0)).toBe(inner.length);
      expect(ends[3]! + (codec.name === "json" ? 1 : 0)).toBe(frame.length);
    }
  });

  test("nests 64 deep, and one more inside a frame", () => {
    let deep: Data = [];
    for (let i = 1; i < 64; i++) deep = [deep];
    for (const codec of codecs) {
      const payload = codec.write(deep);
      expect(codec.read(payload)).toStrictEqual(deep);
      expect(() => codec.write([deep])).toThrow(new RangeError("too deep"));
      const around = codec.write([deep], 1);
      expect(codec.read(around, 1)).toStrictEqual([deep]);
      expect(() => codec.read(around)).toThrow(new RangeError("too deep"));
      expect(codec.write(["ok"]).length).toBeGreaterThan(0);
    }
  });

  test("is text or bytes", () => {
    const ascii = cbor.write("abc") as Uint8Array;
    expect(cbor.read(String.fromCharCode(...ascii))).toBe("abc");
    expect(json.read(new TextEncoder().encode(' [1 , {"a" :2}]\n'))).toStrictEqual([1, new Map([["a", 2]])]);
    // A part of a buffer is not the buffer.
    const part = Uint8Array.of(9, 9, ...ascii, 9).subarray(2, 2 + ascii.length);
    expect(cbor.read(part)).toBe("abc");
  });

  test("is as long as it likes", () => {
    for (const n of [1000, 70_000, 200_000, 3]) {
      const data = ["é".repeat(n), "x".repeat(n), new Uint8Array(n).fill(1)];
      for (const codec of [cbor, msgpack]) expect(codec.read(codec.write(data))).toSatisfy((read: typeof data) => read[0] === data[0] && read[1] === data[1] && Buffer.from(read[2] as Uint8Array).equals(data[2] as Uint8Array));
    }
  });

  test("keeps short text apart that came before", () => {
    // The empty text and others fall on the same place of the table of bytes.ts.
    for (const codec of [cbor, msgpack])
      for (const text of ["V\u000f", "ab", "aa"]) {
        const data: Data = new Map<Data, Data>([[text, text], ["", ""]]);
        expect(codec.read(codec.write(data))).toStrictEqual(data);
      }
  });

  test("refuses half a surrogate pair", () => {
    for (const codec of codecs) for (const text of ["\ud800", "a\udc00", "\udc00\ud800" + "x".repeat(50)]) expect(() => codec.write(text)).toThrow(new TypeError("half a surrogate pair"));
  });

  test("refuses what comes twice inside what nobody knows", () => {
    const type = t.struct<{ a: number }>({ a: t.int8 });
    for (const payload of ['{"zz":[{"b":1,"b":1}]}', '{"zz":1,"zz":2}']) expect(() => decode(json, type, payload)).toThrow("a key twice");
    expect(decode(cbor, type, cbor.write(new Map<Data, Data>([["zz", new Map<Data, Data>([[1, 2], [[], 3]])], ["a", 1]])))).toStrictEqual({ a: 1 });
    expect(() => decode(cbor, type, cbor.write(new Map<Data, Data>([[1, 1], ["a", 1]])))).toThrow(TypeError);
  });
});
