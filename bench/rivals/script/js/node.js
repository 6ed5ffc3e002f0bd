// The ws package on Node.
const http = require("node:http");
const { WebSocketServer } = require("ws");
const control = require("./control.js");

const server = http.createServer();
const sockets = new WebSocketServer({ server, maxPayload: 2 << 20, perMessageDeflate: false });
const all = new Set();
sockets.on("connection", (ws, request) => {
  const path = request.url;
  ws.on("error", () => {});
  if (path === "/fanout") {
    all.add(ws);
    ws.on("close", () => all.delete(ws));
  } else if (path.includes("json")) {
    ws.on("message", (data) => ws.send(JSON.stringify(JSON.parse(data))));
  } else {
    ws.on("message", (data, binary) => ws.send(data, { binary }));
  }
});

function publish(payload, times) {
  for (let i = 0; i < times; i++) for (const ws of all) ws.send(payload);
}

server.listen(0, "127.0.0.1", 4096, () => control(server.address().port, publish, () => globalThis.gc()));
