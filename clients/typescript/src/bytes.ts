/** What the codecs of bytes have in common: one buffer to write into, and one payload at a time to read from. */

import { type Codec, type Data, fail, Float, Raw } from "./codec.js";

const encoder: TextEncoder = /* @__PURE__ */ new TextEncoder();
const decoder: TextDecoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Below it a loop over the characters is faster than an encoder or decoder. */
const short = 24;

// Nobody else's code runs while data is read or written, so what is at hand can stand here. What is read is copied as well:
// one view of one buffer costs less than a new one for each message.
export let bytes: Uint8Array<ArrayBuffer> = /* @__PURE__ */ new Uint8Array(1024);
let view: DataView = /* @__PURE__ */ new DataView(bytes.buffer);
export let at: number;
let end: number;

/** Writes the head of bytes, text, a list or a map, which are 2 to 5. */
type Head = (of: number, length: number) => void;

/** A codec, of what is its own: how heads and what has none are written, and how an item is read. */
/* @__NO_SIDE_EFFECTS__ */
export function codec(
  name: "cbor" | "msgpack",
  head: Head,
  scalar: (data: null | boolean | number | bigint | Float) => void,
  item: (depth: number, ends?: number[]) => Data,
): Codec {
  const write = (data: Data, depth: number): void => {
    room(32); // for a head and short text
    if (typeof data === "string") text(data, head);
    else if (typeof data !== "object" || data === null || data instanceof Float) scalar(data);
    else if (data instanceof Raw) copy(data.payload as Uint8Array);
    else if (data instanceof Uint8Array) {
      head(2, data.length);
      copy(data);
    } else {
      if (!depth--) fail("too deep", RangeError);
      if (Array.isArray(data)) {
        head(4, data.length);
        for (const element of data) write(element, depth);
      } else {
        head(5, data.size);
        data.forEach((value: Data, key: Data) => {
          write(key, depth);
          write(value, depth);
        });
      }
    }
  };
  return {
    name,
    write(data, around = 0) {
      at = 0;
      write(data, 64 + around);
      return bytes.slice(0, at);
    },
    read(payload, around = 0, ends) {
      at = 0;
      copy(typeof payload === "string" ? encoder.encode(payload) : payload);
      end = at;
      at = 0;
      const data = item(64 + around, ends);
      if (at !== end) fail("more than one value", SyntaxError);
      return data;
    },
  };
}

/** Makes room for n bytes more, and starts anew when a long message is over. */
function room(n: number): void {
  n += at;
  if (n > bytes.length || (!at && bytes.length > 65536)) {
    const old = bytes;
    bytes = new Uint8Array(n * 2 + 1024);
    view = new DataView(bytes.buffer);
    if (at) bytes.set(old);
  }
}

function copy(from: Uint8Array): void {
  room(from.length);
  bytes.set(from, at);
  at += from.length;
}

function text(data: string, head: Head): void {
  const n = data.length;
  const start = at;
  if (n < short) {
    head(3, n);
    let i = 0;
    for (let c; i < n && (c = data.charCodeAt(i)) < 128; i++) bytes[at + i] = c;
    at += n;
    if (i === n) return;
    at = start;
  }
  if (/\p{Cs}/u.test(data)) fail("half a surrogate pair");
  const utf8 = encoder.encode(data);
  head(3, utf8.length);
  copy(utf8);
}

export function byte(b: number): void {
  bytes[at++] = b;
}

/**
 * Writes an integer, or if it is told to a float, behind the one of four bytes that tells its size. Sizes are 0 to 3 here, for 1,
 * 2, 4 and 8 bytes.
 */
export function put(
  first: number,
  n: number | bigint,
  size: number = n < 256 ? 0 : n < 65536 ? 1 : n < 2 ** 32 ? 2 : 3,
  float?: boolean,
): void {
  byte(first + size);
  if (float) size > 2 ? view.setFloat64(at, n as number) : view.setFloat32(at, n as number);
  else if (size > 2) view.setBigUint64(at, BigInt(n));
  else for (let i = 1 << size; i--; (n as number) >>>= 8) bytes[at + i] = n as number;
  at += 1 << size;
}

/** Takes n bytes and tells where they are. */
function take(n: number): number {
  if (n > end - at) fail("cut short", RangeError);
  at += n;
  return at - n;
}

/** An integer of a size from 0 to 3: a bigint if it is not a safe one. */
export function uint(size: number): number | bigint {
  const start = take(1 << size);
  let n = 0;
  for (let i = start; i < at; i++) n = n * 256 + bytes[i]!;
  return n < 2 ** 53 ? n : view.getBigUint64(start);
}

/** The float of size 2 or 3 whose bytes are taken already. */
export function float(size: number): Data {
  return whole(size > 2 ? view.getFloat64(at - 8) : view.getFloat32(at - 4));
}

/** A float as data. */
export function whole(n: number): Data {
  return Number.isInteger(n) ? new Float(n) : n;
}

export function raw(n: number): Uint8Array<ArrayBuffer> {
  const start = take(n);
  return bytes.slice(start, at);
}

/** Short text that came before. Keys come again and again, and so need no new string. */
const before: string[] = [];

export function str(n: number): string {
  const start = take(n);
  if (n < short) {
    const slot = (bytes[start]! * 8 + bytes[at - 1]! * 2 + n) & 255;
    const like = before[slot];
    let i = 0;
    if (like?.length === n) {
      while (i < n && bytes[start + i] === like.charCodeAt(i)) i++;
      if (i === n) return like;
    }
    let s = "";
    for (i = start; i < at && bytes[i]! < 128; i++) s += String.fromCharCode(bytes[i]!);
    if (i === at) return (before[slot] = s);
  }
  return decoder.decode(bytes.subarray(start, at));
}

/** Reads n elements into a list or map, or if n is negative those that come before a byte of 255. */
export function many<T extends Data[] | Map<Data, Data>>(
  of: T,
  n: number,
  depth: number,
  item: (depth: number) => Data,
  ends?: number[],
): T {
  if (!depth--) fail("too deep", RangeError);
  const map = of instanceof Map;
  for (let i = 0; n < 0 ? bytes[at] !== 255 || !++at : i < n; i++) {
    const first = item(depth);
    if (map) {
      if (of.set(first, item(depth)).size === i) fail("a key twice");
    } else {
      of.push(first);
      ends?.push(at);
    }
  }
  return of;
}
