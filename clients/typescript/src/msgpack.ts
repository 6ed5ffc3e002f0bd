import { byte, codec, float, many, put, raw, str, uint } from "./bytes.js";
import { type Codec, type Data, fail, Float, safe } from "./codec.js";

/** MessagePack. */
export const msgpack: Codec = /* @__PURE__ */ codec("msgpack", head, scalar, item);

function head(of: number, n: number): void {
  if (of < 4) of > 2 && n < 32 ? byte(0xa0 + n) : put(of < 3 ? 0xc4 : 0xd9, n);
  else n < 16 ? byte((of < 5 ? 0x90 : 0x80) + n) : put(of < 5 ? 0xdb : 0xdd, n, n < 65536 ? 1 : 2);
}

function scalar(data: null | boolean | number | bigint | Float): void {
  if (data === null) byte(0xc0);
  else if (typeof data === "boolean") byte(0xc2 + +data);
  else if (typeof data === "bigint" || Number.isInteger(data)) {
    const n = data as number;
    if (n >= -32 && n < 128) byte(Number(n));
    else if (n >= 0) put(0xcc, n);
    else put(0xd0, n, n >= -128 ? 0 : n >= -32768 ? 1 : n >= -(2 ** 31) ? 2 : 3);
  } else {
    const n = typeof data === "number" ? data : data.value;
    const size = typeof data !== "number" && data.single ? 2 : 3;
    // NaN has many bit patterns. These are Go's.
    if (n !== n) put(0xc8, size > 2 ? 0x7ff8000000000001n : 0x7fc00000);
    else put(0xc8, n, size, true);
  }
}

function item(depth: number, ends?: number[]): Data {
  const b = uint(0) as number;
  if (b < 0x80) return b;
  if (b > 0xdf) return b - 256;
  if (b < 0xa0) return many(b < 0x90 ? new Map() : [], b & 15, depth, item, ends);
  if (b < 0xc0) return str(b & 31);
  if (b < 0xc1) return null;
  if (b > 0xc1 && b < 0xc4) return b > 0xc2;
  if (b > 0xc3 && b < 0xc7) return raw(uint(b & 3) as number);
  if (b > 0xc9 && b < 0xd4) {
    const n = uint(b & 3);
    return b < 0xcc ? float(b & 3) : b < 0xd0 ? n : safe(BigInt.asIntN(8 << (b & 3), BigInt(n)));
  }
  if (b > 0xd8) {
    const n = uint(b < 0xdc ? b - 0xd9 : 1 + (b & 1)) as number;
    return b < 0xdc ? str(n) : many(b < 0xde ? [] : new Map(), n, depth, item, ends);
  }
  fail("not MessagePack", SyntaxError);
}
