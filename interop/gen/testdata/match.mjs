// Constructors write what travels, and match finds its way back.
import assert from "node:assert/strict";
import { Event, State } from "./out/unions.js";
import { Event as Adjacent, Other } from "./out/adjacent.js";
import { Event as Open, Other as OpenAdjacent } from "./out/unknown.js";

const name = (tag) => (value) => [tag, value];
const all = (...tags) => Object.fromEntries(tags.map((tag) => [tag, name(tag)]));
const moved = { x: 1, y: 2 };

for (const [union, event, travels, found] of [
  [Event, Event.Left(), "Left", ["Left", undefined]],
  [Event, Event.Said("hi"), { Said: "hi" }, ["Said", "hi"]],
  [Event, Event.Moved(moved), { Moved: moved }, ["Moved", moved]],
  [Event, Event.match_(["a"]), { match: ["a"] }, ["match", ["a"]]],
  [State, State.on(), "on", ["on", undefined]],
  [State, State.off(), "off", ["off", undefined]],
  [Adjacent, Adjacent.left(), { type: "left" }, ["left", undefined]],
  [Adjacent, Adjacent.said("hi"), { type: "said", data: "hi" }, ["said", "hi"]],
  [Adjacent, Adjacent["moved-on"](moved), { type: "moved-on", data: moved }, ["moved-on", moved]],
  [Other, Other.one(1), { kind: "one", body: 1 }, ["one", 1]],
  [Open, Open.Said("hi"), { Said: "hi" }, ["Said", "hi"]],
  [Open, Open.Left(), "Left", ["Left", undefined]],
  [Open, { $unknown: "New", data: 1 }, undefined, ["$unknown", { $unknown: "New", data: 1 }]],
  [OpenAdjacent, { $unknown: "New", data: 1 }, undefined, ["$unknown", { $unknown: "New", data: 1 }]],
  [OpenAdjacent, OpenAdjacent.one(1), { type: "one", data: 1 }, ["one", 1]],
]) {
  if (travels !== undefined) assert.deepEqual(event, travels);
  const cases = all("Left", "Said", "Moved", "match", "on", "off", "left", "said", "moved-on", "one", "$unknown");
  assert.deepEqual(union.match(event, cases), found);
}
