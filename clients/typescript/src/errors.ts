/**
 * What may go wrong, by `kind`:
 *
 * | kind | class | what has happened |
 * |---|---|---|
 * | `"close"` | {@link CloseError} | the server has closed, with a code |
 * | `"lost"` | | the connection has ended without a Close frame, or there never was one: a browser does not tell why |
 * | `"decode"` | {@link DecodeError} | the server has sent what is not as described |
 * | `"stale"` | | this page describes the endpoint in another way than the server, and they no longer understand each other |
 * | `"gap"` | {@link GapError} | a session could not be resumed |
 * | `"closed"` | | this side has closed |
 * | `"full"` | | no more messages may wait to be sent |
 * | `"expired"` | | a message has waited too long for a connection; nothing of it was sent |
 * | `"dropped"` | | a message that waited had to make room for newer ones |
 * | `"too big"` | | a message is longer than the server takes |
 * | `"slow"` | | messages were not received for so long that they no longer fit into memory |
 */
export class TandemError<Kind extends string = ErrorKind> extends Error {
  declare readonly kind: Kind;

  constructor(kind: Kind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.name = "TandemError";
  }
}

export type ErrorKind =
  | "close"
  | "lost"
  | "decode"
  | "stale"
  | "gap"
  | "closed"
  | "full"
  | "expired"
  | "dropped"
  | "too big"
  | "slow";

/** The server has closed the conversation, or this side has because of what it was sent. */
export class CloseError extends TandemError<"close"> {
  /** As in the table of spec/protocol.md: 1000 is a normal end, 1005 a Close frame without a code. */
  declare readonly code: number;
  declare readonly reason: string;

  constructor(code: number, reason: string) {
    super("close", `closed with ${code}${reason && ": " + reason}`);
    this.code = code;
    this.reason = reason;
  }

  /** The HTTP status, where the code stands for a refusal: 401 for 4401, 503 for 1013; else undefined. */
  get status(): number | undefined {
    return this.code >= 4400 && this.code < 4500 ? this.code - 4000 : this.code === 1013 ? 503 : undefined;
  }
}

/** A message could not be decoded. The cause has the path to the fault. */
export class DecodeError extends TandemError<"decode"> {
  constructor(cause: unknown) {
    super("decode", `decode: ${(cause as Error).message}`, { cause });
  }
}

/** A message of a session that the server has not acknowledged. */
export interface Unsent<In> {
  readonly message: In;
  /** It has left, and nobody can tell whether it has arrived. */
  readonly maybe: boolean;
}

/** A session has ended without being closed here: another conversation has begun, or none. */
export class GapError<In = unknown> extends TandemError<"gap"> {
  /** A word of spec/session.md, section 5: "expired", "unknown" and so on. */
  declare readonly why: string;
  /** In the order in which they were sent. */
  declare readonly unsent: readonly Unsent<In>[];

  constructor(why: string, unsent: readonly Unsent<In>[]) {
    super("gap", `session not resumed: ${why}`);
    this.why = why;
    this.unsent = unsent;
  }
}

/** Reports whether a client comes back by itself after a close with this code: the table of spec/protocol.md, section 5. */
export function comesBack(code: number): boolean {
  return (
    code === 1001 ||
    code === 1006 ||
    (code >= 1011 && code <= 1014) ||
    code === 3008 ||
    (code >= 4000 && code < 4400) ||
    code === 4408 ||
    code === 4425 ||
    code === 4429
  );
}
