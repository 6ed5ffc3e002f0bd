import { decode, type Payload } from "./codec.js";
import { CloseError, TandemError } from "./errors.js";
import type { Host, Link } from "./link.js";
import type { Heartbeat } from "./options.js";

/** Messages as they are: each websocket is a conversation of its own. */
export function plain<In, Out>(
  host: Host<In, Out>,
  heartbeat: Heartbeat<In> | undefined,
  encode: (message: In) => Payload,
): Link<In> {
  const { codec, out, limits } = host.endpoint;
  let send: (payload: Payload) => boolean; // nothing is sent or asked before opened(), nor after lost()
  let timer: ReturnType<typeof setTimeout> | undefined;

  const probe = (): void => {
    if (!heartbeat) return;
    send(encode(heartbeat.message));
    arm(host.dead, heartbeat.timeoutMs ?? 10_000);
  };
  const arm = (f: () => void, ms: number): void => {
    clearTimeout(timer);
    if (heartbeat) timer = setTimeout(f, Math.min(ms, 1e9));
  };
  const heard = (): void => arm(probe, heartbeat?.everyMs ?? 25_000);
  return {
    protocols: [],
    leave: 1000,
    opened(to) {
      send = to;
      heard();
      host.ready(false);
    },
    received(payload) {
      heard();
      // Of text UTF-16 units count, which are no more than its bytes.
      if (payload.length > (limits?.maxServerMessage ?? 1 << 20)) throw new CloseError(1009, "too long");
      if (!host.deliver(decode(codec, out, payload), payload.length)) host.fail(1013, new TandemError("slow", "too many messages"));
    },
    lost() {
      clearTimeout(timer);
      return undefined;
    },
    over: () => undefined,
    send: (_, payload) => send(payload),
    sendVolatile: (payload) => send(payload),
    done() {},
    async end() {},
    probe,
  };
}
