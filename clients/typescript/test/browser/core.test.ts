// The client in a browser: what only a browser does.
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Bench, bench, there } from "./browser.js";
import type {} from "./core.page.js";

let b: Bench;
let page: Page;

beforeAll(async () => {
  if (there) b = await bench();
}, 120_000);
afterAll(() => b?.close());
afterEach(() => page.close());

const soon = <T>(look: () => Promise<T>): ReturnType<typeof expect.poll<T>> => expect.poll(look, { interval: 10, timeout: 10_000 });
const status = () => page.evaluate(() => JSON.parse(JSON.stringify(socket.status, (_, v) => (v instanceof Error ? { ...v, message: v.message } : v))));

describe.runIf(there)("a page", () => {
  beforeEach(async () => {
    page = await b.open("core.page.ts");
  });

  test("goes on when the network was gone", async () => {
    await page.evaluate((url) => {
      follow(client.connect(client.api.echoCBOR, { url, params: { name: "x" }, reconnect: { minMs: 60_000, maxMs: 60_000 } }));
    }, b.server);
    await soon(status).toMatchObject({ state: "open", generation: 1 });
    await page.context().setOffline(true);
    await b.control("cut"); // what is open stays open until it is lost
    await soon(status).toMatchObject({ state: "waiting", error: { kind: "lost" } });
    expect(await status()).not.toHaveProperty("retryAt");
    await page.context().setOffline(false);
    await soon(status).toMatchObject({ state: "open", generation: 2 }); // and does not wait for a minute
  });

  test("is kept by the browser when it is left, and connects when it is back", async () => {
    const before = await b.stats();
    await page.evaluate((url) => {
      follow(client.connect(client.api.echoJSON, { url, params: { name: "x" } }));
    }, b.server);
    await soon(status).toMatchObject({ state: "open", generation: 1 });
    const { origin } = new URL(page.url());
    await page.goto(`${origin}/elsewhere.html`);
    await soon(b.stats).toMatchObject({ normal: before.normal + 1 }); // an orderly end
    await page.goBack({ waitUntil: "commit" }); // a page that was kept is not loaded
    // The same program goes on: it was not loaded anew.
    await soon(status).toMatchObject({ state: "open", generation: 2 });
    expect(await page.evaluate(() => states)).toEqual(["connecting", "open", "waiting", "connecting", "open"]);
  });

  test("keeps its session when it is left and comes back", async () => {
    await page.evaluate(async (url) => {
      follow(client.connect(client.api.keptCBOR, { url }));
      await socket.send("1");
    }, b.server);
    await soon(() => page.evaluate(() => got)).toEqual(["1"]);
    const { origin } = new URL(page.url());
    await page.goto(`${origin}/elsewhere.html`);
    await page.goBack({ waitUntil: "commit" }); // a page that was kept is not loaded
    await page.evaluate(() => socket.send("2"));
    await soon(() => page.evaluate(() => got)).toEqual(["1", "2"]);
    expect(await status()).toMatchObject({ state: "open", generation: 1 });
  });

  test("sees why it was refused", async () => {
    await page.evaluate((url) => {
      follow(client.connect(client.api.ends, { url, params: { token: "old" } }));
    }, b.server);
    await soon(status).toMatchObject({ state: "closed", error: { kind: "close", code: 4401, reason: "the token has expired" } });
  });

  test("of an older version is told that it is stale", async () => {
    await page.evaluate((url) => {
      follow(client.connect({ ...client.api.ends, schema: "0".repeat(32) }, { url, params: { lie: true } }));
    }, b.server);
    await soon(status).toMatchObject({ state: "stale", error: { kind: "stale" } });
  });

  test("gets every message of a burst, in order, in all codecs", async () => {
    await page.evaluate((url) => {
      follow(client.connect(client.api.burst, { url, params: { n: 5000 } }));
    }, b.server);
    await soon(() => page.evaluate(() => got.length)).toBe(5000);
    expect(await page.evaluate(() => got.every((n, i) => n === i + 1))).toBe(true);
  });
});
