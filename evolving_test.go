package tandem_test

import (
	"context"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/codec/msgpack"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/internal/mempipe"
)

// The tests named TestEvolving back what docs/evolving.md says: what a program makes of messages and requests of one that
// was built before it, or after.

// crossing is a message that comes from a program of another version. It tells whether it can be decoded.
type crossing func(t *testing.T) bool

// reads says that sent arrives as want, in every codec.
func reads[To, From any](sent From, want To) crossing {
	return func(t *testing.T) bool {
		for _, codec := range allCodecs() {
			wire, err := codec.Append(nil, &sent)
			assert.NoError(t, err, codec.Name())
			var got To
			assert.NoError(t, codec.Decode(wire, &got), codec.Name())
			assert.Equal(t, got, want, codec.Name())
		}
		return true
	}
}

// refuses says that sent is no To, in each of these codecs; none are all.
func refuses[To, From any](sent From, codecs ...tandem.Codec) crossing {
	if len(codecs) == 0 {
		codecs = allCodecs()
	}
	return func(t *testing.T) bool {
		for _, codec := range codecs {
			wire, err := codec.Append(nil, &sent)
			assert.NoError(t, err, codec.Name())
			assert.True(t, codec.Decode(wire, new(To)) != nil, "%s decodes %q", codec.Name(), wire)
		}
		return false
	}
}

// unless is a crossing that succeeds, and one of the same kind that does not.
func (c crossing) unless(not crossing) crossing {
	return func(t *testing.T) bool { return c(t) && !not(t) }
}

// newHash tells whether the hash is another when messages of the first type become such of the second.
func newHash[Old, New any](t *testing.T) bool {
	return schemaOf(t, &tandem.Endpoint[struct{}, Old, string]{Path: "/x", Codec: json.Codec}) !=
		schemaOf(t, &tandem.Endpoint[struct{}, New, string]{Path: "/x", Codec: json.Codec})
}

// What is a note in most rows.
type (
	note struct {
		Text string `json:"text"`
	}
	langNote struct {
		Text string `json:"text"`
		Lang string `json:"lang"`
	}
	optNote struct {
		Text string  `json:"text"`
		Lang *string `json:"lang,omitempty"`
	}
	leftNote struct {
		Text string `json:"text,omitempty"`
	}
	nullNote struct {
		Text *string `json:"text"`
	}
	bodyNote struct {
		Body string `json:"body"`
	}
	writing string
	goNote  struct {
		Written writing `json:"text"`
	}
	swapNote struct {
		Lang string `json:"lang"`
		Text string `json:"text"`
	}
	num[T any] struct {
		N T `json:"n"`
	}
	pair struct {
		tandem.Tuple
		X, Y int
	}
	triple struct {
		tandem.Tuple
		X, Y, Z int
	}
)

// The union before and after, and with Unknown from the start.
type (
	oldEvent  interface{ oldEvent() }
	newEvent  interface{ newEvent() }
	openEvent interface{ openEvent() }
	fullEvent interface{ fullEvent() }

	evSaid  string
	evWaved struct {
		Hands int `json:"hands"`
	}
	evLeft   struct{}
	evLeftAt struct{ At int }
	evOther  struct{ tandem.Unknown }
)

func (evSaid) oldEvent()    {}
func (evLeft) oldEvent()    {}
func (evSaid) newEvent()    {}
func (evLeft) newEvent()    {}
func (evWaved) newEvent()   {}
func (evSaid) openEvent()   {}
func (evLeft) openEvent()   {}
func (evOther) openEvent()  {}
func (evSaid) fullEvent()   {}
func (evLeftAt) fullEvent() {}

var (
	_ = tandem.Union[oldEvent](map[string]oldEvent{"said": evSaid(""), "left": evLeft{}})
	_ = tandem.Union[newEvent](map[string]newEvent{"said": evSaid(""), "left": evLeft{}, "waved": evWaved{}})
	_ = tandem.UnionWith(map[string]openEvent{"said": evSaid(""), "left": evLeft{}}, &tandem.UnionOptions{Unknown: evOther{}})
	_ = tandem.Union[fullEvent](map[string]fullEvent{"said": evSaid(""), "left": evLeftAt{}})
)

// event makes a variable of the interface's type.
func event[T any](v T) T { return v }

// otherTag decodes a variant that is new, where the union has Unknown.
func otherTag(t *testing.T) bool {
	for _, codec := range allCodecs() {
		sent := event[newEvent](evWaved{Hands: 2})
		wire, err := codec.Append(nil, &sent)
		assert.NoError(t, err)
		var got openEvent
		assert.NoError(t, codec.Decode(wire, &got), codec.Name())
		other, ok := got.(evOther)
		assert.True(t, ok, reflect.TypeOf(got))
		assert.Equal(t, other.Tag, "waved")
	}
	return true
}

// evolutions are changes of a message type: the first column of the first table in docs/evolving.md.
var evolutions = []struct {
	change   string
	oldReads crossing // an old program, a message of a new one
	newReads crossing // the other way round
	newHash  func(*testing.T) bool
}{
	{
		"a field is added",
		reads(langNote{"hi", "en"}, note{"hi"}), reads(note{"hi"}, langNote{"hi", ""}), newHash[note, langNote],
	},
	{
		"an optional field is added",
		reads(optNote{"hi", new("en")}, note{"hi"}), reads(note{"hi"}, optNote{"hi", nil}), newHash[note, optNote],
	},
	{
		"a field is removed",
		reads(note{"hi"}, langNote{"hi", ""}), reads(langNote{"hi", "en"}, note{"hi"}), newHash[langNote, note],
	},
	{
		"a field gets another name on the wire",
		reads(bodyNote{"hi"}, note{""}), reads(note{"hi"}, bodyNote{""}), newHash[note, bodyNote],
	},
	{
		"a Go field or type gets another name",
		reads(goNote{"hi"}, note{"hi"}), reads(note{"hi"}, goNote{"hi"}), newHash[note, goNote],
	},
	{
		"fields change places",
		reads(swapNote{"en", "hi"}, langNote{"hi", "en"}), reads(langNote{"hi", "en"}, swapNote{"en", "hi"}), newHash[langNote, swapNote],
	},
	{
		"a field gets `omitempty`",
		reads(leftNote{""}, note{""}), reads(note{""}, leftNote{""}), newHash[note, leftNote],
	},
	{
		"a field becomes a pointer",
		reads(nullNote{new("hi")}, note{"hi"}).unless(refuses[note](nullNote{nil})), reads(note{"hi"}, nullNote{new("hi")}), newHash[note, nullNote],
	},
	{
		"an integer gets more bits",
		reads(num[int64]{7}, num[int8]{7}).unless(refuses[num[int8]](num[int64]{300})), reads(num[int8]{7}, num[int64]{7}), newHash[num[int8], num[int64]],
	},
	{
		"a signed integer becomes unsigned",
		reads(num[uint32]{7}, num[int32]{7}).unless(refuses[num[int32]](num[uint32]{1 << 31})),
		reads(num[int32]{7}, num[uint32]{7}).unless(refuses[num[uint32]](num[int32]{-7})), newHash[num[int32], num[uint32]],
	},
	{
		"an integer becomes a float",
		refuses[num[int]](num[float64]{1.5}), refuses[num[float64]](num[int]{1}, cbor.Codec), newHash[num[int], num[float64]],
	},
	{
		"a number becomes text",
		refuses[num[int]](num[string]{"7"}), refuses[num[string]](num[int]{7}), newHash[num[int], num[string]],
	},
	{
		"a value becomes a list",
		refuses[num[int]](num[[]int]{[]int{7}}), refuses[num[[]int]](num[int]{7}), newHash[num[int], num[[]int]],
	},
	{
		"an array or a tuple gets longer",
		refuses[pair](triple{X: 1}), refuses[triple](pair{X: 1}), newHash[pair, triple],
	},
	{
		"a union gets a variant",
		reads(event[newEvent](evSaid("hi")), event[oldEvent](evSaid("hi"))).unless(refuses[oldEvent](event[newEvent](evWaved{2}))),
		reads(event[oldEvent](evLeft{}), event[newEvent](evLeft{})), newHash[oldEvent, newEvent],
	},
	{
		"a union with `Unknown` gets a variant",
		otherTag, reads(event[openEvent](evLeft{}), event[newEvent](evLeft{})), newHash[openEvent, newEvent],
	},
	{
		"a union gets `Unknown`",
		reads(event[openEvent](evLeft{}), event[oldEvent](evLeft{})), reads(event[oldEvent](evLeft{}), event[openEvent](evLeft{})), newHash[oldEvent, openEvent],
	},
	{
		"a variant without content gets fields",
		reads(event[fullEvent](evLeftAt{5}), event[oldEvent](evLeft{})), refuses[fullEvent](event[oldEvent](evLeft{})), newHash[oldEvent, fullEvent],
	},
	{
		"a message becomes one of several",
		refuses[note](event[oldEvent](evLeft{})), refuses[oldEvent](note{"hi"}), newHash[note, oldEvent],
	},
}

func TestEvolving_messages(t *testing.T) {
	rows := tableOf(t, "## Messages")
	for _, e := range evolutions {
		t.Run(e.change, func(t *testing.T) {
			row := rows[e.change]
			assert.True(t, row != nil, "docs/evolving.md has the row")
			says(t, row[0], e.oldReads(t), "yes", "no")
			says(t, row[1], e.newReads(t), "yes", "no")
			says(t, row[2], e.newHash(t), "new", "same")
		})
	}
	assert.Equal(t, len(rows), len(evolutions), "rows that nothing tests")
}

// says holds the first word of a cell against what is so.
func says(t *testing.T, cell string, is bool, yes, no string) {
	t.Helper()
	want := no
	if is {
		want = yes
	}
	word, _, _ := strings.Cut(cell, " ")
	assert.Equal(t, strings.Trim(word, ",;"), want, cell)
}

// tableOf gives the rows of the first table below a heading of docs/evolving.md, by their first cell.
func tableOf(t *testing.T, heading string) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("docs/evolving.md")
	assert.NoError(t, err)
	_, rest, _ := strings.Cut(string(text), heading+"\n")
	_, table, found := strings.Cut(rest, "|---|")
	assert.True(t, found, heading)
	_, table, _ = strings.Cut(table, "\n")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := map[string][]string{}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows[cells[0]] = cells[1:]
	}
	return rows
}

// A field is renamed in two steps: the program between them has both names, and understands the ones before and behind it.
func TestEvolving_twoSteps(t *testing.T) {
	type both struct {
		Text string `json:"text"`
		Body string `json:"body"`
	}
	for name, c := range map[string]crossing{
		"old to both": reads(note{"hi"}, both{Text: "hi"}),
		"both to old": reads(both{"hi", "hi"}, note{"hi"}),
		"new to both": reads(bodyNote{"hi"}, both{Body: "hi"}),
		"both to new": reads(both{"hi", "hi"}, bodyNote{"hi"}),
	} {
		t.Run(name, func(t *testing.T) { c(t) })
	}
}

// A field of a union's type has no zero that could be written, so a new one is to be optional.
func TestEvolving_optionalUnion(t *testing.T) {
	type recent struct {
		Text string                  `json:"text"`
		Last *tandem.OneOf[oldEvent] `json:"last,omitempty"`
	}
	reads(note{"hi"}, recent{"hi", nil})(t)
	reads(recent{"hi", &tandem.OneOf[oldEvent]{Value: evLeft{}}}, note{"hi"})(t)
}

// oldPage is the declaration that a page was made of, for the table of requests.
type oldPage struct {
	Room string `path:"room"`
	Page int    `query:"page"`
}

// TestEvolving_requests connects as the old page does, to what has become of its server.
func TestEvolving_requests(t *testing.T) {
	old := &tandem.Endpoint[oldPage, note, note]{Path: "/rooms/{room}", Codec: json.Codec}
	target := "/rooms/lobby?page=2&tandem.schema=" + schemaOf(t, old)
	changes := map[string]func(*testing.T) string{
		"nothing": served(old, target),
		"an optional parameter is added": served(&tandem.Endpoint[struct {
			oldPage
			Lang *string `query:"lang"`
		}, note, note]{Path: "/rooms/{room}", Codec: json.Codec}, target),
		"a required parameter is added": served(&tandem.Endpoint[struct {
			oldPage
			Lang string `query:"lang"`
		}, note, note]{Path: "/rooms/{room}", Codec: json.Codec}, target),
		"a query parameter is removed": served(&tandem.Endpoint[struct {
			Room string `path:"room"`
		}, note, note]{Path: "/rooms/{room}", Codec: json.Codec}, target),
		"a required parameter gets another name": served(&tandem.Endpoint[struct {
			Room string `path:"room"`
			Page int    `query:"p"`
		}, note, note]{Path: "/rooms/{room}", Codec: json.Codec}, target),
		"a parameter gets another type": served(&tandem.Endpoint[struct {
			Room int `path:"room"`
			Page int `query:"page"`
		}, note, note]{Path: "/rooms/{room}", Codec: json.Codec}, target),
		"a wildcard gets another name": served(&tandem.Endpoint[struct {
			Name string `path:"name"`
			Page int    `query:"page"`
		}, note, note]{Path: "/rooms/{name}", Codec: json.Codec}, target),
		"the codec changes": served(&tandem.Endpoint[oldPage, note, note]{Path: "/rooms/{room}", Codec: cbor.Codec}, target),
		"the path changes":  served(&tandem.Endpoint[oldPage, note, note]{Path: "/v2/rooms/{room}", Codec: json.Codec}, target),
	}
	rows := tableOf(t, "## Requests")
	for change, outcome := range changes {
		t.Run(change, func(t *testing.T) {
			row := rows[change]
			assert.True(t, row != nil, "docs/evolving.md has the row")
			word, _, _ := strings.Cut(row[0], " ")
			assert.Equal(t, outcome(t), strings.Trim(word, ",;:"), row[0])
		})
	}
	assert.Equal(t, len(rows), len(changes), "rows that nothing tests")
}

// served tells what becomes of a page that connects to e and sends a note: "served", or the status or code that it gets.
func served[P any](e *tandem.Endpoint[P, note, note], target string) func(*testing.T) string {
	return func(t *testing.T) (outcome string) {
		synctest.Test(t, func(t *testing.T) {
			h := func(ctx context.Context, _ P, c *tandem.Conn[note, note]) error {
				msg, err := c.Recv(ctx)
				if err == nil {
					err = c.Send(ctx, msg)
				}
				return err
			}
			s := inMemory(t, e, h, nil)
			p := s.connect(t)
			resp := p.request(upgradeRequest(target, "Origin: http://tandem.test"))
			if resp.StatusCode != http.StatusSwitchingProtocols {
				outcome = resp.Status[:3]
				return
			}
			p.send(textFrame(`{"text":"hi"}`))
			f, err := p.receive()
			assert.NoError(t, err)
			switch {
			case f.op == opText && string(f.payload) == `{"text":"hi"}`:
				outcome = "served"
				p.expectClose(1000)
			case f.op == opClose && len(f.payload) > 2 && f.payload[0] == 4906>>8 && f.payload[1] == 4906&0xff:
				outcome = "4906"
				p.send(closeFrame(4906, ""))
				p.halfClose()
				p.expectEnd()
			default:
				t.Errorf("got frame %x %s", f.op, excerpt(f.payload))
			}
		})
		return outcome
	}
}

// Messages of one codec are nothing in another, but for some that are no more than a number.
func TestEvolving_codec(t *testing.T) {
	codecs := allCodecs()
	for _, from := range codecs {
		for _, to := range codecs {
			if from == to {
				continue
			}
			wire, err := from.Append(nil, &note{"hi"})
			assert.NoError(t, err)
			err = to.Decode(wire, new(note))
			assert.Equal(t, err == nil, false, "%s read as %s: %v", from.Name(), to.Name(), err)
		}
	}
	five := 5
	wire, err := json.Codec.Append(nil, &five)
	assert.NoError(t, err)
	assert.NoError(t, cbor.Codec.Decode(wire, &five))
	assert.Equal(t, five, -22, "5 in JSON is another number in CBOR")
	assert.NoError(t, msgpack.Codec.Decode(wire, &five))
	assert.Equal(t, five, 53, "and in MessagePack")
}

// The old declaration goes on under its path, beside the new one.
func TestEvolving_secondPath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := tandem.NewHub(nil)
		mux := http.NewServeMux()
		one := &tandem.Endpoint[struct{}, note, note]{Path: "/notes", Codec: json.Codec}
		two := &tandem.Endpoint[struct{}, bodyNote, bodyNote]{Path: "/notes/v2", Codec: cbor.Codec}
		o := &tandem.ServeOptions{Hub: hub, RefuseStale: true}
		mux.Handle(one.Handler(func(ctx context.Context, _ struct{}, c *tandem.Conn[note, note]) error {
			return c.Send(ctx, note{"one"})
		}, o))
		mux.Handle(two.Handler(func(ctx context.Context, _ struct{}, c *tandem.Conn[bodyNote, bodyNote]) error {
			return c.Send(ctx, bodyNote{"two"})
		}, o))
		l := mempipe.Listen()
		srv := tandem.NewServer("", mux)
		go srv.Serve(l)
		defer srv.Close()
		for path, want := range map[string]rawFrame{
			"/notes?tandem.schema=" + schemaOf(t, one):    textFrame(`{"text":"one"}`),
			"/notes/v2?tandem.schema=" + schemaOf(t, two): binaryFrame([]byte("\xa1dbodyctwo")),
		} {
			conn, err := l.Dial(t.Context())
			assert.NoError(t, err)
			p := newPeer(t, conn, false).upgrade(path)
			p.expect(want.op, string(want.payload))
			p.expectClose(1000)
		}
		assert.NoError(t, hub.Shutdown(t.Context()))
	})
}

// What a session has stored is read by the rules of messages.
func TestEvolving_state(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done := make(chan struct{})
		w := serveLasting(t, lasting(tandem.SessionPolicy{}, tandem.Limits{}), func(ctx context.Context, _ struct{}, c *textConn) error {
			defer close(done)
			assert.NoError(t, tandem.StateOf[note](c.Session()).Save(ctx, note{"hi"}))
			added, ok, err := tandem.StateOf[langNote](c.Session()).Load()
			assert.NoError(t, err)
			assert.Equal(t, added, langNote{"hi", ""})
			assert.True(t, ok)
			_, _, err = tandem.StateOf[num[int]](c.Session()).Load()
			assert.NoError(t, err, "a field that is gone")
			_, ok, err = tandem.StateOf[struct {
				Text int `json:"text"`
			}](c.Session()).Load()
			assert.True(t, err != nil && !ok, "another type")
			return nil
		}, nil)
		p := w.greet(`{"v":1}`)
		<-done
		p.expectClose(1000)
	})
}
