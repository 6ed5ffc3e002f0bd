// For programs whose own lib has no AsyncDisposable yet.
/// <reference lib="esnext.disposable" preserve="true" />

import type { GapError } from "./errors.js";
import type { Link } from "./link.js";
import type { Status } from "./status.js";

/** What {@link Socket.on} tells of. */
export interface Events<In, Out> {
  message: Out;
  status: Status;
  /** A session could not be resumed, or has ended. What of its messages is still worth sending can be sent again. */
  gap: GapError<In>;
}

/**
 * A websocket that stays connected until it is closed. In a `for await` loop it gives the messages, over all conversations;
 * the loop ends when the socket is closed or the server has said all, and throws what else has ended it. As a store it has
 * subscribe() and status, which fits Svelte, and React's useSyncExternalStore.
 */
export interface Socket<In, Out> extends AsyncIterable<Out>, AsyncDisposable {
  readonly status: Status;
  /** Calls f with the status, now and whenever there is another, until the function that it returns is called. */
  subscribe(f: (status: Status) => void): () => void;
  /** Calls f with each message, status or gap that comes, until the function that it returns is called. */
  on<K extends keyof Events<In, Out>>(event: K, f: (value: Events<In, Out>[K]) => void): () => void;
  /** Resolves when it is open; rejects when it will not be by itself, or signal is aborted. */
  opened(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /**
   * Sends a message. While there is no connection, it waits for one: see {@link Queue}. It resolves when the message is on
   * its way, and rejects if nothing of it was sent: with a RangeError or TypeError that has the path to what cannot be sent,
   * a {@link TandemError}, or the reason of signal. Messages are sent in the order of the calls.
   */
  send(message: In, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Sends a message that is stale in a moment, if that can be done now, and tells whether it was. */
  sendVolatile(message: In): boolean;
  /** Makes the attempt now that would be made at retryAt, or when there is a network. In any other state it does nothing. */
  retry(): void;
  /** Begins another conversation, whatever the state: a session is given up for it. */
  restart(): void;
  /** Closes it until restart(). The code is 1000 or from 3000 to 4999, the reason has 123 bytes at most. Resolves when it is closed; or open, if restart() has come between. */
  close(code?: number, reason?: string): Promise<void>;
  /** @internal What runs on the websockets. */
  readonly link: Link<In>;
}
