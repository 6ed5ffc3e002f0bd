import { decode, type Payload } from "./codec.js";
import type { Host, Link } from "./link.js";
import type { Heartbeat } from "./options.js";

/** Messages as they are: each websocket is a conversation of its own. */
export function plain<In, Out>(
  host: Host<In, Out>,
  heartbeat: Heartbeat<In> | undefined,
  encode: (message: In) => Payload,
): Link<In> {
  const { codec, out } = host.endpoint;
  let send: ((payload: Payload) => boolean) | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const probe = (): void => {
    if (!heartbeat || !send) return;
    send(encode(heartbeat.message));
    arm(host.dead, heartbeat.timeoutMs ?? 10_000);
  };
  const arm = (f: () => void, ms: number): void => {
    clearTimeout(timer);
    if (heartbeat && send) timer = setTimeout(f, ms);
  };
  const heard = (): void => arm(probe, heartbeat?.everyMs ?? 25_000);
  const link: Link<In> = {
    protocols: [],
    leave: 1000,
    opened(to) {
      send = to;
      heard();
      host.ready(false);
    },
    received(payload) {
      heard();
      host.deliver(decode(codec, out, payload), payload.length);
    },
    lost() {
      send = undefined;
      clearTimeout(timer);
      return undefined;
    },
    over: () => undefined,
    send: (_, payload) => link.sendVolatile(payload),
    sendVolatile: (payload) => !!send?.(payload),
    done() {},
    end: () => Promise.resolve(),
    probe,
  };
  return link;
}
