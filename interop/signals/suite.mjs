// Runs the suite against the framework in Go. Usage: node suite.mjs WASM_EXEC.JS FRAMEWORK.WASM
// It prints a line of JSON for each case.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { build } from "esbuild";

const [, , support, program] = process.argv;
createRequire(import.meta.url)(support); // defines Go
const go = new globalThis.Go();
const { instance } = await WebAssembly.instantiate(await readFile(program), go.importObject);
go.run(instance);
const { tandem } = globalThis;

// The suite comes as TypeScript.
const { outputFiles } = await build({
	stdin: { contents: 'export * from "reactive-framework-test-suite"', resolveDir: import.meta.dirname },
	bundle: true, write: false, format: "esm", platform: "node", logLevel: "error",
});
const { testSuite, SkipTest } = await import("data:text/javascript;base64," + Buffer.from(outputFiles[0].contents).toString("base64"));

// Exceptions cannot cross Go, so they are carried around it: caught before Go is entered, thrown again behind it.
const outcome = (f) => {
	try {
		return { value: f() };
	} catch (error) {
		return { error };
	}
};
const result = (r) => {
	if ("error" in r) throw r.error;
	return r.value;
};
const carried = (f) => () => outcome(f);

const framework = {
	name: "tandem",
	signal(initial) {
		const s = tandem.signal(initial);
		return { read: () => s.read(), write: (v) => { result(s.write(v)); } };
	},
	computed(f) {
		const c = tandem.computed(carried(f));
		return { read: () => result(c.read()) };
	},
	effect(f) {
		const stop = result(tandem.effect(() => {
			const r = outcome(f);
			return typeof r.value === "function" ? { cleanup: carried(r.value) } : r;
		}));
		return () => { result(stop()); };
	},
	run: (f) => f(),
	batch: (f) => { result(tandem.batch(carried(f))); },
	untracked: (f) => result(tandem.untracked(carried(f))),
};

for (const { section, cases, type } of testSuite) {
	for (const [name, test] of Object.entries(cases)) {
		const line = { section, name, behavioral: type === "behavioral" };
		try {
			const answer = framework.run(() => test(framework));
			if (line.behavioral) line.answer = String(answer);
		} catch (e) {
			if (e instanceof SkipTest) line.skipped = e.reason;
			else line.failed = String(e?.stack ?? e);
		}
		console.log(JSON.stringify(line));
	}
}
process.exit(0); // the program in Go waits for calls
