// Package rival is what the measured servers have in common: the task each is given, and the few lines of handshake for
// those that do it by hand.
package rival

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"net"
	"net/http"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/bench/frame"
	"github.com/tandem-ws/tandem/bench/msg"
)

// MaxMessage is the longest message every server must take.
const MaxMessage = 2 << 20

// App is the task of an echo server: to send back each payload as it is, or decoded and encoded again.
type App struct {
	Codec   string // "" for raw, else one of msg.Codecs
	Message string // one of msg.Messages
}

// Raw reports whether payloads are sent back as they are.
func (a App) Raw() bool { return a.Codec == "" }

// Op is the kind of frame that answers go out in.
func (a App) Op() byte {
	if !a.Raw() && msg.Codecs[a.Codec].FrameKind() == tandem.FrameText {
		return frame.Text
	}
	return frame.Binary
}

// Answers gives each connection its function from a message to the reply; nil for raw.
func (a App) Answers() func() msg.Answer {
	if a.Raw() {
		return func() msg.Answer { return nil }
	}
	return msg.Echo(msg.Codecs[a.Codec], a.Message)
}

// Path is where the app is served.
func (a App) Path() string {
	if a.Raw() {
		return "/echo/raw"
	}
	return "/echo/" + a.Codec + "/" + a.Message
}

// Apps are all tasks.
func Apps() []App {
	apps := []App{{}}
	for _, codec := range msg.CodecNames() {
		for _, message := range msg.Messages {
			apps = append(apps, App{codec, message})
		}
	}
	return apps
}

// FanoutPath is where a Fanout is served.
const FanoutPath = "/fanout"

// Rival is a server to be measured.
type Rival struct {
	Name   string
	About  string
	Echo   func(App) http.Handler // nil if it is no server for that
	Fanout func() Fanout          // nil if it is no server for that
}

// Fanout is a server that sends the same messages to all its connections.
type Fanout interface {
	http.Handler
	// Publish sends a message to all, so many times, before it waits for anything.
	Publish(payload []byte, times int)
}

// Hijack does the handshake by hand and takes the connection over.
func Hijack(w http.ResponseWriter, r *http.Request) (net.Conn, *bufio.Reader, error) {
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	conn, brw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, nil, err
	}
	_, err = conn.Write([]byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
		base64.StdEncoding.EncodeToString(sum[:]) + "\r\n\r\n"))
	if err != nil {
		conn.Close()
		return nil, nil, err
	}
	return conn, brw.Reader, nil
}
