/** How parameters become the path and query of a URL: section 2 of spec/protocol.md. */

import { type Codec, type Data, fail, Fields, Float } from "./codec.js";
import type { Params, Type } from "./types.js";

/** Types of parameters are asked for data as if they were written in JSON. Of the codec they need no more than how keys sort. */
const text = { name: "json", write: String } as unknown as Codec;

/**
 * The path and query for a path with {wildcards}. What cannot be sent is a RangeError or TypeError that begins with the
 * parameter's name.
 */
export function target<P>(path: string, params: Params<P> | undefined, value: P): string {
  let query = "";
  const segments: { [name: string]: Data } = {};
  for (const [name, param] of Object.entries(params?.fields ?? {})) {
    const given = (value as { [name: string]: unknown } | undefined)?.[name];
    if (given === undefined && param.optional) continue;
    try {
      const data = (param.of as unknown as Type<unknown>).to(given, text);
      if (param.in === "path") segments[name] = data;
      else
        for (const [key, value] of pairs(data)) query += (query ? "&" : "?") + form(name) + key + "=" + form(value);
    } catch (error) {
      throw within(error, name);
    }
  }
  const filled = path.replace(/\{(.+?)(\.{3})?\}/g, (_, name: string, rest?: string) => {
    try {
      const data = segments[name]!;
      return rest ? several(data) : segment(leaf(data));
    } catch (error) {
      throw within(error, name);
    }
  });
  return filled + query;
}

function within(error: unknown, name: string): Error {
  const { constructor, message } = error as Error;
  return new (constructor as ErrorConstructor)(name + (message[0] === "[" ? "" : message.includes(": ") ? "." : ": ") + message);
}

/** Text as one segment. Escapes do not protect dots, and http.ServeMux takes a lone slash for the end of the path. */
function segment(text: string): string {
  if (!text || text === "/" || text === "." || text === "..") fail(`"${text}" as a segment of a path`, RangeError);
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase())
    .replace(/%(24|26|2B|3D|3A|40)/g, decodeURIComponent);
}

/** Segments, of which the last may be empty, which is a slash at the end. */
function several(data: Data): string {
  const list = Array.isArray(data) ? data.map(leaf) : leaf(data).split("/");
  return list
    .map((text, i) => {
      if (Array.isArray(data) && text.includes("/")) fail("a segment with a slash", RangeError);
      return i && i === list.length - 1 && !text ? "" : segment(text);
    })
    .join("/") || segment("");
}

/** As forms are escaped. */
function form(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()~]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase())
    .replaceAll("%20", "+");
}

function leaf(data: Data): string {
  if (data instanceof Float) data = Object.is(data.value, -0) ? "-0" : data.value;
  if (data instanceof Map || Array.isArray(data) || Number.isFinite(data) === (typeof data !== "number"))
    fail("not a single value");
  const [, sign, whole, part = "", exponent] = /^(-?)(\d+)\.?(\d*)e(.+)$/.exec(String(data)) ?? [];
  if (!exponent) return String(data);
  // Floats have no exponent here.
  const digits = whole + part;
  return sign + (+exponent < 0 ? "0." + "0".repeat(-exponent - 1) + digits : digits.padEnd(+exponent + 1, "0"));
}

/** Data as pairs of a key in brackets and text. What is empty leaves no pair, but an empty one as an element. */
function pairs(data: Data, depth = 0): [key: string, text: string][] {
  if (data === null) return [];
  if (!Array.isArray(data) && !(data instanceof Map) && !(data instanceof Fields)) return [["", leaf(data)]];
  if (depth > 7) fail("nested deeper than 8", RangeError);
  const all: [string, string][] = [];
  (data as Data[]).forEach((value, key: Data) => {
    const inner = pairs(value, depth + 1);
    for (const [rest, text] of inner.length ? inner : [["", ""] as const]) all.push([`[${form(leaf(key))}]${rest}`, text]);
  });
  return all;
}
