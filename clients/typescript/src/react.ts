"use client";

import { useEffect, useInsertionEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { Endpoint } from "./endpoint.js";
import { type HookArgs, type HookOptions, listen } from "./hook.js";
import { type Lease, share } from "./share.js";
import type { Socket } from "./socket.js";
import type { Status } from "./status.js";

/** What {@link useSocket} gives. */
export interface UseSocket<In, Out> {
  /** How the socket is; the component is rendered when it changes. On a server it is "connecting", and "idle" if disabled. */
  readonly status: Status;
  /** Sends a message, as the socket does. The same function as long as the socket is the same. */
  readonly send: Socket<In, Out>["send"];
  /** The socket, for effects and handlers. The same object until the endpoint, the URL, the parameters or enabled change. */
  readonly socket: Lease<In, Out>;
}

/**
 * A websocket for as long as the component is mounted.
 *
 * ```tsx
 * import { useMessages, useSocket } from "@tandem-ws/client/react";
 * import { chat } from "./api.gen";
 *
 * function Room({ room }: { room: string }) {
 *   const { status, send, socket } = useSocket(chat, { params: { room } });
 *   const lines = useMessages(socket, (lines, line) => [...lines, line], [] as Line[]);
 *   return <>
 *     <p>{status.state}</p>
 *     {lines.map((line) => <p key={line.id}>{line.text}</p>)}
 *     <button onClick={() => send({ text: "hi" })}>say hi</button>
 *   </>;
 * }
 * ```
 *
 * - It connects in an effect: not while rendering, not on a server, once in StrictMode.
 * - Components with the same endpoint, URL and parameters share one socket, with the options of the first. Each is given
 *   every message that comes while it is mounted; none wait for one that comes later.
 * - When the parameters change, as values, the socket for the old ones is let go and one for the new ones taken. What still
 *   comes from the old one goes to the onMessage that was rendered with the old parameters.
 * - It is closed with 1000 when the last of these components is unmounted, in a task of its own: a component that takes its
 *   place in the same commit goes on with the socket. With `enabled: false` there is none, and send rejects.
 */
export function useSocket<P, In, Out>(
  endpoint: Endpoint<P, In, Out>,
  ...args: HookArgs<P, HookOptions<In, Out>, P>
): UseSocket<In, Out> {
  const o = args[0] as HookOptions<In, Out> & { readonly params?: P };
  // Functions are looked up in a copy of the options, which belongs to the socket they were rendered with: one that is about
  // to go must not call those of the next.
  const copy: Partial<typeof o> = { ...o };
  const made = share(endpoint, copy);
  const { socket, newest, subscribe } = useMemo(
    () => ({ socket: made, newest: copy, subscribe: (changed: () => void) => listen(made, copy, changed) }),
    [endpoint, made.key],
  );
  useInsertionEffect(() => {
    for (const key in newest) delete newest[key as keyof typeof o];
    Object.assign(newest, o);
  });
  const status = useSyncExternalStore(
    subscribe,
    () => socket.status,
    () => socket.initial,
  );
  return { status, send: socket.send, socket };
}

/**
 * What comes of the messages of a socket, one folded into the state after the other. Each is folded once, when it comes; the
 * component is rendered with what has come within 16 ms, so once for a burst.
 *
 * ```tsx
 * const lines = useMessages(socket, (lines, line) => [...lines, line], [] as Line[]);
 * ```
 *
 * With another socket, such as for other parameters, the state starts anew from init. It goes on over the conversations of
 * one: reduce is told which message is the first that is seen of a conversation, where others may be missing in front of it.
 * A server that begins each with all there is calls for `(lines, line, first) => (first ? [line] : [...lines, line])`. A
 * session that was resumed is the same conversation.
 *
 * A lease is held while the component is mounted; a socket of connect() is connected if it is not yet, and stays so.
 */
export function useMessages<In, Out, State>(
  socket: Socket<In, Out> & { hold?(): () => void },
  reduce: (state: State, message: Out, first: boolean) => State,
  init: State,
): State {
  const newest = useRef(reduce);
  useInsertionEffect(() => {
    newest.current = reduce;
  });
  const at = useRef<{ readonly socket: unknown; state: State; first: boolean }>(undefined);
  const [shown, show] = useState({ socket, state: init });
  useEffect(() => {
    // In StrictMode effects run twice, and what was folded stays.
    if (at.current?.socket !== socket) at.current = { socket, state: init, first: true };
    const mine = at.current;
    let timer: unknown;
    const onMessage = (message: Out): void => {
      const { first } = mine;
      mine.first = false;
      mine.state = newest.current(mine.state, message, first);
      // Not a frame: a page that nobody looks at has none, and its title may count messages.
      timer ??= setTimeout(() => {
        timer = undefined;
        if (at.current === mine) show({ socket, state: mine.state });
      }, 16);
    };
    const onGap = (): void => {
      mine.first = true;
    };
    return listen(socket, { onMessage, onGap }, (now) => {
      if (now.state === "connecting" && !now.resuming) onGap();
    });
  }, [socket]);
  return shown.socket === socket ? shown.state : init;
}
