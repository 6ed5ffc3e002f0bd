import { type Accessor, createEffect, createMemo, createSignal, onCleanup, untrack } from "solid-js";
import type { Endpoint } from "./endpoint.js";
import { type HookArgs, type HookOptions, listen, now, type Reactive } from "./hook.js";
import { type Lease, share } from "./share.js";
import type { Socket } from "./socket.js";
import type { Status } from "./status.js";

/** What {@link createSocket} may be told. */
export interface CreateSocketOptions<In, Out> extends Omit<HookOptions<In, Out>, "enabled"> {
  /** Default true. With false there is no connection, the status is "idle", and send rejects. */
  readonly enabled?: Reactive<boolean>;
}

/** What {@link createSocket} gives. */
export interface CreateSocket<In, Out> {
  /** How the socket is. Until effects run, and on a server, it is "connecting", and "idle" if disabled. */
  readonly status: Accessor<Status>;
  /** Sends a message to the socket that is for the parameters as they are when it is called. */
  readonly send: Socket<In, Out>["send"];
  /** That socket. */
  readonly socket: Accessor<Lease<In, Out>>;
}

/**
 * A websocket for as long as the owner is there: the component, or the root.
 *
 * ```tsx
 * import { createSignal, For } from "solid-js";
 * import { createSocket } from "@tandem-ws/client/solid";
 * import { chat, type Line } from "./api.gen";
 *
 * function Room(props: { room: string }) {
 *   const [lines, setLines] = createSignal<Line[]>([]);
 *   const { status, send } = createSocket(chat, {
 *     params: () => ({ room: props.room }),
 *     onMessage: (line) => setLines((lines) => [...lines, line]),
 *   });
 *   return <>
 *     <p>{status().state}</p>
 *     <For each={lines()}>{(line) => <p>{line.text}</p>}</For>
 *     <button onClick={() => send({ text: "hi" })}>say hi</button>
 *   </>;
 * }
 * ```
 *
 * - It connects in an effect, so when the component was rendered, and never on a server.
 * - Components with the same endpoint, URL and parameters share one socket, with the options of the first. Each is given
 *   every message that comes while it is there; none wait for one that comes later.
 * - When the parameters change, as values, the socket for the old ones is let go and one for the new ones taken. Parameters
 *   and enabled are values, or functions that read signals; parameters are not looked at while it is disabled.
 * - It is closed with 1000 when the last of these owners is disposed, in a task of its own: one that takes its place at once
 *   goes on with the socket.
 */
export function createSocket<P, In, Out>(
  endpoint: Endpoint<P, In, Out>,
  ...args: HookArgs<P, CreateSocketOptions<In, Out>, Reactive<P>>
): CreateSocket<In, Out> {
  const o = { ...args[0] } as CreateSocketOptions<In, Out> & { readonly params?: Reactive<P> };
  const socket = createMemo(
    () => {
      const enabled = now(o.enabled);
      return share(endpoint, { ...o, enabled, params: (enabled === false || now(o.params)) as P });
    },
    undefined,
    { equals: (a, b) => a.key === b.key },
  );
  const [changed, change] = createSignal<object>();
  createEffect(() => {
    const lease = socket();
    onCleanup(untrack(() => listen(lease, o, () => change({}))));
  });
  return {
    // A page that takes over what a server has rendered begins with the same status.
    status: () => (changed() ? socket().status : socket().initial),
    send: (message, options) => untrack(socket).send(message, options),
    socket,
  };
}
