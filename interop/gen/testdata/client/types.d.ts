/** How types travel. The codecs read this; nobody else looks inside. */

import type { Unknown } from "./index.js";

declare const type: unique symbol;

/** How a T travels, whatever the codec. */
export interface Type<in out T> {
  readonly [type]: (value: T) => T;
  readonly optional?: never;
}

/** A property that may be missing. It is left out when it is, never null or undefined. */
export interface Optional<in out T> {
  readonly [type]: (value: T) => T;
  readonly optional: true;
}

export declare function optional<T>(of: Type<T>): Optional<T>;

/** Where a parameter travels. */
export interface Param<in out T> {
  readonly [type]: (value: T) => T;
  readonly in: "path" | "query";
  readonly optional?: never;
}

export interface OptionalParam<in out T> {
  readonly [type]: (value: T) => T;
  readonly in: "query";
  readonly optional: true;
}

export declare function path<T>(of: Type<T>): Param<T>;
export declare function query<T>(of: Type<T>): Param<T>;
export declare function query<T>(of: Optional<T>): OptionalParam<T>;

/** The parameters of an endpoint. */
export interface Params<in out P> {
  readonly [type]: (value: P) => P;
}

export declare function params<P>(fields: {
  readonly [K in keyof P]-?: {} extends Pick<P, K> ? OptionalParam<Exclude<P[K], undefined>> : Param<P[K]>;
}): Params<P>;

export declare const boolean: Type<boolean>;
export declare const string: Type<string>;
/** RFC 3339 text, kept as text with all its digits, or as a Date with milliseconds. */
export declare const time: Type<string>;
export declare const date: Type<Date>;

/** Integers are numbers; outside of their range, or the safe one, they are a RangeError with the path, both ways. */
export declare const int8: Type<number>;
export declare const int16: Type<number>;
export declare const int32: Type<number>;
export declare const int64: Type<number>;
export declare const uint8: Type<number>;
export declare const uint16: Type<number>;
export declare const uint32: Type<number>;
export declare const uint64: Type<number>;
/** The same with all digits, and an integer of any size. In JSON they are numbers too, so read from the text. */
export declare const bigInt64: Type<bigint>;
export declare const bigUint64: Type<bigint>;
export declare const bigint: Type<bigint>;
export declare const float32: Type<number>;
export declare const float64: Type<number>;

/** Base64 in JSON, a byte string elsewhere; and the same bytes as a list of integers. */
export declare function bytes(length?: number): Type<Uint8Array>;
export declare function byteList(length?: number): Type<Uint8Array>;

/** Whatever the codec can say. */
export declare const unknown: Type<unknown>;

export declare function nullable<T>(of: Type<T>): Type<T | null>;
export declare function list<T>(of: Type<T>): Type<T[]>;
export declare function array<T>(of: Type<T>, length: number): Type<T[]>;
export declare function tuple<T extends unknown[]>(...of: { readonly [I in keyof T]: Type<T[I]> }): Type<T>;
/** A map whose keys are text. The key __proto__ is one like the others. */
export declare function record<T>(of: Type<T>): Type<Record<string, T>>;
export declare function recordOf<K extends string>(): <T>(of: Type<T>) => Type<Partial<Record<K, T>>>;
export declare function map<K, V>(key: Type<K>, of: Type<V>): Type<Map<K, V>>;
/** The type of constants. Others are let pass: a newer server may know more. */
export declare function valuesOf<T extends string | number>(of: Type<string> | Type<number>): Type<T>;
/** For types that contain themselves. */
export declare function lazy<T>(of: () => Type<T>): Type<T>;

/** An object. What it does not list is ignored; a property that is missing and not optional is an error. */
export declare function struct<T>(fields: {
  readonly [K in keyof T]-?: {} extends Pick<T, K> ? Optional<Exclude<T[K], undefined>> : Type<T[K]>;
}): Type<T>;

type Known<T> = Exclude<T, Unknown>;
type Tag<T> = T extends string ? T : keyof T;
type Content<T, K> = T extends string ? never : T extends { readonly [P in K & PropertyKey]: infer V } ? V : never;

/** { Tag: content }, or "Tag" alone, which is null here. An open union takes others as {@link Unknown}. */
export declare function union<T>(
  variants: { readonly [K in Tag<Known<T>> & string]: K extends T ? null : Type<Content<Known<T>, K>> },
  options?: { readonly open: true },
): Type<T>;

/** { type: "Tag", data: content }, under these or other keys; null for a tag without data. */
export declare function adjacent<T, TypeKey extends string, DataKey extends string>(
  variants: {
    readonly [K in Content<Known<T>, TypeKey> & string]: Extract<Known<T>, { readonly [P in TypeKey]: K }> extends {
      readonly [P in DataKey]: infer V;
    }
      ? Type<V>
      : null;
  },
  options: { readonly type: TypeKey; readonly data: DataKey; readonly open?: true },
): Type<T>;
