import { byteLength, type Payload } from "./codec.js";
import { type Body, control, need, parse, wrap } from "./envelope.js";
import { type CloseError, GapError, type Unsent } from "./errors.js";
import type { Host, Link, Linker } from "./link.js";

/** How an endpoint's sessions are. A generated file has it from the server's; what is not here the server tells itself. */
export interface SessionPolicy {
  /** How many messages may be sent without being acknowledged, until the server tells how many it takes. Default 256. */
  readonly messages?: number;
  /** How many bytes of them, likewise. Default 1 MiB. */
  readonly bytes?: number;
  /** The application acknowledges messages with {@link Session.commit}, and receiving the next does not. Default false. */
  readonly commits?: boolean;
}

/** A conversation that outlives its websockets. */
export interface Session {
  /** Its name, the same on both sides; no secret. "" before there is one. After a gap it is another. */
  readonly id: string;
  /** How many messages were sent that the server has not acknowledged. */
  readonly unacknowledged: number;
  /** Acknowledges all messages that the application was given, also where the policy does not ask for it. */
  commit(): void;
}

/** Makes the connections of an endpoint sessions, which outlive their websockets: spec/session.md. */
/* @__NO_SIDE_EFFECTS__ */
export function session(policy: SessionPolicy = {}): Linker {
  return { link: (host) => clientEnd(host, policy) };
}

/** The session of a socket; undefined if its endpoint has none. */
export function sessionOf(socket: { readonly link: object }): Session | undefined {
  return "commit" in socket.link ? (socket.link as Session) : undefined;
}

/** How long the server may take for welcome, or to give a sign of life after a ping. */
const silenceMs = 10_000;
/** How long an acknowledgement waits for others. */
const ackMs = 250;
/** How long end() waits for the server's acknowledgements. */
const endMs = 5000;
/** Who is to leave looks so often whether everything is acknowledged. */
const awayMs = 100;
/** No timer is longer: beyond 2^31 ms they take any time for nothing. Nor can a server send its clients away for longer. */
const longestMs = 3_600_000;

/** How far a direction of the session has come. */
interface Mark {
  readonly seq: number;
  /** Of all payloads up to there. */
  readonly bytes: number;
}
const start: Mark = { seq: 0, bytes: 0 };

/** A message until it is acknowledged. */
interface Kept<In> extends Mark {
  readonly message: In;
  readonly frame: Payload;
}

/** What credentials are shown by: see authenticate.ts. */
export interface SessionLink<In> extends Link<In>, Session {
  /** Writes a control frame if there is a websocket that has had its welcome, and tells whether. */
  say(kind: number, body: { readonly [key: string]: string | number | undefined }): boolean;
  /** Called behind each welcome; with an answer, whether that was asked for; with a reason when the session is over. */
  auth?: (answer?: Body | string) => boolean;
}

/** The client's end of a session, and of the one that follows when it cannot be resumed: spec/session.md, section 10. */
export function clientEnd<In, Out>(host: Host<In, Out>, policy: SessionPolicy): SessionLink<In> {
  const { codec, out, schema, limits } = host.endpoint;

  // The session, and the websocket that it is on.
  let id = "";
  let key: string;
  let epoch: string;
  let tries = 0;
  let limit = { n: policy.messages || 256, bytes: policy.bytes || 1 << 20 };
  let write: (payload: Payload) => boolean;
  let open = false; // there was a welcome on it

  // What is sent: acked, and behind it what is kept.
  let kept: Kept<In>[] = [];
  let acked = start;
  let sent = 0; // on this websocket
  let high = 0; // on any

  // What comes: told <= done <= taken <= got. Of taken to got the application has marks to reach.
  let marks: Mark[] = [];
  let got = start;
  let taken = start;
  let done = start;
  let told = start;

  // Signs of life, and the times of all else.
  let beat: number;
  let heard: number;
  let pinged = false;
  let pings = 0;
  let back: number | undefined; // when the server wants to see the client again
  let ackTimer: ReturnType<typeof setTimeout> | undefined;
  let lifeTimer: typeof ackTimer;
  let awayTimer: typeof ackTimer;
  let drained: (() => void) | undefined; // called at the end, when something was acknowledged

  const now = (): number => performance.now();
  const say = (kind: number, body: { readonly [key: string]: string | number | undefined }): unknown =>
    write(control(codec, kind, body));

  // --- sending ---

  /** Whether the window takes what goes from one mark to another. */
  const fits = (from: Mark, to: Mark): boolean =>
    to.seq === from.seq + 1 || (to.seq - from.seq <= limit.n && to.bytes - from.bytes <= limit.bytes);

  const flush = (): void => {
    for (let m; open && (m = kept[sent - acked.seq]) && fits(acked, m); write(m.frame)) high = Math.max(high, (sent = m.seq));
  };

  const settle = (rx: number): void => {
    need(rx >= acked.seq && rx <= high, rx < 0 ? 4901 : 4903, "acknowledgement");
    const last = kept.splice(0, rx - acked.seq).at(-1);
    if (!last) return;
    acked = last;
    sent = Math.max(sent, rx); // after a resume the server may know of more than was sent again
    flush();
    host.room();
    drained?.();
  };

  /** Begins to count anew, and gives what was not delivered: nothing above rx, if that is told. */
  const forget = (rx: number): Unsent<In>[] => {
    const final = rx >= acked.seq && rx <= high;
    const unsent = kept
      .slice(final ? rx - acked.seq : 0)
      .map(({ message, seq }) => ({ message, maybe: !final && seq <= high }));
    kept = [];
    sent = high = 0;
    acked = got = taken = done = told = start;
    marks = marks.map(() => start); // the application gets it all the same
    return unsent;
  };

  // --- acknowledging ---

  const acknowledge = (): void => {
    clearTimeout(ackTimer);
    ackTimer = undefined;
    told = done;
    say(2, { rx: done.seq });
  };

  /** Acknowledges what was not acknowledged yet, without waiting for more. */
  const tellDone = (): void => {
    if (open && done !== told) acknowledge();
  };

  const owe = (): void => {
    if (!open || done === told) return;
    if (done.seq - told.seq >= Math.min(limit.n / 4, 32) || done.bytes - told.bytes >= limit.bytes / 4) acknowledge();
    else ackTimer ??= setTimeout(acknowledge, ackMs);
  };

  // --- the life of a websocket ---

  const ping = (): void => {
    pinged = true;
    heard = now();
    say(9, { n: ++pings });
    watch();
  };

  /** Looks when there was a sign of life, and when to look again. */
  const watch = (): void => {
    clearTimeout(lifeTimer);
    const most = pinged ? Math.min(beat || silenceMs, silenceMs) : beat;
    const rest = heard + most - now();
    if (!most) return;
    if (rest > 0) lifeTimer = setTimeout(watch, Math.min(rest, longestMs));
    else if (pinged) host.dead();
    else ping();
  };

  const greeted = (w: Body): void => {
    const name = /^[^]{1,64}$/;
    need(
      w.v === 1 &&
        name.test(w.sid) &&
        name.test(w.epoch) &&
        /^[\w-]{22,128}$/.test(w.key) &&
        w.window.n * w.window.bytes * w.window.ms > 0 &&
        (w.resumed ? w.sid === id && w.epoch === epoch : w.sid !== id),
    );
    if (w.resumed) settle(w.rx);
    const gap = !w.resumed && id && new GapError(w.why, forget(w.rx));
    ({ sid: id, key, epoch, window: limit, beat } = w);
    tries = 0;
    open = true;
    acknowledge(); // the server sees that the key has arrived
    flush();
    self.auth?.();
    watch();
    if (gap) host.gap(gap);
    if (open) host.ready(w.resumed); // who was told of a gap may have closed
  };

  /**
   * Leaves at a time of its own, when everything is acknowledged: a handler may have more to say than the window holds.
   * Mostly the server closes before; then that is when to come back.
   */
  const goAway = ({ min, max, resumable }: Body): void => {
    const wait = Math.min(min + Math.random() * (max - min), longestMs);
    const leave = (): void => {
      if (kept[0] || got !== told) awayTimer = setTimeout(leave, awayMs);
      else host.dead();
    };
    back = now() + wait;
    clearTimeout(awayTimer);
    if (resumable) awayTimer = setTimeout(leave, wait);
  };

  const self: SessionLink<In> = {
    protocols: ["tandem.v1." + codec.name],
    leave: 3008,
    commits: policy.commits,
    get id() {
      return id;
    },
    get unacknowledged() {
      return kept.length;
    },
    say(kind, body) {
      if (open) say(kind, body);
      return open;
    },
    opened(to, credential = "") {
      need(byteLength(credential) <= 8192, 3000, "too long");
      write = to;
      back = undefined;
      sent = acked.seq;
      lifeTimer = setTimeout(host.dead, silenceMs);
      say(7, { v: 1, ...(id && { sid: id, key, try: ++tries, rx: done.seq || undefined, epoch }), schema, auth: credential });
    },
    received(payload) {
      heard = now();
      pinged = false;
      const { kind, seq, message, body, size } = parse(codec, out, payload);
      if (!open) {
        if (kind === 8) greeted(body);
        else need(kind > 12 && !seq);
        return;
      }
      if (seq) {
        if (seq <= got.seq) return;
        need(typeof seq === "number", 4904, "number too big");
        need(seq === got.seq + 1, 4902, "hole");
        const next = { seq, bytes: got.bytes + size };
        need(fits(done, next), 4905, "window");
        got = next;
        if (kind) {
          // Nobody has a use for it: it is done as soon as all before it is.
          if (marks[0]) marks[marks.length - 1] = got;
          else {
            if (done === taken) done = got;
            taken = got;
            owe();
          }
        }
      }
      if (kind < 2) {
        need(size <= (limits?.maxServerMessage ?? 1 << 20), 1009, "too long");
        marks.push(got);
        if (!host.deliver(message as Out, kind && size)) marks.pop(); // a volatile one, which no window bounds
      } else if (kind === 2) settle(body.rx);
      else if (kind === 9) {
        tellDone();
        say(10, { n: body.n });
      } else if (kind === 11) goAway(body);
      else need(kind === 12 ? !!self.auth?.(body) : kind !== 7 && kind !== 8);
    },
    lost() {
      clearTimeout(ackTimer);
      clearTimeout(lifeTimer);
      clearTimeout(awayTimer);
      ackTimer = undefined;
      open = false;
      return back && Math.max(0, back - now());
    },
    over(reason, error) {
      const code = (error as CloseError | undefined)?.code ?? 0;
      const why = code === 4900 ? "taken over" : code > 4900 && code < 4906 ? "violation" : reason;
      self.lost();
      const unsent = forget(-1);
      id = "";
      self.auth?.(why);
      drained?.();
      return unsent[0] && new GapError(why, unsent);
    },
    send(message, payload) {
      const last = kept.at(-1) ?? acked;
      const seq = last.seq + 1;
      const m = { seq, bytes: last.bytes + byteLength(payload), message, frame: wrap(codec, 0, seq, payload) };
      if (!fits(acked, m)) return false;
      kept.push(m);
      flush();
      return true;
    },
    sendVolatile: (payload) => open && write(wrap(codec, 1, 0, payload)),
    done(count) {
      taken = marks.splice(0, count).at(-1) ?? taken;
      if (!policy.commits) self.commit();
    },
    commit() {
      done = taken;
      owe();
    },
    end: () =>
      new Promise((resolve) => {
        const finish = (): void => {
          clearTimeout(timer);
          drained = undefined;
          tellDone();
          resolve();
        };
        const timer = setTimeout(finish, endMs);
        drained = () => kept[0] || finish();
        tellDone(); // now: who leaves a page waits for nothing
        if (kept[0] && open) ping(); // which the server answers behind its acknowledgements
        drained();
      }),
    probe() {
      if (open && !pinged) ping();
    },
  };
  return self;
}
