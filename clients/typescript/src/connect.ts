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
  const Ctor = (o.WebSocket ?? globalThis.WebSocket) as typeof WebSocket;
  const origin = globalThis.location?.origin;
  const base = `${o.url ?? origin ?? ""}`.replace(/^\//, `${origin}/`).replace(/^http/, "ws").replace(/\/$/, "");
  const { minMs = 500, maxMs = 30_000, tries = Infinity, stableMs = 30_000 } = o.reconnect || {};
  const listeners = { status: new Set<(s: Status) => void>(), gap: new Set<(g: GapError<In>) => void>() };

  let status: Status = { state: "idle" };
  let wire: Wire | undefined;
  /** What was asked for while there was a websocket, and is done when that has ended. */
  let asked: ((why: Error) => void) | undefined;
  let attempts = 0; // an attempt that another one has overtaken while it waited for parameters gives up
  let failed = 0;
  let generation = 0;
  let talk = 0; // an onOpen has its say in one conversation, and none in those that follow
  let openSince = Infinity;
  let held = true; // messages wait: there is no conversation, or a new one, and onOpen has not had its say yet
  let begun = false; // there is a session, which goes on after the socket is lost
  let hidden = false;
  let timer: ReturnType<typeof setTimeout> | undefined; // of the next attempt
  let asking: ReturnType<typeof setTimeout> | undefined;
  let unwatch: (() => void) | undefined;

  const tell = (event: keyof typeof listeners, value: Status | GapError<In>): void => {
    const all: Set<(value: never) => void> = listeners[event];
    // Who is told may take others away, or bring about another status, which they are told then.
    for (const f of [...all]) if (all.has(f) && (event === "gap" || value === status)) call(f, value as never);
  };
  const set = (next: Status): void => tell("status", (status = next));
  const tellGap = (gap: GapError<In> | undefined): void => {
    if (gap) tell("gap", gap);
  };
  const cause = (): Error | undefined => (status as { readonly error?: Error }).error;
  const why = (): Error => cause() ?? new TandemError("closed", "socket closed");

  // --- messages ---

  const waiting = outbox<In>(o.queue === false ? { max: 0 } : (o.queue ?? {}), (message, payload) => {
    if (held || status.state === "closing") return false;
    if (wire?.buffered! > maxBuffered) {
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
    if (size > limit) throw new TandemError("too big", `${size} bytes, over ${limit}`);
    return payload;
  };

  // --- conversations ---

  let gap: GapError<In> | undefined;
  const open = (): void => {
    if (held) return;
    if (openSince < Infinity) set({ state: "open", generation, gap });
    waiting.flush();
  };
  const host: Host<In, Out> = {
    endpoint,
    ready(resumed) {
      openSince = Date.now();
      begun = !!endpoint.session;
      if (!resumed) {
        generation++;
        held = !!o.onOpen;
        if (held) {
          const mine = ++talk;
          const send = (message: In): void => {
            if (mine !== talk || !link.send(message, encoded(message))) throw new TandemError("full", "too many messages");
          };
          (async () => o.onOpen!({ send }))().then(
            () => {
              if (mine !== talk) return;
              held = false;
              open();
            },
            (error: Error) => {
              if (mine !== talk) return;
              if (!wire) return again(error);
              asked = again;
              wire.close(1000, "", error);
            },
          );
        }
      }
      open();
    },
    deliver: (message, size = 0) => messages.push(message, size),
    room: () => waiting.flush(),
    gap(error) {
      held = true; // also what is sent because of it, until onOpen has had its say
      tellGap((gap = error));
    },
    fail(code, error) {
      talk++; // whatever becomes of onOpen
      if (wire) set({ state: "closing" });
      wire?.close(code, error.message, error);
    },
    dead: () => wire?.drop(3008),
  };
  const link: Link<In> = endpoint.session?.link(host) ?? plain(host, o.heartbeat, encoded);
  const messages = inbox<Out>(link, endpoint.session);
  /** There is no conversation any more. */
  const none = (): void => {
    held = true;
    begun = false;
    talk++;
  };
  /** Ends the conversation for good, and gives what it has not delivered. That is told last: who is told may do anything. */
  const over = (reason = "closed", error?: Error): GapError<In> | undefined => {
    none();
    return link.over(reason, error);
  };

  // --- one websocket after the other ---

  const attempt = async (): Promise<void> => {
    const mine = ++attempts;
    clearTimeout(timer);
    set({ state: "connecting", failed, resuming: begun, error: cause() });
    let again = true; // what the functions throw may pass
    try {
      const params = typeof o.params === "function" ? await (o.params as () => P | Promise<P>)() : (o.params as P);
      const credential = await o.credential?.();
      if (mine !== attempts) return;
      again = false; // but parameters or a URL that cannot be written stay so
      let url = base + target(endpoint, params);
      url += (url.includes("?") ? "&" : "?") + "tandem.schema=" + endpoint.schema;
      wire = dial(Ctor, url, link.protocols, o.openTimeoutMs ?? 10_000, {
        opened() {
          try {
            link.opened(wire!.send, credential);
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
    } catch (error) {
      if (mine === attempts) next(error as Error, again);
    }
  };

  const ended = (code: number, reason: string, error: Error | undefined): void => {
    wire = undefined;
    if (!begun) none();
    const pause = link.lost();
    if (Date.now() - openSince >= stableMs) failed = 0;
    openSince = Infinity;
    gap = undefined;
    const then = asked;
    asked = undefined;
    const end = error ?? new CloseError(code, reason);
    // What a server ends for good is not tried again, though onOpen has failed meanwhile.
    if (then && (then !== again || comesBack(code) || (code === 1000 && error))) return then(end);
    if (code === codeStale) return finish({ state: "stale", error: new TandemError("stale", reason, { cause: error }) });
    next(end, comesBack(code), pause);
  };

  /** Tries another conversation, not this one's session. */
  const again = (error: Error): void => {
    const gap = over();
    next(error, true);
    tellGap(gap);
  };

  const next = (error: Error, again: boolean, pause = 0): void => {
    attempts++;
    clearTimeout(timer);
    if (!again || o.reconnect === false || failed >= tries) {
      return finish({ state: "closed", error }, again ? "gave up" : "closed");
    }
    const wait = pause + Math.random() * Math.min(maxMs, minMs * 2 ** failed++);
    let retryAt: number | undefined;
    if (!hidden && !isOffline()) {
      timer = setTimeout(attempt, wait);
      retryAt = Date.now() + wait;
    }
    set({ state: "waiting", failed, resuming: begun, error, retryAt });
  };

  const finish = (last: Final, reason?: string): void => {
    attempts++;
    clearTimeout(timer);
    unwatch?.();
    o.signal?.removeEventListener("abort", dispose);
    status = last; // for who is told of a gap, and may restart
    const gap = over(reason, last.error);
    waiting.fail(why());
    // A normal end is no error for who receives.
    messages.end(last.error instanceof CloseError && last.error.code === 1000 ? null : (last.error ?? null));
    tellGap(gap);
    tell("status", last);
  };

  /** Begins. There is no websocket. */
  const begin = (): void => {
    if (!Ctor || !base) return; // this is no browser
    hidden = false;
    failed = 0;
    o.signal?.addEventListener("abort", dispose);
    messages.end();
    unwatch?.();
    unwatch = watchPage({
      wake() {
        hidden = false;
        if (!isOffline()) socket.retry();
        if (status.state === "open") link.probe();
      },
      offline() {
        if (status.state !== "waiting") return;
        clearTimeout(timer);
        set({ ...status, retryAt: undefined });
      },
      hide(kept) {
        hidden = true;
        clearTimeout(timer);
        void link.end(); // says now what it has to say
        // Of a page that is not kept nobody comes back, to a session either.
        wire?.drop(kept ? link.leave : 1000);
      },
    });
    void attempt();
  };

  const anew = (): void => {
    const gap = over();
    begin();
    tellGap(gap);
  };
  /** Ends the websocket in order, and does then what was asked for; at once if there is none. */
  const leave = async (code: number, reason: string, then: () => void): Promise<void> => {
    const on = wire!;
    if (!on) return then();
    asked = then;
    if (status.state === "connecting") {
      void link.end();
      on.drop(code);
    }
    if (status.state !== "open") return;
    set({ state: "closing" });
    await link.end();
    if (on === wire) on.close(code, reason);
  };
  const need = (): void => {
    if (status.state === "idle") begin();
  };

  const dispose = (): Promise<void> => socket.close();
  const socket: Socket<In, Out> = {
    get status() {
      return status;
    },
    link,
    subscribe(f) {
      const off = socket.on("status", f);
      call(f, status);
      return off;
    },
    on(event, f) {
      if (event === "message") {
        need();
        return messages.listen(f as (message: Out) => void);
      }
      const all: Set<(value: never) => void> = listeners[event as "status"];
      const one = (value: never): void => f(value); // f may be there twice
      all.add(one);
      return () => all.delete(one);
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
      need();
      if (isFinal(status)) throw why();
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
      void leave(1000, "", anew);
    },
    async close(code = 1000, reason = "") {
      if (!(code === 1000 || (code >= 3000 && code < 5000))) throw new RangeError(`code ${code}`);
      if (byteLength(reason) > maxReason) throw new RangeError("too long");
      if (isFinal(status)) return;
      void leave(code, reason, () => finish({ state: "closed" }));
      await socket.opened().catch(() => {});
    },
    [Symbol.asyncIterator]() {
      need();
      return messages.iterate();
    },
    [Symbol.asyncDispose]: dispose,
  };

  o.signal?.addEventListener("abort", dispose);
  if (o.signal?.aborted) void dispose();
  else if (!o.lazy) begin();
  return socket;
}
