// The hooks in a browser, against the Go server.
import type { ConsoleMessage, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Bench, bench, type Stats, there } from "./browser.js";
import type { Props } from "./page.js";

let b: Bench;
let page: Page;
let before: Stats;
const pages = new Map<string, Page>();

beforeAll(async () => {
  b = await bench();
}, 120_000);
afterAll(() => b?.close());

beforeEach(async () => {
  before = await b.stats();
});

/** What the server has counted in this test. */
async function counted(): Promise<Stats> {
  const now = await b.stats();
  return { opened: now.opened - before.opened, ended: now.ended - before.ended, normal: now.normal - before.normal };
}

const soon = <T>(look: () => Promise<T>): ReturnType<typeof expect.poll<T>> => expect.poll(look, { interval: 10, timeout: 5_000 });
const render = (name: string, props: Partial<Props> & { n: number }): Promise<void> =>
  page.evaluate(([name, props]) => globalThis.page.render(name, props), [name, { url: b.server, ...props }] as const);
const unmount = (name: string): Promise<void> => page.evaluate((name) => globalThis.page.unmount(name), name);
const messages = (name: string): Promise<string[]> => page.evaluate((name) => globalThis.page.messages[name] ?? [], name);
const states = (name: string): Promise<string[]> => page.evaluate((name) => globalThis.page.states[name] ?? [], name);
const send = async (name: string, message: number): Promise<string> => {
  await page.waitForFunction((name) => name in globalThis.page.sockets, name, { polling: 5 });
  return page.evaluate(
    ([name, message]) => globalThis.page.sockets[name]!.send(message).then(() => "sent", (error: Error) => error.message),
    [name, message] as const,
  );
};
const text = (name: string): Promise<string | null> => page.evaluate((name) => document.getElementById(name)!.textContent, name);
const upTo = (n: number): string[] => Array.from({ length: n }, (_, i) => `${i + 1}`);
/** Long enough for anything that is not meant to happen. */
const quiet = (): Promise<void> => page.waitForTimeout(100);

/** Opens a page for the tests of a group. Each begins and ends with nothing mounted. */
function on(file: string): void {
  beforeAll(async () => {
    if (!pages.has(file)) pages.set(file, await b.open(file));
    page = pages.get(file)!;
  }, 60_000);
  beforeEach(async () => {
    await page.evaluate(() => {
      const { messages, states, sockets } = globalThis.page;
      for (const all of [messages, states, sockets]) for (const name in all) delete all[name];
    });
  });
  afterEach(async () => {
    const names = await page.evaluate(() => Array.from(document.querySelectorAll("div"), (e) => e.id));
    for (const name of names) await unmount(name);
    await page.evaluate(() => {
      for (const e of document.querySelectorAll("body > div")) e.remove();
    });
    await soon(counted).toSatisfy((s: Stats) => s.ended === s.opened);
  });
}

const group = describe.runIf(there);

group.each(["react", "vue", "solid", "svelte"])("%s", (framework) => {
  on(`${framework}.page.ts`);

  test("opens one socket, and closes it with 1000", async () => {
    await render("a", { n: 0 });
    await soon(() => text("a")).toBe("open");
    await quiet();
    expect(await counted()).toEqual({ opened: 1, ended: 0, normal: 0 });
    expect(await states("a")).toEqual(["connecting", "open"]);
    await unmount("a");
    await soon(counted).toEqual({ opened: 1, ended: 1, normal: 1 });
  });

  test("every message of a burst is there once, in order", async () => {
    await render("a", { n: 1000 });
    await soon(async () => (await messages("a")).length).toBeGreaterThanOrEqual(1000);
    await quiet();
    expect(await messages("a")).toEqual(upTo(1000));
  });

  test("sends as soon as there is a connection", async () => {
    await render("a", { n: 0 });
    expect(await send("a", 7)).toBe("sent");
    await soon(() => messages("a")).toEqual(["7"]);
  });

  test("connects anew for other parameters, and only for them", async () => {
    await render("a", { n: 1 });
    await soon(() => messages("a")).toEqual(["1"]);
    await render("a", { n: 1 });
    await quiet();
    expect(await counted()).toEqual({ opened: 1, ended: 0, normal: 0 });
    await render("a", { n: 2 });
    await soon(() => messages("a")).toEqual(["1", "1", "2"]);
    await soon(() => text("a")).toBe("open");
    await soon(counted).toEqual({ opened: 2, ended: 1, normal: 1 });
    expect(await states("a")).toEqual(["connecting", "open", "connecting", "open"]);
  });

  test("what is sent after a change goes to the new one", async () => {
    await render("a", { n: 0 });
    await soon(() => text("a")).toBe("open");
    await render("a", { n: 1 });
    expect(await send("a", 7)).toBe("sent");
    await soon(() => messages("a")).toEqual(["1", "7"]);
  });

  test("components share a socket until the last is gone", async () => {
    await render("a", { n: 1 });
    await render("b", { n: 1 });
    await soon(() => text("b")).toBe("open");
    await soon(() => text("a")).toBe("open");
    await send("a", 5);
    await soon(() => messages("a")).toEqual(["1", "5"]);
    await soon(async () => (await messages("b")).slice(-1)).toEqual(["5"]);
    await unmount("a");
    await send("b", 6);
    await soon(async () => (await messages("b")).slice(-1)).toEqual(["6"]);
    expect(await messages("a")).toEqual(["1", "5"]);
    expect(await counted()).toEqual({ opened: 1, ended: 0, normal: 0 });
    await unmount("b");
    await soon(counted).toEqual({ opened: 1, ended: 1, normal: 1 });
  });

  test("a component that takes another one's place goes on with its socket", async () => {
    await render("a", { n: 0 });
    await soon(() => text("a")).toBe("open");
    await page.evaluate((props) => {
      globalThis.page.unmount("a");
      globalThis.page.render("b", props);
    }, { url: b.server, n: 0 });
    await soon(() => text("b")).toBe("open");
    await quiet();
    expect(await counted()).toEqual({ opened: 1, ended: 0, normal: 0 });
  });

  test("does nothing while it is disabled", async () => {
    await render("a", { n: 1, enabled: false });
    await quiet();
    expect(await text("a")).toBe("idle");
    expect(await counted()).toEqual({ opened: 0, ended: 0, normal: 0 });
    expect(await send("a", 1)).toBe("socket closed");
    await page.evaluate(() => globalThis.page.sockets["a"]!.socket().restart());
    await quiet();
    expect(await counted()).toEqual({ opened: 0, ended: 0, normal: 0 });

    await render("a", { n: 1, enabled: true });
    await soon(() => messages("a")).toEqual(["1"]);
    await soon(() => text("a")).toBe("open");
    await render("a", { n: 1, enabled: false });
    await soon(() => text("a")).toBe("idle");
    await soon(counted).toEqual({ opened: 1, ended: 1, normal: 1 });
  });

  test("calls the newest function", async () => {
    await render("a", { n: 0, mark: "old " });
    await send("a", 1);
    await soon(() => messages("a")).toEqual(["old 1"]);
    await render("a", { n: 0, mark: "new " });
    await send("a", 2);
    await soon(() => messages("a")).toEqual(["old 1", "new 2"]);
    expect(await counted()).toEqual({ opened: 1, ended: 0, normal: 0 });
  });

  test("comes back when the connection was lost", async () => {
    await render("a", { n: 1 });
    await soon(() => messages("a")).toEqual(["1"]);
    await b.control("cut");
    await soon(() => messages("a")).toEqual(["1", "1"]);
    await soon(() => text("a")).toBe("open");
    expect(await counted()).toEqual({ opened: 2, ended: 1, normal: 0 });
    // Some frameworks render the last of several states only.
    expect((await states("a")).slice(0, 2)).toEqual(["connecting", "open"]);
  });

  test("parameters that cannot be written are in the status", async () => {
    await render("a", { n: 0.5 });
    await soon(() => text("a")).toBe("closed");
    await render("a", { n: 1 });
    await soon(() => messages("a")).toEqual(["1"]);
  });

  // What each renders for "connecting" is in ssr.test.ts.
  const rendered: Record<string, string> = { react: "connecting", vue: "<p>connecting</p>", svelte: "<!--[--><p>connecting</p><!--]-->" };
  test.runIf(framework in rendered)("takes over what a server has rendered, also where the socket is open already", async () => {
    await render("a", { n: 0 });
    await soon(() => text("a")).toBe("open");
    const complaints: string[] = [];
    const hear = (message: ConsoleMessage): void => void complaints.push(message.text());
    const fail = (error: Error): void => void complaints.push(error.message);
    page.on("console", hear).on("pageerror", fail);
    await page.evaluate(([html, props]) => {
      document.body.insertAdjacentHTML("beforeend", `<div id="b">${html}</div>`);
      globalThis.page.hydrate!("b", props);
    }, [rendered[framework]!, { url: b.server, n: 0 }] as const);
    await soon(() => text("b")).toBe("open");
    await quiet();
    page.off("console", hear).off("pageerror", fail);
    expect(complaints).toEqual([]);
    expect(await counted()).toEqual({ opened: 1, ended: 0, normal: 0 });
  });

  test("after the end nothing begins", async () => {
    await render("a", { n: 0 });
    await soon(() => text("a")).toBe("open");
    await unmount("a");
    await soon(counted).toEqual({ opened: 1, ended: 1, normal: 1 });
    expect(await send("a", 1)).toBe("socket closed");
    await page.evaluate(() => globalThis.page.sockets["a"]!.socket().restart());
    await quiet();
    expect(await counted()).toEqual({ opened: 1, ended: 1, normal: 1 });
  });
});

group("react", () => {
  on("react.page.ts");

  test("send stays the same, and so does the socket", async () => {
    await render("a", { n: 0 });
    await soon(() => text("a")).toBe("open");
    const same = await page.evaluate(async (props) => {
      const { send, socket } = globalThis.page.sockets["a"]!;
      const was = socket();
      globalThis.page.render("a", { ...props, mark: "other" });
      await new Promise((resolve) => setTimeout(resolve, 50));
      const now = globalThis.page.sockets["a"]!;
      return [now.send === send, now.socket() === was];
    }, { url: b.server, n: 0 });
    expect(same).toEqual([true, true]);
  });

  test("what comes late for old parameters goes to the function that was rendered with them", async () => {
    await render("late", { n: 0, mark: "old " });
    await page.waitForTimeout(50);
    await soon(counted).toMatchObject({ opened: 1 });
    await render("late", { n: 1, mark: "new " });
    await soon(() => messages("late")).toEqual(["old 99", "new 1"]);
  });

  test("a component that is mounted with its socket sees the burst too", async () => {
    await page.evaluate((props) => {
      globalThis.page.render("a", props);
      globalThis.page.render("sum", props);
    }, { url: b.server, n: 1000 });
    await soon(() => text("sum")).toBe("500500");
    await soon(() => messages("a")).toEqual(upTo(1000));
    expect(await counted()).toEqual({ opened: 1, ended: 0, normal: 0 });
  });

  test("useMessages folds each message once, and renders few times", async () => {
    await render("sum", { n: 1000 });
    await soon(() => text("sum")).toBe("500500");
    expect(await page.evaluate(() => JSON.parse(globalThis.sums.at(-1)!))).toEqual({ sum: 500500, firsts: 1 });
    expect(await page.evaluate(() => globalThis.renders)).toBeLessThan(100);
  });

  test("useMessages goes on over conversations, and tells where they begin", async () => {
    await render("sum", { n: 3 });
    await soon(() => text("sum")).toBe("6");
    await b.control("cut");
    await soon(() => text("sum")).toBe("12");
    expect(await page.evaluate(() => JSON.parse(globalThis.sums.at(-1)!))).toEqual({ sum: 12, firsts: 2 });
  });

  test("useMessages starts anew for another socket, at once", async () => {
    await render("sum", { n: 3 });
    await soon(() => text("sum")).toBe("6");
    await page.evaluate(() => void globalThis.sums.splice(0));
    await render("sum", { n: 4 });
    await soon(() => text("sum")).toBe("10");
    expect(await page.evaluate(() => globalThis.sums[0])).toBe('{"sum":0,"firsts":0}');
    expect(await page.evaluate(() => JSON.parse(globalThis.sums.at(-1)!))).toEqual({ sum: 10, firsts: 1 });
  });
});

group("svelte", () => {
  on("svelte.page.ts");

  test("a component that only listens connects too", async () => {
    await render("silent", { n: 3 });
    await soon(() => messages("silent")).toEqual(upTo(3));
    expect(await counted()).toEqual({ opened: 1, ended: 0, normal: 0 });
    await unmount("silent");
    await soon(counted).toEqual({ opened: 1, ended: 1, normal: 1 });
  });

  test("is a store", async () => {
    await render("store", { n: 3 });
    await soon(() => text("store")).toBe("open");
    await soon(() => messages("store")).toEqual(upTo(3));
    expect(await counted()).toEqual({ opened: 1, ended: 0, normal: 0 });
    await unmount("store");
    await soon(counted).toEqual({ opened: 1, ended: 1, normal: 1 });
  });

  test("outside of a component it is there while somebody has subscribed", async () => {
    await page.evaluate(async (props) => {
      const end = globalThis.outside(props);
      while ((globalThis.page.messages["outside"] ?? []).length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
      end();
    }, { url: b.server, n: 3 });
    expect(await messages("outside")).toEqual(upTo(3));
    await soon(counted).toEqual({ opened: 1, ended: 1, normal: 1 });
  });
});
