package rivals

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/tandem-ws/tandem/bench/proc"
	"github.com/tandem-ws/tandem/bench/rivals/rival"
)

// Options say how a server listens.
type Options struct {
	TLS  bool
	Wrap bool // hand out connections of a type that no library knows
	// Profile is a directory for CPU profiles of servers in Go; none when empty.
	Profile string
	// Program is another build of this program to run a server in Go; none when empty.
	Program string
}

// Hello is a server's first line.
type Hello struct {
	Addr    string `json:"addr"`
	Version string `json:"version"`
}

// Stats are what a server knows about itself. Those in other languages know the heap.
type Stats struct {
	Mallocs uint64 `json:"mallocs"`
	Heap    int64  `json:"heap"`
	Stack   int64  `json:"stack"`
}

// Serve is the program of a server: it listens on a free port of the loopback interface, says where, and then does what
// the lines of in ask until they end: "stats", "gc" (stats after a collection), "publish TIMES BASE64".
func Serve(name string, o Options, in io.Reader, out io.Writer) error {
	r, ok := Find(name)
	if !ok {
		return fmt.Errorf("no server %q", name)
	}
	if _, err := proc.RaiseFiles(); err != nil {
		return err
	}
	if o.Profile != "" {
		f, err := os.CreateTemp(o.Profile, name+"-*.prof")
		if err != nil {
			return err
		}
		defer f.Close() //nolint:errcheck // a profile that is cut short is seen when it is read
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	slog.SetDefault(slog.New(slog.DiscardHandler))
	mux := http.NewServeMux()
	if r.Echo != nil {
		for _, app := range rival.Apps() {
			mux.Handle(app.Path(), r.Echo(app))
		}
	}
	var fanout rival.Fanout
	if r.Fanout != nil {
		fanout = r.Fanout()
		mux.Handle(rival.FanoutPath, fanout)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	addr := l.Addr().String()
	if o.Wrap {
		l = wrapping{l}
	}
	if o.TLS {
		cfg, err := selfSigned()
		if err != nil {
			return err
		}
		l = tls.NewListener(l, cfg)
	}
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	defer srv.Close() //nolint:errcheck // the process ends
	if err := json.NewEncoder(out).Encode(Hello{addr, runtime.Version()}); err != nil {
		return err
	}
	return obey(in, out, fanout)
}

// obey does what the parent asks, until it says no more.
func obey(in io.Reader, out io.Writer, fanout rival.Fanout) error {
	lines := bufio.NewScanner(in)
	reply := json.NewEncoder(out)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		switch {
		case len(words) == 3 && words[0] == "publish" && fanout != nil:
			times, err := strconv.Atoi(words[1])
			if err != nil {
				return err
			}
			payload, err := base64.StdEncoding.DecodeString(words[2])
			if err != nil {
				return err
			}
			fanout.Publish(payload, times)
		case len(words) == 1 && words[0] == "gc":
			runtime.GC() // twice: what pools hold survives one
			runtime.GC()
			runtime.GC() // a third one halves stacks once more
			debug.FreeOSMemory()
			fallthrough
		case len(words) == 1 && words[0] == "stats":
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if err := reply.Encode(Stats{m.Mallocs, int64(m.HeapAlloc), int64(m.StackInuse)}); err != nil {
				return err
			}
		default:
			return fmt.Errorf("cannot %q", words)
		}
	}
	return lines.Err()
}

// commands is the standard input, to be waited for as sockets are. Who blocks in a system call keeps his processor from
// goroutines that are ready to run, until the runtime takes it away: for 20 us to 10 ms with only one processor. Goroutines
// that publish would pay for that, and servers that publish in the caller's goroutine would not.
func commands() io.Reader {
	if err := syscall.SetNonblock(syscall.Stdin, true); err != nil {
		return os.Stdin
	}
	return os.NewFile(uintptr(syscall.Stdin), "commands")
}

// wrapping hides the type of connections, as a listener that counts or traces does.
type wrapping struct{ net.Listener }

type wrapped struct{ net.Conn }

func (l wrapping) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return wrapped{c}, nil
}

// selfSigned makes a certificate for a day.
func selfSigned() (*tls.Config, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		MinVersion:   tls.VersionTLS13,
		NextProtos:   []string{"http/1.1"},
	}, nil
}

// Main runs a server child and does not return.
func Main(name string, o Options) {
	if err := Serve(name, o, commands(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, name+":", err)
		os.Exit(1)
	}
	os.Exit(0)
}
