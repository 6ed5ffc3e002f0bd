import { type Codec, type Data, type Payload, type Type } from "../src/codec.js";
import { CloseError, comesBack, type GapError } from "../src/errors.js";
import type { Host } from "../src/link.js";
import { clientEnd, type SessionLink, type SessionPolicy } from "../src/session.js";

/** Messages that are what they are. */
export const anything: Type<Data> = { to: (data) => data, from: (data) => data, zero: () => null };

/** What a client is told. */
export interface Told {
  readonly is: "opened" | "resumed" | "gap" | "over" | "answered";
  readonly sid?: string;
  readonly why?: string;
  readonly unsent?: readonly { readonly payload: unknown; readonly maybe: boolean }[];
  readonly answer?: boolean;
}

/** What a session is on: the part of a socket that it sees, without websockets. All that happens is noted. */
export interface Stage<T> {
  readonly link: SessionLink<T>;
  /** What the client has said on the websocket that there is. */
  readonly said: Payload[];
  readonly told: Told[];
  /** Messages that the application has not taken. */
  readonly come: T[];
  /** The codes with which the client has closed websockets. */
  readonly closed: number[];
  /** What received() has thrown that is no CloseError. */
  readonly errors: unknown[];
  /** How long the server has asked to wait, of the websocket that was lost last. */
  back: number | undefined;
  /** How often there was room again, and how often a conversation could go on. */
  rooms: number;
  readies: number;
  /** How much of s.come nothing else bounds. */
  unbounded: number;
  /** Opens a websocket, and leaves the one that there is. */
  open(credential?: string): void;
  up(): boolean;
  /** Something comes. */
  receive(payload: Payload): void;
  /** The websocket ends without a Close frame, or with one of the server's. */
  cut(): void;
  closeFrame(code: number): void;
  /** The client stops. */
  over(why: string): void;
  send(message: T): boolean;
}

export interface Setting<T> {
  readonly codec: Codec;
  readonly type: Type<T>;
  readonly schema?: string;
  readonly policy?: SessionPolicy;
  readonly maxServerMessage?: number;
  /** What the application does when it is told of a gap. */
  readonly atGap?: () => void;
}

export function stage<T>({ codec, type, schema = "", policy = {}, maxServerMessage, atGap }: Setting<T>): Stage<T> {
  let on: object | undefined; // the websocket
  let gap: GapError<T> | undefined;

  const drop = (): void => {
    on = undefined;
    s.back = link.lost();
  };
  const list = (unsent: GapError<T>["unsent"] | undefined): NonNullable<Told["unsent"]> =>
    (unsent ?? []).map(({ message, maybe }) => ({ payload: message, maybe }));
  const host: Host<T, T> = {
    endpoint: { codec, in: type, out: type, schema, ...(maxServerMessage && { limits: { maxServerMessage } }) },
    ready(resumed) {
      s.readies++;
      if (!gap) s.told.push({ is: resumed ? "resumed" : "opened", sid: link.id });
      gap = undefined;
    },
    deliver(message, size = 0) {
      s.come.push(message);
      s.unbounded += size;
      return true;
    },
    room: () => s.rooms++,
    gap(error) {
      gap = error;
      s.told.push({ is: "gap", sid: link.id, why: error.why, unsent: list(error.unsent) });
      atGap?.();
    },
    fail() {
      throw new Error("nobody asks for that");
    },
    dead() {
      s.closed.push(3008);
      drop();
    },
  };
  const link = clientEnd(host, policy);
  const s: Stage<T> = {
    link,
    said: [],
    told: [],
    come: [],
    closed: [],
    errors: [],
    back: undefined,
    rooms: 0,
    readies: 0,
    unbounded: 0,
    open(credential) {
      if (on) {
        s.closed.push(link.leave);
        drop();
      }
      const mine = (on = {});
      link.opened((payload) => mine === on && s.said.push(payload) > 0, credential);
    },
    up: () => on !== undefined,
    receive(payload) {
      if (!on) return;
      try {
        link.received(payload);
      } catch (error) {
        if (!(error instanceof CloseError)) return s.errors.push(error), s.over("violation");
        s.closed.push(error.code);
        s.over("violation");
      }
    },
    cut: () => on && drop(),
    closeFrame(code) {
      if (comesBack(code)) s.cut();
      else s.over(code === 4900 ? "taken over" : "closed");
    },
    over(why) {
      on = undefined;
      const unsent = link.over(why)?.unsent;
      s.told.push({ is: "over", why, unsent: list(unsent) });
    },
    send: (message) => link.send(message, codec.write(type.to(message, codec))),
  };
  return s;
}
