// Runs a Go test binary in a page. output is what it has written, exitCode how it has ended.
"use strict";
globalThis.output = "";
globalThis.exitCode = null;

const decoder = new TextDecoder();
globalThis.fs.writeSync = (_fd, bytes) => {
	output += decoder.decode(bytes, { stream: true });
	return bytes.length;
};

(async () => {
	// Events of the page's own beginning would come in the middle of tests of what such events do.
	if (document.readyState !== "complete") await new Promise((go) => addEventListener("pageshow", go, { once: true }));
	const options = await (await fetch("options.json")).json();
	const go = new Go();
	go.argv = options.argv;
	go.env = options.env;
	go.exit = (code) => { exitCode = code; };
	const program = await WebAssembly.instantiateStreaming(fetch("client.wasm"), go.importObject);
	await go.run(program.instance);
})().catch((err) => {
	output += err;
	exitCode ??= -1;
});
