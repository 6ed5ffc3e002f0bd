import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const root = here("../../../");

export default defineConfig({
  root: here("."),
  resolve: {
    // The client is that of this checkout. With the package installed, this is not needed.
    alias: [
      { find: /^@tandem-ws\/client$/, replacement: `${root}clients/typescript/src/index.ts` },
      { find: /^@tandem-ws\/client\/(\w+)$/, replacement: `${root}clients/typescript/src/$1.ts` },
    ],
    // The page's own, not one that is installed for the tests of the client.
    dedupe: ["react", "react-dom"],
  },
  build: {
    target: ["chrome123", "firefox121", "safari17.5"], // the first with light-dark() in CSS
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // a data: URL is not allowed by the page's policy
    rolldownOptions: {
      // "use client" of the hooks is for frameworks that render on a server.
      onLog: (level, log, handle) => void (log.code === "MODULE_LEVEL_DIRECTIVE" || handle(level, log)),
    },
  },
  plugins: [inputs()],
  // npm run dev shows changes at once, with the server that go run ./examples/chat starts.
  server: { fs: { allow: [root] }, proxy: { "/api": { target: "http://127.0.0.1:8082", ws: true } } },
});

/** Writes what the page is built of into inputs.txt, by which a test in Go sees whether it has been built since. */
function inputs(): Plugin {
  const fixed = ["index.html", "package-lock.json", "tsconfig.json", "vite.config.ts", "public/icon.svg"];
  return {
    name: "inputs",
    generateBundle(_, bundle) {
      const files = new Set(fixed.map(here));
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== "chunk") continue;
        for (const [id, { renderedLength }] of Object.entries(chunk.modules)) {
          const style = /\.css$/.test(id); // in a file of its own by then
          if (isAbsolute(id) && !id.includes("/node_modules/") && (renderedLength > 0 || style)) files.add(id);
        }
      }
      const lines = Array.from(files, (file) => {
        const hash = createHash("sha256").update(readFileSync(file)).digest("hex");
        return `${hash}  ${relative(root, file).replaceAll("\\", "/")}\n`;
      });
      const byName = (a: string, b: string): number => (a.slice(66) < b.slice(66) ? -1 : 1);
      this.emitFile({ type: "asset", fileName: "inputs.txt", source: lines.sort(byName).join("") });
    },
  };
}
