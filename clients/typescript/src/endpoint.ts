import type { Codec, Type } from "./codec.js";
import type { Linker } from "./link.js";
import type { Params } from "./types.js";

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
  readonly session?: Linker;
  /** The schema hash: another one on the server means that the page is stale. */
  readonly schema: string;
}

/** An endpoint that can be connected to. It holds no state. */
export interface Endpoint<P, In, Out> extends Description<P, In, Out> {}

/* @__NO_SIDE_EFFECTS__ */
export function endpoint<P, In, Out>(description: Description<P, In, Out>): Endpoint<P, In, Out> {
  return description;
}

/** The path and query of an endpoint with these parameters. Throws a RangeError or TypeError with the path to what cannot be sent. */
export function target<P>({ path, params }: Pick<Description<P, never, never>, "path" | "params">, value: P): string {
  return params ? params.target(path, value) : path;
}
