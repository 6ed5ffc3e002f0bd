import { type Codec, type Data, type Payload, Raw, type Type } from "./codec.js";
import { CloseError } from "./errors.js";

/**
 * The frames of spec/session.md, section 2. They are written in the endpoint's codec, around a payload that is encoded
 * already. Kinds are numbers here:
 *
 * | 0 | 1 | 2 | 3 to 6 | 7 | 8 | 9 | 10 | 11 | 12 |
 * |---|---|---|---|---|---|---|---|---|---|
 * | msg | volatile | ack | call, reply, fail, cancel | hello | welcome | ping | pong | goaway | auth |
 */
export interface Frame<Out> {
  readonly kind: number;
  /** 0 if there is none, a bigint if it is above 2^53-1. */
  readonly seq: number | bigint;
  /** Of a msg and a volatile. */
  readonly message: Out | undefined;
  /** Of a control frame. */
  readonly body: Body;
  /**
   * Of the payload: bytes but one, or for JSON UTF-16 units, which are no more than its bytes. So nobody is found to have sent
   * too much who has not.
   */
  readonly size: number;
}

/** What the payloads of control frames hold. Which of it there is depends on the kind. */
export interface Body {
  readonly v: number;
  readonly sid: string;
  readonly key: string;
  readonly resumed: boolean;
  readonly why: string;
  /** -1 if left out. */
  readonly rx: number;
  readonly epoch: string;
  readonly window: { readonly n: number; readonly bytes: number; readonly ms: number };
  readonly beat: number;
  readonly n: number;
  readonly ok: boolean;
  readonly auth: string;
  readonly min: number;
  readonly max: number;
  readonly resumable: boolean;
}

/** The keys that a kind has, each with what it is if left out. Other keys are unknown there, and ignored. */
const bodies: { readonly [kind: number]: Partial<Body> } = {
  2: { rx: -1 },
  8: {
    v: 0,
    sid: "",
    key: "",
    resumed: false,
    why: "",
    rx: -1,
    epoch: "",
    window: { n: 256, bytes: 1 << 20, ms: 120_000 },
    beat: 0,
  },
  9: { n: 0 },
  10: { n: 0 },
  11: { min: 0, max: 0, why: "", resumable: false },
  12: { n: 0, ok: false, why: "", auth: "" },
};

/** Reads a frame. It throws a CloseError if that is malformed, and what the type throws if its message is not as agreed on. */
export function parse<Out>(codec: Codec, out: Type<Out>, payload: Payload): Frame<Out> {
  let frame: Data;
  const ends: number[] = []; // of its elements; in JSON there are commas between
  try {
    frame = codec.read(payload, 1, ends);
  } catch (error) {
    throw new CloseError(4901, (error as Error).message);
  }
  need(Array.isArray(frame) && (frame.length === 3 || frame.length === 4));
  const [kind, seq, content, meta] = frame;
  need(isNumber(kind) && (isNumber(seq) || (typeof seq === "bigint" && seq > 0)));
  need(kind > 12 || (kind === 0 || (kind > 2 && kind < 7)) === seq > 0);
  if (meta !== undefined) {
    fields(meta, {});
    need(ends[3]! - ends[2]! <= 1025);
  }
  const known = bodies[kind];
  if (known) need(payload.length <= 16384);
  return {
    kind,
    seq,
    message: kind < 2 ? out.from(content!, codec) : undefined,
    body: (known ? fields(content, known) : {}) as Body,
    size: ends[2]! - ends[1]! - 1,
  };
}

/** Closes if a rule of the protocol is broken. */
export function need(kept: boolean, code = 4901, reason = "malformed frame"): asserts kept {
  if (!kept) throw new CloseError(code, reason);
}

function isNumber(data: Data | undefined): data is number {
  return Number.isSafeInteger(data) && (data as number) >= 0;
}

/** Reads a map with text keys into an object like known, whose values have the types to expect. */
function fields<T extends object>(map: Data | undefined, known: T): T {
  need(map instanceof Map);
  for (const key of map.keys()) need(typeof key === "string");
  const into = { ...known } as Record<string, unknown>;
  for (const key in known) {
    const value = map.get(key);
    const want: unknown = known[key];
    if (value === undefined) continue;
    need(typeof want === "number" ? isNumber(value) : typeof value === typeof want);
    into[key] = typeof want === "object" ? fields(value, want!) : value;
  }
  return into as T;
}

/** A frame around a payload. */
export function wrap(codec: Codec, kind: number, seq: number, payload: Payload): Payload {
  return codec.write([kind, seq, new Raw(payload)]);
}

/** A control frame. What is undefined or empty is left out, but not 0. */
export function control(codec: Codec, kind: number, body: { readonly [key: string]: string | number | undefined }): Payload {
  return codec.write([kind, 0, new Map(Object.entries(body).filter(([, v]) => v || v === 0) as [string, Data][])]);
}
