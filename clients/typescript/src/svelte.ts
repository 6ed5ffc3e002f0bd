import { onMount, untrack } from "svelte";
import { createSubscriber } from "svelte/reactivity";
import { type Readable, readable, toStore } from "svelte/store";
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

/** What {@link createSocket} gives. As a store it has the status. */
export interface CreateSocket<In, Out> extends Readable<Status> {
  /** How the socket is: reactive. Until it is mounted, and on a server, it is "connecting", and "idle" if disabled. */
  readonly status: Status;
  /** Sends a message to the socket that is for the parameters as they are when it is called. */
  readonly send: Socket<In, Out>["send"];
  /** That socket. */
  readonly socket: Lease<In, Out>;
}

/**
 * A websocket for as long as the component is mounted.
 *
 * ```svelte
 * <script lang="ts">
 *   import { createSocket } from "@tandem-ws/client/svelte";
 *   import { chat, type Line } from "./api.gen";
 *
 *   let { room }: { room: string } = $props();
 *   let lines: Line[] = $state.raw([]);
 *   const ws = createSocket(chat, {
 *     params: () => ({ room }),
 *     onMessage: (line) => (lines = [...lines, line]),
 *   });
 * </script>
 *
 * <p>{ws.status.state}</p>
 * {#each lines as line (line.id)}<p>{line.text}</p>{/each}
 * <button onclick={() => ws.send({ text: "hi" })}>say hi</button>
 * ```
 *
 * - It connects when the component is mounted, and never on a server. Outside of a component it connects while an effect reads
 *   its status, or somebody has subscribed to it as a store, as `$ws` does.
 * - Components with the same endpoint, URL and parameters share one socket, with the options of the first. Each is given
 *   every message that comes while it is there; none wait for one that comes later.
 * - When the parameters change, as values, the socket for the old ones is let go and one for the new ones taken. Parameters
 *   and enabled are values, or functions that read state; parameters are not looked at while it is disabled.
 * - It is closed with 1000 when the last of these components is destroyed, in a task of its own: one that takes its place at
 *   once goes on with the socket.
 */
export function createSocket<P, In, Out>(
  endpoint: Endpoint<P, In, Out>,
  ...args: HookArgs<P, CreateSocketOptions<In, Out>, Reactive<P>>
): CreateSocket<In, Out> {
  const o = { ...args[0] } as CreateSocketOptions<In, Out> & { readonly params?: Reactive<P> };
  let lease: Lease<In, Out> | undefined;
  const socket = (): Lease<In, Out> => {
    const enabled = now(o.enabled);
    const next = share(endpoint, { ...o, enabled, params: (enabled === false || now(o.params)) as P });
    return (lease = lease?.key === next.key ? lease : next);
  };
  let live = false;
  const { subscribe } = readable<Status>(untrack(socket).initial, (set) => {
    let wanted = true;
    let stop: (() => void) | undefined;
    let off: (() => void) | undefined;
    // Not now: a server has let go by then, and a page that takes over what was rendered there has done so.
    queueMicrotask(() => {
      if (!wanted) return;
      live = true;
      stop = toStore(socket).subscribe((next) => {
        off?.();
        off = untrack(() => listen(next, o, () => set(next.status)));
      });
    });
    return () => {
      wanted = false;
      stop?.();
      off?.();
    };
  });
  const track = createSubscriber((update) => subscribe(update));
  try {
    onMount(() => subscribe(() => {}));
  } catch {
    // Outside of a component.
  }
  return {
    get status() {
      track();
      return live ? socket().status : socket().initial;
    },
    get socket() {
      return socket();
    },
    send: (message, options) => untrack(socket).send(message, options),
    subscribe,
  };
}
