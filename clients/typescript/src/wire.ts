import { byteLength, type Payload } from "./codec.js";
import { TandemError } from "./errors.js";

/** How long the other side may take to answer a Close frame. */
const closeTimeoutMs = 5000;

/** How long the reason of a Close frame may be, in bytes. */
export const maxReason = 123;

/** One websocket, from the attempt to its end. */
export interface Wire {
  /** How much of what was sent the browser still holds, in bytes. */
  readonly buffered: number;
  /** Sends it, if it is not closing already, and tells whether it has. */
  readonly send: (payload: Payload) => boolean;
  /** Closes it once it is open, and waits for the answer, but not for ever. No messages come any more. why is handed to ended. */
  close(code: number, reason: string, why?: Error): void;
  /** Has ended called now: nobody answers, or nobody cares. */
  drop(code: number): void;
}

export interface WireEvents {
  opened(): void;
  received(payload: Payload): void;
  /** Called once, after which nothing else is. 1006 is no Close frame; why is there then, and if this side has ended it. */
  ended(code: number, reason: string, why: Error | undefined): void;
}

/** Opens a websocket. It throws what the constructor throws. */
export function dial(
  Ctor: new (url: string, protocols: string[]) => WebSocket,
  url: string,
  protocols: string[],
  openTimeoutMs: number,
  to: WireEvents,
): Wire {
  const ws = new Ctor(url, protocols);
  ws.binaryType = "arraybuffer";
  let why: Error | undefined;
  let left = 1006; // the code that this side has closed with, also when nobody answers
  let timer = setTimeout(() => wire.drop(3008), Math.min(openTimeoutMs, 1e9));

  const end = (code = 1006, reason = ""): void => {
    clearTimeout(timer);
    ws.onopen = ws.onmessage = ws.onclose = null;
    ws.onerror = () => {}; // else the package ws would throw it
    if (code === 1006) {
      code = left;
      why ??= new TandemError("lost", "socket lost");
    }
    // The answer repeats the code of this side.
    to.ended(code > 4950 && code < 4965 ? code - 3950 : code, reason, why);
  };
  ws.onopen = () => {
    clearTimeout(timer);
    to.opened();
  };
  ws.onmessage = ({ data }: { data: string | ArrayBuffer }) =>
    to.received(typeof data === "string" ? data : new Uint8Array(data));
  ws.onclose = ({ code, reason }) => end(code, reason);
  // The end follows at once, but in Node 20 not if there was no connection.
  ws.onerror = () => {
    clearTimeout(timer);
    timer = setTimeout(end);
  };

  const wire: Wire = {
    get buffered() {
      return ws.bufferedAmount;
    },
    send(payload) {
      const open = ws.readyState === 1; // else ended follows
      if (open) ws.send(payload);
      return open;
    },
    close(code, reason, error) {
      // Else the other side has closed already, and says why.
      if (ws.readyState < 2) {
        why = error;
        left = code;
      }
      clearTimeout(timer);
      ws.onmessage = null;
      ws.close(sendable(code), cut(reason));
      timer = setTimeout(end, closeTimeoutMs);
    },
    drop(code) {
      ws.close(sendable(code));
      end();
    },
  };
  return wire;
}

/** A page may send 1000 and no other code below 3000: 4951 to 4964 stand for those. */
function sendable(code: number): number {
  return code === 1000 || code >= 3000 ? code : code + 3950;
}

/** As much of a reason as a Close frame has room for. */
function cut(reason: string): string {
  while (byteLength(reason) > maxReason) reason = reason.slice(0, -1);
  return reason;
}
