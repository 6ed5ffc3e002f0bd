import { connect } from "./connect.js";
import { type Endpoint, target } from "./endpoint.js";
import type { ConnectArgs, Options } from "./options.js";
import type { Socket } from "./socket.js";
import { isFinal, type Status } from "./status.js";

const connecting: Status = { state: "connecting", failed: 0, resuming: false };
const idle: Status = { state: "idle" };

/** What a socket that is shared may be told. It is what the first lease says that holds or uses it. */
export interface ShareOptions<In> extends Omit<Options<In>, "lazy" | "signal"> {
  /** Default true. With false the lease has a socket of its own, which is closed and stays so; its status is "idle". */
  readonly enabled?: boolean | undefined;
}

/**
 * A share in a socket: all that are for the same endpoint, URL and parameters have one, which is closed when nobody holds it
 * open any more. A lease is that socket: what is done to it is done for all. Making a lease does nothing, so it may be made
 * while a user interface is rendered, also on a server.
 *
 * A lease that was let go begins nothing any more: unless others hold the socket, it is closed. One that was never held
 * connects when it is used, for a moment: somebody has to hold it.
 */
export interface Lease<In, Out> extends Socket<In, Out> {
  /** Names the socket: leases of an endpoint with equal keys share one. */
  readonly key: string;
  /** What the status is before anybody holds the socket, and in pages that a server renders. Constant. */
  readonly initial: Status;
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

/**
 * Makes a lease. Parameters must be values; what cannot be written of them closes the socket with that error. The functions
 * among the options are looked up when they are called, so others can take their places.
 */
export function share<P, In, Out>(
  endpoint: Endpoint<P, In, Out>,
  options: ShareOptions<In> & { readonly params?: P },
): Lease<In, Out> {
  const enabled = options.enabled !== false;
  const initial = enabled ? connecting : idle;
  let key = "";
  let fixed = endpoint;
  if (enabled) {
    let query: unknown;
    try {
      const path = target(endpoint, options.params as P);
      query = path;
      // Who gave the parameters may change them later, when others share the socket.
      fixed = { ...endpoint, path, params: undefined } as never;
    } catch (error) {
      query = error;
    }
    key = `${options.url ?? ""} ${query}`;
  }
  const open = (o: Options<In>): Shared => ({
    socket: connect(fixed, ...([o] as unknown as ConnectArgs<P, In>)) as unknown as Shared["socket"],
    holders: 0,
  });
  const find = (): Shared | undefined => all.get(endpoint)?.get(key);
  const use = (): Shared => {
    const found = find();
    if (found && (found.holders > 0 || !isFinal(found.socket.status))) return found;
    const made = open(Object.create(options, { lazy: { value: true } }) as Options<In>);
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
  let last: Shared | undefined; // what this lease has used; closed when it was let go by all
  const now = (): Socket<In, Out> => {
    // Without a URL there is nothing that it could be restarted to.
    if (enabled) last = find() ?? last ?? use();
    else last ??= open({ url: "", signal: AbortSignal.abort() });
    return last.socket as unknown as Socket<In, Out>;
  };
  const lease: Lease<In, Out> = {
    key,
    initial,
    hold() {
      if (!enabled) return () => {};
      const shared = use();
      last = shared;
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
    get status() {
      const status = find()?.socket.status ?? initial;
      return status.state === "idle" ? initial : status;
    },
    get link() {
      return now().link;
    },
    subscribe: (f) => now().subscribe(f),
    on: (event, f) => now().on(event, f),
    opened: (o) => now().opened(o),
    send: (message, o) => now().send(message, o),
    sendVolatile: (message) => now().sendVolatile(message),
    retry: () => now().retry(),
    restart() {
      // One that nobody holds would stay open for ever.
      if (find()?.holders) now().restart();
    },
    close: (code, reason) => now().close(code, reason),
    [Symbol.asyncIterator]: () => now()[Symbol.asyncIterator](),
    [Symbol.asyncDispose]: () => now().close(),
  };
  return lease;
}
