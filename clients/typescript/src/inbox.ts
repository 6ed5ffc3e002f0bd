/** What may wait to be received: a page that is so far behind does not catch up. */
const maxMessages = 65536;
const maxBytes = 64 << 20;

/**
 * Messages that have come, for any number of receivers. Each gets every message from when it began to receive; while there
 * is none, messages wait for the first. So nothing is lost between connect() and the loop that receives.
 */
export interface Inbox<Out> {
  /** Takes a message, and tells whether it may wait. */
  push(message: Out, size: number): boolean;
  /** Calls f with each message until the function that it returns is called. */
  listen(f: (message: Out) => void): () => void;
  /** Gives each message when it is asked for, until the inbox ends; with an error that is thrown. */
  iterate(): AsyncIterableIterator<Out>;
  /** No messages come until begin(): iterators end, after what has come before. */
  end(error: Error | undefined): void;
  begin(): void;
}

/** One who receives: at is the first message of the log that it is not done with. */
interface Receiver {
  at: number;
  pump(): void;
}

/** Makes an inbox. done is told how many messages more everybody is done with. */
export function inbox<Out>(done: (count: number) => void): Inbox<Out> {
  const receivers = new Set<Receiver>();
  const log: { readonly message: Out; readonly size: number }[] = [];
  let base = 0; // the number of the log's first message
  let bytes = 0;
  let ended: { error: Error | undefined } | undefined;

  const trim = (): void => {
    let first = base + log.length;
    for (const r of receivers) first = Math.min(first, r.at);
    const count = receivers.size > 0 ? first - base : 0;
    if (count === 0) return;
    for (const { size } of log.splice(0, count)) bytes -= size;
    base = first;
    done(count);
  };
  const join = (pump: () => void): Receiver => {
    const r = { at: receivers.size > 0 ? base + log.length : base, pump };
    receivers.add(r);
    return r;
  };
  const leave = (r: Receiver): void => {
    trim(); // what the last one is done with, before there is none
    if (receivers.delete(r)) trim();
  };

  return {
    push(message, size) {
      log.push({ message, size });
      bytes += size;
      for (const r of receivers) r.pump();
      trim();
      return log.length <= maxMessages && bytes <= maxBytes;
    },
    listen(f) {
      const r = join(() => {
        while (receivers.has(r)) {
          const next = log[r.at - base];
          if (!next) return;
          r.at++;
          call(f, next.message);
        }
      });
      // Not now: who calls listen is not prepared for messages yet.
      queueMicrotask(() => {
        r.pump();
        trim();
      });
      return () => leave(r);
    },
    iterate() {
      type Waiting = { resolve(result: IteratorResult<Out>): void; reject(error: Error): void };
      const waiting: Waiting[] = [];
      let taken = 0; // 1 while the loop's body runs: it is done with the message when it asks for the next
      let over = false;
      const r = join(() => {
        while (waiting.length > 0) {
          const next = log[r.at + taken - base];
          if (!next && !ended && !over) return;
          const w = waiting.shift()!;
          r.at += taken;
          taken = next && !over ? 1 : 0;
          if (taken) w.resolve({ done: false, value: next!.message });
          else {
            const error = over ? undefined : ended?.error;
            over = true;
            leave(r);
            error ? w.reject(error) : w.resolve({ done: true, value: undefined });
          }
        }
      });
      return {
        next: () =>
          new Promise((resolve, reject) => {
            waiting.push({ resolve, reject });
            r.pump();
            trim();
          }),
        async return() {
          over = true;
          r.at += taken;
          taken = 0;
          leave(r);
          r.pump();
          return { done: true, value: undefined };
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
    end(error) {
      ended = { error };
      for (const r of receivers) r.pump();
    },
    begin() {
      ended = undefined;
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
