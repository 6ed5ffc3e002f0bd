// What the hooks have in common, against the Go server.
import { afterEach, beforeEach, expect, test } from "vitest";
import { listen } from "../src/hook.js";
import { type GapError, share } from "../src/index.js";
import { keptJSON } from "./api.gen.js";
import { type Bench, bench } from "./browser/browser.js";

let b: Bench;
beforeEach(async () => {
  b = await bench();
});
afterEach(() => b.close());

test("a gap is told with what was not delivered, once to each, and not after the end", async () => {
  const gaps: string[] = [];
  const states: string[] = [];
  const hook = (name: string): (() => void) => {
    const lease = share(keptJSON, { url: b.server, reconnect: { minMs: 1 } });
    const onGap = (gap: GapError<string>): void => void gaps.push(`${name} ${gap.why} ${gap.unsent.map((u) => u.message)}`);
    return listen(lease, { onGap }, () => states.push(lease.status.state));
  };
  const one = hook("one");
  const two = hook("two");
  const lease = share(keptJSON, { url: b.server });
  await lease.opened();
  await b.control("forget");
  await lease.send("hi");
  await expect.poll(() => gaps).toEqual(["one unknown hi", "two unknown hi"]);
  await lease.opened();
  one();
  two();
  await expect.poll(() => lease.status.state).toBe("connecting");
  expect(gaps.length).toBe(2);
  expect(states[0]).toBe("connecting");
});
