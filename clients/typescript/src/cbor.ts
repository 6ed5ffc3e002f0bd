import { at, byte, bytes, codec, float, many, put, raw, str, uint, whole } from "./bytes.js";
import { type Codec, type Data, fail, Float, safe } from "./codec.js";

/** CBOR (RFC 8949). */
export const cbor: Codec = /* @__PURE__ */ codec("cbor", head, scalar, item);

/** By major type, the upper three bits of an item's first byte. */
function head(major: number, n: number | bigint): void {
  n < 24 ? byte((major << 5) + (n as number)) : put((major << 5) + 24, n);
}

function scalar(data: null | boolean | number | bigint | Float): void {
  if (data === null) byte(0xf6);
  else if (typeof data === "boolean") byte(0xf4 + +data);
  else if (typeof data === "bigint" || Number.isInteger(data)) {
    data as number < 0 ? head(1, minus(data as number)) : head(0, data as number);
  } else {
    // The shortest that keeps the value.
    const n = typeof data === "number" ? data : data.value;
    const half = toHalf(n);
    half < 0 ? put(0xf8, n, Math.fround(n) === n ? 2 : 3, true) : put(0xf8, half, 1);
  }
}

/** -1 - n, which is how negative integers stand there. */
function minus(n: number | bigint): number | bigint {
  return typeof n === "bigint" ? ~n : -1 - n;
}

function item(depth: number, ends?: number[], tags = 0): Data {
  const first = uint(0) as number;
  const major = first >> 5;
  const info = first & 31;
  const n = (info < 24 ? info : info < 28 ? uint(info - 24) : -1) as number;
  if (info > 27 && (info < 31 || major < 2 || major > 5)) bad();
  if (major < 2) return major ? minus(n) : n;
  if (major < 4) {
    if (n >= 0) return major < 3 ? raw(n) : str(n);
    const pieces = many([] as Data[], n, 1, () => ((bytes[at]! ^ (major << 5)) > 27 ? bad() : item(0)));
    return major > 2 ? pieces.join("") : new Uint8Array(pieces.flatMap((piece) => [...(piece as Uint8Array)]));
  }
  if (major < 6) return many(major < 5 ? [] : new Map(), n, depth, item, ends);
  if (major < 7) {
    // Tags say nothing here but for big integers. They count as levels, so that they end.
    if (n > 3 || n < 2) return ++tags > depth ? fail("too deep", RangeError) : item(depth, ends, tags);
    if (bytes[at]! >> 5 !== 2) bad();
    const octets = item(0) as Uint8Array;
    if (octets.length > 1024) fail("over 8192 bits", RangeError);
    let value = 0n;
    for (const octet of octets) value = (value << 8n) | BigInt(octet);
    return safe(n < 3 ? value : ~value);
  }
  if (info > 24) return info > 25 ? float(info - 24) : whole(fromHalf(n));
  return info < 20 || info > 23 ? bad() : info > 21 ? null : info > 20;
}

function bad(): never {
  fail("not CBOR", SyntaxError);
}

const single: Float32Array = /* @__PURE__ */ new Float32Array(1);
const bits: Uint32Array = /* @__PURE__ */ new Uint32Array(single.buffer);

/** A half has the bits of a single whose exponent is 112 less. */
function fromHalf(half: number): number {
  bits[0] = ((half & 0x8000) << 16) | ((half & 0x7fff) << 13);
  const n = single[0]! * 2 ** 112;
  return Math.abs(n) < 65536 ? n : n % 65536 ? NaN : n * Infinity;
}

/** The 16 bits that mean n, or -1. */
function toHalf(n: number): number {
  single[0] = n * 2 ** -112;
  const half = ((bits[0]! >>> 16) & 0x8000) | ((bits[0]! >>> 13) & 0x7fff);
  return n !== n ? 0x7e00 : Object.is(fromHalf(half), n) ? half : -1;
}
