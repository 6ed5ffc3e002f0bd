// What the hooks do on a server: nothing.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createElement } from "react";
import { renderToString as renderReact } from "react-dom/server";
import { renderToString as renderSolid } from "solid-js/web";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createSSRApp, h, ref } from "vue";
import { renderToString as renderVue } from "vue/server-renderer";
import * as react from "../src/react.js";
import * as solid from "../src/solid.js";
import * as vue from "../src/vue.js";
import { burst } from "./api.gen.js";
import { bundle } from "./browser/browser.js";

/** WebSockets that were made, and functions that were called. */
let made = 0;
beforeEach(() => {
  made = 0;
  expect(globalThis.window).toBeUndefined();
  // Newer servers have one.
  vi.stubGlobal(
    "WebSocket",
    class {
      constructor() {
        made++;
      }
    },
  );
});
afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(made).toBe(0);
});

const url = "http://server.example";
const called = (): undefined => {
  made++;
};
const options = { url, onMessage: called, onGap: called, onOpen: called, credential: called };

test("react", () => {
  const Show = ({ enabled }: { enabled: boolean }): string => {
    const { status, socket } = react.useSocket(burst, { ...options, params: { n: 1 }, enabled });
    const sum = react.useMessages(socket, (a, b) => a + b, 100);
    return `${status.state} ${sum}`;
  };
  expect(renderReact(createElement(Show, { enabled: true }))).toBe("connecting 100");
  expect(renderReact(createElement(Show, { enabled: false }))).toBe("idle 100");
});

test("vue", async () => {
  const render = (enabled: boolean): Promise<string> =>
    renderVue(
      createSSRApp({
        setup() {
          const n = ref(1);
          const { status } = vue.useSocket(burst, { ...options, params: () => ({ n: n.value }), enabled });
          n.value++;
          return () => h("p", status.value.state);
        },
      }),
    );
  expect(await render(true)).toBe("<p>connecting</p>");
  expect(await render(false)).toBe("<p>idle</p>");
});

test("solid", () => {
  const render = (enabled: boolean): string =>
    renderSolid(() => {
      const { status } = solid.createSocket(burst, { ...options, params: () => ({ n: 1 }), enabled });
      return status().state;
    });
  expect(render(true)).toBe("connecting");
  expect(render(false)).toBe("idle");
});

test("svelte", async () => {
  const dir = await mkdtemp(join(tmpdir(), "tandem-"));
  try {
    const file = join(dir, "server.mjs");
    await writeFile(file, await bundle("svelte.server.ts", "node"));
    const { show } = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as { show(what: string, of: object): string };
    expect(show("Show", { url, n: 1 })).toContain("<p>connecting</p>");
    expect(show("Show", { url, n: 1, enabled: false })).toContain("<p>idle</p>");
    expect(show("Store", { url, n: 1 })).toContain("<p>connecting</p>");
  } finally {
    await rm(dir, { recursive: true });
  }
});
