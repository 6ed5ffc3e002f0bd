/** What the codecs of bytes have in common: one buffer to write into, and one payload at a time to read from. */

import { type Data, fail, Float, type Payload, Raw } from "./codec.js";

const encoder: TextEncoder = /* @__PURE__ */ new TextEncoder();
const decoder: TextDecoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Below it a loop over the characters is faster than an encoder or decoder. */
const short = 24;

// Nobody else's code runs while data is read or written, so what is at hand can stand here. What is read is copied as well:
// one view of one buffer costs less than a new one for each message.
let bytes: Uint8Array<ArrayBuffer> = /* @__PURE__ */ new Uint8Array(1024);
let view: DataView = /* @__PURE__ */ new DataView(bytes.buffer);
let at: number;
let end: number;

/** What a codec is to say of itself: it writes what is neither text, bytes, list nor map, and the heads of those, 2 to 5. */
export interface Heads {
  scalar(data: null | boolean | number | bigint | Float): void;
  head(of: number, length: number): void;
}

let heads: Heads;

/** Makes room for n bytes and tells where. */
function room(n: number): number {
  const start = at;
  at += n;
  // Also when a long message is over.
  if (at > bytes.length || (!start && bytes.length > 65536)) {
    const old = bytes;
    bytes = new Uint8Array(at * 2 + 1024);
    view = new DataView(bytes.buffer);
    if (start) bytes.set(old.subarray(0, start));
  }
  return start;
}

function copy(from: Uint8Array): void {
  // In this order: room may take another buffer.
  const start = room(from.length);
  bytes.set(from, start);
}

/** Data as a payload. */
export function write(data: Data, depth: number, of: Heads): Payload {
  heads = of;
  at = 0;
  item(data, depth);
  return bytes.slice(0, at);
}

function item(data: Data, depth: number): void {
  if (typeof data === "string") text(data);
  else if (typeof data !== "object" || data === null || data instanceof Float) heads.scalar(data);
  else if (data instanceof Raw) copy(data.payload as Uint8Array);
  else if (data instanceof Uint8Array) {
    heads.head(2, data.length);
    copy(data);
  } else {
    if (!depth) fail("too deep", RangeError);
    if (Array.isArray(data)) {
      heads.head(4, data.length);
      for (const element of data) item(element, depth - 1);
    } else {
      heads.head(5, data.size);
      data.forEach((value: Data, key: Data) => {
        item(key, depth - 1);
        item(value, depth - 1);
      });
    }
  }
}

function text(data: string): void {
  const start = at;
  const n = data.length;
  if (n < short) {
    heads.head(3, n);
    let to = room(n);
    let i = 0;
    for (let c; i < n && (c = data.charCodeAt(i)) < 128; i++) bytes[to++] = c;
    if (i === n) return;
    at = start;
  }
  if (/\p{Cs}/u.test(data)) fail("half a surrogate pair");
  const utf8 = encoder.encode(data);
  heads.head(3, utf8.length);
  copy(utf8);
}

/** Writes a byte and behind it an integer, or if it is told to a float, of 0, 1, 2, 4 or 8 bytes. */
export function put(first: number, size = 0, n: number | bigint = 0, float?: boolean): void {
  let to = room(1 + size);
  bytes[to++] = first;
  if (float) size > 4 ? view.setFloat64(to, n as number) : view.setFloat32(to, n as number);
  else if (size > 4) view.setBigUint64(to, BigInt(n));
  else for (; size--; (n as number) >>>= 8) bytes[to + size] = n as number;
}

/** Writes n in one byte with the first if it is below the limit, else behind the one of four bytes that tells its size. */
export function sized(first: number, limit: number, wide: number, n: number | bigint): void {
  const size = n < 256 ? 0 : n < 65536 ? 1 : n < 2 ** 32 ? 2 : 3;
  n < limit ? put(first + (n as number)) : put(wide + size, 1 << size, n);
}

/** The data in a payload, of which item reads one. */
export function read(payload: Payload, item: () => Data): Data {
  at = 0;
  copy(typeof payload === "string" ? encoder.encode(payload) : payload);
  end = at;
  at = 0;
  const data = item();
  if (at !== end) fail("more than one value", SyntaxError);
  return data;
}

/** Takes n bytes and tells where they are. */
function take(n: number): number {
  if (n > end - at) fail("cut short", RangeError);
  at += n;
  return at - n;
}

/** An integer of 1, 2, 4 or 8 bytes: a bigint if it is not a safe one. */
export function uint(size: number): number | bigint {
  const start = take(size);
  let n = 0;
  for (let i = start; i < at; i++) n = n * 256 + bytes[i]!;
  return n > Number.MAX_SAFE_INTEGER ? view.getBigUint64(start) : n;
}

/** The float of 4 or 8 bytes that is read already. */
export function float(size: number): Data {
  return whole(size > 4 ? view.getFloat64(at - 8) : view.getFloat32(at - 4));
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

/** Whether one of n elements follows, of which i have come. If n is negative a byte of 255 ends them. */
export function more(n: number, i: number): boolean {
  return n < 0 ? bytes[at] !== 255 || !++at : i < n;
}
/** The next byte. */
export function peek(): number {
  return bytes[at]!;
}

export function list(n: number, depth: number, item: (depth: number) => Data, ends?: number[]): Data[] {
  if (!depth) fail("too deep", RangeError);
  const list: Data[] = [];
  while (more(n, list.length)) {
    list.push(item(depth - 1));
    ends?.push(at);
  }
  return list;
}

export function map(n: number, depth: number, item: (depth: number) => Data): Map<Data, Data> {
  if (!depth) fail("too deep", RangeError);
  const map = new Map<Data, Data>();
  for (let size = 0; more(n, size); size++)
    if (map.set(item(depth - 1), item(depth - 1)).size === size) fail("a key twice");
  return map;
}
