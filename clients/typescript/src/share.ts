import { connect } from "./connect.js";
import type { Endpoint } from "./endpoint.js";
import type { ConnectArgs, Options } from "./options.js";
import { target } from "./params.js";
import type { Socket } from "./socket.js";
import { isFinal, type Status } from "./status.js";

/** What a socket is before anybody has opened it, and in pages that a server renders. */
export const connecting: Status = { state: "connecting", failed: 0, resuming: false };

/**
 * A share in a socket: all that are for the same endpoint, URL and parameters have one, which is closed when nobody holds it
 * open any more. Making a lease does nothing, so it may be made while a user interface is rendered, also on a server.
 */
export interface Lease<In, Out> {
  /** Names the socket: leases of an endpoint with equal keys share one. */
  readonly key: string;
  /** The socket, which is not connected before somebody holds it open or uses it. */
  readonly socket: Socket<In, Out>;
  /** How the socket is, if there is one. */
  readonly status: Status;
  /**
   * Holds the socket open until the function that it returns is called. It is closed in a task of its own, so who lets go
   * and takes hold again at once, as React does in StrictMode, keeps it.
   */
  hold(): () => void;
}

interface Shared {
  readonly socket: Socket<never, unknown>;
  holders: number;
}

const all = new WeakMap<object, Map<string, Shared>>();

/** Makes a lease. The options are those of the first lease that uses the socket; parameters must be values. */
export function share<P, In, Out>(
  endpoint: Endpoint<P, In, Out>,
  options: Omit<Options<In>, "lazy" | "signal"> & { readonly params?: P },
): Lease<In, Out> {
  const key = `${options.url ?? ""} ${target(endpoint.path, endpoint.params, options.params as P)}`;
  const find = (): Shared | undefined => all.get(endpoint)?.get(key);
  const use = (): Shared => {
    const found = find();
    if (found && (found.holders > 0 || !isFinal(found.socket.status))) return found;
    const socket = connect(endpoint, ...([{ ...options, lazy: true }] as unknown as ConnectArgs<P, In>));
    const made: Shared = { socket: socket as unknown as Shared["socket"], holders: 0 };
    if (!all.has(endpoint)) all.set(endpoint, new Map());
    all.get(endpoint)!.set(key, made);
    closeUnheld(made);
    return made;
  };
  const closeUnheld = (shared: Shared): void => {
    setTimeout(() => {
      if (shared.holders > 0) return;
      if (find() === shared) all.get(endpoint)!.delete(key);
      void shared.socket.close();
    });
  };
  return {
    key,
    get socket() {
      return use().socket as unknown as Socket<In, Out>;
    },
    get status() {
      const status = find()?.socket.status ?? connecting;
      return status.state === "idle" ? connecting : status;
    },
    hold() {
      const shared = use();
      shared.holders++;
      // Waiting for it is what starts it; how that goes is in the status.
      shared.socket.opened().catch(() => {});
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        shared.holders--;
        closeUnheld(shared);
      };
    },
  };
}
