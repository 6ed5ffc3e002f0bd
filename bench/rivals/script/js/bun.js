// Bun's own server, which is uWebSockets.
const control = require("./control.js");

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request, server) {
    const path = new URL(request.url).pathname;
    if (server.upgrade(request, { data: { path } })) return undefined;
    return new Response("not a websocket", { status: 400 });
  },
  websocket: {
    maxPayloadLength: 2 << 20,
    backpressureLimit: 64 << 20,
    idleTimeout: 0,
    sendPings: false,
    open(ws) {
      if (ws.data.path === "/fanout") ws.subscribe("x");
    },
    message(ws, data) {
      if (ws.data.path.includes("json")) ws.send(JSON.stringify(JSON.parse(data)));
      else ws.send(data);
    },
  },
});

function publish(payload, times) {
  for (let i = 0; i < times; i++) server.publish("x", payload);
}

control(server.port, publish, () => Bun.gc(true));
