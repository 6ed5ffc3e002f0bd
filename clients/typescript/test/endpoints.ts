// Endpoints of a server that a FakeSocket stands for.
import { type Endpoint, endpoint, json } from "../src/index.js";
import * as t from "../src/types.js";

export const url = "http://server.example";

export const talk: Endpoint<undefined, string, string> = endpoint({ path: "/talk", codec: json, in: t.string, out: t.string, schema: "abc" });

export const room: Endpoint<{ room: string; since?: number }, string, string> = endpoint({
  path: "/rooms/{room}",
  params: t.params<{ room: string; since?: number }>({ room: t.path(t.string), since: t.query(t.optional(t.int64)) }),
  codec: json,
  in: t.string,
  out: t.string,
  schema: "abc",
});
