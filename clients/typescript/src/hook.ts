/** What the hooks of all frameworks have in common. */

import type { GapError } from "./errors.js";
import type { ShareOptions } from "./share.js";
import type { Socket } from "./socket.js";
import type { Status } from "./status.js";

/**
 * What a hook may be told. Functions are asked for when they are called, so the newest ones are called. What the socket is
 * made with (url, credential, onOpen and so on) is that of the component which needed it first.
 */
export interface HookOptions<In, Out> extends ShareOptions<In> {
  /** Called with each message that comes while the component is there, once and in their order. */
  readonly onMessage?: (message: Out) => void;
  /** Called when a session could not be resumed, with what was not delivered. */
  readonly onGap?: (gap: GapError<In>) => void;
}

/** A value, or a function that reads it from what is reactive. */
export type Reactive<T> = T | (() => T);

/** What a hook takes besides the endpoint: options, with parameters where there are some. */
export type HookArgs<P, O, Given> = undefined extends P
  ? [options?: O]
  : [options: O & { readonly params: Given }];

/** Holds the lease and calls the newest functions, until the function that it returns is called. */
export function listen<In, Out>(
  lease: Socket<In, Out> & { hold?(): () => void },
  options: Pick<HookOptions<In, Out>, "onMessage" | "onGap">,
  changed: (status: Status) => void,
): () => void {
  const off = [
    lease.hold?.(),
    lease.on("message", (message) => options.onMessage?.(message)),
    lease.on("gap", (gap) => options.onGap?.(gap)),
    lease.subscribe(changed),
  ];
  return () => {
    for (const f of off) f?.();
  };
}

/** What a value is now. */
export function now<T>(value: Reactive<T>): T {
  return typeof value === "function" ? (value as () => T)() : value;
}
