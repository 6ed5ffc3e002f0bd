/**
 * How values become the payload of a frame. A {@link Type} makes plain {@link Data} of a value, and a {@link Codec} makes
 * bytes or text of data; on the way back the codec looks whether a payload is well formed, and the type whether it is what was
 * agreed on. So a codec knows nothing of types, a type little of codecs, and a page downloads only what it uses of both.
 */

/** What a payload is: text for JSON, bytes for the others. Text is read from both. */
export type Payload = string | Uint8Array<ArrayBuffer>;

/**
 * What a payload says. A number that is whole is an integer, and one with a fraction a float; a float that is whole is a
 * {@link Float}. A bigint is an integer too, where a number is not safe. Maps keep their order.
 */
export type Data = null | boolean | number | bigint | string | Uint8Array | Data[] | Map<Data, Data> | Float | Fields | Raw;

/** A codec. The three are {@link json}, {@link cbor} and {@link msgpack}. They hold no state. */
export interface Codec {
  readonly name: "json" | "cbor" | "msgpack";
  /** Data as a payload. It may nest 64 deep, and as deep again as is said to be around a message. */
  write(data: Data, around?: number): Payload;
  /**
   * The data in a payload, which has nothing else. Maps have no key twice, text is well formed. If it is a list, ends takes
   * where each of its elements ends: in bytes, or for JSON in UTF-16 units.
   */
  read(payload: Payload, around?: number, ends?: number[]): Data;
}

// What the constructors of these classes set is only declared before: a page need not download it twice.

/** A float, where a number would be an integer, or has to be written with single precision. */
export class Float {
  declare readonly value: number;
  declare readonly single: boolean;

  constructor(value: number, single = false) {
    this.value = value;
    this.single = single;
  }
}

/** A map of names: what a struct makes of itself, for which a Map would take longer. It is written only. */
export class Fields {
  declare readonly names: readonly string[];
  declare readonly values: readonly Data[];
  declare readonly size: number;

  constructor(names: readonly string[], values: readonly Data[]) {
    this.names = names;
    this.values = values;
    this.size = names.length;
  }

  forEach(entry: (value: Data, name: string) => void): void {
    this.names.forEach((name, i) => entry(this.values[i]!, name));
  }
}

/** A payload inside another of the same codec. It is written only. */
export class Raw {
  declare readonly payload: Payload;

  constructor(payload: Payload) {
    this.payload = payload;
  }
}

/** How a T travels, whatever the codec. */
export interface Type<in out T> {
  /** A value as data. Throws a RangeError or TypeError with the path to what cannot be sent. */
  to(value: T, codec: Codec): Data;
  /** The value that data means. Throws a RangeError or TypeError with the path to the fault. */
  from(data: Data, codec: Codec): T;
  /** What stands for a value that is missing in an object, as in Go; throws where there is none. */
  zero(): T;
  readonly optional?: never;
}

/** A value as a payload. Throws a RangeError or TypeError with the path to what cannot be written. */
export function encode<T>(codec: Codec, type: Type<T>, value: T): Payload {
  return codec.write(type.to(value, codec));
}

/** The value in a payload. Throws a RangeError, TypeError or SyntaxError with the path to the fault. */
export function decode<T>(codec: Codec, type: Type<T>, payload: Payload): T {
  return type.from(codec.read(payload), codec);
}

/** How long a payload is on the wire. */
export function byteLength(payload: Payload): number {
  return (typeof payload === "string" ? new TextEncoder().encode(payload) : payload).length;
}

/** Throws an error of one of the three kinds that there are here. */
export function fail(what: string, kind: ErrorConstructor = TypeError): never {
  throw new kind(what);
}

/** An integer as data: a number if it is a safe one. */
export function safe(n: bigint): number | bigint {
  const number = Number(n);
  return Number.isSafeInteger(number) ? number : n;
}
