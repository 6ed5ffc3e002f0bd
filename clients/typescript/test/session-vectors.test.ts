// The dialogues of spec/vectors/session: what this client says in them, byte for byte, in all codecs.
import { readdirSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { authenticate, CredentialError } from "../src/authenticate.js";
import { cbor } from "../src/cbor.js";
import type { Codec, Data, Payload } from "../src/codec.js";
import { json } from "../src/json.js";
import { msgpack } from "../src/msgpack.js";
import { anything, stage, type Told } from "./stage.js";

const vectors = new URL("../../../spec/vectors/session/", import.meta.url);
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, vectors), "utf8"));

/** A step of a dialogue: spec/vectors/README.md explains it. */
interface Step {
  connect?: string;
  stranger?: string;
  send?: string;
  volatile?: string;
  cut?: string;
  wait?: number;
  end?: string;
  give_up?: string;
  goaway?: object;
  auth?: string;
  answer?: boolean;
  forget?: string;
  epoch?: string;
  client?: unknown[];
  server?: unknown[];
  take?: string;
  event?: string;
  close?: string;
  is?: string;
  on?: string;
  as?: string;
  seq?: number;
  payload?: unknown;
  code?: number;
  sid?: string;
  why?: string;
  unsent?: { payload: unknown; maybe?: boolean }[];
  noticed?: string;
  lost?: boolean;
  forged?: boolean;
  full?: boolean;
  dropped?: boolean;
  cbor?: string;
  msgpack?: string;
}

interface Dialogue {
  name: string;
  steps: Step[];
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.999); // as late as a goaway allows
});
afterEach(() => vi.useRealTimers());

const microtasks = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve();
};
const show = (codec: Codec, payload: Payload): string => `${json.write(codec.read(payload, 1))} ${hex(payload)}`;
const hex = (payload: Payload): string => (typeof payload === "string" ? payload : Buffer.from(payload).toString("hex"));
const unhex = (text: string): Payload => new Uint8Array(Buffer.from(text, "hex"));

/** The bytes of a frame in the codec of the run. */
function frame(codec: Codec, s: Step): Payload {
  if (codec.name === "json") return JSON.stringify(s.client ?? s.server);
  return unhex(s[codec.name]!);
}

async function play(codec: Codec, steps: Step[]): Promise<void> {
  const s = stage({ codec, type: anything, schema: "sum-1" });
  const data = (value: unknown): Data => json.read(JSON.stringify(value));
  const encoded = (value: unknown): string => hex(codec.write(data(value)));
  const coming: number[] = []; // the numbers of s.come
  let mine = ""; // the client's websocket
  let newest = "";
  let sentAway = false;
  const told = ({ is, sid, why, unsent, answer }: Told) => ({
    is,
    sid,
    why: why || undefined,
    unsent: unsent?.map(({ payload, maybe }) => ({ payload: hex(codec.write(payload as Data)), maybe })),
    answer,
  });
  const idle = (): void => {
    expect(s.said.map((p) => show(codec, p)), "says").toEqual([]);
    expect(s.told, "tells").toEqual([]);
    expect(s.closed, "closes").toEqual([]);
  };

  /** What does not come of something else. What servers do is for their frames to tell. */
  const act = async (step: Step): Promise<void> => {
    if (step.connect) {
      s.open();
      if (sentAway) expect(s.back).toBeGreaterThan(0);
      sentAway = false;
      mine = newest = step.connect;
    } else if (step.stranger) newest = step.stranger;
    else if (step.send === "client") expect(s.send(data(step.payload)), "fits").toBe(!step.full);
    else if (step.volatile === "client") {
      expect(s.link.sendVolatile(codec.write(data(step.payload))), "flows").toBe(!step.dropped);
    } else if (step.cut) {
      if (step.cut === mine && step.noticed !== "server") s.cut();
    } else if (step.wait) vi.advanceTimersByTime(step.wait);
    else if (step.end === "client") {
      await s.link.end();
      s.closed.push(step.code!);
      s.over("ended");
    } else if (step.give_up) s.over("gave up");
    else if (step.auth) {
      authenticate(s, step.auth).then(
        () => s.told.push({ is: "answered", answer: true }),
        (error: Error) => error instanceof CredentialError && s.told.push({ is: "answered", answer: false, why: error.why }),
      );
    } else {
      const known = step.goaway || step.answer !== undefined || step.forget || step.epoch || step.end || step.send || step.volatile;
      expect(known, "a step that is known").toBeTruthy();
    }
  };

  for (const [i, step] of steps.entries()) {
    await microtasks();
    try {
      const on = step.on ?? newest;
      if (step.client) {
        if (step.forged) continue;
        expect(on).toBe(mine);
        expect(s.said.length, "says something").toBeGreaterThan(0);
        expect(show(codec, s.said.shift()!)).toBe(show(codec, frame(codec, step)));
      } else if (step.server) {
        if (step.lost || on !== mine || !s.up()) continue;
        const before = s.come.length;
        s.receive(frame(codec, step));
        if (s.come.length > before) coming.push(step.server[1] as number);
      } else if (step.event === "client" && step.is === "goaway") sentAway = true;
      else if (step.event === "client") {
        const { is, sid, why, unsent, answer } = step;
        const ends = is === "over" || is === "gap";
        expect(s.told.length, "tells something").toBeGreaterThan(0);
        expect(told(s.told.shift()!)).toEqual({
          is,
          sid,
          why,
          unsent: ends ? (unsent ?? []).map((u) => ({ payload: encoded(u.payload), maybe: u.maybe ?? false })) : undefined,
          answer,
        });
      } else if (step.close === "client") expect(s.closed.shift()).toBe(step.code);
      else if (step.close === "server") {
        if (!step.lost && on === mine && s.up()) s.closeFrame(step.code!);
      } else if (step.take === "client") {
        expect(coming.shift()).toBe(step.seq ?? 0);
        expect(hex(codec.write(s.come.shift()!))).toBe(encoded(step.payload));
        s.link.done(1);
      } else if (!step.event && !step.take) {
        if (!step.send) idle();
        await act(step);
      }
    } catch (error) {
      (error as Error).message = `step ${i + 1}, ${JSON.stringify(step)}: ${(error as Error).message}`;
      throw error;
    }
  }
  await microtasks();
  idle();
}

const files = readdirSync(vectors).filter((name) => name.endsWith(".json"));
const dialogues = files.flatMap((name) => {
  const { cases } = read(name) as { cases: Dialogue[] };
  return cases.map((d) => ({ name: `${name.slice(0, -5)}/${d.name}`, steps: d.steps }));
});

test("all dialogues are there", () => {
  expect(dialogues.length).toBe(69);
  expect(new Set(dialogues.map((d) => d.name)).size).toBe(69);
});

describe.each([json, cbor, msgpack])("$name", (codec) => {
  test.each(dialogues)("$name", ({ steps }) => play(codec, steps));
});

/** A step of a conversation that was recorded. */
interface Recorded {
  open?: number;
  cut?: number;
  forget?: boolean;
  client?: unknown[] | "close";
  server?: unknown[];
  code?: number;
  optional?: boolean;
  does?: string;
  text?: string;
}

describe("a server of revision 1 gets what it got then", () => {
  const { conversations } = read("recorded/revision-1.json") as { conversations: { name: string; steps: Recorded[] }[] };
  const names: Record<string, string> = {
    $sid: "AAAAAAAAAAAAAAAA",
    $sid2: "BBBBBBBBBBBBBBBB",
    $epoch: "one",
    $epoch2: "two",
    $key1: "k".repeat(32),
    $key2: "l".repeat(32),
  };
  const text = (frame: unknown): string => JSON.stringify(frame).replace(/\$[a-z0-9]+/g, (name) => names[name]!);

  test("all conversations are there", () => expect(conversations.length).toBe(4));

  test.each(conversations)("$name", async ({ steps }) => {
    const s = stage({ codec: json, type: anything });
    let inHand = 0; // who asks for the next message is done with the last
    let ended = false;
    for (const step of steps) {
      if (step.open) s.open();
      else if (step.cut || step.forget) s.cut();
      else if (step.server) s.receive(text(step.server));
      else if (step.client === "close") {
        await microtasks();
        expect(ended).toBe(true);
        expect(step.code).toBe(1000);
      } else if (step.client) {
        while (!s.said[0] && vi.getTimerCount()) vi.advanceTimersToNextTimer();
        if (step.optional && s.said[0] !== text(step.client)) continue;
        expect(s.said.shift()).toBe(text(step.client));
      } else if (step.does === "send") expect(s.send(step.text!)).toBe(true);
      else if (step.does === "receive") {
        s.link.done(inHand);
        inHand = 1;
        expect(s.come.shift()).toBe(step.text);
      } else if (step.does === "gap") {
        expect(s.told.find((e) => e.is === "gap")?.why).toBe(step.text);
        s.link.done(inHand);
        inHand = 0;
      } else {
        expect(step.does).toBe("close");
        s.link.done(inHand);
        void s.link.end().then(() => (ended = true));
      }
    }
    expect(s.said).toEqual([]);
    expect(s.closed).toEqual([]);
  });
});
