/**
 * How values become the payload of a frame. A {@link Type} says what is written, one value after the other, and a codec's
 * {@link Writer} and {@link Reader} how. So a codec knows nothing of types, a type nothing of codecs, and a page downloads
 * only the types and the codec that it uses.
 */

/** What a payload is: text for JSON, bytes for the others. Text is read from both. */
export type Payload = string | Uint8Array<ArrayBuffer>;

/** A codec. The three are {@link json}, {@link cbor} and {@link msgpack}. They hold no state. */
export interface Codec {
  readonly name: "json" | "cbor" | "msgpack";
  /** A new writer. */
  writer(): Writer;
  /** A new reader of a payload, which may be nested 64 deep, and as deep again as the type says that it puts around it. */
  reader(payload: Payload, around?: number): Reader;
}

/** Takes a value in pieces. */
export interface Writer {
  null(): void;
  boolean(value: boolean): void;
  /** An integer. A number is a safe one: types see to that. */
  integer(value: number | bigint): void;
  /** A number with a fraction, also where it has none; of single precision where the type is. */
  float(value: number, single?: boolean): void;
  string(value: string): void;
  bytes(value: Uint8Array): void;
  /** Begins a list of so many values, which follow; end() ends it. */
  list(length: number): void;
  /** Begins a map of so many entries, each a key and a value; end() ends it. */
  map(size: number): void;
  /** A key: text, or in CBOR and MessagePack an integer or boolean as such. */
  key(key: string | number | bigint | boolean): void;
  end(): void;
  /** What was written, which is one value. */
  finish(): Payload;
}

/** What comes next. */
export type Kind = "null" | "boolean" | "integer" | "float" | "string" | "bytes" | "list" | "map";

/**
 * Gives a value in pieces. What is not well formed, or not what was asked for, throws; types put the path in front.
 */
export interface Reader {
  /** What comes next; nothing is taken. */
  kind(): Kind;
  /** Takes a null, if one comes next, and tells whether it did. */
  null(): boolean;
  boolean(): boolean;
  /** An integer: a number if it is a safe one, else a bigint. */
  integer(): number | bigint;
  /** A float, or an integer where the codec takes one for it. */
  float(): number;
  string(): string;
  /** A byte string. In JSON text comes instead, and is base64. */
  bytes(): Uint8Array<ArrayBuffer>;
  /** Enters a list, or a map. more() is then called in front of each element, and leaves it after the last. */
  list(): void;
  map(): void;
  more(): boolean;
  /** A map's next key. In JSON all keys are text. A key that is there twice is for the caller to find. */
  key(): string | number | bigint | boolean;
  /** Whatever comes next, as JavaScript has it. */
  any(): unknown;
  /** Throws if anything follows. */
  finish(): void;
}

/** How a T travels, whatever the codec. */
export interface Type<in out T> {
  write(w: Writer, value: T): void;
  read(r: Reader): T;
  /** What stands for a value that is missing in an object, as in Go; throws where there is none. */
  zero(): T;
  readonly optional?: never;
}

/** A value as a payload. Throws a RangeError or TypeError with the path to what cannot be written. */
export function encode<T>(codec: Codec, type: Type<T>, value: T): Payload {
  const w = codec.writer();
  type.write(w, value);
  return w.finish();
}

/** The value in a payload, which has nothing else. Throws a RangeError, TypeError or SyntaxError with the path to the fault. */
export function decode<T>(codec: Codec, type: Type<T>, payload: Payload): T {
  const r = codec.reader(payload);
  const value = type.read(r);
  r.finish();
  return value;
}
