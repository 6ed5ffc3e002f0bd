import type { Payload } from "./codec.js";
import { TandemError } from "./errors.js";
import type { Queue } from "./options.js";

/** Messages that wait to be sent. Each is settled once: it was sent, or nothing of it was. */
export interface Outbox<In> {
  send(message: In, payload: Payload, signal: AbortSignal | undefined): Promise<void>;
  /** Sends what waits, as far as that can be done now. */
  flush(): void;
  /** Fails what waits. */
  fail(error: Error): void;
}

interface Entry<In> {
  readonly message: In;
  readonly payload: Payload;
  settle(error?: unknown): void;
}

/** Makes an outbox. send sends a message, or tells that this cannot be done now. */
export function outbox<In>(queue: Queue, send: (message: In, payload: Payload) => boolean): Outbox<In> {
  const entries: Entry<In>[] = [];
  const { max = 256, waitMs = 10_000, overflow = "error" } = queue;
  const self: Outbox<In> = {
    send: (message, payload, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        self.flush();
        if (!entries[0] && send(message, payload)) return resolve();
        if (entries.length >= max) {
          if (overflow === "error" || !entries[0]) return reject(new TandemError("full", "too many messages"));
          entries[0]!.settle(new TandemError("dropped", "too many messages"));
        }
        const abort = (): void => entry.settle(signal!.reason);
        const timer =
          waitMs < 2e9 ? setTimeout(() => entry.settle(new TandemError("expired", `not sent in ${waitMs} ms`)), waitMs) : undefined;
        const entry: Entry<In> = {
          message,
          payload,
          settle(why) {
            entries.splice(entries.indexOf(entry), 1);
            clearTimeout(timer);
            signal?.removeEventListener("abort", abort);
            why === undefined ? resolve() : reject(why);
          },
        };
        signal?.addEventListener("abort", abort);
        entries.push(entry);
      }),
    flush() {
      for (let first; (first = entries[0]) && send(first.message, first.payload); ) first.settle();
    },
    fail(why) {
      while (entries[0]) entries[0].settle(why);
    },
  };
  return self;
}
