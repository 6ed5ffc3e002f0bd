// What the parent asks over stdin, one line each: "gc" collects garbage, "stats" tells the heap, "publish N BASE64"
// sends to all. The end of stdin is the end of the program.
const readline = require("node:readline");

module.exports = function control(port, publish, collect) {
  console.log(JSON.stringify({ addr: `127.0.0.1:${port}`, version: process.versions.bun ?? process.version }));
  const lines = readline.createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    const [command, times, payload] = line.split(" ");
    if (command === "publish") {
      publish(Buffer.from(payload, "base64").toString("utf8"), Number(times));
      return;
    }
    if (command === "gc") collect();
    const m = process.memoryUsage();
    console.log(JSON.stringify({ heap: m.heapUsed + m.external }));
  });
  lines.on("close", () => process.exit(0));
};
