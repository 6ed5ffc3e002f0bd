// The page of examples/chat, as it is served: several people in Chromium, a server that is started anew, a network that is cut.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { launch, there } from "./browser.js";

const dir = mkdtempSync(join(tmpdir(), "tandem-chat-"));
const program = join(dir, "chat");
let browser: Browser;
let server: ChildProcess;
let address = "127.0.0.1:0";
let network: Network;
const contexts: BrowserContext[] = [];

/** What is between the pages and the server: they are served through it. */
interface Network {
  readonly url: string;
  /** Lets nothing through any more: what was connected is lost, and nothing can be connected. */
  cut(): void;
  /** Lets everything through. */
  mend(): void;
  close(): void;
}

async function makeNetwork(): Promise<Network> {
  const open = new Set<Socket>();
  let up = true;
  const proxy: Server = createServer((from) => {
    if (!up) return void from.resetAndDestroy();
    const to = connect(Number(address.split(":")[1]), "127.0.0.1");
    for (const [socket, other] of [[from, to], [to, from]] as const) {
      open.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        open.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const cut = (): void => {
    up = false;
    for (const socket of open) socket.resetAndDestroy();
  };
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    cut,
    mend: () => (up = true),
    close() {
      cut();
      proxy.close();
    },
  };
}

/** Starts the server, where it was before. */
async function start(): Promise<void> {
  server = spawn(program, ["-addr", address], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: server.stdout! });
  address = new URL(await new Promise<string>((resolve) => lines.once("line", resolve))).host;
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.kill(signal);
  await ended;
}

/** Opens the page of a room for somebody, who has not been there before. Without a name they are asked. */
async function open(name: string | undefined, path: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 700 }, locale: "en" });
  contexts.push(context);
  if (name !== undefined) await context.addInitScript((name) => (localStorage["tandem chat name"] ??= name), name);
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.on("pageerror", (error) => console.error(error.stack));
  await page.goto(network.url + path);
  return page;
}

const has = (look: () => Promise<unknown>): ReturnType<typeof expect.poll<unknown>> => expect.poll(look, { interval: 20, timeout: 10_000 });
const status = (page: Page): Promise<string | null> => page.getByTestId("status").getAttribute("data-state");
const log = (page: Page): Promise<string[]> => page.getByTestId("said").allTextContents();
const people = (page: Page): Promise<string[]> => page.getByTestId("person").locator(".who").allTextContents();
const text = (of: Locator): Promise<string | null> => of.textContent();
const connected = (page: Page): Promise<void> => has(() => status(page)).toBe("open");

/** Has a page try now what it would try later. */
const now = (page: Page): Promise<boolean> => page.evaluate(() => dispatchEvent(new Event("online")));

async function say(page: Page, text: string): Promise<void> {
  await page.getByTestId("text").fill(text);
  await page.getByTestId("text").press("Enter");
}

describe.runIf(there)("the page of examples/chat", () => {
  beforeAll(async () => {
    execFileSync("go", ["build", "-o", program, "./examples/chat"], { cwd: fileURLToPath(new URL("../../../..", import.meta.url)), stdio: "inherit" });
    await start();
    network = await makeNetwork();
    browser = await launch();
  }, 120_000);
  afterEach(async () => {
    network.mend(); // also when a test has failed
    for (const context of contexts.splice(0)) await context.close();
  });
  afterAll(async () => {
    await browser?.close();
    network?.close();
    server?.kill("SIGKILL");
    rmSync(dir, { recursive: true });
  });

  test("asks for a name, and remembers it", async () => {
    const page = await open(undefined, "/");
    const name = page.getByTestId("name");
    expect(await name.inputValue()).toMatch(/^\w+ \w+$/);
    await page.keyboard.type("Ada"); // it has the focus, and the suggestion is selected
    await page.keyboard.press("Enter");
    await connected(page);
    expect(await text(page.getByTestId("room"))).toBe("#lobby");
    await has(() => people(page)).toEqual(["Ada you"]);
    await page.reload();
    await connected(page);
    await has(() => people(page)).toEqual(["Ada you"]);
  });

  test("two people talk", async () => {
    const ada = await open("Ada", "/rooms/talk");
    await connected(ada);
    await say(ada, "hello?");
    await has(() => log(ada)).toEqual(["hello?"]);
    const bob = await open("Bob", "/rooms/talk");
    await has(() => log(bob)).toEqual(["hello?"]); // the history
    await has(() => people(ada)).toEqual(["Ada you", "Bob"]);
    await has(() => people(bob)).toEqual(["Ada", "Bob you"]);

    await bob.getByTestId("text").pressSequentially("hi");
    await has(() => text(ada.getByTestId("writing"))).toBe("Bob is writing");
    await bob.keyboard.press("Shift+Enter");
    await bob.keyboard.type("Ada");
    await bob.keyboard.press("Enter");
    await has(() => log(ada)).toEqual(["hello?", "hi\nAda"]);
    await has(() => text(ada.getByTestId("writing"))).toBe("");
    expect(await bob.getByTestId("text").inputValue()).toBe("");
    expect(await ada.locator(".said:not(.mine)").count()).toBe(1);
    expect(await bob.locator(".said.mine").count()).toBe(1);

    await bob.close();
    await has(() => people(ada)).toEqual(["Ada you"]);
    await has(() => text(ada.locator(".note").last())).toBe("Bob left");
  });

  test("rooms have addresses, and the browser's buttons work", async () => {
    const ada = await open("Ada", "/rooms/kitchen");
    await connected(ada);
    await say(ada, "in the kitchen");
    await has(() => log(ada)).toEqual(["in the kitchen"]);
    await ada.getByRole("link", { name: "garden" }).click();
    await has(() => text(ada.getByTestId("room"))).toBe("#garden");
    expect(new URL(ada.url()).pathname).toBe("/rooms/garden");
    await connected(ada);
    expect(await log(ada)).toEqual([]);
    await ada.getByTestId("new-room").fill("My Room!");
    await ada.getByTestId("new-room").press("Enter");
    await has(() => text(ada.getByTestId("room"))).toBe("#my-room");
    await ada.goBack();
    await ada.goBack();
    await has(() => text(ada.getByTestId("room"))).toBe("#kitchen");
    await has(() => log(ada)).toEqual(["in the kitchen"]);
    await ada.goForward();
    await has(() => text(ada.getByTestId("room"))).toBe("#garden");
  });

  test("what is being written is still there after a reload", async () => {
    const ada = await open("Ada", "/rooms/draft");
    await ada.getByTestId("text").fill("not yet");
    await ada.reload();
    expect(await ada.getByTestId("text").inputValue()).toBe("not yet");
  });

  test("a lost network loses nothing", async () => {
    const ada = await open("Ada", "/rooms/lost");
    const bob = await open("Bob", "/rooms/lost");
    await Promise.all([connected(ada), connected(bob)]);
    await say(ada, "one");
    await has(() => log(bob)).toEqual(["one"]);
    network.cut();
    await has(() => status(ada)).not.toBe("open");
    await say(ada, "two");
    await say(ada, "three");
    await has(() => ada.getByTestId("pending").count()).toBe(2);
    await has(() => text(ada.getByTestId("status"))).toMatch(/^(Connection lost, trying again (in \d+ s|now)Try now|Reconnecting …)$/);
    network.mend();
    await now(ada);
    await connected(ada);
    await has(() => log(ada)).toEqual(["one", "two", "three"]);
    await has(() => log(bob)).toEqual(["one", "two", "three"]);
    expect(await ada.getByTestId("pending").count()).toBe(0);
    expect(await ada.getByTestId("gap").count()).toBe(0);
    expect((await people(ada)).map((name) => name.replace(" away", ""))).toEqual(["Ada you", "Bob"]); // the same two
    await has(() => people(ada)).toEqual(["Ada you", "Bob"]);
  });

  test("who has lost the network is away", async () => {
    const ada = await open("Ada", "/rooms/away");
    const bob = await open("Bob", "/rooms/away");
    await has(() => people(ada)).toEqual(["Ada you", "Bob"]);
    await bob.context().setOffline(true);
    // What browsers emulate leaves websockets alone.
    network.cut();
    network.mend();
    await connected(ada);
    await has(() => people(ada)).toEqual(["Ada you", "Bob away"]);
    await has(() => text(bob.getByTestId("status"))).toBe("Waiting for a network");
    await say(ada, "are you there?");
    await has(() => log(ada)).toEqual(["are you there?"]);
    await bob.context().setOffline(false);
    await connected(bob);
    await has(() => log(bob)).toEqual(["are you there?"]);
    await has(() => people(ada)).toEqual(["Ada you", "Bob"]);
  });

  test("a page that was left and comes back goes on", async () => {
    const ada = await open("Ada", "/rooms/back");
    const bob = await open("Bob", "/rooms/back");
    await Promise.all([connected(ada), connected(bob)]);
    await ada.evaluate(() => Object.assign(globalThis, { kept: true }));
    await ada.getByTestId("text").fill("as it was");
    await ada.goto(`${network.url}/icon.svg`);
    await has(() => people(bob)).toEqual(["Ada away", "Bob you"]);
    await say(bob, "where are you?");
    await ada.goBack({ waitUntil: "commit" });
    expect(await ada.evaluate(() => "kept" in globalThis)).toBe(true);
    await has(() => log(ada)).toEqual(["where are you?"]);
    await has(() => people(bob)).toEqual(["Ada", "Bob you"]);
    expect(await ada.getByTestId("text").inputValue()).toBe("as it was");
  });

  test("a name that was changed is kept when the server begins anew", async () => {
    const ada = await open("Ada", "/rooms/anew");
    const bob = await open("Bob", "/rooms/anew");
    await Promise.all([connected(ada), connected(bob)]);
    await ada.getByTestId("rename").click();
    await ada.keyboard.type("  Augusta   Ada ");
    await ada.keyboard.press("Enter");
    await has(() => people(bob)).toEqual(["Augusta Ada", "Bob you"]);
    await has(() => people(ada)).toEqual(["Augusta Ada you", "Bob"]);
    await has(() => ada.evaluate(() => localStorage["tandem chat name"])).toBe("Augusta Ada");
    await say(ada, "before");
    await has(() => log(bob)).toEqual(["before"]);

    await stop("SIGTERM");
    await has(() => status(ada)).not.toBe("open");
    await say(ada, "after"); // nobody is there to hear it yet
    await start();
    await Promise.all([now(ada), now(bob)]);
    await Promise.all([connected(ada), connected(bob)]);
    await has(() => text(ada.getByTestId("gap"))).toBe("The room has begun anew. What was said before is gone.");
    await has(() => log(ada)).toEqual(["after"]);
    await has(() => log(bob)).toEqual(["after"]);
    expect(await text(bob.locator(".said h3 span"))).toBe("Augusta Ada"); // it was the first thing that the server was told
    await has(async () => (await people(bob)).sort()).toEqual(["Augusta Ada", "Bob you"]);
    expect(await ada.getByTestId("pending").count()).toBe(0);
    expect(await ada.getByTestId("unsaid").count()).toBe(0);
    await ada.reload();
    await has(async () => (await people(ada)).sort()).toEqual(["Augusta Ada you", "Bob"]);
  });

  test("what cannot be said is kept, with the reason", async () => {
    const ada = await open("Ada", "/rooms/refused");
    await connected(ada);
    await say(ada, "a\u0007b");
    const unsaid = ada.getByTestId("unsaid");
    await has(() => unsaid.allTextContents()).toEqual([expect.stringContaining("there are characters in it that cannot be shown")]);
    await unsaid.getByRole("button", { name: "Discard" }).click();
    await has(() => unsaid.count()).toBe(0);

    // 10 at once are allowed.
    network.cut();
    for (let i = 1; i <= 12; i++) await say(ada, `${i}`);
    network.mend();
    await now(ada);
    await has(() => unsaid.count()).toBeGreaterThan(0);
    await has(() => ada.getByTestId("pending").count()).toBe(0); // each has its answer
    const refused = await unsaid.locator(".text").allTextContents();
    expect([...(await log(ada)), ...refused].sort()).toEqual(Array.from({ length: 12 }, (_, i) => `${i + 1}`).sort());
    await ada.waitForTimeout(1100);
    await unsaid.first().getByRole("button", { name: "Send again" }).click();
    await has(() => log(ada)).toContain(refused[0]);

    await ada.getByTestId("rename").click();
    await ada.keyboard.type("\u202e");
    await ada.keyboard.press("Enter");
    await has(() => text(ada.getByRole("alert"))).toBe("This name cannot be: there are characters in it that cannot be shown.");
    expect(await people(ada)).toEqual(["Ada you"]);
  });

  test("who reads what is above is told of what comes", async () => {
    const ada = await open("Ada", "/rooms/long");
    const bob = await open("Bob", "/rooms/long");
    await Promise.all([connected(ada), connected(bob)]);
    await say(ada, "line\n".repeat(100));
    const box = bob.getByTestId("log");
    const rest = (): Promise<number> => box.evaluate((e) => e.scrollHeight - e.scrollTop - e.clientHeight);
    await has(() => log(bob)).toHaveLength(1);
    await has(rest).toBeLessThan(2); // it has followed
    await box.evaluate((e) => (e.scrollTop = 0));
    await bob.waitForTimeout(100);
    await say(ada, "and one more");
    await has(() => text(bob.getByTestId("unseen"))).toBe("1 new message ↓");
    expect(await box.evaluate((e) => e.scrollTop)).toBe(0);
    await bob.getByTestId("unseen").click();
    await has(rest).toBeLessThan(2);
    await has(() => bob.getByTestId("unseen").count()).toBe(0);
  });

  test("says why it is over, and what to do", async () => {
    const ada = await open("Ada", "/rooms/No%20Such");
    await has(() => text(ada.getByTestId("closed").locator("p"))).toBe("A room is 1 to 32 of a-z, 0-9 and -.");
    await ada.keyboard.press("Enter"); // the button has the focus
    await has(() => text(ada.getByTestId("room"))).toBe("#lobby");
    await connected(ada);

    const nobody = await open("\u0007", "/");
    await has(() => text(nobody.getByTestId("closed").locator("p"))).toBe("A name is 1 to 32 characters that can be seen.");
    await nobody.getByTestId("act").click();
    await nobody.getByTestId("name").fill("Somebody");
    await nobody.getByTestId("enter").click();
    await connected(nobody);
  });

  test("a page that the server does not understand any more says so", async () => {
    const ada = await open(undefined, "/");
    await ada.route("**/*.js", async (route) => {
      const response = await route.fetch();
      const script = await response.text();
      // As it may have been before: another name for what is said, hence another schema.
      await route.fulfill({
        response,
        headers: { ...response.headers(), "cache-control": "no-store" }, // its name has the hash of another file
        body: script.replaceAll(/\bSay\b/g, "Tell").replace(/(schema:[`"'])\w{8}/, "$100000000"),
      });
    });
    await ada.evaluate(() => (localStorage["tandem chat name"] = "Ada"));
    await ada.goto(`${network.url}/rooms/stale`);
    await connected(ada);
    await say(ada, "hello");
    await has(() => status(ada)).toBe("stale");
    expect(await text(ada.getByTestId("act"))).toBe("Reload");
    await ada.unroute("**/*.js");
    await ada.getByTestId("act").click();
    await connected(ada);
    expect(await ada.getByTestId("text").inputValue()).toBe("hello");
    await ada.getByTestId("text").press("Enter");
    await has(() => log(ada)).toEqual(["hello"]);
  });

  test("on a phone, rooms and people are shown over the page", async () => {
    const ada = await open("Ada", "/rooms/small");
    await ada.setViewportSize({ width: 360, height: 640 });
    await connected(ada);
    expect(await ada.getByTestId("people").isVisible()).toBe(false);
    await ada.getByTestId("show-people").click();
    expect(await ada.getByTestId("people").isVisible()).toBe(true);
    await ada.keyboard.press("Escape");
    expect(await ada.getByTestId("people").isVisible()).toBe(false);
    await ada.getByTestId("show-rooms").click();
    await ada.getByRole("link", { name: "library" }).click();
    await has(() => text(ada.getByTestId("room"))).toBe("#library");
    expect(await ada.getByTestId("rooms").isVisible()).toBe(false);
    expect(await ada.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });
});
