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
  end(error?: Error | null): void;
  begin(): void;
}

/** A message, or the empty place where the next will be. */
interface Place<Out> {
  readonly number: number;
  message?: Out;
  size: number;
  next?: Place<Out>;
}

/** One who receives: at is the first message that it is not done with. */
interface Receiver<Out> {
  at: Place<Out>;
  pump(): void;
}

/**
 * Makes an inbox. done is told how many messages more everybody is done with: a listener when it has returned, a loop when it
 * asks for the next one. If early is set, that is when they are handed out.
 */
export function inbox<Out>(done: (count: number) => void, early: boolean | undefined): Inbox<Out> {
  const receivers = new Set<Receiver<Out>>();
  let first: Place<Out> = { number: 0, size: 0 };
  let last = first;
  let bytes = 0;
  let ended: Error | null | undefined; // null if there is no error

  const trim = (): void => {
    if (!receivers.size) return; // what nobody has received waits for the next to come
    const before = first.number;
    let least = last.number;
    for (const r of receivers) least = Math.min(least, r.at.number);
    for (; first.number < least; first = first.next!) bytes -= first.size;
    if (least > before) done(least - before);
  };
  const pump = (): void => {
    for (const r of receivers) r.pump();
    trim();
  };
  const join = (pump: () => void): Receiver<Out> => {
    const r = { at: receivers.size ? last : first, pump };
    receivers.add(r);
    return r;
  };
  const leave = (r: Receiver<Out>): void => {
    trim(); // what the last one is done with, before there is none
    receivers.delete(r);
    trim();
  };

  return {
    push(message, size) {
      last.message = message;
      bytes += last.size = size;
      last = last.next = { number: last.number + 1, size: 0 };
      pump();
      if (last.number - first.number > maxMessages || bytes > maxBytes) {
        if (receivers.size) return false;
        first = last; // who only sends receives nothing
        bytes = 0;
      }
      return true;
    },
    listen(f) {
      const r = join(() => {
        for (let next; receivers.has(r) && (next = r.at.next); ) {
          const { message } = r.at;
          r.at = next;
          if (early) trim();
          call(f, message as Out);
        }
      });
      // Not now: who calls listen is not prepared for messages yet.
      queueMicrotask(pump);
      return () => leave(r);
    },
    iterate() {
      type Waiting = { resolve(result: IteratorResult<Out>): void; reject(error: Error): void };
      const waiting: Waiting[] = [];
      let taken: Place<Out> | undefined; // while the loop's body runs: where it goes on when it asks for the next
      let over = false;
      const stop = (): void => {
        over = true;
        if (taken) r.at = taken;
        taken = undefined;
        leave(r);
      };
      const r = join(() => {
        for (let w; (w = waiting[0]); waiting.shift()) {
          if (taken) r.at = taken;
          taken = over ? undefined : r.at.next;
          if (taken) {
            w.resolve({ done: false, value: r.at.message as Out });
            if (early) r.at = taken;
          } else if (over || ended === null) {
            w.resolve({ done: true } as IteratorReturnResult<void>);
          } else if (ended) {
            w.reject(ended);
          } else return;
          if (!taken) stop();
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
    end(error = null) {
      ended = error;
      pump();
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
