// Sessions: timers, windows, what a server must not do. What it may do is in session-vectors.test.ts.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { authenticate, CredentialError } from "../src/authenticate.js";
import { cbor } from "../src/cbor.js";
import type { Payload } from "../src/codec.js";
import { parse, wrap } from "../src/envelope.js";
import { TandemError } from "../src/errors.js";
import { json } from "../src/json.js";
import { msgpack } from "../src/msgpack.js";
import { session, sessionOf } from "../src/session.js";
import * as t from "../src/types.js";
import { type Setting, type Stage, stage } from "./stage.js";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const key = "k".repeat(22);
const welcome = (more: object = {}): string => {
  const window = { n: 256, bytes: 1 << 20, ms: 1000 };
  return JSON.stringify([8, 0, { v: 1, sid: "s1", key, resumed: false, epoch: "e1", window, beat: 0, ...more }]);
};
const resumed = (rx: number, more: object = {}): string => welcome({ resumed: true, rx, ...more });

function made(setting: Partial<Setting<string>> = {}): Stage<string> {
  return stage({ codec: json, type: t.string, ...setting });
}

/** A session that is open. */
function opened(more: object = {}, setting: Partial<Setting<string>> = {}): Stage<string> {
  const s = made(setting);
  s.open();
  s.receive(welcome(more));
  expect(s.said.splice(0)).toEqual(['[7,0,{"v":1}]', '[2,0,{"rx":0}]']);
  expect(s.told.splice(0)).toEqual([{ is: "opened", sid: "s1" }]);
  return s;
}

const message = (seq: number, text = "x"): string => JSON.stringify([0, seq, text]);
const said = (s: Stage<string>): Payload[] => s.said.splice(0);
const microtasks = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve();
};

/** What has become of a promise. */
function watch(p: Promise<unknown>): { is: unknown } {
  const w: { is: unknown } = { is: "pending" };
  p.then(
    () => (w.is = "done"),
    (error: unknown) => (w.is = error),
  );
  return w;
}

test("says hello with the schema and a credential, and offers its subprotocol", () => {
  const s = made({ schema: "abc" });
  s.open("secret");
  expect(said(s)).toEqual(['[7,0,{"v":1,"schema":"abc","auth":"secret"}]']);
  expect(s.link.protocols).toEqual(["tandem.v1.json"]);
  expect(s.link.leave).toBe(3008);
});

describe("acknowledgements", () => {
  test("go 250 ms after the first message that is done", () => {
    const s = opened();
    s.receive(message(1));
    s.receive(message(2));
    vi.advanceTimersByTime(1000);
    s.link.done(1);
    vi.advanceTimersByTime(200);
    s.link.done(1);
    vi.advanceTimersByTime(49);
    expect(said(s)).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(said(s)).toEqual(['[2,0,{"rx":2}]']);
    vi.advanceTimersByTime(10_000);
    expect(said(s)).toEqual([]);
  });

  test.each([
    [1, 1],
    [4, 1],
    [5, 2],
    [8, 2],
    [128, 32],
    [1000, 32],
  ])("a window of %i messages has one after %i", (n, every) => {
    const s = opened({ window: { n, bytes: 1 << 20, ms: 1000 } });
    for (let i = 1; i <= every; i++) {
      expect(said(s)).toEqual([]);
      s.receive(message(i));
      s.link.done(1);
    }
    expect(said(s)).toEqual([`[2,0,{"rx":${every}}]`]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("are the application's with commits", () => {
    const s = opened({}, { policy: { commits: true } });
    expect(s.link.commits).toBe(true);
    for (let i = 1; i <= 100; i++) s.receive(message(i));
    s.link.done(3);
    vi.advanceTimersByTime(10_000);
    expect(said(s)).toEqual([]);
    sessionOf(s)!.commit();
    vi.advanceTimersByTime(250);
    expect(said(s)).toEqual(['[2,0,{"rx":3}]']);
    // What is not committed is not acknowledged at the end.
    s.link.done(97);
    void s.link.end();
    expect(said(s)).toEqual([]);
  });

  test("of kinds that nobody has a use for wait for what is not committed", () => {
    const s = opened({}, { policy: { commits: true } });
    s.receive(message(1));
    s.link.done(1);
    s.receive("[99,2,null]");
    s.receive("[5,3,null]");
    vi.advanceTimersByTime(1000);
    expect(said(s)).toEqual([]);
    sessionOf(s)!.commit();
    vi.advanceTimersByTime(250);
    expect(said(s)).toEqual(['[2,0,{"rx":3}]']);
    s.receive("[99,4,null]");
    vi.advanceTimersByTime(250);
    expect(said(s)).toEqual(['[2,0,{"rx":4}]']);
  });

  test("do not count volatile messages", () => {
    const s = opened();
    s.receive('[1,0,"a"]');
    s.receive(message(1));
    s.receive('[1,0,"b"]');
    expect(s.come).toEqual(["a", "x", "b"]);
    expect(s.unbounded).toBe(6);
    s.link.done(1);
    vi.advanceTimersByTime(250);
    expect(said(s)).toEqual([]);
    s.link.done(2);
    vi.advanceTimersByTime(250);
    expect(said(s)).toEqual(['[2,0,{"rx":1}]']);
  });

  test("do not count what waits from a session before", () => {
    const s = opened();
    s.receive(message(1));
    s.receive(message(2));
    s.cut();
    s.open();
    s.receive(welcome({ sid: "s2", why: "unknown" }));
    s.receive(message(1));
    said(s);
    s.link.done(2);
    vi.advanceTimersByTime(250);
    expect(said(s)).toEqual([]);
    s.link.done(1);
    vi.advanceTimersByTime(250);
    expect(said(s)).toEqual(['[2,0,{"rx":1}]']);
  });

  test("are owed to nobody after the websocket is lost", () => {
    const s = opened();
    s.receive(message(1));
    s.link.done(1);
    s.cut();
    expect(vi.getTimerCount()).toBe(0);
    s.open();
    expect(said(s)).toEqual([`[7,0,{"v":1,"sid":"s1","key":"${key}","try":1,"rx":1,"epoch":"e1"}]`]);
  });

  test("go in front of a pong", () => {
    const s = opened();
    s.receive(message(1));
    s.link.done(1);
    s.receive('[9,0,{"n":4}]');
    expect(said(s)).toEqual(['[2,0,{"rx":1}]', '[10,0,{"n":4}]']);
  });
});

describe("the window", () => {
  test("takes as many messages as it says, and one too many later", () => {
    const s = opened({ window: { n: 3, bytes: 1 << 20, ms: 1000 } });
    expect(["a", "b", "c", "d"].map(s.send)).toEqual([true, true, true, false]);
    expect(s.link.unacknowledged).toBe(3);
    s.receive('[2,0,{"rx":0}]');
    expect(s.rooms).toBe(0);
    s.receive('[2,0,{"rx":1}]');
    expect(s.rooms).toBe(1);
    expect(["d", "e"].map(s.send)).toEqual([true, false]);
    expect(said(s)).toEqual(['[0,1,"a"]', '[0,2,"b"]', '[0,3,"c"]', '[0,4,"d"]']);
  });

  test("counts bytes and not characters", () => {
    const s = opened({ window: { n: 256, bytes: 10, ms: 1000 } });
    expect(s.send("ää")).toBe(true); // 6 bytes, with the quotes
    expect(s.send("ä")).toBe(true); // and 4
    expect(s.send("")).toBe(false);
    s.receive('[2,0,{"rx":2}]');
    expect(s.send("ä".repeat(100))).toBe(true); // alone
    expect(s.send("")).toBe(false);
  });

  test("is the policy's before the first welcome, and what was taken then is sent as the server's allows", () => {
    const s = made({ policy: { messages: 4, bytes: 100 } });
    expect(["a", "b", "c", "d", "e"].map(s.send)).toEqual([true, true, true, true, false]);
    s.open();
    s.receive(welcome({ window: { n: 2, bytes: 1000, ms: 1 } }));
    expect(said(s).slice(2)).toEqual(['[0,1,"a"]', '[0,2,"b"]']);
    s.receive('[2,0,{"rx":1}]');
    expect(said(s)).toEqual(['[0,3,"c"]']);
    expect(s.send("e")).toBe(false);
    s.receive('[2,0,{"rx":3}]');
    expect(said(s)).toEqual(['[0,4,"d"]']);
    expect(s.send("e")).toBe(true);
  });

  test("a policy of bytes", () => {
    const s = made({ policy: { bytes: 7 } });
    expect(["a", "b", "c"].map(s.send)).toEqual([true, true, false]);
  });

  test("of the server may be full, and not fuller", () => {
    const s = opened({ window: { n: 2, bytes: 1 << 20, ms: 1 } });
    s.receive(message(1));
    s.receive(message(2));
    s.receive('[1,0,"volatile"]');
    expect(s.closed).toEqual([]);
    s.receive(message(3));
    expect(s.closed).toEqual([4905]);
  });

  test("of the server has room for a message that is longer than it, alone", () => {
    const s = opened({ window: { n: 9, bytes: 20, ms: 1 } });
    s.receive(message(1, "x".repeat(100)));
    expect(s.closed).toEqual([]);
    s.link.done(1);
    said(s);
    s.receive(message(2, "x".repeat(18))); // 20 bytes
    expect(s.closed).toEqual([]);
    s.receive(message(3, ""));
    expect(s.closed).toEqual([4905]);
  });
});

describe("life", () => {
  test("a probe asks, and whatever comes is an answer", () => {
    const s = opened();
    s.link.probe();
    s.link.probe();
    expect(said(s)).toEqual(['[9,0,{"n":1}]']);
    vi.advanceTimersByTime(9999);
    s.receive('[1,0,"x"]');
    vi.advanceTimersByTime(60_000);
    expect(s.up()).toBe(true);
    s.link.probe();
    expect(said(s)).toEqual(['[9,0,{"n":2}]']);
    vi.advanceTimersByTime(9999);
    expect(s.up()).toBe(true);
    vi.advanceTimersByTime(1);
    expect(s.up()).toBe(false);
    expect(s.closed).toEqual([3008]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a beat that is shorter than ten seconds is waited for as long", () => {
    const s = opened({ beat: 1000 });
    vi.advanceTimersByTime(1000);
    expect(said(s)).toEqual(['[9,0,{"n":1}]']);
    vi.advanceTimersByTime(999);
    expect(s.up()).toBe(true);
    vi.advanceTimersByTime(1);
    expect(s.up()).toBe(false);
  });

  test("a beat that no timer can wait for is no hurry", () => {
    const s = opened({ beat: Number.MAX_SAFE_INTEGER });
    vi.advanceTimersByTime(86_400_000);
    expect(said(s)).toEqual([]);
  });

  test("without a socket, or a welcome, there is nothing to probe", () => {
    const s = made();
    s.link.probe();
    s.open();
    said(s);
    s.link.probe();
    expect(said(s)).toEqual([]);
  });

  test("nothing is left to do after the end", () => {
    const s = opened({ beat: 1000 });
    s.receive(message(1));
    s.link.done(1);
    s.receive('[11,0,{"min":10,"max":20,"resumable":true}]');
    s.over("closed");
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("going away", () => {
  beforeEach(() => void vi.spyOn(Math, "random").mockReturnValue(0.5));

  test("at a time between min and max, when all is acknowledged", () => {
    const s = opened();
    s.receive('[11,0,{"why":"restart","min":1000,"max":3000,"resumable":true}]');
    s.send("a");
    vi.advanceTimersByTime(2000);
    expect(s.up()).toBe(true);
    s.receive(message(1));
    s.receive('[2,0,{"rx":1}]');
    s.link.done(1);
    vi.advanceTimersByTime(250); // the acknowledgement
    expect(s.up()).toBe(true);
    vi.advanceTimersByTime(50);
    expect(s.up()).toBe(false);
    expect(s.back).toBe(0);
  });

  test("comes back at that time if the server closes before", () => {
    const s = opened();
    s.receive('[11,0,{"min":1000,"max":3000,"resumable":true}]');
    vi.advanceTimersByTime(500);
    s.closeFrame(1012);
    expect(s.back).toBe(1500);
    expect(vi.getTimerCount()).toBe(0);
    s.open();
    s.receive(resumed(0));
    s.cut();
    expect(s.back).toBe(undefined);
  });

  test("stays where the session will not survive", () => {
    const s = opened();
    s.receive('[11,0,{"min":0,"max":0}]');
    vi.advanceTimersByTime(60_000);
    expect(s.up()).toBe(true);
  });

  test("not for longer than an hour", () => {
    const s = opened();
    s.receive(`[11,0,{"min":${2 ** 53 - 1},"max":${2 ** 53 - 1},"resumable":true}]`);
    vi.advanceTimersByTime(3_599_999);
    expect(s.up()).toBe(true);
    vi.advanceTimersByTime(1);
    expect(s.up()).toBe(false);
  });
});

describe("the end", () => {
  test("acknowledges what was taken, and waits for nothing more", async () => {
    const s = opened();
    s.receive(message(1));
    s.link.done(1);
    const end = watch(s.link.end());
    expect(said(s)).toEqual(['[2,0,{"rx":1}]']);
    await microtasks();
    expect(end.is).toBe("done");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("waits until its own messages are acknowledged", async () => {
    const s = opened();
    s.send("a");
    s.send("b");
    said(s);
    const end = watch(s.link.end());
    expect(said(s)).toEqual(['[9,0,{"n":1}]']);
    s.receive(message(1));
    s.link.done(1);
    s.receive('[2,0,{"rx":1}]');
    await microtasks();
    expect(end.is).toBe("pending");
    s.receive('[2,0,{"rx":2}]');
    await microtasks();
    expect(end.is).toBe("done");
    expect(said(s)).toEqual(['[2,0,{"rx":1}]']);
  });

  test("waits for another websocket too, but no longer than 5 s", async () => {
    const s = opened();
    s.send("a");
    s.cut();
    const end = watch(s.link.end());
    await vi.advanceTimersByTimeAsync(4999);
    expect(end.is).toBe("pending");
    await vi.advanceTimersByTimeAsync(1);
    expect(end.is).toBe("done");
    s.over("ended");
    expect(s.told).toEqual([{ is: "over", why: "ended", unsent: [{ payload: "a", maybe: true }] }]);
  });

  test("is said when the session is over meanwhile", async () => {
    const s = opened();
    s.send("a");
    const end = watch(s.link.end());
    s.over("closed");
    await microtasks();
    expect(end.is).toBe("done");
  });

  test("without a session there is none", async () => {
    const s = made();
    const end = watch(s.link.end());
    await microtasks();
    expect(end.is).toBe("done");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("another session may begin after it, and counts anew", () => {
    const s = opened();
    s.send("a");
    s.receive(message(1));
    s.over("closed");
    expect(s.link.id).toBe("");
    expect(s.link.unacknowledged).toBe(0);
    said(s);
    s.open();
    s.receive(welcome({ sid: "s1", resumed: false }));
    s.link.done(1); // of the session before
    s.send("b");
    vi.advanceTimersByTime(250);
    expect(said(s)).toEqual(['[7,0,{"v":1}]', '[2,0,{"rx":0}]', '[0,1,"b"]']);
  });
});

describe("a credential", () => {
  test("waits for a websocket, goes again on the next one, and one at a time", async () => {
    const s = made();
    const one = watch(authenticate(s, "one"));
    const two = watch(authenticate(s, "two"));
    s.open();
    said(s);
    s.receive(welcome());
    expect(said(s)).toEqual(['[2,0,{"rx":0}]', '[12,0,{"n":1,"auth":"one"}]']);
    s.cut();
    s.open();
    s.receive(resumed(0));
    expect(said(s).slice(1)).toEqual(['[2,0,{"rx":0}]', '[12,0,{"n":2,"auth":"one"}]']);
    s.receive('[12,0,{"n":2,"ok":true}]');
    expect(said(s)).toEqual(['[12,0,{"n":3,"auth":"two"}]']);
    await microtasks();
    expect(one.is).toBe("done");
    expect(two.is).toBe("pending");
    s.receive('[12,0,{"n":3,"ok":false,"why":"expired"}]');
    await microtasks();
    expect(two.is).toBeInstanceOf(CredentialError);
    expect((two.is as CredentialError).why).toBe("expired");
    expect(s.closed).toEqual([]);
    const three = watch(authenticate(s, "three"));
    expect(said(s)).toEqual(['[12,0,{"n":4,"auth":"three"}]']);
    s.receive('[12,0,{"n":4,"ok":true}]');
    await microtasks();
    expect(three.is).toBe("done");
  });

  test("is answered once, and with its number", () => {
    for (const answer of ['{"n":2,"ok":true}', '{"ok":true}', '{"n":1,"ok":true,"auth":"x"}', '{"n":1,"ok":1}']) {
      const s = opened();
      void authenticate(s, "x").catch(() => {});
      s.receive(`[12,0,${answer}]`);
      expect(s.closed, answer).toEqual([4901]);
    }
    const s = opened();
    void authenticate(s, "x");
    s.receive('[12,0,{"n":1,"ok":true}]');
    s.receive('[12,0,{"n":1,"ok":true}]');
    expect(s.closed).toEqual([4901]);
  });

  test("is given up with the session", async () => {
    const s = opened();
    const one = watch(authenticate(s, "one"));
    s.over("closed");
    await microtasks();
    expect(one.is).toBeInstanceOf(TandemError);
    // And the next session may be shown another.
    void authenticate(s, "two");
    said(s);
    s.open();
    s.receive(welcome());
    expect(said(s)).toEqual(['[7,0,{"v":1}]', '[2,0,{"rx":0}]', '[12,0,{"n":2,"auth":"two"}]']);
  });

  test("has 1 to 8,192 bytes, and a session to be shown to", async () => {
    const s = opened();
    await expect(authenticate(s, "")).rejects.toThrow(RangeError);
    await expect(authenticate(s, "ä".repeat(4097))).rejects.toThrow(RangeError);
    await expect(authenticate(s, "\ud800")).rejects.toThrow(TypeError);
    await expect(authenticate({ link: {} }, "x")).rejects.toThrow(TypeError);
    expect(said(s)).toEqual([]);
    void authenticate(s, "ä".repeat(4096));
    expect(said(s).length).toBe(1);
  });
});

test("a session is known by its socket, plain links have none", () => {
  const s = opened();
  expect(sessionOf(s)?.id).toBe("s1");
  expect(sessionOf({ link: {} })).toBe(undefined);
  expect(session().link).toBeTypeOf("function");
});

describe("a gap", () => {
  test("tells what may have been delivered, and what was not", () => {
    const s = opened();
    for (const m of ["a", "b", "c"]) s.send(m);
    s.receive('[2,0,{"rx":1}]');
    s.cut();
    s.send("d");
    s.open();
    s.receive(welcome({ sid: "s2", why: "crashed" }));
    const unsent = [
      { payload: "b", maybe: true },
      { payload: "c", maybe: true },
      { payload: "d", maybe: false },
    ];
    expect(s.told).toEqual([{ is: "gap", sid: "s2", why: "crashed", unsent }]);
    expect(said(s).at(-1)).toBe('[2,0,{"rx":0}]');
    s.send("e");
    expect(said(s)).toEqual(['[0,1,"e"]']);
  });

  test.each([
    [0, "an rx that goes back says nothing"],
    [4, "an rx of what was never sent says nothing"],
  ])("rx %i: %s", (rx) => {
    const s = opened();
    for (const m of ["a", "b"]) s.send(m);
    s.receive('[2,0,{"rx":1}]');
    s.cut();
    s.open();
    s.receive(welcome({ sid: "s2", why: "expired", rx }));
    expect(s.told[0]!.unsent).toEqual([{ payload: "b", maybe: true }]);
  });

  test("may have the application close", () => {
    const s: Stage<string> = opened({ beat: 1000 }, { atGap: () => s.over("closed") });
    s.cut();
    s.open();
    s.receive(welcome({ sid: "s2", why: "unknown", beat: 1000 }));
    expect(s.told.map(({ is }) => is)).toEqual(["gap", "over"]);
    expect(s.readies).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
    expect(s.link.sendVolatile('"x"')).toBe(false);
  });

  test("of what the server has told nothing is in doubt", () => {
    const s = opened();
    for (const m of ["a", "b", "c"]) s.send(m);
    s.cut();
    s.open();
    s.receive(welcome({ sid: "s2", why: "expired", rx: 2 }));
    expect(s.told[0]!.unsent).toEqual([{ payload: "c", maybe: false }]);
  });
});

describe("a server must not", () => {
  const max = Number.MAX_SAFE_INTEGER;
  const deep = (n: number): string => "[".repeat(n) + "]".repeat(n);
  test.each<[what: string, code: number, frame: string]>([
    ["say nothing", 4901, ""],
    ["say something else", 4901, '{"a":1}'],
    ["leave out the payload", 4901, "[0,1]"],
    ["say five things", 4901, '[0,1,"a",{},1]'],
    ["say more behind", 4901, '[0,1,"a"]1'],
    ["have half a frame", 4901, '[0,1,"a"'],
    ["have a kind below zero", 4901, '[-1,0,"a"]'],
    ["have a kind with a fraction", 4901, '[0.5,1,"a"]'],
    ["have a kind in words", 4901, '["0",1,"a"]'],
    ["have a kind above 2^53-1", 4901, "[9007199254740992,0,null]"],
    ["have a number below zero", 4901, '[0,-1,"a"]'],
    ["have a number below -2^63", 4901, '[99,-9223372036854775809,"a"]'],
    ["have a number with a fraction", 4901, '[0,1.0,"a"]'],
    ["have a number in words", 4901, '[0,"1","a"]'],
    ["number an ack", 4901, '[2,1,{"rx":0}]'],
    ["not number a message", 4901, '[0,0,"a"]'],
    ["not number a reply", 4901, '[4,0,"a"]'],
    ["have meta that is no map", 4901, '[0,1,"a",1]'],
    ["have meta that is null", 4901, '[0,1,"a",null]'],
    ["have long meta", 4901, JSON.stringify([0, 1, "a", { a: "x".repeat(1017) }])],
    ["have long control frames", 4901, JSON.stringify([2, 0, { rx: 0, a: "x".repeat(16384) }])],
    ["nest too deep", 4901, `[99,0,${deep(65)}]`],
    ["control with a list", 4901, "[2,0,[0]]"],
    ["acknowledge without a number", 4901, "[2,0,{}]"],
    ["acknowledge null", 4901, '[2,0,{"rx":null}]'],
    ["acknowledge twice at once", 4901, '[2,0,{"rx":0,"rx":0}]'],
    ["acknowledge a word", 4901, '[2,0,{"rx":"0"}]'],
    ["acknowledge a fraction", 4901, '[2,0,{"rx":0.5}]'],
    ["acknowledge less than nothing", 4901, '[2,0,{"rx":-1}]'],
    ["acknowledge what was never sent", 4903, '[2,0,{"rx":2}]'],
    ["acknowledge all that there ever will be", 4903, `[2,0,{"rx":${max}}]`],
    ["acknowledge more than that", 4901, '[2,0,{"rx":9007199254740992}]'],
    ["leave a hole", 4902, message(2)],
    ["jump to the last number", 4902, `[0,${max},"a"]`],
    ["jump beyond it", 4904, '[0,9007199254740992,"a"]'],
    ["jump beyond it with what nobody knows", 4904, '[99,9007199254740992,"a"]'],
    ["jump beyond 64 bits", 4904, '[0,18446744073709551616,"a"]'],
    ["say hello", 4901, '[7,0,{"v":1}]'],
    ["say welcome again", 4901, welcome({ sid: "s2" })],
    ["show credentials", 4901, '[12,0,{"n":1,"auth":"x"}]'],
    ["answer what nobody has asked", 4901, '[12,0,{"n":0,"ok":true}]'],
    ["ping without a map", 4901, "[9,0,null]"],
    ["ping with a word", 4901, '[9,0,{"n":"1"}]'],
    ["send away with a word", 4901, '[11,0,{"min":"1"}]'],
    ["send long messages", 1009, message(1, "x".repeat(1 << 20))],
  ])("%s: %i", (_, code, frame) => {
    const s = opened();
    s.send("a");
    s.receive(frame);
    expect(s.closed).toEqual([code]);
    expect(s.come).toEqual([]);
    expect(s.told).toEqual([{ is: "over", why: "violation", unsent: [{ payload: "a", maybe: true }] }]);
  });

  test.each<[what: string, frame: string]>([
    ["pongs of nothing", '[10,0,{"n":77}]'],
    ["unknown kinds", "[13,0,null]"],
    ["the last of unknown kinds", `[${max},0,{"a":{}}]`],
    ["unknown keys", '[2,0,{"rx":0,"why":5,"window":null,"__proto__":{"n":1}}]'],
    ["keys of other kinds", '[10,0,{"n":0,"rx":"x","resumable":3}]'],
    ["white space", ' [ 2 , 0 , { "rx" : 0 } ] '],
    ["messages of a MiB", message(1, "x".repeat((1 << 20) - 2))],
    ["long meta", JSON.stringify([0, 1, "a", { a: "x".repeat(1016) }])],
    ["deep payloads", `[99,1,${deep(64)}]`],
  ])("but may send %s", (_, frame) => {
    const s = opened();
    s.receive(frame);
    expect(s.closed).toEqual([]);
    expect(({} as { n?: number }).n).toBe(undefined);
  });

  test("send messages of another type, which is the application's fault", () => {
    const s = opened();
    s.receive("[0,1,5]");
    expect(s.errors[0]).toBeInstanceOf(TypeError);
  });

  test("send more than its limit, with a frame that may be longer", () => {
    const s = opened({}, { maxServerMessage: 10 });
    s.receive(message(1, "12345678"));
    s.receive(JSON.stringify([2, 0, { rx: 0, more: "x".repeat(10_000) }]));
    expect(s.closed).toEqual([]);
    s.receive(message(2, "123456789"));
    expect(s.closed).toEqual([1009]);
  });

  test.each<[what: string, more: object]>([
    ["of another revision", { v: 2 }],
    ["of none", { v: undefined }],
    ["without a name", { sid: "" }],
    ["with a long name", { sid: "x".repeat(65) }],
    ["with a short key", { key: "k".repeat(21) }],
    ["with a long key", { key: "k".repeat(129) }],
    ["with a key of other characters", { key: "k".repeat(30) + "+" }],
    ["with a key and a line", { key: key + "\n" }],
    ["without an epoch", { epoch: undefined }],
    ["with a window of nothing", { window: { n: 0, bytes: 1, ms: 1 } }],
    ["with a window of no bytes", { window: { n: 1, bytes: 0, ms: 1 } }],
    ["with a window of no time", { window: { n: 1, bytes: 1, ms: 0 } }],
    ["with a window in words", { window: "small" }],
    ["with null for a window", { window: null }],
    ["with an unknown beat", { beat: "b" }],
    ["with resumed in words", { resumed: "no" }],
    ["that resumes what was not asked for", { resumed: true, rx: 0 }],
  ])("welcome %s", (_, more) => {
    const s = made();
    s.open();
    s.receive(welcome(more));
    expect(s.closed).toEqual([4901]);
  });

  test("leave out a window at will: there is one for that", () => {
    const s = made();
    s.open();
    s.receive(`[8,0,{"v":1,"sid":"s","key":"${key}","resumed":false,"epoch":"e","beat":0}]`);
    for (let i = 0; i < 256; i++) expect(s.send("x")).toBe(true);
    expect(s.send("x")).toBe(false);
    expect(s.closed).toEqual([]);
  });

  test.each<[what: string, code: number, frame: string]>([
    ["another session", 4901, resumed(0, { sid: "s2" })],
    ["another epoch", 4901, resumed(0, { epoch: "e2" })],
    ["no rx", 4901, welcome({ resumed: true })],
    ["an rx that goes back", 4903, resumed(0)],
    ["an rx of what was never sent", 4903, resumed(3)],
    ["another session of the same name", 4901, welcome()],
  ])("resume with %s", (_, code, frame) => {
    const s = opened();
    s.send("a");
    s.send("b");
    s.receive('[2,0,{"rx":1}]');
    s.cut();
    s.send("c"); // it has not left
    s.open();
    s.receive(frame);
    expect(s.closed).toEqual([code]);
    expect(s.told[0]!.unsent).toEqual([
      { payload: "b", maybe: true },
      { payload: "c", maybe: false },
    ]);
  });

  test("speak before welcome, but for what nobody knows", () => {
    const s = made();
    s.open();
    s.receive("[99,0,null]");
    expect(s.closed).toEqual([]);
    s.receive('[9,0,{"n":1}]');
    expect(s.closed).toEqual([4901]);
    const other = made();
    other.open();
    other.receive("[99,1,null]");
    expect(other.closed).toEqual([4901]);
  });
});

describe.each([cbor, msgpack])("$name", (codec) => {
  const hex = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, "hex"));
  const w = (v: Parameters<typeof codec.write>[0]): Payload => codec.write(v);
  const openedIn = (): Stage<string> => {
    const s = stage({ codec, type: t.string });
    s.open();
    const window = new Map([["n", 9], ["bytes", 99], ["ms", 9]] as const);
    const body = [["v", 1], ["sid", "s1"], ["key", key], ["resumed", false], ["epoch", "e1"], ["window", window], ["beat", 0]];
    s.receive(w([8, 0, new Map(body as [string, number][])]));
    expect(s.told.splice(0)).toEqual([{ is: "opened", sid: "s1" }]);
    s.said.length = 0;
    return s;
  };

  test("other spellings are read", () => {
    const s = openedIn();
    const frames = { cbor: "9f00016161ff 980318001b00000000000000026162 9f00036163a0ff 8400046164a1617af6" };
    const spelled = { ...frames, msgpack: "dc000300cc01a161 93d200000000d30000000000000002a162 dd000000030003a163 940004a16481a17ac0" };
    for (const frame of spelled[codec.name as "cbor"].split(" ")) s.receive(hex(frame));
    expect(s.closed).toEqual([]);
    expect(s.come).toEqual(["a", "b", "c", "d"]);
  });

  test.each(
    {
      json: [],
      cbor: [
        ["nothing", ""],
        ["two elements", "820001"],
        ["a list that ends too early", "83000161"],
        ["a number below zero", "8300206161"],
        ["a list longer than memory", "9bffffffffffffffff"],
        ["meta that is no map", "840001616101"],
        ["meta with a key that is no text", "8400016161a10101"],
        ["something behind", "830001616100"],
        ["null for a number", "830200a1627278f6"],
        ["a float for a number", "830200a1627278fb3ff0000000000000"],
      ],
      msgpack: [
        ["nothing", ""],
        ["two elements", "920001"],
        ["a list that ends too early", "930001"],
        ["a number below zero", "9300ffa161"],
        ["a list longer than memory", "ddffffffff"],
        ["meta that is no map", "940001a16101"],
        ["meta with a key that is no text", "940001a161810101"],
        ["something behind", "930001a16100"],
        ["null for a number", "93020081a27278c0"],
        ["a float for a number", "93020081a27278cb3ff0000000000000"],
      ],
    }[codec.name],
  )("%s is closed with 4901", (_, frame) => {
    const s = openedIn();
    s.receive(hex(frame!));
    expect(s.closed).toEqual([4901]);
  });

  test.each([
    [1, 1, 1],
    [23, 1, 1],
    [24, 2, 1],
    [127, 2, 1],
    [128, 2, 2],
    [255, 2, 2],
    [256, 3, 3],
    [65535, 3, 3],
    [65536, 5, 5],
    [2 ** 32 - 1, 5, 5],
    [2 ** 32, 9, 9],
    [2 ** 53 - 1, 9, 9],
  ])("number %i has the shortest form", (seq, inCBOR, inMsgPack) => {
    const frame = wrap(codec, 0, seq, codec.write("hi"));
    expect(frame.length).toBe(2 + (codec === cbor ? inCBOR : inMsgPack) + 3);
    expect(codec.read(frame)).toEqual([0, seq, "hi"]);
    expect(parse(codec, t.string, frame)).toMatchObject({ kind: 0, seq, message: "hi", size: 2 });
  });
});
