// Builds pages, serves them, and opens them in Chromium.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin, transform } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { compile, compileModule } from "svelte/compiler";
import { inject } from "vitest";
import { serve } from "../setup.js";

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

const chromiumPath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

function svelte(generate: "client" | "server"): Plugin {
  return {
    name: "svelte",
    setup(build) {
      build.onLoad({ filter: /\.svelte$/ }, async ({ path }) => ({
        contents: compile(await readFile(path, "utf8"), { generate, filename: basename(path), dev: generate === "client" }).js.code,
      }));
      build.onLoad({ filter: /\.svelte\.ts$/ }, async ({ path }) => {
        const { code } = await transform(await readFile(path, "utf8"), { loader: "ts", target: "es2022" });
        return { contents: compileModule(code, { generate, filename: basename(path) }).js.code };
      });
    },
  };
}

/** The bundle of a file of this directory, with the development build of its framework. */
export async function bundle(file: string, platform: "browser" | "node"): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [here(file)],
    bundle: true,
    format: "esm",
    target: "es2022",
    platform,
    conditions: ["development"],
    define: { "process.env.NODE_ENV": '"development"', __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "true" },
    alias: { "@tandem-ws/client": here("../../src/index.ts"), "@tandem-ws/client/types": here("../../src/types.ts") },
    plugins: [svelte(platform === "node" ? "server" : "client")],
    // What bundled CommonJS of a server needs.
    banner: platform === "node" ? { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' } : {},
    write: false,
    logLevel: "error",
  });
  return outputFiles[0]!.text;
}

export interface Bench {
  /** The Go server. */
  readonly server: string;
  /** Opens a page with the script of a file, and what a server has rendered for it. */
  open(file: string, body?: string): Promise<Page>;
  /** Asks the Go server for what it can be told: see its main.go. */
  control(what: "cut" | "forget"): Promise<void>;
  stats(): Promise<Stats>;
  close(): Promise<void>;
}

/** What the Go server has counted: handlers that were called, those that have returned, and those of them with 1000. */
export interface Stats {
  readonly opened: number;
  readonly ended: number;
  readonly normal: number;
}

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    timeout: 30_000,
    // Pages that are left are kept, as they are for people.
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

export async function bench(): Promise<Bench> {
  // A server of its own: what it counts is that of these pages.
  const { process: server, url } = await serve(inject("program"));
  const scripts = new Map<string, string>();
  const bodies = new Map<string, string>();
  const pages = createServer((request, response) => {
    const { pathname } = new URL(request.url!, "http://localhost");
    const script = scripts.get(pathname);
    response.setHeader("Content-Type", script ? "text/javascript" : "text/html");
    // Strict about scripts, as a page should be: nothing here makes code.
    response.setHeader("Content-Security-Policy", "default-src 'none'; script-src 'self'; connect-src *; style-src 'unsafe-inline'");
    response.end(script ?? `<!doctype html><meta charset="utf-8"><body>${bodies.get(pathname) ?? ""}</body>`);
  });
  await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
  let browser: Browser | undefined;
  const control = async (what: string): Promise<string> => (await fetch(`${url}/control/${what}`, { method: "POST" })).text();
  return {
    server: url,
    async open(file, body = "") {
      browser ??= await launch();
      if (!scripts.has(`/${file}`)) scripts.set(`/${file}`, await bundle(file, "browser"));
      const path = `/${bodies.size}.html`;
      bodies.set(path, body);
      const page = await browser.newPage();
      page.setDefaultTimeout(10_000);
      page.on("pageerror", (error) => console.error(`${file}: ${error.stack}`));
      await page.goto(origin + path);
      await page.addScriptTag({ url: `/${file}`, type: "module" });
      return page;
    },
    // The connection that it comes over is cut with the others.
    control: (what) => control(what).then(() => {}, () => {}),
    stats: async () => JSON.parse(await control("stats")) as Stats,
    async close() {
      await browser?.close();
      pages.closeAllConnections();
      pages.close();
      server.stdin?.end();
    },
  };
}

/** Whether to test in a browser: not where there is none, unless nothing may be skipped. */
export const there: boolean = existsSync(chromiumPath) || process.env["TANDEM_REQUIRE_ALL"] !== undefined;
if (!there) console.log(`SKIP: no ${chromiumPath}`);
