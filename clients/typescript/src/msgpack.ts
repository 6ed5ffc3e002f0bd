import { float, list, map, put, raw, read, sized, str, uint, write } from "./bytes.js";
import { type Codec, type Data, fail, Float, safe } from "./codec.js";

/** MessagePack. */
export const msgpack: Codec = {
  name: "msgpack",
  write: (data, around = 0) => write(data, 64 + around, { head, scalar }),
  read: (payload, around = 0, ends) => read(payload, () => item(64 + around, ends)),
};

function head(of: number, n: number): void {
  if (of < 4) of < 3 ? sized(0, 0, 0xc4, n) : sized(0xa0, 32, 0xd9, n);
  else if (n < 16) put((of < 5 ? 0x90 : 0x80) + n);
  else put((of < 5 ? 0xdc : 0xde) + +(n > 65535), n > 65535 ? 4 : 2, n);
}

function scalar(data: null | boolean | number | bigint | Float): void {
  if (data === null) put(0xc0);
  else if (typeof data === "boolean") put(data ? 0xc3 : 0xc2);
  else if (typeof data === "bigint" || Number.isInteger(data)) {
    const n = data as number;
    if (n >= 0) sized(0, 128, 0xcc, n);
    else if (n >= -32) put(Number(n));
    else {
      const size = n >= -128 ? 0 : n >= -32768 ? 1 : n >= -(2 ** 31) ? 2 : 3;
      put(0xd0 + size, 1 << size, n);
    }
  } else {
    const n = typeof data === "number" ? data : data.value;
    const single = typeof data !== "number" && data.single;
    // NaN has many bit patterns. These are Go's.
    if (n !== n) single ? put(0xca, 4, 0x7fc00000) : put(0xcb, 8, 0x7ff8000000000001n);
    else put(single ? 0xca : 0xcb, single ? 4 : 8, n, true);
  }
}

function item(depth: number, ends?: number[]): Data {
  const b = uint(1) as number;
  if (b < 0x80) return b;
  if (b < 0x90) return map(b & 15, depth, item);
  if (b < 0xa0) return list(b & 15, depth, item, ends);
  if (b < 0xc0) return str(b & 31);
  if (b > 0xdf) return b - 256;
  if (b < 0xc1) return null;
  if (b > 0xc1 && b < 0xc4) return b > 0xc2;
  if (b > 0xc3 && b < 0xc7) return raw(uint(1 << (b - 0xc4)) as number);
  if (b > 0xc9 && b < 0xd4) {
    const size = b < 0xcc ? (b - 0xc9) * 4 : 1 << (b & 3);
    const n = uint(size);
    return b < 0xcc ? float(size) : b < 0xd0 ? n : safe(BigInt.asIntN(8 * size, BigInt(n)));
  }
  if (b > 0xd8) {
    const n = uint(b < 0xdc ? 1 << (b - 0xd9) : 2 << (b & 1)) as number;
    return b < 0xdc ? str(n) : b < 0xde ? list(n, depth, item, ends) : map(n, depth, item);
  }
  fail("not MessagePack", SyntaxError);
}
