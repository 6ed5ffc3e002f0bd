import type { GapError, TandemError } from "./errors.js";

/**
 * How a socket is. A status never changes: another one takes its place, and the same object is the same status.
 *
 * | state | what is so | what comes next |
 * |---|---|---|
 * | `idle` | nothing was attempted: it is lazy, or this is no browser | `connecting` |
 * | `connecting` | an attempt is under way | `open`, `waiting`, `closed`, `stale` |
 * | `open` | messages flow | `waiting`, `closing`, `closed`, `stale` |
 * | `waiting` | the connection was lost or an attempt has failed; another is made at `retryAt`, or when there is a network | `connecting` |
 * | `closing` | one side has closed, the other has not answered yet | `closed`, `waiting`, `stale` |
 * | `closed` | it is over, and `error` is why; there is none after `close()` | only `restart()` goes on |
 * | `stale` | it is over: the server is another version, and the two no longer understand each other. Reload the page | only `restart()` goes on |
 */
export type Status =
  | { readonly state: "idle" }
  | {
      readonly state: "connecting";
      /** How many attempts have failed since the last connection that was stable. */
      readonly failed: number;
      /** A session has lost its socket, and goes on if this succeeds: messages may be sent. */
      readonly resuming: boolean;
      /** Why the last attempt has failed, or the connection was lost. */
      readonly error?: Error | undefined;
    }
  | {
      readonly state: "open";
      /** Counts conversations, 1 is the first. A session that was resumed is the same one. */
      readonly generation: number;
      /** This conversation has taken the place of a session that could not be resumed. */
      readonly gap?: GapError | undefined;
    }
  | {
      readonly state: "waiting";
      readonly failed: number;
      readonly resuming: boolean;
      readonly error: Error;
      /** When the next attempt is made, as Date.now() counts; undefined while there is no network. */
      readonly retryAt?: number | undefined;
    }
  | { readonly state: "closing" }
  | { readonly state: "closed"; readonly error?: Error }
  | { readonly state: "stale"; readonly error: TandemError<"stale"> };

/** A status after which nothing happens by itself. */
export type Final = Extract<Status, { state: "closed" | "stale" }>;

/** Reports whether nothing happens by itself any more. */
export function isFinal(status: Status): status is Final {
  return status.state === "closed" || status.state === "stale";
}
