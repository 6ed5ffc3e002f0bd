// Runs a test program compiled for js. Its arguments are the page's query; what it prints is collected in the page.
"use strict";

window.printed = "";
window.exitCode = null;

const decoder = new TextDecoder();
globalThis.fs.writeSync = (_, bytes) => {
  window.printed += decoder.decode(bytes, { stream: true });
  return bytes.length;
};

const go = new Go();
go.argv = ["test", ...new URLSearchParams(location.search).getAll("arg")];
go.exit = (code) => (window.exitCode = code);
WebAssembly.instantiateStreaming(fetch("test.wasm"), go.importObject).then(
  ({ instance }) => go.run(instance),
  (error) => {
    window.printed += error;
    window.exitCode = 1;
  },
);
