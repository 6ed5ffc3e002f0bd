import { getEventListeners } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CloseError, connect, DecodeError, endpoint, json, type Options, type Socket, type Status, TandemError } from "../src/index.js";
import * as t from "../src/types.js";
import { room, talk, url } from "./endpoints.js";
import { fake, FakeSocket, settle } from "./fake.js";
// @ts-expect-error it has no types
import NodeSocket from "ws";

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  FakeSocket.reset();
});
afterEach(() => vi.useRealTimers());

function open(options: Options<string> = {}): Socket<string, string> {
  return connect(talk, { url, WebSocket: fake, ...options });
}

/** A socket that is open. */
async function opened(options: Options<string> = {}): Promise<Socket<string, string>> {
  const ws = open(options);
  await settle();
  FakeSocket.last.open();
  await settle();
  return ws;
}

function history(ws: { subscribe: Socket<string, string>["subscribe"] }): Status["state"][] {
  const states: Status["state"][] = [];
  ws.subscribe((s) => states.push(s.state));
  return states;
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

describe("connecting", () => {
  test("is done at once, with the schema in the query", async () => {
    const ws = open();
    expect(ws.status).toEqual({ state: "connecting", failed: 0, resuming: false });
    await settle();
    expect(FakeSocket.last.url).toBe("ws://server.example/talk?tandem.schema=abc");
    expect(FakeSocket.last.protocols).toEqual([]);
    FakeSocket.last.open();
    expect(ws.status).toEqual({ state: "open", generation: 1 });
  });

  test("takes parameters, and a URL with a prefix", async () => {
    connect(room, { url: "https://server.example/base/", WebSocket: fake, params: { room: "a b", since: 3 } });
    await settle();
    expect(FakeSocket.last.url).toBe("wss://server.example/base/rooms/a%20b?since=3&tandem.schema=abc");
  });

  test("goes to where the page comes from", async () => {
    vi.stubGlobal("location", { origin: "https://page.example" });
    connect(talk, { WebSocket: fake });
    connect(talk, { WebSocket: fake, url: "/prefix" });
    await settle();
    expect(FakeSocket.all.map((s) => s.url)).toEqual([
      "wss://page.example/talk?tandem.schema=abc",
      "wss://page.example/prefix/talk?tandem.schema=abc",
    ]);
  });

  test("does nothing where there is no WebSocket, or nowhere to connect to", async () => {
    vi.stubGlobal("WebSocket", undefined);
    const ws = connect(talk, { url });
    expect(ws.status).toEqual({ state: "idle" });
    expect(connect(talk, { WebSocket: fake }).status).toEqual({ state: "idle" });
    await ws.close();
    expect(ws.status.state).toBe("closed");
    expect(FakeSocket.all.length).toBe(0);
  });

  test("asks for parameters before each attempt", async () => {
    let token = 1;
    connect(room, { url, WebSocket: fake, params: async () => ({ room: `r${token++}` }) });
    await settle();
    FakeSocket.last.end();
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeSocket.all.map((s) => new URL(s.url).pathname)).toEqual(["/rooms/r1", "/rooms/r2"]);
  });

  test("tries again when the function of the parameters fails", async () => {
    let fail = true;
    const params = async (): Promise<{ room: string }> => {
      if (fail) throw new Error("no token");
      return { room: "x" };
    };
    const ws = connect(room, { url, WebSocket: fake, params });
    await settle();
    expect(ws.status).toMatchObject({ state: "waiting", failed: 1, error: { message: "no token" } });
    fail = false;
    await vi.advanceTimersByTimeAsync(500);
    expect(FakeSocket.all.length).toBe(1);
  });

  test("gives up when parameters cannot be written", async () => {
    const ws = connect(room, { url, WebSocket: fake, params: { room: "" } });
    await settle();
    expect(ws.status).toMatchObject({ state: "closed", error: expect.any(Error) });
    expect(FakeSocket.all.length).toBe(0);
  });

  test("gives up an attempt that takes too long", async () => {
    const ws = open({ openTimeoutMs: 3000 });
    await vi.advanceTimersByTimeAsync(2999);
    expect(ws.status.state).toBe("connecting");
    await vi.advanceTimersByTimeAsync(1);
    expect(ws.status).toMatchObject({ state: "waiting", failed: 1, error: { kind: "lost" } });
    const first = FakeSocket.last;
    expect(first.closed).toBeDefined();
    first.open(); // too late
    first.end();
    expect(ws.status).toMatchObject({ state: "waiting", failed: 1 });
  });

  test("that fails without a close event is lost all the same", async () => {
    const ws = open();
    await settle();
    FakeSocket.last.onerror?.();
    await settle();
    expect(ws.status).toMatchObject({ state: "waiting", error: { kind: "lost" } });
  });

  test("that fails with one has its code", async () => {
    const ws = await opened();
    FakeSocket.last.onerror?.();
    FakeSocket.last.end(4500);
    await settle();
    expect(ws.status).toMatchObject({ state: "closed", error: { code: 4500 } });
  });

  test("is left to the first use if it is lazy", async () => {
    for (const use of [
      (ws: Socket<string, string>) => void ws.send("hi"),
      (ws: Socket<string, string>) => void ws.on("message", () => {}),
      (ws: Socket<string, string>) => void ws[Symbol.asyncIterator]().next(),
      (ws: Socket<string, string>) => void ws.opened(),
      (ws: Socket<string, string>) => ws.restart(),
    ]) {
      FakeSocket.reset();
      const ws = open({ lazy: true });
      await settle();
      expect(ws.status).toEqual({ state: "idle" });
      use(ws);
      await settle();
      expect(FakeSocket.all.length).toBe(1);
      FakeSocket.last.open().end(); // and it comes back
      expect(ws.status.state).toBe("waiting");
    }
  });

  test("may be told not to give up attempts", async () => {
    const ws = open({ openTimeoutMs: Infinity });
    await vi.advanceTimersByTimeAsync(100);
    expect(ws.status.state).toBe("connecting");
  });
});

describe("coming back", () => {
  test("waits longer each time, at most maxMs", async () => {
    const ws = open({ reconnect: { minMs: 100, maxMs: 1000 } });
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      await settle();
      FakeSocket.last.end();
      if (ws.status.state !== "waiting") throw new Error(ws.status.state);
      expect(ws.status.failed).toBe(i + 1);
      waits.push(ws.status.retryAt! - Date.now());
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(waits).toEqual([50, 100, 200, 400, 500, 500]);
  });

  test("begins to count anew after a connection that was stable", async () => {
    const ws = open({ reconnect: { stableMs: 1000 } });
    await settle();
    FakeSocket.last.end();
    await vi.advanceTimersByTimeAsync(10_000);
    FakeSocket.last.open();
    await vi.advanceTimersByTimeAsync(999);
    FakeSocket.last.end();
    expect(ws.status).toMatchObject({ failed: 2 });
    await vi.advanceTimersByTimeAsync(10_000);
    FakeSocket.last.open();
    await vi.advanceTimersByTimeAsync(1000);
    FakeSocket.last.end();
    expect(ws.status).toMatchObject({ failed: 1 });
  });

  test("counts conversations", async () => {
    const ws = await opened();
    FakeSocket.last.end();
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.last.open();
    expect(ws.status).toEqual({ state: "open", generation: 2 });
  });

  test("gives up after so many tries", async () => {
    const ws = open({ reconnect: { tries: 2 } });
    for (let i = 0; i < 3; i++) {
      await vi.advanceTimersByTimeAsync(2000);
      FakeSocket.last.end();
    }
    expect(FakeSocket.all.length).toBe(3);
    expect(ws.status).toMatchObject({ state: "closed", error: { kind: "lost" } });
    ws.restart(); // which goes on
    await settle();
    expect(FakeSocket.all.length).toBe(4);
  });

  test("is not done without it", async () => {
    const ws = await opened({ reconnect: false });
    FakeSocket.last.end();
    expect(ws.status).toMatchObject({ state: "closed", error: { kind: "lost" } });
  });

  const comesBack = [1001, 1006, 1011, 1012, 1013, 1014, 3008, 4000, 4399, 4408, 4425, 4429];
  const stays = [1000, 1002, 1003, 1005, 1007, 1008, 1009, 1010, 3000, 3003, 3999, 4400, 4401, 4403, 4404, 4499, 4500, 4899, 4900, 4901];
  test.each([...comesBack, ...stays])("depends on the code: %d", async (code) => {
    const ws = await opened();
    FakeSocket.last.end(code, "why");
    expect(ws.status.state).toBe(comesBack.includes(code) ? "waiting" : "closed");
    const { error } = ws.status as { error: Error };
    if (code === 1006) expect(error).toMatchObject({ kind: "lost" });
    else expect(error).toMatchObject({ kind: "close", code, reason: "why" });
  });

  test("tells the status of a refusal", () => {
    expect(new CloseError(4401, "").status).toBe(401);
    expect(new CloseError(1013, "").status).toBe(503);
    expect(new CloseError(4300, "").status).toBeUndefined();
  });

  test("is not done when the page is stale", async () => {
    const ws = await opened();
    FakeSocket.last.end(4906, "the server has another schema");
    expect(ws.status).toMatchObject({ state: "stale", error: { kind: "stale", message: "the server has another schema" } });
    await vi.advanceTimersByTimeAsync(100_000);
    expect(FakeSocket.all.length).toBe(1);
    await expect(ws.send("hi")).rejects.toMatchObject({ kind: "stale" });
    await expect(ws.opened()).rejects.toMatchObject({ kind: "stale" });
  });
});

describe("a message that cannot be decoded", () => {
  test("closes with 1007, as a page says it", async () => {
    const ws = await opened();
    FakeSocket.last.message("17");
    expect(ws.status.state).toBe("closing");
    expect(FakeSocket.last.closed?.code).toBe(4957);
    FakeSocket.last.message('"not any more"');
    const got: string[] = [];
    ws.on("message", (m) => got.push(m));
    FakeSocket.last.answer();
    await settle();
    expect(ws.status).toMatchObject({ state: "closed", error: expect.any(DecodeError) });
    expect(got).toEqual([]);
  });

  test("means that the page is stale if the server says so", async () => {
    const ws = await opened();
    FakeSocket.last.message("17");
    FakeSocket.last.end(4906);
    expect(ws.status).toMatchObject({ state: "stale", error: { cause: expect.any(DecodeError) } });
  });

  test("is the end, also when the server does not answer the Close frame", async () => {
    const ws = await opened();
    FakeSocket.last.message("1");
    FakeSocket.last.end(1006);
    expect(ws.status).toMatchObject({ state: "closed", error: { kind: "decode" } });
  });

  test("is the end, also when the heartbeat goes unanswered then", async () => {
    const ws = await opened({ heartbeat: { message: "p", everyMs: 1000, timeoutMs: 1000 } });
    FakeSocket.last.message("1");
    await vi.advanceTimersByTimeAsync(6000);
    expect(ws.status).toMatchObject({ state: "closed", error: { kind: "decode" } });
  });
});

describe("close", () => {
  test("says so, and waits for the answer", async () => {
    const ws = await opened();
    const states = history(ws);
    const done = watch(ws.close(4000, "bye"));
    await settle();
    expect(FakeSocket.last.closed).toEqual({ code: 4000, reason: "bye" });
    expect(done.is).toBe("pending");
    FakeSocket.last.answer();
    await settle();
    expect(done.is).toBe("done");
    expect(states).toEqual(["open", "closing", "closed"]);
    expect(ws.status).toEqual({ state: "closed" });
  });

  test("does not wait for ever", async () => {
    const ws = await opened();
    const done = watch(ws.close());
    await vi.advanceTimersByTimeAsync(4999);
    expect(done.is).toBe("pending");
    await vi.advanceTimersByTimeAsync(1);
    expect(done.is).toBe("done");
    FakeSocket.last.end(1006); // too late
    expect(ws.status).toEqual({ state: "closed" });
  });

  test("is for good, whatever the state", async () => {
    for (const to of ["connecting", "open", "waiting", "parameters"]) {
      FakeSocket.reset();
      const ws = open(to === "parameters" ? { credential: () => new Promise((r) => setTimeout(r, 1000)) } : {});
      await settle();
      if (to === "open") FakeSocket.last.open();
      if (to === "waiting") FakeSocket.last.end();
      const sent = to === "open" ? undefined : watch(ws.send("x"));
      const done = watch(ws.close());
      await settle();
      if (to === "open") FakeSocket.last.answer();
      await vi.advanceTimersByTimeAsync(100_000);
      expect(done.is).toBe("done");
      if (sent) expect(sent.is).toMatchObject({ kind: "closed" });
      expect(ws.status).toEqual({ state: "closed" });
      expect(FakeSocket.all.length).toBe(to === "parameters" ? 0 : 1);
      await expect(ws.send("y")).rejects.toMatchObject({ kind: "closed" });
      await ws.close(); // again
    }
  });

  test("checks what a page may send", async () => {
    const ws = await opened();
    for (const code of [0, 999, 1001, 2999, 5000, NaN]) await expect(ws.close(code)).rejects.toThrow(RangeError);
    await expect(ws.close(1000, "é".repeat(62))).rejects.toThrow(RangeError);
    expect(ws.status.state).toBe("open");
    void ws.close(4999, "é".repeat(61) + "x");
    await settle();
    expect(FakeSocket.last.closed?.code).toBe(4999);
  });

  test("may be left to a signal, or to the end of a block", async () => {
    const abort = new AbortController();
    const ws = await opened({ signal: abort.signal });
    abort.abort();
    await settle();
    FakeSocket.last.answer();
    expect(ws.status.state).toBe("closed");
    expect(open({ signal: abort.signal }).status.state).toBe("closed");
    const other = await opened();
    const done = watch(other[Symbol.asyncDispose]());
    await settle();
    FakeSocket.last.answer();
    await settle();
    expect(done.is).toBe("done");
  });

  test("called twice is one", async () => {
    const ws = await opened();
    const all = [watch(ws.close()), watch(ws.close(4000))];
    await settle();
    FakeSocket.last.answer();
    await settle();
    expect(all.map((w) => w.is)).toEqual(["done", "done"]);
    expect(FakeSocket.last.closed?.code).toBe(1000);
  });

  test("is what the first send finds when a listener closes", async () => {
    const ws = open({ lazy: true });
    ws.on("status", (s) => s.state === "connecting" && void ws.close());
    const is = watch(ws.send("x"));
    await settle();
    expect(is.is).toMatchObject({ kind: "closed" });
  });

  test("is left to a signal no longer when it is closed", async () => {
    const a = new AbortController();
    const ws = await opened({ signal: a.signal });
    FakeSocket.last.end(4500);
    expect(ws.status.state).toBe("closed");
    expect(getEventListeners(a.signal, "abort")).toEqual([]);
    ws.restart();
    a.abort();
    expect(ws.status.state).toBe("closed");
  });
});

test("retry does at once what was to be done later, and nothing else", async () => {
  const ws = await opened();
  ws.retry();
  expect(ws.status.state).toBe("open");
  FakeSocket.last.end();
  ws.retry();
  expect(ws.status).toMatchObject({ state: "connecting", failed: 1 });
  ws.retry();
  await vi.advanceTimersByTimeAsync(5000);
  expect(FakeSocket.all.length).toBe(2); // the attempt that was planned is not made as well
  await ws.close();
  ws.retry();
  await settle();
  expect(ws.status.state).toBe("closed");
});

describe("restart", () => {
  test("begins another conversation, one socket at a time", async () => {
    for (const from of ["connecting", "open", "waiting", "closing", "closed", "stale"]) {
      FakeSocket.reset();
      const ws = open();
      await settle();
      const first = FakeSocket.last;
      if (from === "open" || from === "closing" || from === "closed") first.open();
      if (from === "waiting") first.end();
      if (from === "stale") first.end(4906);
      if (from === "closing" || from === "closed") void ws.close();
      await settle();
      if (from === "closed") first.answer();
      ws.restart();
      await settle();
      if (from === "open" || from === "closing") first.answer();
      await settle();
      expect(FakeSocket.all.length, from).toBe(2);
      FakeSocket.last.open();
      expect(ws.status.state, from).toBe("open");
      await vi.advanceTimersByTimeAsync(100_000);
      expect(FakeSocket.all.length, from).toBe(2);
    }
  });

  test("by a listener that is told of the end: messages are sent and received as ever", async () => {
    const ws = await opened();
    let again = true;
    let is: { is: unknown } | undefined;
    ws.on("status", (s) => {
      if (s.state !== "closed" || !again) return;
      again = false;
      ws.restart();
      is = watch(ws.send("hello"));
    });
    FakeSocket.last.end(4401);
    await settle();
    expect(FakeSocket.all.length).toBe(2);
    FakeSocket.last.open();
    await settle();
    expect(is!.is).toBe("done");
    expect(FakeSocket.last.sent).toEqual(['"hello"']);
    const next = ws[Symbol.asyncIterator]().next();
    FakeSocket.last.message('"m"');
    expect(await next).toEqual({ done: false, value: "m" });
    expect(ws.status.state).toBe("open");
  });
});

describe("sending", () => {
  test("keeps the order, and waits for a connection", async () => {
    const ws = open();
    const sent = [watch(ws.send("1")), watch(ws.send("2"))];
    await settle();
    expect(sent[0]!.is).toBe("pending");
    FakeSocket.last.open();
    await settle();
    expect(sent.map((s) => s.is)).toEqual(["done", "done"]);
    await ws.send("3");
    expect(FakeSocket.last.sent).toEqual(['"1"', '"2"', '"3"']);
  });

  test("replays nothing: what was sent is not sent again", async () => {
    const ws = await opened();
    await ws.send("1");
    FakeSocket.last.end();
    const later = watch(ws.send("2"));
    await vi.advanceTimersByTimeAsync(1000);
    FakeSocket.last.open();
    await settle();
    expect(later.is).toBe("done");
    expect(FakeSocket.all.map((s) => s.sent)).toEqual([['"1"'], ['"2"']]);
  });

  test("takes no more than max, each for waitMs", async () => {
    const ws = open({ queue: { max: 2, waitMs: 3000 } });
    const sent = ["1", "2", "3"].map((m) => watch(ws.send(m)));
    await settle();
    expect(sent[2]!.is).toMatchObject({ kind: "full" });
    await vi.advanceTimersByTimeAsync(3000);
    expect(sent[0]!.is).toMatchObject({ kind: "expired" });
    expect(sent[1]!.is).toMatchObject({ kind: "expired" });
    FakeSocket.last.open();
    expect(FakeSocket.last.sent).toEqual([]);
  });

  test("drops the oldest if told to", async () => {
    const ws = open({ queue: { max: 2, overflow: "drop-oldest" } });
    const sent = ["1", "2", "3"].map((m) => watch(ws.send(m)));
    await settle();
    FakeSocket.last.open();
    await settle();
    expect(sent.map((s) => (s.is as TandemError).kind ?? s.is)).toEqual(["dropped", "done", "done"]);
    expect(FakeSocket.last.sent).toEqual(['"2"', '"3"']);
  });

  test("fails at once without a queue", async () => {
    const ws = open({ queue: false });
    await expect(ws.send("1")).rejects.toMatchObject({ kind: "full" });
    await settle();
    FakeSocket.last.open();
    await ws.send("2");
    expect(FakeSocket.last.sent).toEqual(['"2"']);
  });

  test("can be given up", async () => {
    const ws = open();
    const abort = new AbortController();
    const sent = [watch(ws.send("1", { signal: abort.signal })), watch(ws.send("2"))];
    await settle();
    abort.abort(new Error("changed my mind"));
    FakeSocket.last.open();
    await settle();
    expect(sent[0]!.is).toMatchObject({ message: "changed my mind" });
    expect(sent[1]!.is).toBe("done");
    expect(FakeSocket.last.sent).toEqual(['"2"']);
    await expect(ws.send("3", { signal: AbortSignal.abort(new Error("no")) })).rejects.toThrow("no");
  });

  test("waits while the browser holds much", async () => {
    const ws = await opened();
    FakeSocket.last.bufferedAmount = (1 << 20) + 1;
    const sent = watch(ws.send("1"));
    expect(ws.sendVolatile("lost")).toBe(false);
    await vi.advanceTimersByTimeAsync(100);
    expect(sent.is).toBe("pending");
    FakeSocket.last.bufferedAmount = 1 << 20;
    await vi.advanceTimersByTimeAsync(20);
    expect(sent.is).toBe("done");
    expect(FakeSocket.last.sent).toEqual(['"1"']);
  });

  test("of what is stale in a moment is done now or never", async () => {
    const ws = open();
    expect(ws.sendVolatile("1")).toBe(false);
    await settle();
    FakeSocket.last.open();
    expect(ws.sendVolatile("2")).toBe(true);
    expect(FakeSocket.last.sent).toEqual(['"2"']);
  });

  test("refuses what cannot be sent, and goes on", async () => {
    const ints = endpoint({
      path: "/ints",
      codec: json,
      in: t.struct<{ at: { n: number } }>({ at: t.struct<{ n: number }>({ n: t.int64 }) }),
      out: t.string,
      limits: { maxClientMessage: 40 },
      schema: "",
    });
    const ws = connect(ints, { url, WebSocket: fake });
    await expect(ws.send({ at: { n: 2 ** 53 } })).rejects.toThrow(RangeError);
    await expect(ws.send({ at: { n: 2 ** 53 } })).rejects.toThrow("at.n");
    await settle();
    FakeSocket.last.open();
    await ws.send({ at: { n: 1 } });
    expect(FakeSocket.last.sent).toEqual(['{"at":{"n":1}}']);
  });

  test("knows the limit, in bytes", async () => {
    const small = endpoint({ path: "/", codec: json, in: t.string, out: t.string, limits: { maxClientMessage: 10 }, schema: "" });
    const ws = connect(small, { url, WebSocket: fake });
    await settle();
    FakeSocket.last.open();
    await ws.send("é".repeat(4));
    await expect(ws.send("é".repeat(4) + "x")).rejects.toMatchObject({ kind: "too big" });
    expect(FakeSocket.last.sent.length).toBe(1);
  });

  test("waits for the next connection while the server closes", async () => {
    const ws = await opened();
    FakeSocket.last.readyState = 2;
    const is = watch(ws.send("x"));
    expect(ws.sendVolatile("v")).toBe(false);
    await settle();
    expect(is.is).toBe("pending");
    FakeSocket.last.end(1001);
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.last.open();
    expect(FakeSocket.last.sent).toEqual(['"x"']);
    await settle();
    expect(is.is).toBe("done");
  });

  test("after close is refused", async () => {
    const ws = await opened();
    void ws.close();
    await settle();
    const is = watch(ws.send("x"));
    await settle();
    FakeSocket.last.answer();
    await settle();
    expect(is.is).toMatchObject({ kind: "closed" });
  });
});

describe("onOpen", () => {
  test("has its say in each conversation before what waits", async () => {
    let ready!: () => void;
    const onOpen: Options<string>["onOpen"] = async (c) => {
      c.send("hello");
      await new Promise<void>((r) => (ready = r));
      c.send("subscribe");
    };
    const ws = open({ onOpen });
    void ws.send("1");
    await settle();
    FakeSocket.last.open();
    await settle();
    expect(ws.status.state).toBe("connecting");
    expect(FakeSocket.last.sent).toEqual(['"hello"']);
    ready();
    await settle();
    expect(ws.status.state).toBe("open");
    expect(FakeSocket.last.sent).toEqual(['"hello"', '"subscribe"', '"1"']);
    FakeSocket.last.end();
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.last.open();
    await settle();
    expect(FakeSocket.last.sent).toEqual(['"hello"']);
  });

  test("that throws has another conversation tried", async () => {
    const ws = open({
      onOpen() {
        throw new Error("no token");
      },
    });
    await settle();
    FakeSocket.last.open();
    await settle();
    expect(FakeSocket.last.closed?.code).toBe(1000); // a session would be resumed after any other, and onOpen not called again
    FakeSocket.last.answer();
    expect(ws.status).toMatchObject({ state: "waiting", failed: 1, error: { message: "no token" } });
  });

  test("that is late says nothing in the next conversation", async () => {
    const gos: (() => void)[] = [];
    const errors: unknown[] = [];
    const ws = await opened({
      async onOpen({ send }) {
        await new Promise<void>((r) => gos.push(r));
        try {
          send("join");
        } catch (e) {
          errors.push(e);
          throw e;
        }
      },
    });
    FakeSocket.last.end();
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.last.open();
    await settle();
    gos[0]!();
    await settle();
    expect(FakeSocket.last.sent).toEqual([]);
    gos[1]!();
    await settle();
    expect(FakeSocket.last.sent).toEqual(['"join"']);
    expect(ws.status.state).toBe("open");
  });
});

test("close resolves when it is open again, if restart came between", async () => {
  const ws = await opened();
  const closed = watch(ws.close());
  ws.restart();
  await settle();
  FakeSocket.last.answer();
  await settle();
  expect(closed.is).toBe("pending");
  FakeSocket.last.open();
  await settle();
  expect(closed.is).toBe("done");
  expect(ws.status.state).toBe("open");
});

describe("onOpen that fails", () => {
  /** A socket whose onOpen does as the test says. */
  const beginning = async (): Promise<{ ws: Socket<string, string>; go: () => void; refuse: (error: Error) => void }> => {
    let go!: () => void;
    let refuse!: (error: Error) => void;
    const ws = open({ onOpen: () => new Promise<void>((resolve, reject) => ([go, refuse] = [resolve, reject])) });
    await settle();
    FakeSocket.last.open();
    await settle();
    return { ws, go: () => go(), refuse: (error) => refuse(error) };
  };

  test("while the server closes for good does not change that", async () => {
    for (const [code, state] of [[4401, "closed"], [4906, "stale"], [1000, "closed"], [1012, "waiting"]] as const) {
      const { ws, refuse } = await beginning();
      FakeSocket.last.readyState = 2; // the Close frame has come
      refuse(new Error("too many messages"));
      await settle();
      FakeSocket.last.end(code, "says why");
      expect(ws.status).toMatchObject({ state, error: { message: expect.stringContaining("says why") } });
    }
  });

  test("when a message cannot be decoded does not change that", async () => {
    const { ws, refuse } = await beginning();
    FakeSocket.last.message("{");
    refuse(new Error("no token"));
    await settle();
    FakeSocket.last.answer();
    expect(ws.status).toMatchObject({ state: "closed", error: { kind: "decode" } });
  });

  test("or succeeds, when it is closing, is too late", async () => {
    const { ws, go } = await beginning();
    FakeSocket.last.message("{");
    const states = history(ws);
    go();
    await settle();
    FakeSocket.last.answer();
    expect(states).toEqual(["closing", "closed"]);
  });

  test("does not undo close()", async () => {
    const { ws, refuse } = await beginning();
    FakeSocket.last.message("{");
    const closed = watch(ws.close());
    refuse(new Error("no token"));
    await settle();
    FakeSocket.last.answer();
    await settle();
    expect(closed.is).toBe("done");
    expect(ws.status).toEqual({ state: "closed" });
  });
});

describe("receiving", () => {
  const send = (...messages: string[]): void => messages.forEach((m) => FakeSocket.last.message(JSON.stringify(m)));

  test("messages wait for the first who receives", async () => {
    const ws = await opened();
    send("1", "2");
    const first: string[] = [];
    const second: string[] = [];
    ws.on("message", (m) => first.push(m));
    ws.on("message", (m) => second.push(m));
    expect(first).toEqual([]);
    await settle();
    send("3");
    expect(first).toEqual(["1", "2", "3"]);
    expect(second).toEqual(["3"]);
  });

  test("a listener that throws disturbs nobody", async () => {
    const ws = await opened();
    const thrown: unknown[] = [];
    const later = vi.spyOn(globalThis, "queueMicrotask").mockImplementation((f) => {
      try {
        f();
      } catch (error) {
        thrown.push(error);
      }
    });
    const got: string[] = [];
    ws.on("message", () => {
      throw new Error("mine");
    });
    ws.on("message", (m) => got.push(m));
    send("1", "2");
    later.mockRestore();
    expect(got).toEqual(["1", "2"]);
    expect(thrown.length).toBe(2);
  });

  test("a loop gets all messages, over all conversations, and ends with the socket", async () => {
    const ws = open();
    const got: string[] = [];
    const loop = watch(
      (async () => {
        for await (const m of ws) got.push(m);
      })(),
    );
    await settle();
    FakeSocket.last.open();
    send("1", "2");
    FakeSocket.last.end();
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.last.open();
    send("3");
    FakeSocket.last.end(1000);
    await settle();
    expect(got).toEqual(["1", "2", "3"]);
    expect(loop.is).toBe("done");
  });

  test("a loop throws what else has ended the socket, after what came before", async () => {
    const ws = await opened();
    send("1");
    FakeSocket.last.end(4403, "no");
    const it = ws[Symbol.asyncIterator]();
    expect(await it.next()).toEqual({ done: false, value: "1" });
    await expect(it.next()).rejects.toMatchObject({ code: 4403 });
    expect(await it.next()).toEqual({ done: true, value: undefined });
  });

  test("a loop that was left lets the next go on", async () => {
    const ws = await opened();
    send("1", "2", "3");
    for await (const m of ws) if (m === "2") break;
    const rest: string[] = [];
    ws.on("message", (m) => rest.push(m));
    await settle();
    expect(rest).toEqual(["3"]);
  });

  test("asking twice at once gives two messages", async () => {
    const ws = await opened();
    const it = ws[Symbol.asyncIterator]();
    const both = Promise.all([it.next(), it.next()]);
    send("1", "2");
    expect((await both).map((r) => r.value)).toEqual(["1", "2"]);
  });

  test("who is too slow is told, after what came before", async () => {
    const ws = await opened();
    const it = ws[Symbol.asyncIterator]();
    for (let i = 0; i < 65536; i++) send("x");
    expect(ws.status.state).toBe("open");
    send("y");
    expect(ws.status.state).toBe("closing");
    expect(FakeSocket.last.closed?.code).toBe(4963);
    FakeSocket.last.answer();
    expect(ws.status).toMatchObject({ state: "waiting", error: { kind: "slow" } });
    expect((await it.next()).value).toBe("x");
  });

  test("who asks for nothing any more holds up the others once", async () => {
    const ws = await opened();
    const got: string[] = [];
    ws.on("message", (m) => got.push(m));
    await settle();
    ws[Symbol.asyncIterator](); // and never asks
    for (let i = 0; i <= 65536; i++) send("x");
    FakeSocket.last.answer();
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.last.open();
    await settle();
    send("y", "z");
    expect(ws.status.state).toBe("open");
    expect(got.slice(-2)).toEqual(["y", "z"]);
  });

  test("a message that is longer than agreed on closes with 1009", async () => {
    for (const [limits, most] of [[undefined, 1 << 20], [{ maxServerMessage: 100 }, 100]] as const) {
      const ws = connect(endpoint({ ...talk, ...(limits && { limits }) }), { url, WebSocket: fake });
      await settle();
      FakeSocket.last.open();
      await settle();
      send("x".repeat(most - 2));
      expect(ws.status.state).toBe("open");
      send("x".repeat(most - 1));
      expect(ws.status.state).toBe("closing");
      expect(FakeSocket.last.closed?.code).toBe(4959);
      FakeSocket.last.answer();
      expect(ws.status).toMatchObject({ state: "closed", error: { code: 1009 } });
    }
  });

  test("who only sends goes on for ever", async () => {
    const ws = await opened();
    for (let i = 0; i < 70_000; i++) send(`${i}`);
    expect(ws.status.state).toBe("open");
    const it = ws[Symbol.asyncIterator]();
    expect((await it.next()).value).toBe("65536"); // what nobody has received for so long is gone
  });

  test("much is too much in bytes as well", async () => {
    const ws = await opened();
    ws[Symbol.asyncIterator]();
    const mb = JSON.stringify("x".repeat((1 << 20) - 2));
    for (let i = 0; i < 64; i++) FakeSocket.last.message(mb);
    expect(ws.status.state).toBe("open");
    FakeSocket.last.message('""');
    expect(ws.status.state).toBe("closing");
  });
});

describe("heartbeat", () => {
  const heartbeat = { message: "ping", everyMs: 1000, timeoutMs: 500 };

  test("may be for those who look at the page again alone", async () => {
    vi.useRealTimers(); // of which one of 2^31 ms and more ends at once
    const ws = open({ heartbeat: { message: "ping", everyMs: Infinity } });
    await new Promise(setImmediate);
    FakeSocket.last.open();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(FakeSocket.last.sent).toEqual([]);
    FakeSocket.last.end(1000);
    expect(ws.status.state).toBe("closed");
  });

  test("asks after silence, and leaves who does not answer", async () => {
    const ws = await opened({ heartbeat });
    await vi.advanceTimersByTimeAsync(900);
    FakeSocket.last.message('"x"');
    await vi.advanceTimersByTimeAsync(999);
    expect(FakeSocket.last.sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(FakeSocket.last.sent).toEqual(['"ping"']);
    await vi.advanceTimersByTimeAsync(400);
    FakeSocket.last.message('"pong"');
    await vi.advanceTimersByTimeAsync(1499);
    expect(ws.status.state).toBe("open");
    await vi.advanceTimersByTimeAsync(1);
    expect(ws.status).toMatchObject({ state: "waiting", error: { kind: "lost" } });
    expect(FakeSocket.last.closed?.code).toBe(3008);
  });

  test("is off by default", async () => {
    await opened();
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(FakeSocket.last.sent).toEqual([]);
  });
});

describe("opened", () => {
  test("waits, over failures", async () => {
    const ws = open();
    const is = watch(ws.opened());
    await settle();
    FakeSocket.last.end();
    await vi.advanceTimersByTimeAsync(1000);
    expect(is.is).toBe("pending");
    FakeSocket.last.open();
    await settle();
    expect(is.is).toBe("done");
    await ws.opened();
  });

  test("rejects when it will not be, or nobody waits", async () => {
    const abort = new AbortController();
    const ws = open();
    const [a, b] = [watch(ws.opened()), watch(ws.opened({ signal: abort.signal }))];
    abort.abort(new Error("enough"));
    await settle();
    expect(b.is).toMatchObject({ message: "enough" });
    FakeSocket.last.end(4404);
    await settle();
    expect(a.is).toMatchObject({ code: 4404 });
  });
});

describe("statuses", () => {
  test("are told in order, also when a listener brings about another", async () => {
    const ws = await opened();
    const seen: string[] = [];
    ws.on("status", (s) => s.state === "waiting" && void ws.close());
    ws.on("status", (s) => seen.push(s.state));
    FakeSocket.last.end();
    expect(seen.at(-1)).toBe("closed");
  });

  test("are not told to a listener that another has taken away", async () => {
    const ws = await opened();
    let n = 0;
    ws.on("status", () => off());
    const off = ws.on("status", () => n++);
    FakeSocket.last.end();
    expect(n).toBe(0);
  });

  test("are told to the same function as often as it listens", async () => {
    const ws = await opened();
    let n = 0;
    const f = (): void => void n++;
    const off = ws.on("status", f);
    ws.on("status", f);
    off();
    FakeSocket.last.end();
    expect(n).toBe(1);
  });

  test("are told to a subscriber that restarts when it is first called", async () => {
    const ws = await opened();
    FakeSocket.last.end(4401);
    const seen: string[] = [];
    ws.subscribe((s) => {
      seen.push(s.state);
      if (s.state === "closed") ws.restart();
    });
    expect(seen).toEqual(["closed", "connecting"]);
  });
});

describe("another class", () => {
  test.each(["close", "timeout"])("that of the package ws throws nothing after a %s", async (how) => {
    vi.useRealTimers();
    const errors: unknown[] = [];
    const on = (e: unknown): void => void errors.push(e);
    process.on("uncaughtException", on);
    const server = createServer(() => {});
    await new Promise<void>((r) => server.listen(0, "127.0.0.1", r));
    const { port } = server.address() as AddressInfo;
    const openTimeoutMs = how === "close" ? 10_000 : 20;
    const ws = connect(talk, { url: `http://127.0.0.1:${port}`, WebSocket: NodeSocket, openTimeoutMs, reconnect: false });
    await new Promise((r) => setTimeout(r, 50));
    if (how === "close") await ws.close();
    await new Promise((r) => setTimeout(r, 50));
    server.close();
    process.off("uncaughtException", on);
    expect(errors).toEqual([]);
  });

  test("may have other types of events", () => {
    interface Other extends Omit<FakeSocket, "onmessage" | "onclose"> {
      onmessage: ((event: { data: string | ArrayBuffer | Uint8Array[] }) => void) | null;
      onclose: ((event: { code: number; reason: string; target: Other }) => void) | null;
    }
    const Other = FakeSocket as unknown as {
      new (address: null): Other;
      new (address: string | URL, protocols?: string | string[], options?: { timeout: number }): Other;
    };
    expect(connect(talk, { url, WebSocket: Other }).status.state).toBe("connecting");
    // @ts-expect-error
    connect(talk, { url, WebSocket: Date });
  });
});

describe("in a page", () => {
  let page: EventTarget;
  let doc: { hidden: boolean };
  let network = { onLine: true };

  beforeEach(() => {
    page = new EventTarget();
    doc = { hidden: false };
    network = { onLine: true };
    vi.stubGlobal("document", doc);
    vi.stubGlobal("navigator", network);
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    vi.stubGlobal("dispatchEvent", page.dispatchEvent.bind(page));
  });
  const tell = (type: string): void => {
    page.dispatchEvent(new Event(type)); // those of the document bubble
  };

  test("nothing is tried without a network, and at once with one", async () => {
    const ws = await opened();
    network.onLine = false;
    tell("offline");
    expect(ws.status.state).toBe("open"); // until it is lost
    FakeSocket.last.end();
    expect(ws.status).toEqual({ state: "waiting", failed: 1, resuming: false, error: expect.any(TandemError) });
    await vi.advanceTimersByTimeAsync(100_000);
    tell("visibilitychange");
    expect(FakeSocket.all.length).toBe(1);
    network.onLine = true;
    tell("online");
    await settle();
    expect(FakeSocket.all.length).toBe(2);
  });

  test("an attempt that was planned is called off without a network", async () => {
    const ws = await opened();
    FakeSocket.last.end();
    network.onLine = false;
    tell("offline");
    expect(ws.status).toMatchObject({ state: "waiting", retryAt: undefined });
    await vi.advanceTimersByTimeAsync(100_000);
    expect(FakeSocket.all.length).toBe(1);
  });

  test("who looks at it again does not wait", async () => {
    const ws = await opened();
    FakeSocket.last.end();
    doc.hidden = true;
    tell("visibilitychange");
    await settle();
    expect(FakeSocket.all.length).toBe(1);
    doc.hidden = false;
    tell("visibilitychange");
    await settle();
    expect(FakeSocket.all.length).toBe(2);
    expect(ws.status.state).toBe("connecting");
  });

  test("a page that is left closes, and comes back when it is shown", async () => {
    const ws = await opened();
    tell("pagehide");
    expect(FakeSocket.last.closed?.code).toBe(1000);
    expect(ws.status).toMatchObject({ state: "waiting" });
    await vi.advanceTimersByTimeAsync(100_000);
    expect(FakeSocket.all.length).toBe(1);
    tell("pageshow");
    await settle();
    expect(FakeSocket.all.length).toBe(2);
    FakeSocket.last.open();
    expect(ws.status).toEqual({ state: "open", generation: 2 });
  });

  test("a socket that is closed listens to nothing", async () => {
    const add = vi.fn((_type: string, _f: unknown, _o: { signal: AbortSignal }) => {});
    vi.stubGlobal("addEventListener", add);
    const ws = await opened();
    void ws.close();
    await settle();
    FakeSocket.last.answer();
    expect(add).toHaveBeenCalledTimes(5);
    const [signal] = new Set(add.mock.calls.map((call) => call[2].signal));
    expect(signal?.aborted).toBe(true);
  });

  test("one that closes and restarts by itself tries again as ever", async () => {
    page.addEventListener("pageshow", () => ws.restart());
    const ws = await opened();
    page.addEventListener("pagehide", () => void ws.close());
    tell("pagehide");
    await settle();
    tell("pageshow");
    await settle();
    FakeSocket.last.open();
    FakeSocket.last.end();
    await vi.advanceTimersByTimeAsync(1000);
    expect(ws.status.state).toBe("connecting");
  });

  test("a worker waits for the network too", async () => {
    vi.stubGlobal("document", undefined);
    const ws = await opened();
    network.onLine = false;
    tell("offline");
    FakeSocket.last.end();
    await vi.advanceTimersByTimeAsync(100_000);
    network.onLine = true;
    tell("online");
    await settle();
    expect(ws.status.state).toBe("connecting");
  });
});
