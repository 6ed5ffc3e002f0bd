/**
 * What generated files take from the package "@tandem-ws/client": the whole contract between `tandem gen ts` and the runtime.
 *
 * Helpers have no side effects (`@__NO_SIDE_EFFECTS__` in the runtime), so that a bundler drops the endpoints and codecs that
 * a page does not use.
 */

export * as t from "./types.js";

import type { Params, Type } from "./types.js";

export type { Type };

/** A codec: how types that are described with {@link t} become the payload of a frame. */
export interface Codec {
  readonly name: "json" | "cbor" | "msgpack";
}

export declare const json: Codec;
export declare const cbor: Codec;
export declare const msgpack: Codec;

/** Makes connections outlive their sockets. An import of its own, so that who has none does not download it. */
export interface Session {
  readonly messages?: number;
  readonly bytes?: number;
  readonly keepMs?: number;
  /** Off if negative. */
  readonly heartbeatMs?: number;
  /** The application acknowledges messages, and receiving the next does not. */
  readonly commits?: boolean;
}

export declare function session(policy?: Session): Session;

/** An endpoint, as the generated file describes it. In travels to the server, Out to the client. */
export interface Description<P, In, Out> {
  /** A path with {wildcards}, the last perhaps {of...} several segments. What is not a wildcard is escaped. */
  readonly path: string;
  /** Left out if there are none. The order is that of the query. */
  readonly params?: Params<P>;
  readonly codec: Codec;
  readonly in: Type<In>;
  readonly out: Type<Out>;
  /** In bytes, where they are not 64 KiB and 1 MiB. */
  readonly limits?: { readonly maxClientMessage?: number; readonly maxServerMessage?: number };
  readonly session?: Session;
  /** The schema hash: another one on the server means that the page is stale. */
  readonly schema: string;
}

export interface Endpoint<P, In, Out> extends Description<P, In, Out> {}

export declare function endpoint<P, In, Out>(description: Description<P, In, Out>): Endpoint<P, In, Out>;

/** A variant of an open union whose tag this program does not know. It is received only: sending one fails. */
export interface Unknown {
  readonly $unknown: string;
  readonly data: unknown;
}
