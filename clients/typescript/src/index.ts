/** Typed websockets: the runtime of files that `tandem gen ts` writes. See docs/typescript.md. */

export { authenticate, CredentialError } from "./authenticate.js";
export { cbor } from "./cbor.js";
export type { Codec, Type } from "./codec.js";
export { connect } from "./connect.js";
export { type Description, type Endpoint, endpoint } from "./endpoint.js";
export { CloseError, DecodeError, type ErrorKind, GapError, TandemError, type Unsent } from "./errors.js";
export { json } from "./json.js";
export { msgpack } from "./msgpack.js";
export type { AnyWebSocket, ConnectArgs, Heartbeat, Opening, Options, Queue, Reconnect, WithParams } from "./options.js";
export { type Session, session, sessionOf, type SessionPolicy } from "./session.js";
export { type Lease, type ShareOptions, share } from "./share.js";
export type { Events, Socket } from "./socket.js";
export { type Final, isFinal, type Status } from "./status.js";
export type { Unknown } from "./types.js";
