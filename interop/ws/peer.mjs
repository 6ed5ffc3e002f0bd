// What client.mjs and server.mjs have in common: a socket of the package ws that does what lines of standard input say
// and tells on standard output what happens to it, one JSON object a line each way.
import { createInterface } from "node:readline";

export const tell = (event) => process.stdout.write(JSON.stringify(event) + "\n");

// watch tells everything that happens to a socket.
export function watch(socket) {
  socket.on("open", () => tell({ event: "open", protocol: socket.protocol, extensions: socket.extensions }));
  socket.on("unexpected-response", (request, response) => {
    tell({ event: "refused", code: response.statusCode });
    response.destroy();
  });
  socket.on("message", (data, binary) => tell({ event: "message", binary, data: data.toString(binary ? "latin1" : "utf8") }));
  socket.on("ping", (data) => tell({ event: "ping", data: data.toString() }));
  socket.on("pong", (data) => tell({ event: "pong", data: data.toString() }));
  socket.on("error", (error) => tell({ event: "error", data: error.message }));
  socket.on("close", (code, reason) => tell({ event: "close", code, data: reason.toString() }));
}

const commands = {
  // data is what the frame holds, byte for byte: each is a character of the string.
  send: (socket, { data, binary }) => socket.send(Buffer.from(data, "latin1"), { binary }),
  // parts make up one text message; behind each frame there is a ping with its number.
  fragments: (socket, { parts }) =>
    parts.forEach((part, i) => {
      socket.send(Buffer.from(part, "latin1"), { binary: false, fin: i === parts.length - 1 });
      socket.ping(String(i));
    }),
  burst: (socket, { data, count }) => {
    for (let i = 0; i < count; i++) socket.send(data.replace("#", i));
  },
  ping: (socket, { data }) => socket.ping(data),
  close: (socket, { code, reason }) => socket.close(code, reason),
  terminate: (socket) => socket.terminate(),
};

// obey does what standard input says to the socket that current() gives, until the input ends.
export function obey(current, end) {
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    const command = JSON.parse(line);
    commands[command.do](current(), command);
  });
  lines.on("close", end);
}
