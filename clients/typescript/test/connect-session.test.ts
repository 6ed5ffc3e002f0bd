// The socket with a session: who says what when, over several websockets. The session alone is in session.test.ts.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { authenticate, connect, endpoint, type GapError, json, type Options, session, sessionOf, type SessionPolicy, type Socket } from "../src/index.js";
import * as t from "../src/types.js";
import { fake, FakeSocket, settle } from "./fake.js";

const key = "k".repeat(22);
const welcome = (sid: string, more: object = {}): string =>
  JSON.stringify([8, 0, { v: 1, sid, key, resumed: false, epoch: "e", window: { n: 256, bytes: 1 << 20, ms: 1000 }, beat: 0, ...more }]);
const last = (): FakeSocket => FakeSocket.last;
/** What was said on a websocket, without hello. */
const said = (s = last()): unknown[] => s.sent.map((f) => JSON.parse(f as string) as unknown).filter((f) => (f as number[])[0] !== 7);

function open(options: Options<string> = {}, policy: SessionPolicy = {}): Socket<string, string> {
  const kept = endpoint({ path: "/kept", codec: json, in: t.string, out: t.string, session: session(policy), schema: "abc" });
  return connect(kept, { url: "http://server.example", WebSocket: fake, ...options });
}

async function opened(options: Options<string> = {}, policy: SessionPolicy = {}): Promise<Socket<string, string>> {
  const ws = open(options, policy);
  await settle();
  last().open();
  last().message(welcome("s1"));
  await settle();
  return ws;
}

/** Whether a promise is settled, and how. */
function watch(p: PromiseLike<unknown>): { is: "pending" | "done" | Error } {
  const w: { is: "pending" | "done" | Error } = { is: "pending" };
  p.then(
    () => (w.is = "done"),
    (error: Error) => (w.is = error),
  );
  return w;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  FakeSocket.reset();
});
afterEach(() => vi.useRealTimers());

test("offers the session, says hello with the schema, and is open after welcome", async () => {
  const ws = open();
  await settle();
  expect(last().protocols).toEqual(["tandem.v1.json"]);
  last().open();
  expect(last().sent).toEqual(['[7,0,{"v":1,"schema":"abc"}]']);
  expect(ws.status.state).toBe("connecting");
  last().message(welcome("s1"));
  expect(ws.status).toEqual({ state: "open", generation: 1 });
  expect(sessionOf(ws)?.id).toBe("s1");
});

test("sends while it is resuming, and goes on", async () => {
  const ws = await opened();
  last().end();
  expect(ws.status).toMatchObject({ state: "waiting", resuming: true });
  await ws.send("1"); // resolves: the session has it
  await vi.advanceTimersByTimeAsync(500);
  expect(ws.status).toMatchObject({ state: "connecting", resuming: true });
  last().open();
  last().message(welcome("s1", { resumed: true, rx: 0 }));
  expect(ws.status).toEqual({ state: "open", generation: 1 });
  expect(said()).toContainEqual([0, 1, "1"]);
});

test("tells a gap before the conversation that follows, and sends what is sent because of it behind onOpen", async () => {
  const ws = await opened({ onOpen: (c) => c.send("subscribe") });
  last().end();
  await ws.send("lost");
  const order: string[] = [];
  ws.on("status", (s) => order.push(s.state));
  ws.on("gap", ({ why, unsent }) => {
    order.push(`gap ${why}`);
    for (const { message } of unsent) void ws.send(`again ${message}`);
  });
  await vi.advanceTimersByTimeAsync(500);
  last().open();
  last().message(welcome("s2", { why: "unknown" }));
  await settle();
  expect(order).toEqual(["connecting", "gap unknown", "open"]);
  expect(ws.status).toMatchObject({ generation: 2, gap: { why: "unknown" } });
  expect(said()).toEqual([
    [2, 0, { rx: 0 }],
    [0, 1, "subscribe"],
    [0, 2, "again subscribe"],
    [0, 3, "again lost"],
  ]);
});

test("onOpen that throws is called again, in another session", async () => {
  let calls = 0;
  const ws = await opened({
    onOpen() {
      if (++calls === 1) throw new Error("not yet");
    },
  });
  expect(last().closed?.code).toBe(1000);
  last().answer();
  expect(ws.status).toMatchObject({ state: "waiting", resuming: false, error: { message: "not yet" } });
  await vi.advanceTimersByTimeAsync(500);
  last().open();
  expect(last().sent).toEqual(['[7,0,{"v":1,"schema":"abc"}]']); // not the first one's
  last().message(welcome("s2"));
  await settle();
  expect(calls).toBe(2);
  expect(ws.status.state).toBe("open");
});

test("acknowledges what was received before it closes, and before it restarts", async () => {
  for (const leave of ["close", "restart"] as const) {
    FakeSocket.reset();
    const ws = await opened();
    const first = last();
    ws.on("message", () => {});
    await settle();
    first.message('[0,1,"x"]');
    void ws[leave]();
    await settle();
    expect(said(first).at(-1)).toEqual([2, 0, { rx: 1 }]);
    expect(first.closed?.code).toBe(1000);
    first.answer();
  }
});

test("acknowledges what was received before onOpen was done, and in a page that is left", async () => {
  const page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  for (const leave of ["close", "restart", "page"] as const) {
    FakeSocket.reset();
    const ws = await opened(leave === "page" ? {} : { onOpen: () => new Promise<void>(() => {}) });
    const first = last();
    ws.on("message", () => {});
    await settle();
    first.message('[0,1,"x"]');
    if (leave === "page") page.dispatchEvent(new Event("pagehide"));
    else void ws[leave]();
    expect(said(first).at(-1)).toEqual([2, 0, { rx: 1 }]);
    expect(first.closed?.code).toBe(1000);
  }
  vi.unstubAllGlobals();
});

test("volatile messages that nobody receives push no others out, and hold up no acknowledgement", async () => {
  const ws = await opened();
  last().message('[0,1,"first"]');
  for (let i = 0; i < 70_000; i++) last().message('[1,0,"here"]');
  last().message('[0,2,"second"]');
  expect(ws.status.state).toBe("open");
  const got: string[] = [];
  ws.on("message", (m) => got.push(m));
  await settle();
  expect([got[0], got.at(-1), got.length]).toEqual(["first", "second", 65537]);
  last().message('[0,3,"third"]');
  await vi.advanceTimersByTimeAsync(250);
  expect(said().at(-1)).toEqual([2, 0, { rx: 3 }]);
});

test("volatile messages that a slow loop does not take are dropped", async () => {
  const ws = await opened();
  const loop = ws[Symbol.asyncIterator]();
  const one = loop.next();
  for (let i = 0; i < 70_000; i++) last().message('[1,0,"here"]');
  last().message('[0,1,"first"]');
  expect(await one).toMatchObject({ value: "here" });
  expect(ws.status.state).toBe("open");
  let m = "";
  while (m !== "first") m = (await loop.next()).value as string;
});

test("what is sent behind close or restart is nothing for this session", async () => {
  for (const leave of ["close", "restart"] as const) {
    FakeSocket.reset();
    const ws = await opened();
    const gaps = vi.fn();
    ws.on("gap", gaps);
    void ws[leave]();
    const is = watch(ws.send("late"));
    await settle();
    last().answer();
    await settle();
    if (leave === "close") expect(is.is).toMatchObject({ kind: "closed" });
    else {
      last().open();
      last().message(welcome("s2"));
      await settle();
      expect(said()).toEqual([
        [2, 0, { rx: 0 }],
        [0, 1, "late"],
      ]);
    }
    expect(gaps).not.toHaveBeenCalled();
  }
});

test("restart begins another session, and tells what the old one had not delivered", async () => {
  const ws = await opened();
  const gaps: GapError<string>[] = [];
  ws.on("gap", (g) => gaps.push(g));
  await ws.send("1");
  ws.restart();
  await vi.advanceTimersByTimeAsync(5000); // which the server has to acknowledge it
  last().answer();
  await settle();
  expect(gaps).toMatchObject([{ why: "closed", unsent: [{ message: "1", maybe: true }] }]);
  last().open();
  last().message(welcome("s2"));
  expect(ws.status).toMatchObject({ state: "open", generation: 2 });
});

test.each([
  [4900, "taken over"],
  [4902, "violation"],
  [4500, "closed"],
])("the end with %d is a gap: %s", async (code, why) => {
  const ws = await opened();
  const gaps: GapError<string>[] = [];
  ws.on("gap", (g) => gaps.push(g));
  await ws.send("1");
  last().end(code);
  expect(ws.status).toMatchObject({ state: "closed", error: { code } });
  expect(gaps).toMatchObject([{ why, unsent: [{ message: "1", maybe: true }] }]);
});

test("that nobody finds again is a gap, in the end", async () => {
  const ws = await opened({ reconnect: { tries: 1 } });
  const gaps: GapError<string>[] = [];
  ws.on("gap", (g) => gaps.push(g));
  await ws.send("1");
  last().end();
  await vi.advanceTimersByTimeAsync(500);
  last().end();
  expect(ws.status).toMatchObject({ state: "closed", error: { kind: "lost" } });
  expect(gaps).toMatchObject([{ why: "gave up" }]);
});

test("a credential is asked for before each attempt, and one that cannot be sent ends it", async () => {
  const credentials = ["a", "b", "x".repeat(9000)];
  const ws = open({ credential: async () => credentials.shift() });
  await settle();
  last().open();
  expect(last().sent).toEqual(['[7,0,{"v":1,"schema":"abc","auth":"a"}]']);
  last().end();
  await vi.advanceTimersByTimeAsync(500);
  last().open();
  expect(last().sent).toEqual(['[7,0,{"v":1,"schema":"abc","auth":"b"}]']);
  last().end();
  await vi.advanceTimersByTimeAsync(1000);
  last().open();
  last().answer();
  expect(ws.status).toMatchObject({ state: "closed", error: { code: 3000, reason: "too long" } });
});

test("a broken rule is the end of it, also when the server does not answer the Close frame", async () => {
  const ws = await opened();
  const gaps: GapError<string>[] = [];
  ws.on("gap", (g) => gaps.push(g));
  await ws.send("1");
  last().message('[0,5,"x"]');
  expect(last().closed?.code).toBe(4902);
  last().end(1006);
  expect(ws.status).toMatchObject({ state: "closed", error: { code: 4902 } });
  expect(gaps).toMatchObject([{ why: "violation" }]);
});

test("restart from a listener that is told of a gap at the end", async () => {
  const ws = await opened();
  ws.on("gap", () => ws.restart());
  await ws.send("1");
  last().end(4500);
  await settle();
  expect(ws.status.state).toBe("connecting");
  expect(FakeSocket.all.length).toBe(2);
  last().open();
  last().message(welcome("s2"));
  expect(ws.status.state).toBe("open");
  const next = ws[Symbol.asyncIterator]().next();
  last().message('[0,1,"m"]');
  expect(await next).toEqual({ done: false, value: "m" });
});

test("close from a listener that is told of a gap by restart", async () => {
  const ws = await opened();
  ws.on("gap", () => void ws.close());
  await ws.send("1");
  last().end();
  ws.restart();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(ws.status.state).toBe("closed");
  expect(FakeSocket.all.length).toBe(1);
});

test.each(["close", "restart"] as const)("%s from a listener that is told of a gap because onOpen has thrown", async (what) => {
  let fails = true;
  const ws = open({
    onOpen({ send }) {
      send("1");
      if (fails) throw new Error("no");
    },
  });
  ws.on("gap", () => {
    fails = false;
    void ws[what]();
  });
  await settle();
  last().open();
  last().message(welcome("s1"));
  await settle();
  expect(last().closed?.code).toBe(1000);
  last().answer();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(ws.status.state).toBe(what === "close" ? "closed" : "waiting");
  expect(FakeSocket.all.filter((s) => s.readyState < 2).length).toBeLessThan(2);
  expect(FakeSocket.all.length).toBe(what === "close" ? 1 : 2);
});

test("onOpen has its say first, also when the websocket is lost meanwhile", async () => {
  let go = (): void => {};
  const ws = open({
    async onOpen({ send }) {
      await new Promise<void>((r) => (go = r));
      send("first");
    },
  });
  await settle();
  last().open();
  last().message(welcome("s1"));
  await settle();
  const is = watch(ws.send("second"));
  last().end();
  await vi.advanceTimersByTimeAsync(500);
  last().open();
  last().message(welcome("s1", { resumed: true, rx: 0 }));
  await settle();
  expect(is.is).toBe("pending");
  expect(ws.status.state).toBe("connecting");
  go();
  await settle();
  expect(ws.status.state).toBe("open");
  expect(said().slice(1)).toEqual([
    [0, 1, "first"],
    [0, 2, "second"],
  ]);
});

test.each(["waiting", "parameters", "connecting", "open"])("onOpen that throws when the websocket was lost has another session begun: %s", async (when) => {
  let fail = (_: Error): void => {};
  let calls = 0;
  const ws = open({
    credential: () => (when === "parameters" && calls ? new Promise((r) => setTimeout(r, 1000)) : undefined),
    onOpen() {
      return calls++ ? undefined : new Promise((_, reject) => (fail = reject));
    },
  });
  await settle();
  last().open();
  last().message(welcome("s1"));
  await settle();
  last().end();
  if (when !== "waiting") await vi.advanceTimersByTimeAsync(500);
  if (when === "open") {
    last().open();
    last().message(welcome("s1", { resumed: true, rx: 0 }));
    await settle();
  }
  const before = last();
  fail(new Error("no"));
  await settle();
  if (when === "connecting") before.end();
  if (when === "open") before.answer();
  expect(ws.status).toMatchObject({ state: "waiting", error: { message: "no" }, resuming: false });
  await vi.advanceTimersByTimeAsync(2000);
  expect(FakeSocket.all.filter((s) => s.readyState < 2).length).toBe(1);
  last().open();
  expect(last().sent).toEqual(['[7,0,{"v":1,"schema":"abc"}]']);
  last().message(welcome("s2"));
  await settle();
  expect(calls).toBe(2);
  expect(ws.status).toMatchObject({ state: "open" });
});

test("a credential is not shown to a socket that is closed", async () => {
  const ws = await opened();
  last().end(4500);
  const is = watch(authenticate(ws, "x"));
  await settle();
  expect(is.is).toBeInstanceOf(Error);
});

describe("that the application commits", () => {
  test("counts the message in hand, of a listener and of a loop", async () => {
    const ws = await opened({}, { commits: true });
    const { commit } = sessionOf(ws)!;
    const off = ws.on("message", () => commit());
    await settle();
    last().message('[0,1,"a"]');
    await vi.advanceTimersByTimeAsync(250);
    expect(said().at(-1)).toEqual([2, 0, { rx: 1 }]);
    off();
    last().message('[0,2,"b"]');
    for await (const _ of ws) {
      await vi.advanceTimersByTimeAsync(1000);
      expect(said().at(-1)).toEqual([2, 0, { rx: 1 }]); // not by itself
      commit();
      await vi.advanceTimersByTimeAsync(250);
      expect(said().at(-1)).toEqual([2, 0, { rx: 2 }]);
      break;
    }
  });

  test("is done by receiving the next otherwise", async () => {
    const ws = await opened();
    last().message('[0,1,"a"]');
    last().message('[0,2,"b"]');
    const it = ws[Symbol.asyncIterator]();
    await it.next();
    await vi.advanceTimersByTimeAsync(1000);
    expect(said()).toEqual([[2, 0, { rx: 0 }]]); // the application has it in hand
    await it.next();
    await vi.advanceTimersByTimeAsync(250);
    expect(said().at(-1)).toEqual([2, 0, { rx: 1 }]);
  });
});
