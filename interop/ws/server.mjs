// node server.mjs [subprotocol...]: serves on a port of the system's choice. Given subprotocols, it picks the first
// offered that is among them; otherwise none. It would use permessage-deflate if the client offered it.
import { WebSocketServer } from "ws";
import { obey, tell, watch } from "./peer.mjs";

const known = process.argv.slice(2);
const server = new WebSocketServer({
  host: "127.0.0.1",
  port: 0,
  maxPayload: 4 << 20,
  perMessageDeflate: true,
  handleProtocols: (offers) => [...offers].find((offer) => known.includes(offer)) ?? false,
});

let socket; // the latest
server.on("listening", () => tell({ event: "listening", port: server.address().port }));
server.on("connection", (connection, request) => {
  socket = connection;
  tell({ event: "open", protocol: socket.protocol, extensions: socket.extensions, url: request.url });
  watch(socket);
});
obey(() => socket, () => process.exit());
