// What the pages of all frameworks are made of: a test says what is mounted, and looks at what was seen.
import type { Socket, Status } from "@tandem-ws/client";

/** What a component is rendered with. All that have the same name show the same socket if n is the same. */
export interface Props {
  readonly url: string;
  readonly n: number;
  readonly enabled?: boolean;
  /** What onMessage writes in front of messages: another one is another closure. */
  readonly mark?: string;
}

/** What a page can do, by the name of a component. */
export interface Page {
  /** Renders a component, or another time with other props. */
  render(name: string, props: Props): void;
  unmount(name: string): void;
  /** Takes over what a server has rendered in the element of that name. Solid is without: that takes its compiler. */
  hydrate?(name: string, props: Props): void;
  /** All that its onMessage was given. */
  readonly messages: Record<string, string[]>;
  /** The states it was rendered with, each once in a row. */
  readonly states: Record<string, string[]>;
  /** What it has from its hook. */
  readonly sockets: Record<string, Pick<Socket<number, number>, "send"> & { socket(): Socket<number, number> }>;
}

declare global {
  var page: Page;
}

export const messages: Page["messages"] = {};
export const states: Page["states"] = {};
export const sockets: Page["sockets"] = {};

export function saw(name: string, status: Status): string {
  const all = (states[name] ??= []);
  if (all.at(-1) !== status.state) all.push(status.state);
  return status.state;
}

export function got(name: string, mark: string | undefined, message: number): void {
  (messages[name] ??= []).push(`${mark ?? ""}${message}`);
}

/** The element that a component is in. */
export function root(name: string): HTMLElement {
  const found = document.getElementById(name);
  if (found) return found;
  const made = document.createElement("div");
  made.id = name;
  document.body.append(made);
  return made;
}
