import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const src = (file: string): string => fileURLToPath(new URL(`./src/${file}.ts`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: "@tandem-ws/client/types", replacement: src("types") },
      { find: "@tandem-ws/client", replacement: src("index") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/setup.ts",
    // In Node 20 the global WebSocket is behind a flag.
    execArgv: ["--experimental-websocket"],
    testTimeout: 20_000,
    restoreMocks: true,
    unstubGlobals: true,
  },
});
