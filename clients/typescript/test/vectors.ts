/** The types that the vectors of spec/vectors/codec name, as `tandem gen ts` would describe them. */

import * as t from "../src/types.js";

const int32 = t.int32;
const empty = t.struct<Record<string, never>>({});

type Choice =
  | "Unit"
  | { New: string }
  | { Tup: [number, number] }
  | { St: { x: number; y: boolean | null } }
  | { NewUnit: Record<string, never> | null }
  | { NewOpt: number | null }
  | { NewVec: Uint8Array }
  | { ETup: [] };

interface Tree {
  c: Tree[];
}

const tree: t.Type<Tree> = t.struct<Tree>({ c: t.list(t.lazy(() => tree)) });

/** By the Go type. Meters, Key and the like are what they are made of. */
export const types: Record<string, t.Type<never>> = {
  any: t.unknown,
  bool: t.boolean,
  int8: t.int8,
  int32,
  int64: t.bigInt64,
  uint8: t.uint8,
  uint16: t.uint16,
  uint32: t.uint32,
  uint64: t.bigUint64,
  float32: t.float32,
  float64: t.float64,
  string: t.string,
  "*big.Int": t.bigint,
  "*string": t.nullable(t.string),
  "*int32": t.nullable(int32),
  "*struct{}": t.nullable(empty),
  "*Empty": t.nullable(empty),
  "time.Time": t.time,
  "netip.Addr": t.string,
  "netip.AddrPort": t.string,
  UUID: t.string,
  "[16]byte": t.bytes(16),
  "[]byte": t.bytes(),
  "[3]byte": t.bytes(3),
  "[]int32": t.list(int32),
  "[0]int32": t.tuple<[]>(),
  "[]*struct{}": t.list(t.nullable(empty)),
  "[][]int32": t.list(t.list(int32)),
  "map[string]int32": t.record(int32),
  "map[int32]int32": t.map(int32, int32),
  "map[int32]string": t.map(int32, t.string),
  "map[Key]int32": t.record(int32),
  Meters: t.uint32,
  Pair: t.tuple(t.uint8, t.string),
  Empty: empty,
  Record: t.struct<{ a: number; b: string | null; c: Uint8Array }>({ a: int32, b: t.nullable(t.string), c: t.byteList() }),
  Blob: t.struct<{ b: Uint8Array }>({ b: t.bytes() }),
  BlobAsList: t.struct<{ b: Uint8Array }>({ b: t.byteList() }),
  Sparse: t.struct<{ a: number; b?: number; c: number }>({ a: int32, b: t.optional(int32), c: int32 }),
  Internal: t.struct<{ t: string; x?: number }>({ t: t.string, x: t.optional(int32) }),
  NumberAndText: t.tuple(int32, t.string),
  TwoNumbers: t.tuple(int32, int32),
  Duration: t.struct<{ secs: bigint; nanos: number }>({ secs: t.bigUint64, nanos: t.uint32 }),
  SystemTime: t.struct<{ secs_since_epoch: bigint; nanos_since_epoch: number }>({
    secs_since_epoch: t.bigUint64,
    nanos_since_epoch: t.uint32,
  }),
  Range: t.struct<{ start: number; end: number }>({ start: int32, end: int32 }),
  Tree: tree,
  Choice: t.union<Choice>({
    Unit: null,
    New: t.string,
    Tup: t.tuple(t.uint8, t.int64),
    St: t.struct<{ x: number; y: boolean | null }>({ x: int32, y: t.nullable(t.boolean) }),
    NewUnit: t.nullable(empty),
    NewOpt: t.nullable(t.uint8),
    NewVec: t.bytes(),
    ETup: t.tuple<[]>(),
  }),
  ClientEvent: t.union<{ TextInput: string }>({ TextInput: t.string }),
  ServerEvent: t.union<{ Uppercase: string }>({ Uppercase: t.string }),
  Renamed: t.union<"firstCase" | { "2nd": { some_field: number } }>({
    firstCase: null,
    "2nd": t.struct<{ some_field: number }>({ some_field: int32 }),
  }),
  Adjacent: t.adjacent<{ t: "A"; c: number } | { t: "B" }, "t", "c">({ A: int32, B: null }, { type: "t", data: "c" }),
  Result: t.union<{ Ok: number } | { Err: string }>({ Ok: int32, Err: t.string }),
  SocketAddr: t.union<{ V4: [Uint8Array, number] } | { V6: [Uint8Array, number] }>({
    V4: t.tuple(t.bytes(4), t.uint16),
    V6: t.tuple(t.bytes(16), t.uint16),
  }),
  IPAddr: t.union<{ V4: Uint8Array } | { V6: Uint8Array }>({ V4: t.bytes(4), V6: t.bytes(16) }),
} satisfies Record<string, unknown> as unknown as Record<string, t.Type<never>>;

const bytes = (...all: number[]): Uint8Array => Uint8Array.from(all);
const uuid = bytes(0x67, 0xe5, 0x50, 0x44, 0x10, 0xb1, 0x42, 0x6f, 0x92, 0x47, 0xbb, 0x68, 0x0e, 0x5f, 0xe0, 0xc8);

/** Values that their text does not tell: by type and text, which is what serde_json writes. */
const values: Record<string, unknown> = {
  "[16]byte 67e55044-10b1-426f-9247-bb680e5fe0c8": uuid,
  "SocketAddr 127.0.0.1:80": { V4: [bytes(127, 0, 0, 1), 80] },
  "IPAddr 127.0.0.1": { V4: bytes(127, 0, 0, 1) },
};

/** The value that a text means for a type. Fields that the text leaves out are zero, as they are in Go. */
export function valueOf(go: string, text: string): unknown {
  if (go.startsWith("float")) {
    const n = { inf: Infinity, "-inf": -Infinity, NaN: NaN }[text] ?? Number(text);
    return go === "float32" ? Math.fround(n) : n;
  }
  if (go === "int64" || go === "uint64" || go === "*big.Int") return BigInt(text);
  const v: unknown = JSON.parse(text);
  if (typeof v === "string" && go + " " + v in values) return values[go + " " + v];
  if (/byte$/.test(go)) return Uint8Array.from(v as number[]);
  if (go.startsWith("map[int32]"))
    return new Map(
      Object.entries(v as object)
        .map(([key, value]): [number, unknown] => [Number(key), value])
        .sort(([a], [b]) => a - b),
    );
  if (go === "Record") return { a: 0, b: null, ...(v as object), c: Uint8Array.from((v as { c?: number[] }).c ?? []) };
  if (go.startsWith("Blob")) return { b: Uint8Array.from((v as { b: number[] }).b) };
  if (go === "Duration") return { ...(v as object), secs: BigInt((v as { secs: number }).secs) };
  if (go === "SystemTime") return { ...(v as object), secs_since_epoch: BigInt((v as { secs_since_epoch: number }).secs_since_epoch) };
  return v;
}
