import { byteLength } from "./codec.js";
import { type Body } from "./envelope.js";
import { TandemError } from "./errors.js";
import type { SessionLink } from "./session.js";
import { isFinal, type Status } from "./status.js";

/** The server has refused a credential. */
export class CredentialError extends TandemError<"credential"> {
  /** The server's word for it. */
  readonly why: string;

  constructor(why: string) {
    super("credential", `credential refused: ${why}`);
    this.why = why;
  }
}

interface Shown {
  readonly credential: string;
  settle(error?: Error): void;
}

/** Credentials that were not answered, by their session. The first is being shown, or will be when there is a websocket. */
const shown = /* @__PURE__ */ new WeakMap<object, Shown[]>();

/**
 * Shows the server of a session a new credential, on as many websockets as it takes. Rejects with a {@link CredentialError}
 * if it is refused: the old one then holds for as long as it did. With another error if the session is over before that.
 */
export async function authenticate(socket: { readonly link: object; readonly status?: Status }, credential: string): Promise<void> {
  const link = socket.link as SessionLink<never>;
  const size = byteLength(credential);
  if (!("say" in link)) throw new TypeError("not a session");
  if (!size || size > 8192) throw new RangeError(`a credential of ${size} bytes`);
  if (/\p{Cs}/u.test(credential)) throw new TypeError("a credential with half a surrogate pair");
  if (socket.status && isFinal(socket.status)) throw new TandemError("closed", "socket closed");
  return new Promise((resolve, reject) => {
    const one: Shown = { credential, settle: (error) => (error ? reject(error) : resolve()) };
    const waiting = shown.get(link);
    if (waiting) {
      if (waiting.push(one) === 1) link.auth?.();
    } else {
      shown.set(link, begin(link, one));
      link.auth?.();
    }
  });
}

/** Has the link show credentials, one at a time. */
function begin(link: SessionLink<never>, first: Shown): Shown[] {
  const waiting = [first];
  let n = 0;
  let asked = 0; // the number that awaits its answer
  link.auth = (answer?: Body | string) => {
    if (typeof answer === "string") for (const { settle } of waiting.splice(0)) settle(new TandemError("closed", answer));
    else if (answer) {
      if (!asked || answer.n !== asked || answer.auth) return false;
      waiting.shift()?.settle(answer.ok ? undefined : new CredentialError(answer.why));
    }
    asked = waiting[0] && link.say(12, { n: n + 1, auth: waiting[0].credential }) ? ++n : 0;
    return true;
  };
  return waiting;
}
