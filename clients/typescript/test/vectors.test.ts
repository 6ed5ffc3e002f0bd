import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { cbor } from "../src/cbor.js";
import { type Codec, decode, encode, type Payload } from "../src/codec.js";
import { json } from "../src/json.js";
import { msgpack } from "../src/msgpack.js";
import { types, valueOf } from "./vectors.js";

const codecs: Record<string, Codec> = { json, cbor, msgpack };

function load<T>(name: string): T {
  return JSON.parse(readFileSync(new URL("../../../spec/vectors/" + name, import.meta.url), "utf8")) as T;
}

interface Difference {
  read?: "refuse";
  reads?: string;
  write?: "refuse";
  writes?: string;
}

interface Value {
  name: string;
  value: string;
  go: string | null;
  go_cbor?: string;
  go_msgpack?: string;
  json: string | null;
  cbor: string | null;
  msgpack: string | null;
  tandem?: Record<string, Difference>;
}

interface Accept {
  codec: string;
  rust: string;
  go: string;
  input: string;
  value?: string;
  tandem: "accept" | "refuse";
  tandem_value?: string;
}

interface Hostile {
  codec: string;
  name: string;
  go: string;
  input: { text?: string; hex?: string; times?: number }[];
  verdict: "accept" | "refuse";
  value?: string;
}

const valueCases = load<{ cases: Value[] }>("codec/values.json").cases;
const acceptCases = load<{ cases: Accept[] }>("codec/accept.json").cases;
const hostileCases = load<{ cases: Hostile[] }>("codec/hostile.json").cases;

/** Where this client does otherwise than Go: what it makes of it, and why. */
const ours: Record<string, { verdict: "accept" | "refuse"; why: string }> = {
  "cbor Choice 7f64556e6974ff": { verdict: "accept", why: "data does not tell that text came in pieces" },
  "cbor name of a variant in pieces": { verdict: "accept", why: "the same" },
  "msgpack string c40161": { verdict: "refuse", why: "nobody is known to write text as bytes, and every page would download it" },
  "msgpack Choice c404556e6974": { verdict: "refuse", why: "the same" },
};

function bytes(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

function spell(payload: Payload): string {
  return typeof payload === "string" ? payload : Buffer.from(payload).toString("hex");
}

/** Refused, by one of the errors that are promised, whose text is short. */
function refused(run: () => unknown): void {
  let error: unknown;
  try {
    run();
  } catch (e) {
    error = e;
  }
  expect([RangeError, TypeError, SyntaxError]).toContain((error as Error | undefined)?.constructor);
  expect((error as Error).message.length).toBeLessThan(257);
}

describe("values", () => {
  for (const c of valueCases)
    for (const name of ["json", "cbor", "msgpack"] as const) {
      const codec = codecs[name]!;
      const go = (name === "cbor" && c.go_cbor) || (name === "msgpack" && c.go_msgpack) || c.go;
      const encoded = c[name];
      if (!go || encoded === null) continue;
      const type = types[go]!;
      const d = c.tandem?.[name] ?? {};
      const text = c.go!.startsWith("float") && c.json === "null" ? c.value : c.json!;
      const payload = name === "json" ? encoded : bytes(encoded);

      test(`${name} reads ${c.name}`, () => {
        if (d.read === "refuse") refused(() => decode(codec, type, payload));
        else expect(decode(codec, type, payload)).toStrictEqual(valueOf(go, d.reads ?? text));
      });

      test(`${name} writes ${c.name}`, () => {
        const value = valueOf(go, text) as never;
        if (d.write === "refuse") refused(() => encode(codec, type, value));
        else expect(spell(encode(codec, type, value))).toBe(d.writes ?? encoded);
      });
    }
});

describe("accept", () => {
  for (const c of acceptCases) {
    if (c.codec === "postcard") continue;
    test(`${c.codec} ${c.rust} ${c.input}`, () => {
      const codec = codecs[c.codec]!;
      const payload = c.codec === "json" ? c.input : bytes(c.input);
      const verdict = ours[`${c.codec} ${c.go} ${c.input}`]?.verdict ?? c.tandem;
      if (verdict === "refuse") refused(() => decode(codec, types[c.go]!, payload));
      else {
        const value = decode(codec, types[c.go]!, payload);
        const text = c.tandem_value ?? c.value;
        if (text !== undefined) expect(value).toStrictEqual(valueOf(c.go, text));
      }
    });
  }
});

describe("hostile", () => {
  for (const c of hostileCases) {
    test(`${c.codec} ${c.name}`, () => {
      const payload = Uint8Array.from(
        Buffer.concat(c.input.map(({ text, hex, times = 1 }) => {
          const piece = hex ? Buffer.from(hex, "hex") : Buffer.from(text ?? "");
          return Buffer.alloc(piece.length * times, piece);
        })),
      );
      const codec = codecs[c.codec]!;
      const verdict = ours[`${c.codec} ${c.name}`]?.verdict ?? c.verdict;
      if (verdict === "refuse") refused(() => decode(codec, types[c.go]!, payload));
      else {
        const value = decode(codec, types[c.go]!, payload);
        if (c.value !== undefined) expect(value).toStrictEqual(c.go === "string" ? JSON.parse(c.value) : valueOf(c.go, c.value));
      }
    });
  }
});

// As in codec/vectors_test.go, so that none gets lost when a file is edited.
test("complete", () => {
  expect(valueCases.length).toBe(124);
  expect(acceptCases.length).toBe(190);
  expect(acceptCases.filter(({ codec }) => codec === "postcard").length).toBe(21);
  expect(hostileCases.length).toBe(317);
  // Composite and null keys, for which Go has no type either.
  expect(valueCases.filter(({ go }) => go === null).map(({ name }) => name)).toEqual([
    "map/tuple-keys",
    "map/newtype-variant-keys",
    "map/none-keys",
  ]);
  // A field with format:u128, the only thing that the vectors of Go test beside these, has no descriptor: `tandem gen ts`
  // makes it a bigint, which reads 16 bytes of MessagePack as an i128.
  for (const { go } of [...valueCases, ...acceptCases, ...hostileCases]) if (go) expect(types).toHaveProperty([go]);
});
