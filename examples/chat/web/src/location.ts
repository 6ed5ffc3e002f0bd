import { useSyncExternalStore } from "react";

/** The room at /. */
const first = "lobby";

/** The address of a room's page. */
export function addressOf(room: string): string {
  return `/rooms/${encodeURIComponent(room)}`;
}

/** Goes to a room. The browser's back and forward buttons, and a link that somebody is sent, do the same. */
export function enter(room: string): void {
  history.pushState(null, "", addressOf(room));
  dispatchEvent(new PopStateEvent("popstate")); // browsers tell only of what they do themselves
}

/** The room that the address says, whether one can have that name or not: the server knows. */
export function useRoom(): string {
  return useSyncExternalStore(subscribe, current);
}

function subscribe(changed: () => void): () => void {
  addEventListener("popstate", changed);
  return () => removeEventListener("popstate", changed);
}

function current(): string {
  const name = /^\/rooms\/(.+)$/.exec(location.pathname)?.[1];
  if (name === undefined) return first;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
