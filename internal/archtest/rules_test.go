//go:build !js

package archtest_test

const module = "github.com/tandem-ws/tandem"

// rule forbids imports. Where a rule names packages it does so with patterns, separated by blanks:
//
//	.              the root package            codec/...      the package and all below it
//	internal/*     one path element            net/http       a package of the standard library (in imports)
//	ALL            every package               TANDEM         every package of this repository, any module
//	THIRD-PARTY    neither the standard library nor this repository
//
// A pattern of packages of this repository starts at the root: "codec/json". In the field imports it is spelled
// with a leading "./": "./codec/json"; anything else there is an import path as it stands.
type rule struct {
	of      string // the packages that are bound by the rule
	not     string // exceptions to of
	imports string // what they must not import
	except  string // exceptions to imports
	reason  string

	on     platform // native, js or both (the zero value)
	direct bool     // look at import statements only; else at everything that gets linked
	tests  bool     // look at the imports of the tests as well, which are direct always
}

type platform string

const (
	both   platform = ""
	native platform = "native"
	js     platform = "js"
)

// Packages that a browser program may link: whatever they import costs download.
const browser = ". codec/... signals/... live/... ui/... examples/*/api"

// Packages beside each other on top of root.
const siblings = "./live/... ./ui/... ./inspect/... ./tandemtest/... ./broker/... ./store/... ./adapters/..."

var rules = []rule{
	// Direction: examples, bench, cmd → siblings → root → internal.
	{
		of: "internal/...", imports: "TANDEM", except: "./internal/...",
		reason: "internal is below the root package: what root and internal share is declared in internal, and root gives it a name",
	},
	{
		of: ".", imports: "TANDEM", except: ". ./internal/...",
		reason: "the root package is below everything that users choose: codecs, live, ui, brokers are added by the program that wants them",
	},
	{
		of: "codec/...", imports: "TANDEM", except: ". ./internal/... ./codec/...",
		reason: "a codec knows messages and nothing else; it is linked into every browser program that uses it",
	},
	{
		of: "signals/...", imports: "TANDEM", except: "./signals/...",
		reason: "signals is a leaf: reactive values are of use without a websocket",
	},
	{
		of: "ALL", not: "examples/... bench/... cmd/... interop/...", imports: "./examples/... ./bench/... ./cmd/... ./interop/...", tests: true,
		except: "./examples/*/api",
		reason: "programs are on top: nothing imports them",
	},

	{
		of: browser, imports: "./internal/schema/...", on: js,
		reason: "schemas are for generators and servers: a page in Go has its types and needs no description of them",
	},
	{
		of: "cmd/tandem/describe/...", imports: siblings + " ./signals/...",
		reason: "it is linked into a program each time somebody generates code, and needs declarations and their codecs",
	},
	{
		of: "cmd/...", imports: "THIRD-PARTY", direct: true, tests: true,
		reason: "the command belongs to the root module, so that everyone who requires tandem can run it: its dependencies would be theirs",
	},

	// Siblings. Each may import itself and what is below it; tests may use tandemtest.
	{
		of: "live/...", imports: siblings, except: "./live/... ./tandemtest/...", tests: true,
		reason: "siblings do not import each other; of the packages beside it, live builds on signals only",
	},
	{
		of: "ui/...", imports: siblings, except: "./ui/... ./tandemtest/...", tests: true,
		reason: "siblings do not import each other; of the packages beside it, ui builds on signals only",
	},
	{
		of: "inspect/...", imports: siblings + " ./signals/...", except: "./inspect/... ./tandemtest/...", tests: true,
		reason: "siblings do not import each other",
	},
	{
		of: "tandemtest/...", imports: siblings + " ./signals/...", except: "./tandemtest/...", tests: true,
		reason: "siblings do not import each other: tandemtest serves the tests of all of them",
	},
	{
		of: "broker/nats/...", imports: siblings + " ./signals/...", except: "./broker/nats/... ./tandemtest/...", tests: true,
		reason: "siblings do not import each other: a program with one broker does not want the other's client",
	},
	{
		of: "broker/redis/...", imports: siblings + " ./signals/...", except: "./broker/redis/... ./tandemtest/...", tests: true,
		reason: "siblings do not import each other: a program with one broker does not want the other's client",
	},
	{
		of: "store/bolt/...", imports: siblings + " ./signals/...", except: "./store/bolt/... ./tandemtest/...", tests: true,
		reason: "siblings do not import each other: a program with one store does not want the other's client",
	},
	{
		of: "adapters/bubbletea/...", imports: siblings, except: "./adapters/bubbletea/... ./tandemtest/...", tests: true,
		reason: "siblings do not import each other: a terminal program does not want a desktop toolkit",
	},
	{
		of: "adapters/fyne/...", imports: siblings, except: "./adapters/fyne/... ./tandemtest/...", tests: true,
		reason: "siblings do not import each other: a desktop program does not want a terminal toolkit",
	},
	{
		of: "codec/json/...", imports: "./codec/cbor/... ./codec/msgpack/...",
		reason: "a program links the codecs it names and no other",
	},
	{
		of: "codec/cbor/...", imports: "./codec/json/... ./codec/msgpack/...",
		reason: "a program links the codecs it names and no other",
	},
	{
		of: "codec/msgpack/...", imports: "./codec/json/... ./codec/cbor/...",
		reason: "a program links the codecs it names and no other",
	},

	// Test code stays in tests.
	{
		of: "ALL", not: "tandemtest/... examples/... bench/... cmd/... interop/...", imports: "./tandemtest/...",
		reason: "tandemtest is for tests",
	},
	{
		of: "ALL", not: "internal/assert/... tandemtest/... examples/... bench/... interop/...", imports: "./internal/assert/... testing", direct: true,
		reason: "test helpers are for tests",
	},

	// What a browser downloads.
	{
		of: browser, on: js, imports: "fmt os runtime/debug crypto/... encoding/json", except: "net/http crypto/tls",
		reason: "fmt, which runtime/debug brings too, costs a browser 44 kB, and crypto 55; internal/say has what errors need of fmt",
	},
	{
		of: browser, on: js, imports: "net/http crypto/tls",
		reason: "net/http and crypto/tls cost a browser hundreds of kilobytes; what needs them belongs in serve*.go, dial_native.go, inspect or tandemtest",
	},
	{
		of: browser, on: js, imports: "github.com/gobwas/...",
		reason: "a browser has websockets of its own; the framing library is for native programs",
	},
	{
		of: ". signals/... live/... ui/...", on: js, imports: "THIRD-PARTY",
		reason: "a browser program downloads the root package and what it names itself, nothing from strangers",
	},
	{
		of: "ALL", not: ". internal/jsws/... ui/dom/... examples/... bench/... interop/...", imports: "syscall/js", direct: true, tests: true, on: js,
		reason: "syscall/js is spoken in internal/jsws, in dial_js.go and in ui/dom; the rest is the same on every platform",
	},

	// Light dependencies.
	{
		of: "internal/serde/... internal/bind/... internal/wire/... internal/session/... internal/assert/... signals/...", imports: "THIRD-PARTY",
		reason: "these are linked into everything and parse what strangers send: standard library only",
	},
	{
		of: "internal/schema/...", imports: "THIRD-PARTY",
		reason: "it is linked into the programs that describe packages, in modules that require nothing more than tandem does",
	},
	{
		of: ".", on: native, imports: "THIRD-PARTY", except: "github.com/gobwas/...",
		reason: "the root package has few and light dependencies; another needs a decision in docs/adr or a module of its own",
	},
	{
		of: "ALL", not: ". internal/... tandemtest/... bench/... interop/...", imports: "github.com/gobwas/...", direct: true,
		reason: "the framing library is an implementation detail: what is built on tandem would work with another",
	},
}
