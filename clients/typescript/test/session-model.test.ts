// The promise of spec/session.md, in worlds of chance: a client, a server that is no more than the rules, and a network that
// loses what is under way. Whatever happens: in order, at most once, exactly once while the session is resumed, and else the
// client has the message in its list.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { json } from "../src/json.js";
import { int32 } from "../src/types.js";
import { type Stage, stage } from "./stage.js";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Numbers that look random, and are the same for the same seed. */
function chance(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Control = Record<string, number | string | boolean | undefined>;
type Wire = [kind: number, seq: number, payload: number | Control];

/** The server's end of a session. */
interface End {
  readonly sid: string;
  /** The keys that are good, each with the highest try seen with it. */
  keys: Map<string, number>;
  /** Of the client's messages: all of this session, and how many have come, were taken, and were acknowledged. */
  log: number[];
  got: number;
  taken: number;
  told: number;
  /** Its own. */
  out: number[];
  acked: number;
  sent: number;
  high: number;
  /** It is over, and why. The client may be told what was taken. */
  why: string | undefined;
  tells: boolean;
}

const bytes = (list: number[]): number => list.join("").length;

/** A server and the network to it. */
function world(seed: number) {
  const random = chance(seed);
  const upTo = (n: number): number => Math.floor(random() * n);
  const window = { n: 1 + upTo(6), bytes: 6 + upTo(30), ms: 1000 };
  const ends = new Map<string, End>();
  const taken: number[] = []; // by the server's application, of all sessions
  let names = 0;
  let at: End | undefined; // the session on the websocket
  let proven = false; // its client has spoken behind welcome
  let toClient: string[] = [];

  const say = (...f: Wire): number => toClient.push(JSON.stringify(f));
  const flush = (e: End): void => {
    for (; e === at && e.sent < e.acked + e.out.length; e.sent++) {
      const n = e.sent - e.acked;
      if (n > 0 && (n >= window.n || bytes(e.out.slice(0, n + 1)) > window.bytes)) return;
      say(0, e.sent + 1, e.out[n]!);
      e.high = Math.max(e.high, e.sent + 1);
    }
  };
  const acked = (e: End, rx: number): void => {
    expect(rx).toBeGreaterThanOrEqual(e.acked);
    expect(rx).toBeLessThanOrEqual(e.high);
    e.out.splice(0, rx - e.acked);
    e.acked = rx;
    e.sent = Math.max(e.sent, rx);
    flush(e);
  };
  const hello = (h: Control): void => {
    const old = ends.get(h["sid"] as string);
    const known = old !== undefined && (h["try"] as number) > (old.keys.get(h["key"] as string) ?? Infinity);
    if (h["sid"] === undefined) expect(Object.keys(h)).toEqual(["v"]);
    else if (old) expect(known, "the client shows a good key").toBe(true);
    const key = `key-${"0".repeat(18)}${++names}`;
    const rest = { epoch: "e", window, beat: 2000 };
    proven = false;
    if (old && known && old.why === undefined) {
      at = old;
      at.keys = new Map([
        [h["key"] as string, h["try"] as number],
        [key, 0],
      ]);
      at.sent = at.acked;
      say(8, 0, { v: 1, sid: old.sid, key, resumed: true, rx: old.taken, ...rest } as unknown as Control);
      old.told = old.taken;
      const rx = (h["rx"] as number) ?? 0;
      at.sent = Math.max(at.acked, rx);
      acked(old, rx);
      flush(old);
      return;
    }
    const sid = `s${names}`;
    const none = { got: 0, taken: 0, told: 0, acked: 0, sent: 0, high: 0, why: undefined, tells: false };
    at = { sid, keys: new Map([[key, 0]]), log: [], out: [], ...none };
    ends.set(sid, at);
    const why = h["sid"] === undefined ? undefined : (old?.why ?? "unknown");
    const rx = old?.tells ? old.taken : undefined;
    say(8, 0, { v: 1, sid, key, resumed: false, why, rx, ...rest } as unknown as Control);
  };
  const hear = (text: string): void => {
    const [kind, seq, payload] = JSON.parse(text) as Wire;
    const p = payload as Control;
    if (kind === 7) return hello(p);
    const e = at!;
    if (!proven) {
      expect(kind, "an ack answers welcome").toBe(2);
      proven = true;
      e.keys = new Map([...e.keys].slice(-1));
    }
    if (kind === 0) {
      expect(seq, "no holes").toBeLessThanOrEqual(e.got + 1);
      if (seq <= e.got) return;
      e.got = e.log.push(payload as number);
      const open = e.log.slice(e.told);
      if (open.length > window.n || (open.length > 1 && bytes(open) > window.bytes)) throw new Error("the window does not hold");
    } else if (kind === 2) acked(e, p["rx"] as number);
    else if (kind === 9) {
      ack(e);
      say(10, 0, p);
    } else expect(kind).toBe(10);
  };
  const ack = (e: End): void => {
    if (e !== at || e.told === e.taken) return;
    e.told = e.taken;
    say(2, 0, { rx: e.taken });
  };

  return {
    random,
    upTo,
    window,
    taken,
    ends,
    hear,
    /** Something of what is on its way arrives. */
    arrives: () => toClient.shift(),
    /** The websocket is lost, and all that is on its way. */
    cut() {
      at = undefined;
      toClient = [];
    },
    current: () => at,
    send(m: number): End | undefined {
      const e = at ?? [...ends.values()].at(-1);
      if (!e || e.why !== undefined || e.out.length >= window.n) return undefined;
      e.out.push(m);
      flush(e);
      return e;
    },
    take(): boolean {
      for (const e of ends.values()) {
        if (e.why !== undefined || e.taken === e.got) continue;
        taken.push(e.log[e.taken++]!);
        if (e.taken - e.told >= window.n / 4) ack(e);
        return true;
      }
      return false;
    },
    ack: () => at && ack(at),
    say,
    /** The session that has no websocket ends. */
    expire(how: string, tells: boolean) {
      for (const e of ends.values()) {
        if (e === at || e.why !== undefined) continue;
        e.why = how;
        e.tells = tells;
        if (how === "unknown") ends.delete(e.sid);
      }
    },
  };
}

function live(seed: number): { sent: number; gaps: number; resumed: number } {
  const w = world(seed);
  vi.spyOn(Math, "random").mockImplementation(w.random);
  const s: Stage<number> = stage({ codec: json, type: int32 });
  const { upTo } = w;
  const sent: number[] = [];
  const came: number[] = [];
  const fromServer = new Map<number, string>(); // message → session
  const unsent = new Map<number, boolean>();
  const queue: number[] = []; // what the client's application is not done with
  let next = 0;
  let gaps = 0;
  let resumed = 0;

  const pull = (): void => {
    while (s.come.length) {
      const m = s.come.shift()!;
      came.push(m);
      queue.push(m);
    }
    for (const e of s.told.splice(0)) {
      if (e.is === "resumed") resumed++;
      if (e.is === "gap" || e.is === "over") {
        gaps++;
        for (const { payload, maybe } of e.unsent!) {
          expect(unsent.has(payload as number), "listed once").toBe(false);
          unsent.set(payload as number, maybe);
          if (e.why === "ended") expect(maybe, "the server has told what it took").toBe(false);
        }
      }
    }
    if (s.errors[0]) throw s.errors[0];
    for (const code of s.closed.splice(0)) {
      if (code !== 3008) throw new Error(`closed with ${code}`);
      w.cut();
      s.said.length = 0;
    }
  };
  const cut = (): void => {
    s.cut();
    w.cut();
    s.said.length = 0;
  };
  const actions: (() => void)[] = [
    () => s.send(next) && sent.push(next++),
    () => s.send(next) && sent.push(next++),
    () => {
      const e = w.send(next);
      if (e) fromServer.set(next++, e.sid);
    },
    ...Array<() => void>(6).fill(() => s.said.length && w.hear(s.said.shift() as string)),
    ...Array<() => void>(6).fill(() => {
      const frame = w.arrives();
      if (frame) s.receive(frame);
    }),
    () => {
      const n = upTo(queue.length + 1);
      queue.splice(0, n);
      s.link.done(n);
    },
    () => w.take(),
    () => w.take(),
    () => vi.advanceTimersByTime(upTo(300)),
    () => upTo(6) || vi.advanceTimersByTime(upTo(12_000)),
    () => w.ack(),
    () => s.up() || s.open(),
    () => s.up() || s.open(),
    () => upTo(6) || cut(),
    () => upTo(6) || s.cut(), // what is on its way to the server arrives, or not
    () => upTo(4) || (w.current() && w.say(11, 0, { min: 10, max: 500, resumable: true })),
    () => {
      if (!upTo(3)) w.expire(["expired", "unknown", "crashed"][upTo(3)]!, false);
    },
    () => upTo(3) || w.expire("ended", true),
    () => upTo(3) || s.link.probe(),
  ];
  for (let i = 0; i < 600; i++) {
    // Frames for a websocket that the client has left may still arrive, until it opens another.
    if (!s.up() && upTo(2)) {
      if (s.said.length && w.current()) w.hear(s.said.shift() as string);
    }
    const up = s.up();
    actions[upTo(actions.length)]!();
    if (!up && s.up()) {
      const hello = s.said.splice(0).at(-1)!;
      w.cut();
      s.said.push(hello);
    }
    pull();
  }
  // The network is good again, and everybody does what is to be done.
  cut();
  pull();
  s.open();
  for (let i = 0; i < 40; i++) {
    while (s.said.length) w.hear(s.said.shift() as string);
    for (let f; (f = w.arrives()) !== undefined; ) s.receive(f);
    pull();
    s.link.done(queue.splice(0).length);
    while (w.take());
    w.ack();
    vi.advanceTimersByTime(300);
    pull();
    if (!s.up()) s.open(); // it was asked to go away
  }
  const left = s.link.unacknowledged;
  const session = w.current()!;

  expect(left, "all is acknowledged").toBe(0);
  expect(session.out, "all is acknowledged").toEqual([]);
  expect(new Set(w.taken).size, "at most once").toBe(w.taken.length);
  expect(w.taken, "in order").toEqual([...w.taken].sort((a, b) => a - b));
  const taken = new Set(w.taken);
  for (const m of sent) {
    if (unsent.get(m) === false) expect(taken.has(m), `${m} was not delivered`).toBe(false);
    if (!unsent.has(m)) expect(taken.has(m), `${m} was delivered`).toBe(true);
  }
  expect(new Set(came).size, "at most once").toBe(came.length);
  expect(came, "in order").toEqual([...came].sort((a, b) => a - b));
  const arrived = new Set(came);
  for (const [m, sid] of fromServer) if (sid === session.sid) expect(arrived.has(m), `${m} has come`).toBe(true);
  return { sent: sent.length, gaps, resumed };
}

test("the promise holds in every world", () => {
  const all = { sent: 0, gaps: 0, resumed: 0 };
  const seeds = Number(process.env["SEEDS"] ?? 300);
  const first = Number(process.env["FIRST"] ?? 1);
  for (let seed = first; seed < first + seeds; seed++) {
    try {
      const { sent, gaps, resumed } = live(seed);
      all.sent += sent;
      all.gaps += gaps;
      all.resumed += resumed;
    } catch (error) {
      (error as Error).message = `FIRST=${seed} SEEDS=1: ${(error as Error).message}`;
      throw error;
    }
    vi.clearAllTimers();
  }
  // The worlds are not empty.
  expect(all.sent).toBeGreaterThan(seeds * 15);
  expect(all.gaps).toBeGreaterThan(seeds);
  expect(all.resumed).toBeGreaterThan(seeds * 2);
});
