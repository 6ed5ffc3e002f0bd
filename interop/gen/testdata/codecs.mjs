// Reads what Go has written, in each codec, and writes it again: it must be the same. Usage: node codecs.mjs FILE, a list of
// {codec, payload, sends}. sends: it can be written again, as what holds an unknown variant cannot.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { cbor, json, msgpack } from "@tandem-ws/client";
import { feed } from "./out/api.gen.js";

const codecs = { cbor, json, msgpack };
let again = 0;
for (const { codec: name, payload: base64, sends } of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  const codec = codecs[name];
  const bytes = new Uint8Array(Buffer.from(base64, "base64"));
  const payload = name === "json" ? new TextDecoder().decode(bytes) : bytes;
  const value = feed.out.from(codec.read(payload), codec);
  if (!sends) continue;
  again++;
  assert.deepEqual(codec.write(feed.out.to(value, codec)), payload);
}
console.log(`the same: ${again}`);
