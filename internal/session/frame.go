package session

// MaxSeq is the highest number of a frame: what a JavaScript number holds exactly.
const MaxSeq = 1<<53 - 1

// Revision is the revision of tandem.v1 that this package speaks.
const Revision = 1

// Limits of spec/session.md, sections 2 and 4.
const (
	MaxControl = 16 << 10 // bytes of a control frame
	MaxMeta    = 1 << 10  // bytes of a meta map
	Overhead   = 2 << 10  // bytes a frame may be longer than its payload

	MaxSID    = 64
	MinKey    = 22
	MaxKey    = 128
	MaxEpoch  = 64
	MaxSchema = 128
	MaxAuth   = 8 << 10
	MaxWhy    = 64
)

// Kind is what a frame is.
type Kind uint8

// The kinds of spec/session.md. Unknown stands for all others.
const (
	Msg      Kind = 0
	Volatile Kind = 1
	Ack      Kind = 2
	Call     Kind = 3
	Reply    Kind = 4
	Fail     Kind = 5
	Cancel   Kind = 6
	HelloK   Kind = 7
	WelcomeK Kind = 8
	Ping     Kind = 9
	Pong     Kind = 10
	GoawayK  Kind = 11
	AuthK    Kind = 12
	Unknown  Kind = 255
)

var kindNames = [...]string{
	"msg", "volatile", "ack", "call", "reply", "fail", "cancel", "hello", "welcome", "ping", "pong", "goaway", "auth",
}

// String gives the kind's name in the specification.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Sequenced tells whether frames of this known kind have a number.
func (k Kind) Sequenced() bool { return k == Msg || k >= Call && k <= Cancel }

// Control tells whether the payload is a map of the protocol's own.
func (k Kind) Control() bool { return k == Ack || k >= HelloK && k <= AuthK }

// Frame is one frame, its payload still encoded.
type Frame struct {
	Kind    Kind
	Seq     uint64 // 0 when the kind has none
	Payload []byte // of the application's kinds, one value in the connection's codec
	Meta    []byte // an encoded map; nil if there is none
	N       uint64 // rx of an ack; n of ping and pong
	Body    any    // *Hello, *Welcome, *Goaway or *Auth, as the kind says
}

// Hello is the client's first frame. What is empty is left out.
type Hello struct {
	V      uint64
	SID    string // "" asks for a new session
	Key    string
	Try    uint64
	RX     uint64
	Epoch  string
	Schema string
	Auth   string
}

// Welcome is the server's answer.
type Welcome struct {
	V       uint64
	SID     string
	Key     string
	Resumed bool
	Why     string
	RX      uint64
	HasRX   bool // RX is told
	Epoch   string
	Window  Window
	Beat    uint64 // milliseconds, 0 is off
}

// Window bounds what is not acknowledged, and how long a session waits without a socket.
type Window struct {
	N     uint64 // messages
	Bytes uint64 // of payload
	MS    uint64
}

// DefaultWindow holds when nobody says otherwise.
func DefaultWindow() Window { return Window{N: 256, Bytes: 1 << 20, MS: 120_000} }

// orDefault fills in what is 0.
func (w Window) orDefault() Window {
	d := DefaultWindow()
	if w.N == 0 {
		w.N = d.N
	}
	if w.Bytes == 0 {
		w.Bytes = d.Bytes
	}
	if w.MS == 0 {
		w.MS = d.MS
	}
	return w
}

// Goaway asks the client to come back on another socket after Min to Max milliseconds.
type Goaway struct {
	Why       string
	Min, Max  uint64
	Resumable bool
}

// Auth is a new credential, from the client, or the verdict on it, from the server.
type Auth struct {
	N      uint64
	Answer bool // it is the verdict
	Auth   string
	OK     bool
	Why    string
}
