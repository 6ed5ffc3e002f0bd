package tandem_test

import (
	"context"
	stdjson "encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/mempipe"
)

// recording is a file of spec/vectors/session/recorded: conversations of an earlier revision, which its peers still have.
type recording struct {
	About         string         `json:"about"`
	Conversations []conversation `json:"conversations"`
}

type conversation struct {
	Name  string         `json:"name"`
	Steps []recordedStep `json:"steps"`
}

type recordedStep struct {
	Open     int                `json:"open,omitempty"`   // a socket is opened
	Cut      int                `json:"cut,omitempty"`    // the network is lost
	Forget   bool               `json:"forget,omitempty"` // the server is another one, without memory
	Client   stdjson.RawMessage `json:"client,omitempty"` // the client's frame, or "close"
	Server   stdjson.RawMessage `json:"server,omitempty"` // the server's frame
	Code     int                `json:"code,omitempty"`   // of the Close frame
	Optional bool               `json:"optional,omitempty"`
	Does     string             `json:"does,omitempty"` // what the client's application does
	Text     string             `json:"text,omitempty"`
}

// recordings calls run for each conversation.
func recordings(t *testing.T, run func(t *testing.T, c conversation)) {
	files, err := filepath.Glob("spec/vectors/session/recorded/*.json")
	assert.NoError(t, err)
	assert.True(t, len(files) > 0, "no recordings")
	for _, file := range files {
		src, err := os.ReadFile(file)
		assert.NoError(t, err)
		var r recording
		assert.NoError(t, stdjson.Unmarshal(src, &r), file)
		for _, c := range r.Conversations {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".json")+"/"+c.Name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { run(t, c) })
			})
		}
	}
}

// names stands for what is random in a conversation: the words that begin with a dollar.
type names map[string]string

var (
	random      = regexp.MustCompile(`"(sid|key|epoch)":"([^"]*)"`)
	placeholder = regexp.MustCompile(`\$[a-z0-9]+`)
)

// learn takes the names out of a frame that was recorded as want.
func (n names) learn(want, got string) {
	w, g := random.FindAllStringSubmatch(want, -1), random.FindAllStringSubmatch(got, -1)
	for i := range min(len(w), len(g)) {
		if strings.HasPrefix(w[i][2], "$") && n[w[i][2]] == "" {
			n[w[i][2]] = g[i][2]
		}
	}
}

func (n names) fill(frame string) string {
	return placeholder.ReplaceAllStringFunc(frame, func(name string) string { return n[name] })
}

// A client of an earlier revision gets from this server what it got then.
func TestRecorded_oldClientNewServer(t *testing.T) {
	recordings(t, func(t *testing.T, c conversation) {
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		w := serveLasting(t, e, echo, nil)
		n := names{}
		var p *rawPeer
		for _, s := range c.Steps {
			switch {
			case s.Open > 0:
				p = w.raw().upgrade("/text", "Sec-WebSocket-Protocol: tandem.v1.json")
			case s.Cut > 0:
				p.Close()
				synctest.Wait()
			case s.Forget:
				p.Close()
				w = serveLasting(t, lasting(tandem.SessionPolicy{}, tandem.Limits{}), echo, nil)
			case s.Optional:
			case string(s.Client) == `"close"`:
				p.send(closeFrame(s.Code, ""))
				f, err := p.skipPings()
				assert.NoError(t, err)
				assert.Equal(t, f.op, opClose)
			case s.Client != nil:
				p.send(textFrame(n.fill(string(s.Client))))
			case s.Server != nil:
				f, err := p.skipPings()
				assert.NoError(t, err)
				n.learn(string(s.Server), string(f.payload))
				assert.Equal(t, string(f.payload), n.fill(string(s.Server)))
			}
		}
	})
}

// A server of an earlier revision gets from this client what it got then.
func TestRecorded_newClientOldServer(t *testing.T) {
	recordings(t, func(t *testing.T, c conversation) {
		l := mempipe.Listen()
		defer l.Close()
		e := lasting(tandem.SessionPolicy{}, tandem.Limits{})
		conn := make(chan *textConn, 1)
		var client *textConn
		n := names{
			"$sid": "AAAAAAAAAAAAAAAA", "$sid2": "BBBBBBBBBBBBBBBB", "$epoch": "one", "$epoch2": "two",
			"$key1": strings.Repeat("k", 32), "$key2": strings.Repeat("l", 32),
		}
		var p *rawPeer
		var closed chan error
		for i, s := range c.Steps {
			if s.Does != "" && client == nil {
				client = <-conn
				defer client.CloseNow()
			}
			switch {
			case s.Open > 0:
				if p == nil {
					go func() {
						c, err := e.Dial(context.Background(), "http://tandem.test", struct{}{}, &tandem.DialOptions{Transport: overMemory(l), Reconnect: atOnce})
						if err != nil {
							t.Error(err)
						}
						conn <- c
					}()
				}
				accepted, err := l.Accept()
				assert.NoError(t, err)
				p = newPeer(t, accepted, true)
				req, err := http.ReadRequest(p.r)
				assert.NoError(t, err)
				assert.Equal(t, req.Header.Get("Sec-WebSocket-Protocol"), "tandem.v1.json")
				p.write([]byte(switching(req, "Sec-WebSocket-Protocol: tandem.v1.json")))
			case s.Cut > 0, s.Forget:
				p.Close()
				synctest.Wait()
			case s.Server != nil:
				p.send(textFrame(n.fill(string(s.Server))))
			case s.Client != nil:
				f, err := p.skipPings()
				assert.NoError(t, err)
				if string(s.Client) == `"close"` {
					assert.Equal(t, f.op, opClose)
					p.send(closeFrame(s.Code, ""))
					assert.NoError(t, <-closed)
					continue
				}
				if s.Optional && string(f.payload) != string(s.Client) {
					s = c.Steps[i+1]
					c.Steps[i+1] = recordedStep{}
				}
				assert.Equal(t, string(f.payload), n.fill(string(s.Client)))
			case s.Does == "send":
				assert.NoError(t, client.Send(t.Context(), s.Text))
			case s.Does == "receive":
				msg, err := client.Recv(t.Context())
				assert.NoError(t, err)
				assert.Equal(t, msg, s.Text)
			case s.Does == "gap":
				_, err := client.Recv(t.Context())
				assert.Equal(t, assert.ErrorAs[*tandem.Gap[string]](t, err).Reason, s.Text)
			case s.Does == "close":
				closed = make(chan error, 1)
				go func() { closed <- client.Close(tandem.CodeNormal, "") }()
			}
		}
		if client == nil {
			client = <-conn
			defer client.CloseNow()
		}
	})
}
