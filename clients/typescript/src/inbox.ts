import type { Link } from "./link.js";

/** What may wait to be received: a page that is so far behind does not catch up. */
const maxMessages = 65536;
const maxBytes = 64 << 20;

/**
 * Messages that have come, for any number of receivers. Each gets every message from when it began to receive; while there
 * is none, messages wait for the first. So nothing is lost between connect() and the loop that receives.
 */
export interface Inbox<Out> {
  /** Takes a message, and tells whether it does: too much may wait. One without a size is always taken. */
  push(message: Out, size: number): boolean;
  /** Calls f with each message until the function that it returns is called. */
  listen(f: (message: Out) => void): () => void;
  /** Gives each message when it is asked for, until the inbox ends; with an error that is thrown. */
  iterate(): AsyncIterableIterator<Out>;
  /** No messages come any more, with an error or null: iterators end, after what has come before. Or they do again: undefined. */
  end(error?: Error | null): void;
}

/** One who receives: at is the number of the message that comes next, busy 1 while it works on the one before. */
interface Receiver {
  at: number;
  busy: number;
  pump(): void;
}

/**
 * Makes an inbox. The link is told how many messages more everybody is done with: a listener when it has returned, a loop when it
 * asks for the next one; where the application commits, when they are handed out. If too much waits, what has come is kept where keep
 * is set. Else it is forgotten where nobody receives, or nobody has moved since that happened last.
 */
export function inbox<Out>(link: Pick<Link<never>, "done" | "commits">, keep: unknown): Inbox<Out> {
  const receivers = new Set<Receiver>();
  let messages: { readonly message: Out; readonly size: number }[] = [];
  let first = 0;
  let bytes = 0;
  let stuck = false; // too much waited, and nobody was done with any of it since
  let ended: Error | null | undefined; // null if there is no error

  const trim = (): void => {
    let count = receivers.size && messages.length; // what nobody has received waits for the next to come
    for (const r of receivers) count = Math.min(count, r.at - r.busy - first);
    if (count <= 0) return;
    first += count;
    for (const { size } of messages.splice(0, count)) bytes -= size;
    stuck = false;
    link.done(count);
  };
  const pump = (): void => {
    for (const r of receivers) r.pump();
    trim();
  };
  const join = (pump: () => void): Receiver => {
    const r = { at: first + (receivers.size && messages.length), busy: 0, pump };
    receivers.add(r);
    return r;
  };
  const leave = (r: Receiver): void => {
    trim(); // what the last one is done with, before there is none
    receivers.delete(r);
    trim();
  };

  return {
    push(message, size) {
      if (size && (messages.length >= maxMessages || bytes + size > maxBytes)) {
        if (keep || (receivers.size && !stuck)) {
          stuck = true;
          return false;
        }
        first += messages.length;
        messages = [];
        bytes = 0;
      }
      messages.push({ message, size });
      bytes += size;
      pump();
      return true;
    },
    listen(f) {
      const r = join(() => {
        for (let next; receivers.has(r) && (next = messages[r.at - first]); ) {
          r.at++;
          if (link.commits) trim();
          call(f, next.message);
        }
      });
      // Not now: who calls listen is not prepared for messages yet.
      queueMicrotask(pump);
      return () => leave(r);
    },
    iterate() {
      type Waiting = { resolve(result: IteratorResult<Out>): void; reject(error: Error): void };
      const waiting: Waiting[] = [];
      let over = false;
      const stop = (): void => {
        over = true;
        r.busy = 0;
        leave(r);
      };
      const r = join(() => {
        for (let w; (w = waiting[0]); waiting.shift()) {
          r.busy = 0;
          r.at = Math.max(r.at, first);
          const next = over ? undefined : messages[r.at - first];
          if (next) {
            w.resolve({ done: false, value: next.message });
            r.at++;
            r.busy = link.commits ? 0 : 1;
          } else if (over || ended === null) {
            w.resolve({ done: true } as IteratorReturnResult<void>);
          } else if (ended) {
            w.reject(ended);
          } else return;
          if (!next) stop();
        }
      });
      return {
        next: () =>
          new Promise((resolve, reject) => {
            waiting.push({ resolve, reject });
            r.pump(); // which ends it also when it has left
            trim();
          }),
        async return() {
          stop();
          r.pump();
          return { done: true } as IteratorReturnResult<void>;
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
    end(error) {
      ended = error;
      pump();
    },
  };
}

/** Calls a listener. Its error is reported as that of any event's, and nobody else's problem. */
export function call<T>(f: (value: T) => void, value: T): void {
  try {
    f(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
