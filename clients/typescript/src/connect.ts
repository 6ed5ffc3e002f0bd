import { byteLength, encode, type Payload } from "./codec.js";
import { type Endpoint, target } from "./endpoint.js";
import { CloseError, comesBack, DecodeError, type GapError, TandemError } from "./errors.js";
import { call, inbox } from "./inbox.js";
import type { Host, Link } from "./link.js";
import type { ConnectArgs, Options } from "./options.js";
import { outbox } from "./outbox.js";
import { isOffline, watchPage } from "./page.js";
import { plain } from "./plain.js";
import type { Socket } from "./socket.js";
import { type Final, isFinal, type Status } from "./status.js";
import { dial, maxReason, type Wire } from "./wire.js";

/** How much a browser may hold of what was sent. It tells of nothing by itself, so it is asked again after some time. */
const maxBuffered = 1 << 20;
const askAgainMs = 20;
/** The server closes with it when messages cannot be decoded and it was given another schema than its own. */
const codeStale = 4906;

/** Connects to an endpoint, and stays connected until close() is called. It returns at once; the status tells how it goes. */
export function connect<P, In, Out>(endpoint: Endpoint<P, In, Out>, ...args: ConnectArgs<P, In>): Socket<In, Out> {
  const o = (args[0] ?? {}) as Options<In> & { readonly params?: P | (() => P | Promise<P>) };
  const Ctor = o.WebSocket ?? globalThis.WebSocket;
  const origin = globalThis.location?.origin;
  const base = `${o.url ?? origin ?? ""}`.replace(/^\//, `${origin}/`).replace(/^http/, "ws").replace(/\/$/, "");
  const { minMs = 500, maxMs = 30_000, tries = Infinity, stableMs = 30_000 } = o.reconnect || {};
  const listeners = { status: new Set<(s: Status) => void>(), gap: new Set<(g: GapError<In>) => void>() };

  let status: Status = { state: "idle" };
  let wire: Wire | undefined;
  /** What was asked for while there was a websocket, and is done when that has ended. */
  let asked: "close" | "restart" | "retry" | undefined;
  let attempts = 0; // an attempt that another one has overtaken while it waited for parameters gives up
  let failed = 0;
  let generation = 0;
  let openSince = Infinity;
  let held = true; // messages wait: there is no conversation, or a new one, and onOpen has not had its say yet
  let begun = false; // there is a session, which goes on after the socket is lost
  let hidden = false;
  let timer: ReturnType<typeof setTimeout> | undefined; // of the next attempt
  let asking: ReturnType<typeof setTimeout> | undefined;
  let unwatch: (() => void) | undefined;

  const tell = (event: keyof typeof listeners, value: Status | GapError<In>): void => {
    for (const f of [...listeners[event]]) call(f as (value: unknown) => void, value);
  };
  const set = (next: Status): void => tell("status", (status = next));
  const tellGap = (gap: GapError<In> | undefined): void => {
    if (gap) tell("gap", gap);
  };
  const lost = (): Error => new TandemError("lost", "socket lost");
  const why = (): Error => ("error" in status && status.error) || new TandemError("closed", "socket closed");

  // --- messages ---

  const waiting = outbox<In>(o.queue === false ? { max: 0 } : (o.queue ?? {}), (message, payload) => {
    if (held) return false;
    if (wire && wire.buffered > maxBuffered) {
      clearTimeout(asking);
      asking = setTimeout(() => waiting.flush(), askAgainMs);
      return false;
    }
    return link.send(message, payload);
  });
  const encoded = (message: In): Payload => {
    const payload = encode(endpoint.codec, endpoint.in, message);
    const limit = endpoint.limits?.maxClientMessage ?? 1 << 16;
    // Bytes are counted only where there may be too many: a UTF-16 unit is three at most.
    const size = payload.length * 3 > limit ? byteLength(payload) : 0;
    if (size > limit) throw new TandemError("too big", `message of ${size} bytes, over ${limit}`);
    return payload;
  };

  // --- conversations ---

  let gap: GapError<In> | undefined;
  const host: Host<In, Out> = {
    endpoint,
    ready(resumed) {
      const on = wire;
      const open = (): void => {
        if (on !== wire || asked) return;
        held = false;
        set({ state: "open", generation, ...(gap && { gap }) });
        waiting.flush();
      };
      begun = endpoint.session !== undefined;
      if (!resumed) {
        generation++;
        if (o.onOpen) {
          const send = (message: In): void => {
            if (!link.send(message, encoded(message))) throw new TandemError("full", "too many messages");
          };
          (async () => o.onOpen?.({ send }))().then(open, (error: Error) => {
            if (on !== wire || asked) return;
            asked = "retry"; // with another conversation, not this one's session
            wire?.close(1000, "", error);
          });
          return;
        }
      }
      open();
    },
    deliver(message, size = 0) {
      if (!messages.push(message, size)) {
        host.fail(1013, new TandemError("slow", "too many messages"));
      }
    },
    room: () => waiting.flush(),
    gap(error) {
      held = true; // also what is sent because of it, until onOpen has had its say
      tellGap((gap = error));
    },
    fail(code, error) {
      held = true;
      set({ state: "closing" });
      wire?.close(code, error.message, error);
    },
    dead: () => wire?.drop(3008, lost()),
  };
  const link: Link<In> = endpoint.session?.link(host) ?? plain(host, o.heartbeat, encoded);
  const messages = inbox<Out>((count) => link.done(count), link.commits);
  /** Ends the conversation for good, and tells what it has not delivered. */
  const over = (reason: string, error?: Error): void => {
    begun = false;
    held = true;
    tellGap(link.over(reason, error));
  };

  // --- one websocket after the other ---

  const attempt = async (): Promise<void> => {
    const mine = ++attempts;
    clearTimeout(timer);
    const error = "error" in status && status.error;
    set({ state: "connecting", failed, resuming: begun, ...(error && { error }) });
    let again = true; // what the functions throw may pass
    try {
      const params = typeof o.params === "function" ? await (o.params as () => P | Promise<P>)() : (o.params as P);
      const credential = await o.credential?.();
      if (mine !== attempts) return;
      again = false; // but parameters or a URL that cannot be written stay so
      let url = base + target(endpoint, params);
      url += `${url.includes("?") ? "&" : "?"}tandem.schema=${endpoint.schema}`;
      const w = dial(Ctor, url, link.protocols, o.openTimeoutMs ?? 10_000, {
        opened() {
          openSince = Date.now();
          try {
            link.opened((payload) => w === wire && w.send(payload), credential);
          } catch (error) {
            host.fail(1000, error as Error); // a credential that cannot be written
          }
        },
        received(payload) {
          try {
            link.received(payload);
          } catch (error) {
            if (error instanceof CloseError) host.fail(error.code, error);
            else host.fail(1007, new DecodeError(error));
          }
        },
        ended,
      });
      wire = w;
    } catch (error) {
      if (mine === attempts) next(error as Error, again);
    }
  };

  const ended = (code: number, reason: string, error: Error | undefined): void => {
    wire = undefined;
    held = !begun;
    const pause = link.lost();
    if (Date.now() - openSince >= stableMs) failed = 0;
    openSince = Infinity;
    if (asked === "close") return finish({ state: "closed" }, "closed");
    if (asked === "restart") return anew();
    if (asked === "retry") {
      asked = undefined;
      over("closed");
      return next(error!, true);
    }
    if (code === codeStale) {
      const stale = new TandemError("stale", reason || "closed", { cause: error });
      return finish({ state: "stale", error: stale }, "closed");
    }
    next(error ?? (code === 1006 ? lost() : new CloseError(code, reason)), comesBack(code), pause);
  };

  const next = (error: Error, again: boolean, pause = 0): void => {
    gap = undefined;
    if (!again || o.reconnect === false || failed >= tries) {
      return finish({ state: "closed", error }, again ? "gave up" : "closed");
    }
    const wait = pause + Math.random() * Math.min(maxMs, minMs * 2 ** failed++);
    const now: Status = { state: "waiting", failed, resuming: begun, error };
    if (hidden || isOffline()) return set(now);
    timer = setTimeout(attempt, wait);
    set({ ...now, retryAt: Date.now() + wait });
  };

  const finish = (last: Final, reason: string): void => {
    asked = undefined;
    attempts++;
    clearTimeout(timer);
    unwatch?.();
    unwatch = undefined;
    status = last; // for who is told of a gap
    over(reason, last.error);
    set(last);
    waiting.fail(why());
    // A normal end is no error for who receives.
    messages.end(last.error instanceof CloseError && last.error.code === 1000 ? undefined : last.error);
  };

  /** Begins. There is no websocket. */
  const begin = (): void => {
    if (!Ctor || !base) return; // this is no browser
    asked = undefined;
    failed = 0;
    gap = undefined;
    messages.begin();
    unwatch ??= watchPage({
      wake() {
        hidden = false;
        if (!isOffline()) socket.retry();
        if (status.state === "open") link.probe();
      },
      offline() {
        if (status.state !== "waiting") return;
        clearTimeout(timer);
        const { retryAt: _, ...now } = status;
        set(now);
      },
      hide(kept) {
        hidden = true;
        clearTimeout(timer);
        // Of a page that is not kept nobody comes back, to a session either.
        wire?.drop(kept ? link.leave : 1000, lost());
      },
    });
    void attempt();
  };

  const anew = (): void => {
    over("closed");
    begin();
  };
  /** Ends the websocket in order, and what was asked for is done then. */
  const leave = async (code: number, reason: string): Promise<void> => {
    const on = wire!;
    if (status.state === "connecting") on.drop(code, why());
    if (status.state !== "open") return;
    set({ state: "closing" });
    await link.end();
    if (on === wire) on.close(code, reason);
  };
  const need = (): void => {
    if (status.state === "idle") begin();
  };

  const socket: Socket<In, Out> = {
    get status() {
      return status;
    },
    link,
    subscribe(f) {
      f(status);
      return socket.on("status", f);
    },
    on(event, f) {
      if (event === "message") {
        need();
        return messages.listen(f as (message: Out) => void);
      }
      const all = listeners[event as "status"];
      all.add(f as (s: Status) => void);
      return () => all.delete(f as (s: Status) => void);
    },
    opened: (options) =>
      new Promise((resolve, reject) => {
        const signal = options?.signal;
        const look = (): void => {
          if (status.state === "open") resolve();
          else if (isFinal(status)) reject(why());
          else if (signal?.aborted) reject(signal.reason);
          else return;
          off();
          signal?.removeEventListener("abort", look);
        };
        const off = socket.on("status", look);
        signal?.addEventListener("abort", look);
        need();
        look();
      }),
    async send(message, options) {
      const payload = encoded(message);
      if (isFinal(status)) throw why();
      need();
      return waiting.send(message, payload, options?.signal);
    },
    sendVolatile(message) {
      const payload = encoded(message);
      return status.state === "open" && wire!.buffered <= maxBuffered && link.sendVolatile(payload);
    },
    retry() {
      if (status.state === "waiting") void attempt();
    },
    restart() {
      attempts++;
      clearTimeout(timer);
      if (!wire) return anew();
      asked = "restart";
      void leave(1000, "");
    },
    async close(code = 1000, reason = "") {
      if (code !== 1000 && !(code >= 3000 && code <= 4999)) throw new RangeError(`close code ${code}`);
      if (byteLength(reason) > maxReason) throw new RangeError("close reason over 123 bytes");
      if (isFinal(status)) return;
      attempts++;
      asked = "close";
      if (!wire) return finish({ state: "closed" }, "closed");
      const done = new Promise<void>((resolve) => {
        const off = socket.on("status", ({ state }) => {
          if (state === "closing") return;
          off();
          resolve();
        });
      });
      void leave(code, reason);
      await done;
    },
    [Symbol.asyncIterator]() {
      need();
      return messages.iterate();
    },
    [Symbol.asyncDispose]: () => socket.close(),
  };

  const abort = (): void => void socket.close();
  o.signal?.addEventListener("abort", abort);
  if (o.signal?.aborted) abort();
  else if (!o.lazy) begin();
  return socket;
}
