import { type ComputedRef, computed, type MaybeRefOrGetter, shallowRef, toValue, watchPostEffect } from "vue";
import type { Endpoint } from "./endpoint.js";
import { type HookArgs, type HookOptions, listen } from "./hook.js";
import { type Lease, share } from "./share.js";
import type { Socket } from "./socket.js";
import type { Status } from "./status.js";

/** What {@link useSocket} may be told. */
export interface UseSocketOptions<In, Out> extends Omit<HookOptions<In, Out>, "enabled"> {
  /** Default true. With false there is no connection, the status is "idle", and send rejects. */
  readonly enabled?: MaybeRefOrGetter<boolean>;
}

/** What {@link useSocket} gives. */
export interface UseSocket<In, Out> {
  /** How the socket is. Until the component is mounted, and on a server, it is "connecting", and "idle" if disabled. */
  readonly status: ComputedRef<Status>;
  /** Sends a message to the socket that is for the parameters as they are when it is called. */
  readonly send: Socket<In, Out>["send"];
  /** That socket. */
  readonly socket: ComputedRef<Lease<In, Out>>;
}

/**
 * A websocket for as long as the component, or the effect scope, is there.
 *
 * ```vue
 * <script setup lang="ts">
 * import { shallowRef } from "vue";
 * import { useSocket } from "@tandem-ws/client/vue";
 * import { chat, type Line } from "./api.gen";
 *
 * const props = defineProps<{ room: string }>();
 * const lines = shallowRef<Line[]>([]);
 * const { status, send } = useSocket(chat, {
 *   params: () => ({ room: props.room }),
 *   onMessage: (line) => (lines.value = [...lines.value, line]),
 * });
 * </script>
 *
 * <template>
 *   <p>{{ status.state }}</p>
 *   <p v-for="line in lines" :key="line.id">{{ line.text }}</p>
 *   <button @click="send({ text: 'hi' })">say hi</button>
 * </template>
 * ```
 *
 * - It connects when the component is mounted, and never on a server. Outside of a component it connects in the next tick.
 * - Components with the same endpoint, URL and parameters share one socket, with the options of the first. Each is given
 *   every message that comes while it is there; none wait for one that comes later.
 * - When the parameters change, as values, the socket for the old ones is let go and one for the new ones taken, after the
 *   component was rendered. Parameters and enabled are values, refs, or functions that read what is reactive; parameters are
 *   not looked at while it is disabled.
 * - It is closed with 1000 when the last of these scopes is disposed, in a task of its own: a component that takes its place
 *   at once goes on with the socket. A component that is kept alive keeps it: give it an enabled that says otherwise.
 */
export function useSocket<P, In, Out>(
  endpoint: Endpoint<P, In, Out>,
  ...args: HookArgs<P, UseSocketOptions<In, Out>, MaybeRefOrGetter<P>>
): UseSocket<In, Out> {
  const o = { ...args[0] } as UseSocketOptions<In, Out> & { readonly params?: MaybeRefOrGetter<P> };
  const socket = computed<Lease<In, Out>>((old) => {
    const enabled = toValue(o.enabled);
    const next = share(endpoint, { ...o, enabled, params: (enabled === false || toValue(o.params)) as P });
    return old?.key === next.key ? old : next;
  });
  // Set, and never read, in the effect, which would else run again for each status.
  const changed = shallowRef<object>();
  watchPostEffect((onCleanup) => {
    onCleanup(listen(socket.value, o, () => (changed.value = {})));
  });
  return {
    // A page that takes over what a server has rendered begins with the same status.
    status: computed(() => (changed.value ? socket.value.status : socket.value.initial)),
    send: (message, options) => socket.value.send(message, options),
    socket,
  };
}
