package envelope

import (
	"errors"
	"math"

	"github.com/tandem-ws/tandem/internal/serde"
	"github.com/tandem-ws/tandem/internal/session"
)

// The payloads of the control frames. serde ignores unknown keys and refuses wrong types and keys that come twice.
type (
	ackBody struct {
		RX uint64 `json:"rx"`
	}
	pingBody struct {
		N uint64 `json:"n"`
	}

	helloBody struct {
		V      uint64 `json:"v"`
		SID    string `json:"sid,omitempty"`
		Key    string `json:"key,omitempty"`
		Try    uint64 `json:"try,omitempty"`
		RX     uint64 `json:"rx,omitempty"`
		Epoch  string `json:"epoch,omitempty"`
		Schema string `json:"schema,omitempty"`
		Auth   string `json:"auth,omitempty"`
	}

	welcomeBody struct {
		V       uint64     `json:"v"`
		SID     string     `json:"sid"`
		Key     string     `json:"key"`
		Resumed bool       `json:"resumed"`
		Why     string     `json:"why,omitempty"`
		RX      uint64     `json:"rx"` // absent means unknown: read as absent, written by welcomeRX
		Epoch   string     `json:"epoch"`
		Window  windowBody `json:"window"`
		Beat    uint64     `json:"beat"`
	}
	// welcomeNoRX is welcomeBody without rx.
	welcomeNoRX struct {
		V       uint64     `json:"v"`
		SID     string     `json:"sid"`
		Key     string     `json:"key"`
		Resumed bool       `json:"resumed"`
		Why     string     `json:"why,omitempty"`
		Epoch   string     `json:"epoch"`
		Window  windowBody `json:"window"`
		Beat    uint64     `json:"beat"`
	}
	windowBody struct {
		N     uint64 `json:"n"`
		Bytes uint64 `json:"bytes"`
		MS    uint64 `json:"ms"`
	}

	goawayBody struct {
		Why       string `json:"why"`
		Min       uint64 `json:"min"`
		Max       uint64 `json:"max"`
		Resumable bool   `json:"resumable"`
	}

	askBody struct {
		N    uint64 `json:"n"`
		Auth string `json:"auth"`
	}
	answerBody struct {
		N   uint64 `json:"n"`
		OK  bool   `json:"ok"`
		Why string `json:"why,omitempty"`
	}
	authBody struct {
		N    uint64 `json:"n"`
		Auth string `json:"auth"`
		OK   bool   `json:"ok"`
		Why  string `json:"why"`
	}
)

// absent stands for a number that was left out. It is above every number that is allowed.
const absent = math.MaxUint64

var errBody = errors.New("envelope: a control frame without its body")

func (e *Codec) appendBody(dst []byte, f *session.Frame) ([]byte, error) {
	switch f.Kind {
	case session.Ack:
		return e.one(dst, "rx", f.N), nil
	case session.Ping, session.Pong:
		return e.one(dst, "n", f.N), nil
	}
	switch b := f.Body.(type) {
	case *session.Hello:
		return e.coder.Append(dst, &helloBody{b.V, b.SID, b.Key, b.Try, b.RX, b.Epoch, b.Schema, b.Auth})
	case *session.Welcome:
		if b.HasRX {
			return e.coder.Append(dst, &welcomeBody{b.V, b.SID, b.Key, b.Resumed, b.Why, b.RX, b.Epoch, windowBody(b.Window), b.Beat})
		}
		return e.coder.Append(dst, &welcomeNoRX{b.V, b.SID, b.Key, b.Resumed, b.Why, b.Epoch, windowBody(b.Window), b.Beat})
	case *session.Goaway:
		return e.coder.Append(dst, &goawayBody{b.Why, b.Min, b.Max, b.Resumable})
	case *session.Auth:
		if b.Answer {
			return e.coder.Append(dst, &answerBody{b.N, b.OK, b.Why})
		}
		return e.coder.Append(dst, &askBody{b.N, b.Auth})
	}
	return dst, errBody
}

// one appends a map of one number. Acks are many, and this allocates nothing.
func (e *Codec) one(dst []byte, name string, n uint64) []byte {
	dst = e.format.OpenMap(dst, 1)
	dst, _ = e.format.AppendText(dst, name) // ASCII
	if e.shape == textJSON {
		dst = append(dst, ':')
	}
	dst = e.format.AppendUint(dst, n)
	if e.shape == textJSON {
		dst = append(dst, '}')
	}
	return dst
}

// parseBody reads the payload of a control frame, which stands at an offset in the frame.
func (e *Codec) parseBody(raw []byte, at int, f *session.Frame) error {
	var fault string
	var err error
	switch f.Kind {
	case session.Ack:
		b := ackBody{RX: absent}
		err = e.coder.Decode(raw, &b)
		f.N, fault = b.RX, numbers(b.RX)
	case session.Ping, session.Pong:
		var b pingBody
		err = e.coder.Decode(raw, &b)
		f.N, fault = b.N, numbers(b.N)
	case session.HelloK:
		var b helloBody
		err = e.coder.Decode(raw, &b)
		f.Body, fault = &session.Hello{V: b.V, SID: b.SID, Key: b.Key, Try: b.Try, RX: b.RX, Epoch: b.Epoch, Schema: b.Schema, Auth: b.Auth}, b.fault()
	case session.WelcomeK:
		b := welcomeBody{RX: absent, Window: windowBody(session.DefaultWindow())}
		err = e.coder.Decode(raw, &b)
		w := &session.Welcome{V: b.V, SID: b.SID, Key: b.Key, Resumed: b.Resumed, Why: b.Why, Epoch: b.Epoch, Window: session.Window(b.Window), Beat: b.Beat}
		if b.RX != absent {
			w.RX, w.HasRX = b.RX, true
		}
		f.Body, fault = w, b.fault()
	case session.GoawayK:
		var b goawayBody
		err = e.coder.Decode(raw, &b)
		f.Body = &session.Goaway{Why: b.Why, Min: b.Min, Max: b.Max, Resumable: b.Resumable}
		fault = first(text("why", b.Why, 0, session.MaxWhy), numbers(b.Min, b.Max))
		if fault == "" && b.Min > b.Max {
			fault = "min above max"
		}
	case session.AuthK:
		var b authBody
		err = e.coder.Decode(raw, &b)
		f.Body = &session.Auth{N: b.N, Answer: b.Auth == "", Auth: b.Auth, OK: b.OK, Why: b.Why}
		fault = first(numbers(b.N), text("auth", b.Auth, 0, session.MaxAuth), text("why", b.Why, 0, session.MaxWhy))
	}
	if err == nil && fault == "" {
		return nil
	}
	bad := serde.NewError(at, f.Kind.String()+": "+fault)
	if se := (*serde.Error)(nil); errors.As(err, &se) {
		bad = serde.NewError(at+max(se.Offset(), 0), se.Msg)
		bad.Path = f.Kind.String() + se.Path
	}
	return bad
}

func (b *helloBody) fault() string {
	fault := first(numbers(b.Try, b.RX), revision(b.V), text("schema", b.Schema, 0, session.MaxSchema), text("auth", b.Auth, 0, session.MaxAuth))
	if b.SID == "" || fault != "" {
		return fault
	}
	return first(text("sid", b.SID, 1, session.MaxSID), key(b.Key), text("epoch", b.Epoch, 1, session.MaxEpoch))
}

func (b *welcomeBody) fault() string {
	if b.RX == absent {
		b.RX = 0
	}
	w := &b.Window
	if w.N == 0 || w.Bytes == 0 || w.MS == 0 {
		return "a window of nothing"
	}
	return first(numbers(b.RX, b.Beat, w.N, w.Bytes, w.MS), revision(b.V), text("sid", b.SID, 1, session.MaxSID), key(b.Key),
		text("epoch", b.Epoch, 1, session.MaxEpoch), text("why", b.Why, 0, session.MaxWhy))
}

// first gives the first fault there is.
func first(faults ...string) string {
	for _, f := range faults {
		if f != "" {
			return f
		}
	}
	return ""
}

func numbers(list ...uint64) string {
	for _, n := range list {
		if n > session.MaxSeq {
			return "a number that is missing or above 2^53-1"
		}
	}
	return ""
}

func revision(v uint64) string {
	if v < 1 || v > session.MaxSeq {
		return "no revision"
	}
	return ""
}

func text(name, s string, least, most int) string {
	if len(s) < least || len(s) > most {
		return name + " is missing, too short or too long"
	}
	return ""
}

func key(s string) string {
	if fault := text("key", s, session.MinKey, session.MaxKey); fault != "" {
		return fault
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return "key is not base64url"
		}
	}
	return ""
}
