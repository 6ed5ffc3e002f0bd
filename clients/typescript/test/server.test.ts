// The client against a real Go server: interop/typescript/server.
import { afterEach, describe, expect, inject, test, vi } from "vitest";
import { connect, type ConnectArgs, type Endpoint, GapError, isFinal, type Socket, type Status } from "../src/index.js";
import { burst, Echoed, echoCBOR, echoJSON, echoMsgPack, ends, keptCBOR, keptJSON, keptMsgPack, type Numbers } from "./api.gen.js";
import { serve } from "./setup.js";

const eventually = <T>(f: () => T | Promise<T>): Promise<T> => vi.waitFor(f, { timeout: 15_000 });
const url = inject("server");
const control = async (what: string): Promise<unknown> => {
  const answer = await fetch(`${url}/control/${what}`, { method: "POST" });
  const text = await answer.text();
  return text && JSON.parse(text);
};

/** As a browser says it: refusals are told in band then. */
const fromPage = class extends WebSocket {
  constructor(to: string, protocols: string[]) {
    super(to, { protocols, headers: { Origin: "http://page.example" } } as unknown as string[]);
  }
};

const made: Socket<never, unknown>[] = [];
afterEach(async () => {
  await Promise.all(made.splice(0).map((ws) => ws.close()));
});

function use<P, In, Out>(e: Endpoint<P, In, Out>, ...args: ConnectArgs<P, In>): Socket<In, Out> {
  const options = { url, reconnect: { minMs: 1 }, WebSocket: fromPage, ...args[0] };
  const ws = connect(e, ...([options] as unknown as ConnectArgs<P, In>));
  made.push(ws as unknown as Socket<never, unknown>);
  return ws;
}

const numbers: Numbers = {
  small: -128,
  big: 9223372036854775807n,
  safe: Number.MAX_SAFE_INTEGER,
  real: 0.1,
  data: new Uint8Array([0, 1, 255]),
  words: ["", "héllo", "\u{1f600}", 'quo"ted\\'],
  next: { small: 1, big: -9223372036854775808n, safe: -1, real: -0, data: new Uint8Array(), words: [], next: null },
};

describe.each([
  ["json", echoJSON],
  ["cbor", echoCBOR],
  ["msgpack", echoMsgPack],
] as const)("%s", (_, echo) => {
  test("says the same as Go", async () => {
    const ws = use(echo, { params: { name: "ä/ 1", greet: true } });
    const it = ws[Symbol.asyncIterator]();
    expect((await it.next()).value).toEqual(Echoed.Text("hello ä/ 1"));
    for (const message of [Echoed.Text("hi"), Echoed.Numbers(numbers), Echoed.Double()]) {
      await ws.send(message);
      expect((await it.next()).value).toEqual(message);
    }
    expect((await it.next()).value).toEqual("Double");
  });

  test("ten thousand messages come back in order", async () => {
    const ws = use(echo, { params: { name: "x" }, queue: { max: 10_000 } });
    const n = 10_000;
    const got: Echoed[] = [];
    const done = (async () => {
      for await (const m of ws) if (got.push(m) === n) break;
    })();
    await Promise.all(Array.from({ length: n }, (_, i) => ws.send(Echoed.Text(`${i}`))));
    await done;
    expect(got).toEqual(Array.from({ length: n }, (_, i) => ({ Text: `${i}` })));
  });
});

test("every message of a burst is delivered", async () => {
  const ws = use(burst, { params: { n: 1000 } });
  const got: number[] = [];
  ws.on("message", (m) => got.push(m));
  await eventually(() => expect(got.length).toBe(1000));
  expect(got).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
});

describe("the server ends", () => {
  test("normally, after its last word", async () => {
    const ws = use(ends, { params: { code: 1000 } });
    const got: string[] = [];
    for await (const m of ws) got.push(m);
    expect(got).toEqual(["the last word"]);
    expect(ws.status).toMatchObject({ state: "closed", error: { code: 1000 } });
  });

  test("with a code of the application's", async () => {
    const ws = use(ends, { params: { code: 4500 } });
    await eventually(() => expect(ws.status).toMatchObject({ state: "closed", error: { code: 4500, reason: "as you wish" } }));
  });

  test("without a Close frame, and the client comes back", async () => {
    const ws = use(echoJSON, { params: { name: "x" } });
    await ws.opened();
    await control("cut");
    await eventually(() => expect(ws.status).toEqual({ state: "open", generation: 2 }));
  });

  test("with what is no message: closed, the page lives", async () => {
    const ws = use(ends, { params: { lie: true } });
    await eventually(() => expect(ws.status).toMatchObject({ state: "closed", error: { kind: "decode" } }));
  });

  test("before it has begun: a refusal has its status", async () => {
    const ws = use(ends, { params: { status: 403 } });
    await eventually(() => expect(ws.status).toMatchObject({ state: "closed", error: { status: 403, reason: "as you wish" } }));
    const other = use(ends, { params: { status: 503 } });
    const told: Status[] = [];
    other.subscribe((s) => told.push(s));
    await eventually(() => expect(told).toContainEqual(expect.objectContaining({ state: "waiting", error: expect.objectContaining({ code: 1013 }) })));
  });
});

test("a token that has expired between attempts is fetched anew", async () => {
  const tokens = ["good", "stale", "good"];
  let asked = 0;
  const ws = use(ends, { params: () => ({ token: tokens[asked++]! }) });
  await ws.opened();
  await control("cut");
  // The stale one is refused with 401, which is final: the application gets a new one and restarts.
  await eventually(() => expect(ws.status).toMatchObject({ state: "closed", error: { status: 401 } }));
  ws.restart();
  await ws.opened();
  expect(asked).toBe(3);
});

test("an old page against a new server is told that it is stale", async () => {
  const old = { ...ends, schema: "0".repeat(32) };
  const ws = use(old, { params: { lie: true } });
  await eventually(() => expect(isFinal(ws.status)).toBe(true));
  expect(ws.status).toMatchObject({ state: "stale", error: { kind: "stale", cause: { kind: "decode" } } });
});

test("an old page whose messages the server cannot decode is told so too", async () => {
  const lying = { ...ends, schema: "0".repeat(32), in: burst.in } as unknown as Endpoint<object, number, string>;
  const ws = use(lying, { params: {} });
  await ws.send(17);
  await eventually(() => expect(ws.status).toMatchObject({ state: "stale" }));
});

test("an old page that gets along is left alone", async () => {
  const old = { ...echoCBOR, schema: "0".repeat(32) };
  const ws = use(old, { params: { name: "x" } });
  await ws.send(Echoed.Text("hi"));
  for await (const m of ws) {
    expect(m).toEqual({ Text: "hi" });
    break;
  }
});

test("close is orderly at the server", async () => {
  const before = (await control("stats")) as { normal: number };
  const ws = use(echoJSON, { params: { name: "x" } });
  await ws.opened();
  await ws.close();
  await eventually(async () => expect(await control("stats")).toMatchObject({ normal: before.normal + 1 }));
});

test("a server that is restarted is found again", async () => {
  const first = await serve(inject("program"));
  const ws = use(echoJSON, { url: first.url, params: { name: "x" }, reconnect: { minMs: 10, maxMs: 50 } });
  await ws.opened();
  first.process.kill("SIGKILL");
  await eventually(() => expect(ws.status.state).not.toBe("open"));
  const second = await serve(inject("program"), new URL(first.url).host);
  await eventually(() => expect(ws.status).toEqual({ state: "open", generation: 2 }));
  await ws.send(Echoed.Text("hi"));
  expect((await ws[Symbol.asyncIterator]().next()).value).toEqual({ Text: "hi" });
  await ws.close();
  second.process.stdin?.end();
});

describe.each([
  ["json", keptJSON],
  ["cbor", keptCBOR],
  ["msgpack", keptMsgPack],
] as const)("a session in %s", (_, kept) => {
  test("loses nothing and doubles nothing when its sockets are cut", { timeout: 60_000 }, async () => {
    const ws = use(kept, { reconnect: { minMs: 1, maxMs: 10 } });
    const n = 2000;
    const got: string[] = [];
    ws.on("message", (m) => got.push(m));
    const gaps: unknown[] = [];
    ws.on("gap", (g) => gaps.push(g));
    let cuts = 0;
    for (let i = 0; i < n; i++) {
      await ws.send(`${i}`);
      if (i % 200 === 100) {
        cuts++;
        await control("cut");
      }
    }
    await eventually(() => expect(got.length).toBe(n));
    expect(cuts).toBe(10);
    expect(got).toEqual(Array.from({ length: n }, (_, i) => `${i}`));
    expect(gaps).toEqual([]);
    expect(ws.status).toMatchObject({ state: "open", generation: 1 });
  });

  test("that the server has forgotten is told, with what was not delivered", async () => {
    const ws = use(kept);
    await ws.send("1");
    const it = ws[Symbol.asyncIterator]();
    await it.next();
    const gap = new Promise<GapError<string>>((resolve) => ws.on("gap", resolve));
    await control("forget");
    await ws.send("2"); // kept for the session, which the server does not know any more
    const { why, unsent } = await gap;
    expect(why).toBe("unknown");
    expect(unsent.map((u) => u.message)).toContain("2");
    await eventually(() => expect(ws.status).toMatchObject({ state: "open", generation: 2, gap: { why: "unknown" } }));
    await ws.send("3");
    expect((await it.next()).value).toBe("3");
  });

  test("ends in order", async () => {
    const before = (await control("stats")) as { normal: number };
    const ws = use(kept);
    await ws.send("1");
    for await (const _ of ws) break;
    await ws.close();
    expect(ws.status).toEqual({ state: "closed" });
    await eventually(async () => expect(await control("stats")).toMatchObject({ normal: before.normal + 1 }));
  });
});
