/**
 * What runs on the sockets of a conversation: messages as they are (plain.ts), or those of a session (session.ts). The socket
 * in connect.ts opens websockets and decides when; a link says what goes over them. So who declares no session downloads none.
 */

import type { Codec, Payload, Type } from "./codec.js";
import type { GapError } from "./errors.js";

/** What a link knows of the endpoint. */
export interface Messages<In, Out> {
  readonly codec: Codec;
  readonly in: Type<In>;
  readonly out: Type<Out>;
  readonly schema: string;
  readonly limits?: { readonly maxServerMessage?: number };
}

/** The socket, as its link sees it. No method throws. */
export interface Host<In, Out> {
  readonly endpoint: Messages<In, Out>;
  /** Messages may be sent from here on. resumed: the conversation is the one that was before. */
  ready(resumed: boolean): void;
  /**
   * Hands a message to the application, which is done with it when done() has counted it. size bounds what may wait, in
   * bytes; a link that bounds it in another way gives none. It tells whether the message was taken: too much may wait.
   */
  deliver(message: Out, size?: number): boolean;
  /** send, which has returned false, may return true again. */
  room(): void;
  /** Another conversation takes the place of a session that could not be resumed. Called in front of ready(false). */
  gap(error: GapError<In>): void;
  /** Gives up the socket: closes it with that code, which decides what is next, and error is why. */
  fail(code: number, error: Error): void;
  /** The socket is dead, though nobody has said so: it is left, and another one tried. */
  dead(): void;
}

export interface Link<In> {
  /** What is offered as subprotocols; nothing where the endpoint's codec is meant. */
  readonly protocols: string[];
  /** The code for leaving a socket in the middle of a conversation, when the page is hidden. */
  readonly leave: number;
  /** The application says itself when it is done with messages: done() then counts those that it was handed. */
  readonly commits?: boolean | undefined;
  /** A websocket has opened. send never throws; false: it is closing, and nothing was sent. */
  opened(send: (payload: Payload) => boolean, credential: string | undefined): void;
  /** A message has come. What is wrong with it is thrown: a CloseError to answer with, else the codec's error. */
  received(payload: Payload): void;
  /** The websocket is gone. The server may have asked to wait so many milliseconds before the next one. */
  lost(): number | undefined;
  /**
   * Nobody comes back, because of a Close frame, whose error that is, or for a reason of spec/session.md, section 5. What was
   * not delivered is returned, and opened() begins anew. done() counts on: messages that wait to be received stay the same.
   */
  over(why: string, error?: Error): GapError<In> | undefined;
  /** Sends a message, which is encoded in payload already. False: not now, and nothing of it was sent. */
  send(message: In, payload: Payload): boolean;
  /** Sends it if that can be done at once. */
  sendVolatile(payload: Payload): boolean;
  /** The application is done with so many more messages, in the order in which they were delivered. */
  done(count: number): void;
  /** Says what has to be said in front of a Close frame; resolves when it is said, or will not be. */
  end(): Promise<void>;
  /** Asks whether the server is still there: dead() follows if not. */
  probe(): void;
}

/** Makes a link: what {@link session} puts into an endpoint. */
export interface Linker {
  link<In, Out>(host: Host<In, Out>): Link<In>;
}
