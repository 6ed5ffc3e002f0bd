import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Lease, type ShareOptions, share } from "../src/index.js";
import { room, url } from "./endpoints.js";
import { fake, FakeSocket, settle } from "./fake.js";

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.reset();
});
afterEach(async () => {
  await vi.runOnlyPendingTimersAsync();
  vi.useRealTimers();
});

const lease = (name: string, options: ShareOptions<string> = {}): Lease<string, string> =>
  share(room, { url, WebSocket: fake, params: { room: name }, ...options });
const task = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1);

/** A lease that is held, with its socket open. */
async function held(name: string, options?: ShareOptions<string>): Promise<{ ws: Lease<string, string>; letGo: () => void }> {
  const ws = lease(name, options);
  const letGo = ws.hold();
  await settle();
  FakeSocket.last.open();
  await settle();
  expect(ws.status.state).toBe("open");
  return { ws, letGo };
}

describe("a lease", () => {
  test("does nothing by itself", async () => {
    const ws = lease("a");
    expect(ws.status).toEqual({ state: "connecting", failed: 0, resuming: false });
    expect(ws.status).toBe(lease("b").initial);
    await task();
    expect(FakeSocket.all).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("has a key of the URL and the parameters as values", () => {
    expect(lease("a").key).toBe(lease("a").key);
    expect(share(room, { url, params: { room: "a", since: 1 } }).key).not.toBe(lease("a").key);
    expect(lease("b").key).not.toBe(lease("a").key);
    expect(lease("a", { url: "/elsewhere" }).key).not.toBe(lease("a").key);
  });

  test("is one socket with all that are held for the same", async () => {
    const { letGo } = await held("a");
    const other = lease("a");
    expect(other.status.state).toBe("open");
    const letGoToo = other.hold();
    const b = lease("b").hold();
    await settle();
    expect(FakeSocket.all.length).toBe(2);
    letGo();
    await task();
    expect(FakeSocket.all[0]!.closed).toBeUndefined();
    letGoToo();
    await task();
    expect(FakeSocket.all[0]!.closed).toEqual({ code: 1000, reason: "" });
    expect(FakeSocket.all[1]!.closed).toBeUndefined();
    b();
  });

  test("keeps the socket when it is let go and held again at once", async () => {
    const { ws, letGo } = await held("a");
    letGo();
    letGo();
    const again = ws.hold();
    await task();
    expect(FakeSocket.last.closed).toBeUndefined();
    again();
    await task();
    expect(FakeSocket.last.closed).toEqual({ code: 1000, reason: "" });
  });

  test("has another socket when it is held after that", async () => {
    const { ws, letGo } = await held("a");
    letGo();
    await task();
    FakeSocket.last.answer();
    const again = ws.hold();
    await settle();
    expect(FakeSocket.all.length).toBe(2);
    FakeSocket.last.open();
    await settle();
    await ws.send("hi");
    expect(FakeSocket.last.sent).toEqual(['"hi"']);
    again();
  });

  test("is closed when it was let go before it was open", async () => {
    const letGo = lease("a").hold();
    await settle();
    letGo();
    await task();
    expect(FakeSocket.all.length).toBe(1);
    expect(FakeSocket.last.closed?.code).toBe(1000);
    expect(lease("a").status.state).toBe("connecting");
  });

  test("begins nothing any more when it was let go", async () => {
    const { ws, letGo } = await held("a");
    letGo();
    await task();
    FakeSocket.last.answer();
    await expect(ws.send("late")).rejects.toMatchObject({ kind: "closed" });
    ws.on("message", () => {});
    ws.restart();
    await task();
    expect(FakeSocket.all.length).toBe(1);
  });

  test("that was let go is the socket that others hold", async () => {
    const { ws, letGo } = await held("a");
    const other = lease("a").hold();
    letGo();
    await task();
    await ws.send("still");
    expect(FakeSocket.last.sent).toEqual(['"still"']);
    other();
  });

  test("that was never held is closed in a moment", async () => {
    const ws = lease("a");
    ws.send("early").catch(() => {});
    const letGo = ws.hold();
    await task();
    FakeSocket.last.open();
    await settle();
    expect(FakeSocket.last.sent).toEqual(['"early"']);
    letGo();

    const never = lease("b").send("early");
    const failed = expect(never).rejects.toMatchObject({ kind: "closed" });
    await task();
    await failed;
    expect(FakeSocket.last.closed).toBeDefined();
  });

  test("stays closed when it was closed, until restart()", async () => {
    const { ws, letGo } = await held("a");
    void ws.close();
    await settle();
    FakeSocket.last.answer();
    expect(ws.status).toEqual({ state: "closed" });
    const other = lease("a").hold();
    await task();
    expect(FakeSocket.all.length).toBe(1);
    ws.restart();
    await settle();
    expect(FakeSocket.all.length).toBe(2);
    other();
    letGo();
  });

  test("gives its messages to each who listens", async () => {
    const { ws, letGo } = await held("a");
    const got: string[] = [];
    ws.on("message", (m) => got.push(`1 ${m}`));
    lease("a").on("message", (m) => got.push(`2 ${m}`));
    await settle();
    FakeSocket.last.message('"hi"');
    expect(got).toEqual(["1 hi", "2 hi"]);
    letGo();
  });

  test("is for the parameters that were given, though they change", async () => {
    const params = { room: "a" };
    const ws = share(room, { url, WebSocket: fake, params });
    const letGo = ws.hold();
    await settle();
    FakeSocket.last.open();
    await settle();
    params.room = "b";
    FakeSocket.last.end();
    await vi.runOnlyPendingTimersAsync();
    expect(FakeSocket.all.map((s) => new URL(s.url).pathname)).toEqual(["/rooms/a", "/rooms/a"]);
    expect(ws.key).toBe(lease("a").key);
    letGo();
  });

  test("looks functions up when it calls them", async () => {
    const asked: string[] = [];
    const options = { onOpen: (): void => void asked.push("old") };
    const { letGo } = await held("a", options);
    letGo();
    await task();
    FakeSocket.last.answer();
    const copy: { url: string; WebSocket: typeof fake; params: { room: string }; onOpen: () => void } = { url, WebSocket: fake, params: { room: "a" }, ...options };
    const again = share(room, copy).hold();
    copy.onOpen = () => void asked.push("new");
    await settle();
    FakeSocket.last.open();
    await settle();
    expect(asked).toEqual(["old", "new"]);
    again();
  });

  test("says in the status that parameters cannot be written", async () => {
    const ws = share(room, { url, WebSocket: fake, params: { room: "a", since: 0.5 } });
    const letGo = ws.hold();
    await settle();
    expect(ws.status).toMatchObject({ state: "closed", error: { name: "RangeError" } });
    letGo();
  });
});

describe("a lease that is not enabled", () => {
  test("is idle, does nothing, and sends nothing", async () => {
    const { letGo } = await held("a");
    const ws = lease("a", { enabled: false });
    expect(ws.status).toEqual({ state: "idle" });
    ws.hold()();
    ws.restart();
    const got: string[] = [];
    ws.on("message", (m) => got.push(m));
    FakeSocket.last.message('"hi"');
    expect(ws.sendVolatile("x")).toBe(false);
    await expect(ws.send("x")).rejects.toMatchObject({ kind: "closed" });
    await expect(ws.opened()).rejects.toMatchObject({ kind: "closed" });
    for await (const m of ws) got.push(m);
    await task();
    expect(got).toEqual([]);
    expect(FakeSocket.all.length).toBe(1);
    letGo();
  });
});
