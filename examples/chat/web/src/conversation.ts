// What is known of a room, and what becomes of that: functions without side effects, each from one state to the next.
import { ClientEvent, type Member, type MemberID, type Refusal, type Said, ServerEvent } from "./api.gen";

export interface Conversation {
  /** Who you are among the members; 0 until the server has said that. */
  readonly you: MemberID;
  /** Who you are and were, when the room was entered again. */
  readonly mine: readonly MemberID[];
  readonly members: readonly Member[];
  readonly lines: readonly Line[];
  /** Who is writing, and until when that is to be believed. */
  readonly writing: ReadonlyMap<MemberID, number>;
  /** What was asked of the server and has had no answer, in order: the next answer is for the first. */
  readonly asked: readonly Asked[];
  /** What you wanted to say and the others do not see. */
  readonly unsaid: readonly Unsaid[];
  /** The name that you have taken here, if you have taken one. */
  readonly renamed: string | undefined;
  /** Why you cannot have the name that you asked for last. */
  readonly nameRefused: Refusal | undefined;
  /** Numbers what has no number of the server's. */
  readonly next: number;
}

/** What is shown in the log: something said, something that has happened, or a warning that something is missing. */
export type Line =
  | { readonly kind: "said"; readonly said: Said }
  | { readonly kind: "note" | "gap"; readonly key: number; readonly text: string };

export interface Asked {
  readonly key: number;
  readonly message: ClientEvent;
  /** It is on its way, or in the session's keeping. */
  readonly left: boolean;
}

export interface Unsaid {
  readonly key: number;
  readonly text: string;
  /** Why: what the server has answered, that it never left, or that nobody knows whether it has arrived. */
  readonly why: Refusal | "unsent" | "unsure";
}

export const empty: Conversation = {
  you: 0,
  mine: [],
  members: [],
  lines: [],
  writing: new Map(),
  asked: [],
  unsaid: [],
  renamed: undefined,
  nameRefused: undefined,
  next: 1,
};

/** How many lines are kept. */
const mostLines = 500;
/** Who writes says so every two seconds. */
const writesForMs = 4000;

// --- what the server says ---

export function receive(c: Conversation, event: ServerEvent, now: number): Conversation {
  return ServerEvent.match(event, {
    Welcome: ({ you, members, history }) => {
      const { lines, same } = goOn(c, history);
      return {
        ...c,
        you,
        mine: same ? [...c.mine, you] : [you],
        members,
        lines: lines.slice(-mostLines),
        writing: new Map(),
        unsaid: c.unsaid.filter(({ why, text }) => why !== "unsure" || !history.some((s) => s.by === c.you && s.text === text)),
        next: c.next + 1,
      };
    },
    Joined: ({ member }) => note({ ...c, members: [...c.members, member] }, `${member.name} joined`),
    Left: ({ id }) =>
      note({ ...c, members: c.members.filter((m) => m.id !== id), writing: without(c.writing, id) }, `${nameOf(c, id)} left`),
    Presence: ({ id, away }) => ({ ...c, members: change(c.members, id, { away }) }),
    Renamed: ({ id, name }) => {
      const now = note({ ...c, members: change(c.members, id, { name }) }, `${nameOf(c, id)} is ${name} now`);
      return id === c.you ? { ...answered(now), renamed: name, nameRefused: undefined } : now;
    },
    Said: (said) => {
      const now = { ...add(c, { kind: "said", said }), writing: without(c.writing, said.by) };
      return said.by === c.you ? answered(now) : now;
    },
    Refused: ({ why }) => {
      const refused = c.asked[0]?.message;
      if (refused === undefined) return c;
      return ClientEvent.match(refused, {
        Say: ({ text }) => keep(answered(c), text, why),
        Rename: () => ({ ...answered(c), nameRefused: why }),
        Typing: () => c,
      });
    },
    Writes: ({ id }) => ({ ...c, writing: new Map(c.writing).set(id, now + writesForMs) }),
  });
}

/** Forgets who is not writing any more. */
export function quiet(c: Conversation, now: number): Conversation {
  return { ...c, writing: new Map([...c.writing].filter(([, until]) => until > now)) };
}

/**
 * The lines of a room that was entered, with the lines that were there before if it is the same room still. What was said in
 * between may be more than the server keeps, and a room that was empty for long, or whose server has ended, begins anew.
 */
function goOn(c: Conversation, history: readonly Said[]): { lines: Line[]; same: boolean } {
  const news = history.map((said): Line => ({ kind: "said", said }));
  const last = c.lines.findLast((line) => line.kind === "said")?.said;
  if (!last) return { lines: [...c.lines, ...news], same: c.you !== 0 };
  const at = history.findIndex(({ id }) => id === last.id);
  if (history[at]?.at === last.at) return { lines: [...c.lines, ...news.slice(at + 1)], same: true };
  const gap = (text: string): Line => ({ kind: "gap", key: c.next, text });
  if (at < 0 && history[0] && history[0].id > last.id) {
    return { lines: [...c.lines, gap("You were away for long. Some of what was said is missing here."), ...news], same: true };
  }
  return { lines: [gap("The room has begun anew. What was said before is gone."), ...news], same: false };
}

// --- what you ask for ---

/** Something is about to be sent that is answered. */
export function ask(c: Conversation, message: ClientEvent): Conversation {
  return { ...c, asked: [...c.asked, { key: c.next, message, left: false }], nameRefused: undefined, next: c.next + 1 };
}

/** It is on its way. */
export function left(c: Conversation, message: ClientEvent): Conversation {
  return { ...c, asked: c.asked.map((a) => (a.message === message ? { ...a, left: true } : a)) };
}

/** It gets no answer. */
export function drop(c: Conversation, message: ClientEvent, why?: Unsaid["why"]): Conversation {
  const dropped = c.asked.find((a) => a.message === message);
  if (!dropped) return c;
  const now = { ...c, asked: c.asked.filter((a) => a !== dropped) };
  const text = textOf(message);
  return why && text !== undefined ? keep(now, text, why) : now;
}

/**
 * Another conversation has begun, perhaps with something to be asked first. Of what was asked in the one before, no answer
 * comes any more.
 */
export function begin(c: Conversation, first: ClientEvent | undefined): Conversation {
  const now = c.asked.filter((a) => a.left).reduce((c, { message }) => drop(c, message, "unsure"), c);
  return first ? { ...now, asked: [{ key: c.next, message: first, left: true }, ...now.asked], next: now.next + 1 } : now;
}

/** What was not said is not wanted any more, or is about to be said again. */
export function forget(c: Conversation, key: number): Conversation {
  return { ...c, unsaid: c.unsaid.filter((u) => u.key !== key) };
}

/** The text of a message, if it has one. */
export function textOf(message: ClientEvent): string | undefined {
  return ClientEvent.match(message, { Say: ({ text }) => text, Rename: () => undefined, Typing: () => undefined });
}

// --- parts ---

function add(c: Conversation, line: Line): Conversation {
  return { ...c, lines: [...c.lines, line].slice(-mostLines) };
}

function note(c: Conversation, text: string): Conversation {
  return { ...add(c, { kind: "note", key: c.next, text }), next: c.next + 1 };
}

function keep(c: Conversation, text: string, why: Unsaid["why"]): Conversation {
  return { ...c, unsaid: [...c.unsaid, { key: c.next, text, why }], next: c.next + 1 };
}

function answered(c: Conversation): Conversation {
  return { ...c, asked: c.asked.slice(1) };
}

function nameOf(c: Conversation, id: MemberID): string {
  return c.members.find((m) => m.id === id)?.name ?? "Somebody";
}

function change(members: readonly Member[], id: MemberID, to: Partial<Member>): Member[] {
  return members.map((m) => (m.id === id ? { ...m, ...to } : m));
}

function without(writing: ReadonlyMap<MemberID, number>, id: MemberID): ReadonlyMap<MemberID, number> {
  const rest = new Map(writing);
  rest.delete(id);
  return rest;
}
