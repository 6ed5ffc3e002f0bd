import { type Codec, type Data, fail, Float, Raw } from "./codec.js";

/** JSON (RFC 8259). */
export const json: Codec = {
  name: "json",
  write: (data, around = 0) => write(data, 64 + around),
  read(payload, around = 0, ends) {
    src = typeof payload === "string" ? payload : new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload);
    at = 0;
    const data = item(64 + around, ends);
    space();
    if (at < src.length) bad();
    return data;
  },
};

function write(data: Data, depth: number): string {
  if (typeof data === "string") return quote(data);
  if (data instanceof Float) return float(data.value);
  if (typeof data === "number" && !Number.isInteger(data)) return float(data);
  if (typeof data !== "object" || data === null) return "" + data;
  if (data instanceof Raw) return data.payload as string;
  if (data instanceof Uint8Array) return quote(toBase64(data));
  if (!depth) fail("too deep", RangeError);
  let text = "";
  let comma = "";
  if (Array.isArray(data)) {
    for (const element of data) {
      text += comma + write(element, depth - 1);
      comma = ",";
    }
    return "[" + text + "]";
  }
  data.forEach((value: Data, key: Data) => {
    text += comma + quote("" + key) + ":" + write(value, depth - 1);
    comma = ",";
  });
  return "{" + text + "}";
}

function quote(text: string): string {
  if (!/[^ !#-[\]-\x7f]/.test(text)) return '"' + text + '"';
  if (/\p{Cs}/u.test(text)) fail("half a surrogate pair");
  return JSON.stringify(text);
}

function float(n: number): string {
  if (!Number.isFinite(n)) fail(n + " in JSON", RangeError);
  return Object.is(n, -0) ? "-0" : "" + n;
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

// Nobody else's code runs while data is read, so what is at hand can stand here.
let src: string;
let at: number;

function bad(): never {
  fail("not JSON", SyntaxError);
}

/** The next character that is no white space. */
function space(): number {
  for (;;) {
    const c = src.charCodeAt(at);
    if (c !== 32 && c !== 10 && c !== 13 && c !== 9) return c;
    at++;
  }
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;

function item(depth: number, ends?: number[]): Data {
  const c = space();
  if (c === 34) return string();
  if (c === 91 || c === 123) {
    if (!depth) fail("too deep", RangeError);
    const of: Data[] | Map<Data, Data> = c > 91 ? new Map() : [];
    for (let first = true; at++, space() !== c + 2 || !first; first = false) {
      if (of instanceof Map) {
        if (space() !== 34) bad();
        const key = string();
        if (space() !== 58) bad();
        at++;
        const { size } = of;
        if (of.set(key, item(depth - 1)).size === size) fail("a key twice");
      } else {
        of.push(item(depth - 1));
        ends?.push(at);
      }
      if (space() === c + 2) break;
      if (space() !== 44) bad();
    }
    at++;
    return of;
  }
  if (c > 57) {
    const word = c === 110 ? null : c === 116;
    if (!src.startsWith("" + word, at)) bad();
    at += ("" + word).length;
    return word;
  }
  number.lastIndex = at;
  if (!number.test(src)) bad();
  const text = src.slice(at, (at = number.lastIndex));
  const n = +text;
  if ("" + n === text && Number.isSafeInteger(n)) return n;
  // More digits than 8192 bits have are an integer for nobody, but might take long to read.
  if (text.length < 2468 && text !== "-0" && /^[-\d]+$/.test(text)) return BigInt(text);
  if (!Number.isFinite(n)) fail("out of range", RangeError);
  return Number.isInteger(n) ? new Float(n) : n;
}

function string(): string {
  const start = at;
  let escaped = false;
  for (let c; (c = src.charCodeAt(++at)) !== 34; ) {
    if (c === 92) {
      escaped = true;
      at++;
    } else if (!(c > 31)) bad();
  }
  at++;
  if (!escaped) return src.slice(start + 1, at - 1);
  const text = JSON.parse(src.slice(start, at)) as string;
  if (/\p{Cs}/u.test(text)) fail("half a surrogate pair", SyntaxError);
  return text;
}
