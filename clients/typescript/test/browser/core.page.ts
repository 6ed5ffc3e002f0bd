// Gives the client to tests, which say what is to be done with it.
import { connect, type Socket, type Status } from "../../src/index.js";
import * as api from "../api.gen.js";

declare global {
  var client: { connect: typeof connect; api: typeof api };
  var socket: Socket<unknown, unknown>;
  var states: string[];
  var got: unknown[];
  /** Follows a socket. */
  var follow: <In, Out>(ws: Socket<In, Out>) => void;
}

globalThis.client = { connect, api };
globalThis.follow = (ws) => {
  globalThis.socket = ws as unknown as Socket<unknown, unknown>;
  globalThis.states = [];
  globalThis.got = [];
  ws.subscribe((status: Status) => states.push(status.state));
  ws.on("message", (message) => got.push(message));
};
