import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { target } from "../src/params.js";
import * as t from "../src/types.js";

const load = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL("../../../spec/vectors/query/" + name, import.meta.url), "utf8")) as T;

const int32 = t.query(t.int32);
const ints = t.query(t.list(t.int32));
const person = t.struct<{ name: string; age: number }>({ name: t.string, age: t.int32 });

/** The types that serde_qs.json names, as `tandem gen ts` would describe them. */
const types: Record<string, t.Params<never>> = {
  Person: t.params<{ name: string; age: number }>({ name: t.query(t.string), age: int32 }),
  Optional: t.params<{ a?: string; b?: number }>({ a: t.query(t.optional(t.string)), b: t.query(t.optional(t.int32)) }),
  Numbers: t.params<{ v: number[] }>({ v: ints }),
  Words: t.params<{ v: string[] }>({ v: t.query(t.list(t.string)) }),
  Nested: t.params<{ q: { name: string; age: number }; t: [number, boolean] }>({
    q: t.query(person),
    t: t.query(t.tuple(t.int32, t.boolean)),
  }),
  Counts: t.params<{ m: Record<string, number> }>({ m: t.query(t.record(t.int32)) }),
  Scalars: t.params<{ b: boolean; f: number; c: string; u: Record<string, never> }>({
    b: t.query(t.boolean),
    f: t.query(t.float64),
    c: t.query(t.string),
    u: t.query(t.struct<Record<string, never>>({})),
  }),
  People: t.params<{ v: { name: string; age: number }[] }>({ v: t.query(t.list(person)) }),
  Nothing: t.params<{}>({}),
  OptionalNumbers: t.params<{ v: (number | null)[] }>({ v: t.query(t.list(t.nullable(t.int32))) }),
  MaybeNumbers: t.params<{ v?: number[] }>({ v: t.query(t.optional(t.list(t.int32))) }),
  Wide: t.params<{ a: bigint; b: bigint }>({ a: t.query(t.bigint), b: t.query(t.bigUint64) }),
} as unknown as Record<string, t.Params<never>>;

interface Query {
  types: Record<string, { go: string | null }>;
  written: { name: string; type: string; value: string; query: string; tandem?: string }[];
  parsed: unknown[];
}

describe("query vectors", () => {
  const { types: named, written, parsed } = load<Query>("serde_qs.json");

  test("complete", () => {
    expect(written.length).toBe(26);
    // What a server reads. This is a client.
    expect(parsed.length).toBe(51);
    // Unions, which have no spelling in a query, and () in the parsed rows, which is Nothing.
    expect(Object.keys(named).filter((name) => !(name in types))).toEqual(["Chosen", "()"]);
  });

  for (const row of written) {
    if (named[row.type]!.go === null) continue;
    test(row.name, () => {
      let value: Record<string, unknown>;
      if (row.type === "Wide") value = { a: -5n, b: 18446744073709551615n };
      else value = JSON.parse(row.value, (_, v: unknown) => (v === null ? undefined : v)) as Record<string, unknown>;
      if (row.type === "Scalars") value["u"] = {};
      // A struct without fields is nothing, and a server takes it for there when it is not.
      const query = (row.tandem ?? row.query).replace("&u=", "");
      expect(target("/x", types[row.type]!, value as never)).toBe("/x" + (query && "?") + query);
    });
  }
});

describe("path vectors", () => {
  const { built, extracted } = load<{ built: { value: string; tandem: string | null }[]; extracted: unknown[] }>("path.json");

  test("complete", () => {
    expect(built.length).toBe(14);
    // What a server reads.
    expect(extracted.length).toBe(17);
  });

  for (const { value, tandem } of built)
    test(JSON.stringify(value), () => {
      const build = (): string => target("/api/{v}/x", t.params<{ v: string }>({ v: t.path(t.string) }), { v: value });
      if (tandem === null) expect(build).toThrow(/^v: /);
      else expect(build()).toBe(tandem);
    });
});

test("a path without parameters", () => {
  expect(target("/feed", undefined, undefined)).toBe("/feed");
  expect(target("/a%20b/", undefined, undefined)).toBe("/a%20b/");
});

test("several segments", () => {
  const list = t.params<{ rest: string[] }>({ rest: t.path(t.list(t.string)) });
  const text = t.params<{ rest: string }>({ rest: t.path(t.string) });
  expect(target("/w/{rest...}", list, { rest: ["a b", "c"] })).toBe("/w/a%20b/c");
  expect(target("/w/{rest...}", list, { rest: ["a", ""] })).toBe("/w/a/");
  expect(target("/w/{rest...}", text, { rest: "a/b c/" })).toBe("/w/a/b%20c/");
  expect(target("/w/{rest...}", text, { rest: "$&{x}/$1" })).toBe("/w/$&%7Bx%7D/$1");
  for (const rest of [[], [""], ["a/b"], ["", "a"], ["a", "", "b"], [".."]])
    expect(() => target("/w/{rest...}", list, { rest }), JSON.stringify(rest)).toThrow(/^rest: /);
  for (const rest of ["", "/", "a//b", "a/../b"])
    expect(() => target("/w/{rest...}", text, { rest }), rest).toThrow(/^rest: /);
});

test("wildcards have names of Go", () => {
  const params = t.params<{ größe_1: number }>({ größe_1: t.path(t.uint8) });
  expect(target("/{größe_1}", params, { größe_1: 5 })).toBe("/5");
});

test("errors begin with the parameter's name", () => {
  const params = t.params<{ room: string; n: number; tags?: string[]; by: Record<string, number> }>({
    room: t.path(t.string),
    n: t.query(t.uint8),
    tags: t.query(t.optional(t.list(t.string))),
    by: t.query(t.record(t.int8)),
  });
  const value = { room: "a", n: 1, by: {} };
  const of = (wrong: object): string => target("/{room}", params, { ...value, ...wrong });
  expect(of({})).toBe("/a?n=1");
  expect(() => of({ n: 256 })).toThrow(new RangeError("n: not an integer from 0 to 255"));
  expect(() => of({ room: 1 })).toThrow(/^room: not a string/);
  expect(() => of({ tags: ["a", 2] })).toThrow(/^tags\[1\]: not a string/);
  expect(() => of({ by: { x: 1000 } })).toThrow(/^by\["x"\]: /);
  expect(() => target("/{room}", params, undefined as never)).toThrow(/^room: /);
  expect(() => of({ room: "\ud800" })).toThrow(/^room: /);
  expect(() => of({ tags: ["\ud800"] })).toThrow(/^tags: /);
});

test("floats have no exponent", () => {
  const params = t.params<{ f: number }>({ f: t.query(t.float64) });
  const of = (f: number): string => target("/", params, { f }).slice(4);
  expect(of(1e21)).toBe("1000000000000000000000");
  expect(of(1.5e-7)).toBe("0.00000015");
  expect(of(-1.25e25)).toBe("-12500000000000000000000000");
  expect(of(-0)).toBe("-0");
  for (const f of [NaN, Infinity]) expect(() => of(f)).toThrow(/^f: /);
  const single = t.params<{ f: number }>({ f: t.query(t.float32) });
  expect(target("/", single, { f: 0.1 })).toBe("/?f=0.1");
});

test("null in a list leaves an empty pair", () => {
  const params = t.params<{ v: (number | null)[] }>({ v: t.query(t.list(t.nullable(t.int32))) });
  expect(target("/", params, { v: [1, null, 2] })).toBe("/?v[0]=1&v[1]=&v[2]=2");
});

test("nesting is bounded", () => {
  type Nest = Nest[];
  const nest: t.Type<Nest> = t.list(t.lazy(() => nest));
  const params = t.params<{ n: Nest }>({ n: t.query(nest) });
  expect(target("/", params, { n: [[[[[[[[]]]]]]]] })).toBe("/?n[0][0][0][0][0][0][0]=");
  expect(() => target("/", params, { n: [[[[[[[[[[]]]]]]]]]] })).toThrow(/^n: nested/);
});
