//go:build unix

package main_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/examples/uppercase/api"
	"github.com/tandem-ws/tandem/internal/assert"
)

// patience is how long a process may take for anything.
const patience = time.Minute

var buildDir string

func TestMain(m *testing.M) {
	var err error
	if buildDir, err = os.MkdirTemp("", "uppercase"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		os.RemoveAll(buildDir)
		os.Exit(code)
	}))
}

var build = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(buildDir, "uppercase")
	out, err := exec.Command("go", "build", "-buildvcs=false", "-o", binary, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return binary, nil
})

// process is the program under test, at work.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	stdin io.WriteCloser
	lines *bufio.Reader // of standard output
	errs  strings.Builder
}

// start starts the program. It is killed when the test ends, or when it has no end.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	binary, err := build()
	assert.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	p := &process{t: t, cmd: exec.CommandContext(ctx, binary, args...)}
	p.cmd.Stderr = &p.errs
	p.stdin, err = p.cmd.StdinPipe()
	assert.NoError(t, err)
	out, err := p.cmd.StdoutPipe()
	assert.NoError(t, err)
	p.lines = bufio.NewReader(out)
	assert.NoError(t, p.cmd.Start())
	t.Cleanup(func() {
		cancel()
		p.cmd.Wait()
	})
	return p
}

// line waits for a line of standard output.
func (p *process) line() string {
	p.t.Helper()
	line, err := p.lines.ReadString('\n')
	if err != nil {
		p.cmd.Wait()
		p.t.Fatalf("no further line: %v; standard error: %s", err, p.errs.String())
	}
	return strings.TrimSuffix(line, "\n")
}

// end waits for the end of the process, and gives the rest of its output.
func (p *process) end() (code int, stdout, stderr string) {
	p.t.Helper()
	rest, err := io.ReadAll(p.lines)
	assert.NoError(p.t, err)
	err = p.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return p.cmd.ProcessState.ExitCode(), string(rest), p.errs.String()
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	assert.NoError(p.t, p.cmd.Process.Signal(s))
}

// startServer starts the program as a server, on a port of the system's choice.
func startServer(t *testing.T) (p *process, base string) {
	t.Helper()
	p = start(t, "-addr", "127.0.0.1:0")
	return p, strings.TrimSuffix(p.line(), "/")
}

// startClient starts it as a client; the input ends at once if there is some.
func startClient(t *testing.T, base, input string, args ...string) *process {
	t.Helper()
	p := start(t, append([]string{"-connect", base}, args...)...)
	if input != "" {
		go func() {
			io.WriteString(p.stdin, input)
			p.stdin.Close()
		}()
	}
	return p
}

// bespoke is a server with another handler. The error channel has what the handler returned.
func bespoke(t *testing.T, h func(context.Context, *tandem.Conn[api.ClientEvent, api.ServerEvent]) error) (base string, returned <-chan error) {
	t.Helper()
	hub := tandem.NewHub(nil)
	done := make(chan error, 1)
	mux := http.NewServeMux()
	mux.Handle(api.Uppercase.Handler(func(ctx context.Context, _ api.Person, c *tandem.Conn[api.ClientEvent, api.ServerEvent]) error {
		err := h(ctx, c)
		done <- err
		return err
	}, &tandem.ServeOptions{Hub: hub}))
	srv := httptest.NewServer(mux)
	t.Cleanup(func() {
		hub.Shutdown(context.Background())
		srv.Close()
	})
	return srv.URL, done
}

func TestServe_orderlyEnd(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		srv, base := startServer(t)
		cl := startClient(t, base, "")
		assert.Equal(t, cl.line(), "HELLO ADA, 36")
		srv.signal(sig)
		code, _, stderr := srv.end()
		assert.Equal(t, code, 0, "server's exit code: %s", stderr)
		assert.Equal(t, stderr, "")
		code, _, stderr = cl.end()
		assert.Equal(t, code, 1)
		assert.Equal(t, stderr, "uppercase: closed with 1012: \"server shutting down\"\n")
	}
}

// A client that does not answer the Close frame holds up the end. A second signal does not wait for that.
func TestServe_secondSignal(t *testing.T) {
	srv, base := startServer(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	assert.NoError(t, err)
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	io.WriteString(conn, "GET /api/uppercase_ws?name=Ada&age=36 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	in := bufio.NewReader(conn)
	_, err = http.ReadResponse(in, nil)
	assert.NoError(t, err)
	srv.signal(syscall.SIGTERM)
	for b := byte(0); b != 0x88; { // the Close frame: the first signal has been heard
		b, err = in.ReadByte()
		assert.NoError(t, err)
	}
	srv.signal(syscall.SIGTERM)
	srv.end()
	status := srv.cmd.ProcessState.Sys().(syscall.WaitStatus)
	assert.True(t, status.Signaled() && status.Signal() == syscall.SIGTERM, "ended by the signal: %v", srv.cmd.ProcessState)
}

func TestServe_portInUse(t *testing.T) {
	_, base := startServer(t)
	code, stdout, stderr := start(t, "-addr", strings.TrimPrefix(base, "http://")).end()
	assert.Equal(t, code, 1)
	assert.Equal(t, stdout, "")
	oneLine(t, stderr, "address already in use")
}

func TestConnect(t *testing.T) {
	_, base := startServer(t)
	for _, codec := range []string{"", "json", "msgpack", "cbor"} {
		args := []string{"-name", "Zoë & co", "-age", "7"}
		if codec != "" {
			args = append(args, "-codec", codec)
		}
		code, stdout, stderr := startClient(t, base, "hi\närger\n\nno newline", args...).end()
		assert.Equal(t, stderr, "")
		assert.Equal(t, stdout, "HELLO ZOË & CO, 7\nHI\nÄRGER\n\nNO NEWLINE\n")
		assert.Equal(t, code, 0)
	}
}

func TestConnect_conversation(t *testing.T) {
	_, base := startServer(t)
	cl := startClient(t, base+"/", "")
	assert.Equal(t, cl.line(), "HELLO ADA, 36")
	for _, s := range []string{"one", "two"} {
		fmt.Fprintln(cl.stdin, s)
		assert.Equal(t, cl.line(), strings.ToUpper(s))
	}
	cl.stdin.Close()
	code, stdout, stderr := cl.end()
	assert.Equal(t, fmt.Sprint(code, stdout, stderr), "0")
}

func TestConnect_manyLines(t *testing.T) {
	_, base := startServer(t)
	const lines = 50_000
	cl := startClient(t, base, strings.Repeat("line\n", lines))
	code, stdout, stderr := cl.end()
	assert.Equal(t, fmt.Sprint(code, stderr), "0")
	assert.True(t, stdout == "HELLO ADA, 36\n"+strings.Repeat("LINE\n", lines), "every line is answered: %d bytes", len(stdout))
}

func TestConnect_longLines(t *testing.T) {
	_, base := startServer(t)
	const most = 64<<10 - len("\xa1\x69TextInput\x79xx") // what CBOR puts around the text
	cl := startClient(t, base, strings.Join([]string{
		"a", strings.Repeat("b", most), strings.Repeat("c", most+1), strings.Repeat("d", 1<<20), "e", "\xff", "f", strings.Repeat("g", 64<<10+1),
	}, "\n"))
	code, stdout, stderr := cl.end()
	assert.Equal(t, code, 0)
	assert.True(t, stdout == "HELLO ADA, 36\nA\n"+strings.Repeat("B", most)+"\nE\nF\n", "all other lines are answered: %.100q", stdout)
	reports := strings.Split(stderr, "\n")
	assert.Equal(t, len(reports), 5, stderr)
	for i, n := range []int{3, 4, 8} {
		at := []int{0, 1, 3}[i]
		assert.Equal(t, reports[at], fmt.Sprintf("uppercase: line %d not sent: a message may have 65536 bytes", n))
	}
	assert.True(t, strings.HasPrefix(reports[2], "uppercase: line 6 not sent: "), "invalid UTF-8: %s", reports[2])
}

// How the client leaves, as the server sees it.
func TestConnect_closes(t *testing.T) {
	greet := func(ctx context.Context, c *tandem.Conn[api.ClientEvent, api.ServerEvent]) error {
		if err := c.Send(ctx, api.Uppercased("HELLO")); err != nil {
			return err
		}
		_, err := c.Recv(ctx)
		return err
	}
	t.Run("end of input", func(t *testing.T) {
		base, returned := bespoke(t, greet)
		cl := startClient(t, base, "")
		cl.stdin.Close()
		code, stdout, stderr := cl.end()
		assert.Equal(t, fmt.Sprint(code, stdout, stderr), "0HELLO\n")
		assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, <-returned).Code, tandem.CodeNormal)
	})
	t.Run("interrupt", func(t *testing.T) {
		base, returned := bespoke(t, greet)
		cl := startClient(t, base, "")
		assert.Equal(t, cl.line(), "HELLO")
		cl.signal(syscall.SIGINT)
		code, stdout, stderr := cl.end()
		assert.Equal(t, fmt.Sprint(code, stdout, stderr), "0")
		assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, <-returned).Code, tandem.CodeNormal)
	})
}

// The input ends before the last answer has come: the client waits for it.
func TestConnect_lateAnswers(t *testing.T) {
	release := make(chan struct{})
	base, returned := bespoke(t, func(ctx context.Context, c *tandem.Conn[api.ClientEvent, api.ServerEvent]) error {
		c.Send(ctx, api.Uppercased("HELLO"))
		for range 2 {
			if _, err := c.Recv(ctx); err != nil {
				return err
			}
		}
		<-release
		c.Send(ctx, api.Uppercased("A"))
		c.Send(ctx, api.Uppercased("B"))
		_, err := c.Recv(ctx)
		return err
	})
	cl := startClient(t, base, "a\nb\n")
	assert.Equal(t, cl.line(), "HELLO")
	close(release)
	code, stdout, stderr := cl.end()
	assert.Equal(t, fmt.Sprint(code, stdout, stderr), "0A\nB\n")
	assert.Equal(t, assert.ErrorAs[*tandem.CloseError](t, <-returned).Code, tandem.CodeNormal)
}

func TestConnect_errors(t *testing.T) {
	type conn = tandem.Conn[api.ClientEvent, api.ServerEvent]
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	assert.NoError(t, err)
	nobody.Close()
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	serve := func(h func(context.Context, *conn) error) string {
		base, _ := bespoke(t, h)
		return base
	}
	for _, row := range []struct{ name, base, want string }{
		{"nobody there", "http://" + nobody.Addr().String(), "connection refused"},
		{"no such endpoint", web.URL, "404"},
		{"not a URL", "127.0.0.1:8080", ""},
		{"undecodable", serve(func(ctx context.Context, c *conn) error {
			c.Raw().Send(ctx, tandem.Frame{Kind: tandem.FrameBinary, Data: []byte("\xa1\x69Uppercase\x05")})
			_, err := c.Recv(ctx)
			return err
		}), "decode"},
		{"handler failed", serve(func(context.Context, *conn) error { return io.ErrUnexpectedEOF }), "1011"},
		{"ended with answers due", serve(func(context.Context, *conn) error { return nil }), "ended the conversation"},
		{"application's code", serve(func(context.Context, *conn) error {
			return &tandem.CloseError{Code: 4001, Reason: "bye"}
		}), `4001: "bye"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			code, stdout, stderr := startClient(t, row.base, "").end()
			assert.Equal(t, code, 1)
			assert.Equal(t, stdout, "")
			oneLine(t, stderr, row.want)
		})
	}
}

func TestConnect_unreadableInput(t *testing.T) {
	_, base := startServer(t)
	binary, err := build()
	assert.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "-connect", base)
	directory, err := os.Open(".")
	assert.NoError(t, err)
	defer directory.Close()
	var errs strings.Builder
	cmd.Stdin, cmd.Stderr = directory, &errs
	assert.Equal(t, assert.ErrorAs[*exec.ExitError](t, cmd.Run()).ExitCode(), 1)
	oneLine(t, errs.String(), "standard input: ")
}

// The server is killed: the network says nothing but that the connection is gone.
func TestConnect_lost(t *testing.T) {
	srv, base := startServer(t)
	cl := startClient(t, base, "")
	assert.Equal(t, cl.line(), "HELLO ADA, 36")
	srv.signal(syscall.SIGKILL)
	code, _, stderr := cl.end()
	assert.Equal(t, code, 1)
	oneLine(t, stderr, "connection lost")
}

func TestFlags(t *testing.T) {
	for _, args := range [][]string{
		{"-nonsense"},
		{"-age", "old", "-connect", "http://x"},
		{"-codec", "xml", "-connect", "http://x"},
		{"-name", "Ada"},
		{"-addr", "127.0.0.1:0", "-connect", "http://x"},
		{"-connect", ""},
		{"extra"},
	} {
		code, stdout, stderr := start(t, args...).end()
		assert.Equal(t, code, 2, "%v: %s", args, stderr)
		assert.Equal(t, stdout, "")
		first, usage, _ := strings.Cut(stderr, "\n")
		assert.True(t, first != "" && strings.HasPrefix(usage, "Usage of uppercase:\n"), "%v: %s", args, stderr)
	}
	code, _, stderr := start(t, "-h").end()
	assert.Equal(t, code, 0)
	assert.True(t, strings.Contains(stderr, "-connect URL"), stderr)
}

// oneLine checks an error message.
func oneLine(t *testing.T, stderr, want string) {
	t.Helper()
	line, rest, _ := strings.Cut(stderr, "\n")
	assert.True(t, strings.HasPrefix(line, "uppercase: ") && strings.Contains(line, want) && rest == "", "one line about %q: %q", want, stderr)
}

// With -session on both sides a conversation outlives its sockets.
func TestSession(t *testing.T) {
	server := start(t, "-addr", "127.0.0.1:0", "-session")
	relay := newRelay(t, strings.TrimPrefix(strings.TrimSuffix(server.line(), "/"), "http://"))
	for _, codec := range []string{"cbor", "json"} {
		cl := startClient(t, "http://"+relay.Addr().String(), "", "-session", "-codec", codec)
		assert.Equal(t, cl.line(), "HELLO ADA, 36")
		relay.cut()
		fmt.Fprintln(cl.stdin, "still there?")
		assert.Equal(t, cl.line(), "STILL THERE?")
		cl.stdin.Close()
		code, stdout, stderr := cl.end()
		assert.Equal(t, fmt.Sprint(code, stdout, stderr), "0")
	}
}

// relay passes connections on to a server, and cuts them when it is told to.
type relay struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func newRelay(t *testing.T, to string) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	assert.NoError(t, err)
	r := &relay{Listener: l}
	t.Cleanup(func() {
		l.Close()
		r.cut()
	})
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				continue
			}
			r.mu.Lock()
			r.conns = append(r.conns, in, out)
			r.mu.Unlock()
			for from, to := range map[net.Conn]net.Conn{in: out, out: in} {
				go func() {
					io.Copy(to, from)
					to.Close()
				}()
			}
		}
	}()
	return r
}

func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.conns {
		c.Close()
	}
	r.conns = nil
}
