// What pages download, minified and gzipped, against the budgets: node size.mjs. Fails past one.
import { build } from "esbuild";
import { gzipSync } from "node:zlib";

const external = ["react", "vue", "svelte", "svelte/*", "solid-js"];

/** The bytes of a program, without what is external. */
async function size(contents, outside = []) {
  const inside = {
    name: "outside",
    setup: (b) => b.onResolve({ filter: /^\.\// }, ({ path, kind, importer }) =>
      kind === "import-statement" && importer && outside.includes(path) ? { path, external: true } : undefined),
  };
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: new URL("src", import.meta.url).pathname, loader: "ts" },
    bundle: true, minify: true, format: "esm", target: "es2022", write: false, external, plugins: [inside],
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

const core = `export { connect } from "./connect.js"; export { endpoint } from "./endpoint.js";`;
// Ten fields and a union, as many APIs have.
const types = `import * as t from "./types.js";
const at = t.struct({ x: t.int32, y: t.int32 });
const message = t.struct({ id: t.int64, name: t.string, text: t.string, likes: t.uint32, score: t.float64, done: t.boolean,
  tags: t.list(t.string), at, reply: t.nullable(t.string), note: t.optional(t.string) });
export const event = t.union({ Said: message, Left: null, Moved: at });`;
const bare = (name) => `export { ${name} } from "./${name}.js";`;
const both = `export { decode, encode } from "./codec.js";`;
const codec = (name) => `${types} ${bare(name)} ${both}`;

const alone = await size(core);
const rows = [
  ["core: connect, without a codec", alone, 4096],
  ["session mode, on top of a page with a codec",
    (await size(`${core} ${codec("cbor")} export { session } from "./session.js";`)) - (await size(`${core} ${codec("cbor")}`)), 2048],
  ...(await Promise.all([["json", 1536], ["cbor", 1856], ["msgpack", 1680]].map(async ([name, budget]) =>
    [`${name} alone`, await size(bare(name)), budget]))),
  ["types of ten fields and a union, on top of json", (await size(codec("json"))) - (await size(`${bare("json")} ${both}`)), 1536],
  ...(await Promise.all([["json", 2560], ["cbor", 3232], ["msgpack", 3072]].map(async ([name, budget]) =>
    [`${name} with these types`, await size(codec(name)), budget]))),
  ...(await Promise.all(["react", "vue", "svelte", "solid"].map(async (name) => [
    `hook for ${name}`, await size(`export * from "./${name}.js"`, ["./share.js"]), 614]))),
  ["parameters in path and query", (await size(`${core} export { target } from "./params.js"`)) - alone],
  ["sharing, which hooks need", (await size(`${core} export { share } from "./share.js"`)) - alone],
  ["all of a page with React, CBOR and a session", await size(`${types} export { cbor } from "./cbor.js"; ${core}
    export { session } from "./session.js"; export { useSocket } from "./react.js";`)],
];
let failed = false;
for (const [what, bytes, budget] of rows) {
  const over = budget !== undefined && bytes > budget;
  failed ||= over;
  console.log(`${String(bytes).padStart(6)}${budget ? ` of ${budget}` : "        "}  ${what}${over ? "  <-- over its budget" : ""}`);
}
process.exitCode = failed ? 1 : 0;
