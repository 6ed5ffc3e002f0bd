import { encode, type Payload } from "./codec.js";
import type { Endpoint } from "./endpoint.js";
import { CloseError, comesBack, DecodeError, type GapError, TandemError } from "./errors.js";
import { call, inbox } from "./inbox.js";
import type { Host, Link } from "./link.js";
import type { ConnectArgs, Options } from "./options.js";
import { outbox } from "./outbox.js";
import { isOffline, watchPage } from "./page.js";
import { target } from "./params.js";
import { plain } from "./plain.js";
import type { Socket } from "./socket.js";
import { type Final, isFinal, type Status } from "./status.js";
import { dial, type Wire } from "./wire.js";

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
  let asked: "close" | "restart" | undefined;
  let attempts = 0; // an attempt that another one has overtaken while it waited for parameters gives up
  let failed = 0;
  let generation = 0;
  let openSince = Infinity;
  let held = true; // messages wait: there is no conversation, or onOpen has not had its say yet
  let begun = false; // there is a session, which goes on after the socket is lost
  let hidden = false;
  let timer: ReturnType<typeof setTimeout> | undefined; // of the next attempt
  let asking: ReturnType<typeof setTimeout> | undefined;
  let unwatch: (() => void) | undefined;

  const set = (next: Status): void => {
    status = next;
    for (const f of [...listeners.status]) call(f, next);
  };
  const tellGap = (gap: GapError<In> | undefined): void => {
    if (gap) for (const f of [...listeners.gap]) call(f, gap);
  };
  const lost = (message: string): Error => new TandemError("lost", message);
  const why = (): Error => ("error" in status && status.error) || new TandemError("closed", "the socket is closed");

  // --- messages ---

  const messages = inbox<Out>((count) => link.done(count));
  const waiting = outbox<In>(o.queue === false ? { max: 0 } : (o.queue ?? {}), (message, payload) => {
    if (held) return false;
    if (wire && wire.buffered > maxBuffered) {
      asking ??= setTimeout(() => {
        asking = undefined;
        waiting.flush();
      }, askAgainMs);
      return false;
    }
    return link.send(message, payload);
  });
  const encoded = (message: In): Payload => {
    const payload = encode(endpoint.codec, endpoint.in, message);
    const limit = endpoint.limits?.maxClientMessage ?? 1 << 16;
    let size = payload.length;
    // Text is counted only where it may be too long: a UTF-16 unit is three bytes at most.
    if (typeof payload === "string" && size * 3 > limit) size = new TextEncoder().encode(payload).length;
    if (size > limit) throw new TandemError("too big", `message of ${size} bytes, over the limit of ${limit}`);
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
        held = true;
        if (o.onOpen) {
          const send = (message: In): void => {
            if (!link.send(message, encoded(message))) throw new TandemError("full", "no room for the message");
          };
          (async () => o.onOpen?.({ send }))().then(open, (error: Error) => on?.close(3008, "", error));
          return;
        }
      }
      open();
    },
    deliver(message, size = 0) {
      if (!messages.push(message, size)) {
        host.fail(1013, new TandemError("slow", "messages come faster than they are received"));
      }
    },
    room: () => waiting.flush(),
    gap(error) {
      gap = error;
      tellGap(error);
    },
    fail(code, error) {
      held = true;
      set({ state: "closing" });
      wire?.close(code, error.message, error);
    },
    dead: () => wire?.drop(3008, lost("no answer")),
  };
  const link: Link<In> = endpoint.session?.link(host) ?? plain(host, o.heartbeat, encoded);
  /** Ends the conversation for good, and gives what it has not delivered. */
  const over = (reason: string): GapError<In> | undefined => {
    begun = false;
    held = true;
    return link.over(reason);
  };

  // --- one websocket after the other ---

  const attempt = async (): Promise<void> => {
    const mine = ++attempts;
    clearTimeout(timer);
    const error = "error" in status && status.error;
    set({ state: "connecting", failed, resuming: begun, ...(error && { error }) });
    let params: P;
    let credential: string | undefined;
    try {
      params = typeof o.params === "function" ? await (o.params as () => P | Promise<P>)() : (o.params as P);
      credential = await o.credential?.();
    } catch (error) {
      if (mine === attempts) next(error as Error, true);
      return;
    }
    if (mine !== attempts) return;
    try {
      let url = base + target(endpoint.path, endpoint.params, params);
      url += `${url.includes("?") ? "&" : "?"}tandem.schema=${endpoint.schema}`;
      const w = dial(Ctor, url, link.protocols, o.openTimeoutMs ?? 10_000, {
        opened() {
          openSince = Date.now();
          link.opened((payload) => w === wire && w.send(payload), credential);
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
      next(error as Error, false); // parameters or a URL that cannot be written stay so
    }
  };

  const ended = (code: number, reason: string, error: Error | undefined): void => {
    wire = undefined;
    held = !begun;
    const pause = link.lost();
    if (Date.now() - openSince >= stableMs) failed = 0;
    openSince = Infinity;
    if (asked === "close") return finish({ state: "closed" }, "closed");
    if (asked === "restart") return begin();
    if (code === codeStale) {
      const stale = new TandemError("stale", reason || "the server is another version", { cause: error });
      return finish({ state: "stale", error: stale }, "closed");
    }
    next(error ?? (code === 1006 ? lost("connection lost") : new CloseError(code, reason)), comesBack(code), pause);
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
    const unsent = over(reason);
    set(last);
    waiting.fail(why());
    tellGap(unsent);
    // A normal end is no error for who receives.
    messages.end(last.error instanceof CloseError && last.error.code === 1000 ? undefined : last.error);
  };

  /** Begins a new conversation. There is no websocket. */
  const begin = (): void => {
    if (!Ctor || !base) return; // this is no browser
    asked = undefined;
    failed = 0;
    gap = undefined;
    tellGap(over("closed"));
    messages.begin();
    unwatch ??= watchPage({
      wake() {
        if (status.state === "waiting" && !isOffline()) void attempt();
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
        wire?.drop(kept ? link.leave : 1000, lost("the page was left"));
      },
      show() {
        hidden = false;
        if (status.state === "waiting" && !isOffline()) void attempt();
      },
    });
    void attempt();
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
          if (status.state !== "open" && !isFinal(status) && !signal?.aborted) return;
          off();
          signal?.removeEventListener("abort", look);
          if (status.state === "open") resolve();
          else reject(isFinal(status) ? why() : signal?.reason);
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
      return status.state === "open" && !!wire && wire.buffered <= maxBuffered && link.sendVolatile(payload);
    },
    restart() {
      attempts++;
      clearTimeout(timer);
      if (!wire) return begin();
      asked = "restart";
      if (status.state === "open") {
        set({ state: "closing" });
        wire.close(1000, "");
      } else if (status.state === "connecting") wire.drop(1000, lost("restarted"));
    },
    async close(code = 1000, reason = "") {
      if (code !== 1000 && !(code >= 3000 && code <= 4999)) throw new RangeError(`close code ${code}`);
      if (new TextEncoder().encode(reason).length > 123) throw new RangeError("close reason over 123 bytes");
      if (isFinal(status)) return;
      attempts++;
      const was = status.state;
      asked = "close";
      if (!wire) return finish({ state: "closed" }, "closed");
      const done = new Promise<void>((resolve) => {
        const off = socket.on("status", (now) => {
          if (now.state === "closing") return;
          off();
          resolve();
        });
      });
      if (was === "connecting") wire.drop(1000, lost("closed"));
      if (was === "open") {
        const on = wire;
        set({ state: "closing" });
        await link.end();
        if (on === wire) on.close(code, reason);
      }
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
