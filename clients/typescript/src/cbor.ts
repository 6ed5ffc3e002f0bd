import { float, list, map, more, peek, put, raw, read, sized, str, uint, whole, write } from "./bytes.js";
import { type Codec, type Data, fail, Float, safe } from "./codec.js";

/** CBOR (RFC 8949). */
export const cbor: Codec = {
  name: "cbor",
  write: (data, around = 0) => write(data, 64 + around, { head, scalar }),
  read: (payload, around = 0, ends) => read(payload, () => item(64 + around, ends)),
};

/** By major type, the upper three bits of an item's first byte. */
function head(major: number, n: number | bigint): void {
  sized(major << 5, 24, (major << 5) + 24, n);
}

function scalar(data: null | boolean | number | bigint | Float): void {
  if (data === null) put(0xf6);
  else if (typeof data === "boolean") put(data ? 0xf5 : 0xf4);
  else if (typeof data === "bigint" || Number.isInteger(data)) {
    data as number < 0 ? head(1, minus(data as number)) : head(0, data as number);
  } else {
    // The shortest that keeps the value.
    const n = typeof data === "number" ? data : data.value;
    const half = toHalf(n);
    if (half >= 0) put(0xf9, 2, half);
    else if (Math.fround(n) === n) put(0xfa, 4, n, true);
    else put(0xfb, 8, n, true);
  }
}

/** -1 - n, which is how negative integers stand there. */
function minus(n: number | bigint): number | bigint {
  return typeof n === "bigint" ? ~n : -1 - n;
}

function item(depth: number, ends?: number[], tags = 0): Data {
  const first = uint(1) as number;
  const major = first >> 5;
  const info = first & 31;
  const n = (info < 24 ? info : info < 28 ? uint(1 << (info - 24)) : -1) as number;
  if (info < 28 || (info > 30 && major > 1 && major < 6)) {
    if (major < 2) return major ? minus(n) : n;
    if (major < 4) {
      const of = major < 3 ? raw : str;
      if (n >= 0) return of(n);
      const pieces: Data[] = [];
      while (more(n, 0)) {
        if (peek() >> 5 !== major || peek() % 32 > 27) fail("not CBOR", SyntaxError);
        pieces.push(item(0));
      }
      return major > 2 ? pieces.join("") : Uint8Array.from(pieces.flatMap((piece) => [...(piece as Uint8Array)]));
    }
    if (major < 5) return list(n, depth, item, ends);
    if (major < 6) return map(n, depth, item);
    if (major < 7) {
      // Tags say nothing here but for big integers. They count as levels, so that they end.
      if (n > 3 || n < 2) return ++tags > depth ? fail("too deep", RangeError) : item(depth, ends, tags);
      if (peek() >> 5 === 2) {
        const bytes = item(0) as Uint8Array;
        if (bytes.length > 1024) fail("over 8192 bits", RangeError);
        let value = 0n;
        for (const byte of bytes) value = (value << 8n) | BigInt(byte);
        return safe(n < 3 ? value : ~value);
      }
    } else {
      if (info > 24) return info > 25 ? float(1 << (info - 24)) : whole(fromHalf(n));
      if (info > 19 && info < 24) return info > 21 ? null : info > 20;
    }
  }
  fail("not CBOR", SyntaxError);
}

const single: Float32Array = /* @__PURE__ */ new Float32Array(1);
const bits: Uint32Array = /* @__PURE__ */ new Uint32Array(single.buffer);

/** A half has the bits of a single whose exponent is 112 less. */
function fromHalf(half: number): number {
  bits[0] = ((half & 0x8000) << 16) | ((half & 0x7fff) << 13);
  const n = single[0]! * 2 ** 112;
  return Math.abs(n) < 65536 ? n : Math.abs(n) > 65536 ? NaN : n * Infinity;
}

/** The 16 bits that mean n, or -1. */
function toHalf(n: number): number {
  single[0] = n * 2 ** -112;
  const half = ((bits[0]! >>> 16) & 0x8000) | ((bits[0]! >>> 13) & 0x7fff);
  return n !== n ? 0x7e00 : Object.is(fromHalf(half), n) ? half : -1;
}
