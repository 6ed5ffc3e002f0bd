// What a program does with generated files, and what the compiler must not let pass.
import { Event } from "./unions.js";
import { Event as Adjacent } from "./adjacent.js";
import { Event as Open } from "./unknown.js";
import { rooms, hidden, type Room } from "./params.js";
import { Role, type Account } from "./enums.js";
import type { Profile } from "./optional.js";
import type { Numbers } from "./bigint.js";
import type { Maps } from "./maps.js";
import type { Times } from "./times.date.js";
import type { Endpoint } from "@tandem-ws/client";

export const said: string = Event.match(Event.Said("hi"), {
  Said: (text) => text.toUpperCase(),
  Moved: ({ x, y }) => `${x + y}`,
  Left: () => "left",
  match: (list) => list.join(),
});

// @ts-expect-error: a case is missing
Event.match(Event.Left(), { Said: () => 1, Moved: () => 2, match: () => 3 });

// @ts-expect-error: a case too many
Event.match(Event.Left(), { Said: () => 1, Moved: () => 2, match: () => 3, Left: () => 4, Right: () => 5 });

// @ts-expect-error: not the content of this variant
Event.Said(1);

export function narrow(event: Event): string {
  if (event === "Left") return event;
  if ("Said" in event) return event.Said;
  return "";
}

export function narrowAdjacent(event: Adjacent): string {
  switch (event.type) {
    case "left":
      return "";
    case "said":
      return event.data;
    default:
      return event.type;
  }
}

// @ts-expect-error: an open union has a case for what it does not know
Open.match(Open.Left(), { Said: () => 1, Moved: () => 2, Left: () => 3, Listed: () => 4 });

export const roomsAreTyped: Endpoint<Room, string, string> = rooms;
export const noParams: Endpoint<undefined, string, string> = hidden;

// @ts-expect-error: the parameters of one are not those of the other
export const mixed: Endpoint<Room, string, string> = hidden;

export const account: Account = { role: Role.Admin, level: 0, rights: 1 | 4, id: "x" };

// @ts-expect-error: no such role
export const king: Account = { role: "king", level: 0, rights: 0, id: "" };

export const profile: Profile = { nick: null, friends: ["ada", null], twice: null };

// @ts-expect-error: what may be left out is never null
export const nulled: Profile = { nick: null, friends: [], twice: null, age: null };

// @ts-expect-error: and never undefined
export const undefined_: Profile = { nick: null, friends: [], twice: null, age: undefined };

export const bigint = (n: Numbers): bigint => n.id + n.balance + (n.seen[0] ?? 0n);

export const byId = (m: Maps): string | undefined => m.byId.get(1) ?? m.names["x"];

export const millis = (times: Times): number => times.at.getTime() + times.took / 1e6;
