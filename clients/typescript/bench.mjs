// What the codecs take beside JSON.stringify and JSON.parse, for a message of five fields and a list of a hundred of them:
// node bench.mjs. Rounds are interleaved, and the best of each counts, so that the ratios hold on a busy machine.
import { build } from "esbuild";

const { outputFiles } = await build({
  stdin: {
    contents: `export { json } from "./json.js"; export { cbor } from "./cbor.js"; export { msgpack } from "./msgpack.js";
      export { decode, encode } from "./codec.js"; export * as t from "./types.js";`,
    resolveDir: new URL("src", import.meta.url).pathname,
  },
  bundle: true, format: "esm", target: "es2022", write: false,
});
const { json, cbor, msgpack, encode, decode, t } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);

const message = t.struct({ id: t.int64, name: t.string, score: t.float64, ok: t.boolean, tags: t.list(t.string) });
const one = { id: 12345, name: "Ada Lovelace", score: 98.6, ok: true, tags: ["admin", "user"] };
const many = Array.from({ length: 100 }, (_, i) => ({ ...one, id: i * 1000, name: `user ${i}` }));

const ways = [
  ["JSON", (_, v) => JSON.stringify(v), (_, p) => JSON.parse(p)],
  ...[json, cbor, msgpack].map((codec) => [codec.name, (type, v) => encode(codec, type, v), (type, p) => decode(codec, type, p)]),
];
for (const [what, type, value, n] of [["five fields", message, one, 20_000], ["a hundred of them", t.list(message), many, 300]]) {
  const runs = ways.flatMap(([name, write, read]) => {
    const payload = write(type, value);
    return [
      { name: `${name} write`, run: () => write(type, value), best: Infinity },
      { name: `${name} read`, run: () => read(type, payload), best: Infinity },
    ];
  });
  for (let round = 0; round < 20; round++) {
    for (const r of runs) {
      const start = process.hrtime.bigint();
      for (let i = 0; i < n; i++) r.run();
      r.best = Math.min(r.best, Number(process.hrtime.bigint() - start) / n);
    }
  }
  console.log(what);
  runs.forEach((r, i) => console.log(`  ${r.name.padEnd(14)} ${(r.best / 1000).toFixed(2).padStart(7)} µs  ${(r.best / runs[i % 2].best).toFixed(1)}x`));
}
