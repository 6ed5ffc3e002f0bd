//go:build !js

package session_test

import (
	"bytes"
	stdjson "encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/codec/msgpack"
	"github.com/tandem-ws/tandem/internal/assert"
)

// update writes the vectors anew: their layout, and the bytes of CBOR and MessagePack. What is said stays as it is.
var update = flag.Bool("update", false, "write the bytes of the dialogues")

const vectors = "../../spec/vectors/session"

// dialogues is a file of spec/vectors/session; README.md there explains the fields.
type dialogues struct {
	About string      `json:"about"`
	Cases []*dialogue `json:"cases"`
}

type dialogue struct {
	Name   string     `json:"name"`
	About  string     `json:"about,omitempty"`
	Window *windowRow `json:"window,omitempty"`
	Steps  []*step    `json:"steps"`
}

type windowRow struct {
	N     uint64 `json:"n"`
	Bytes uint64 `json:"bytes"`
	MS    uint64 `json:"ms"`
}

type step struct {
	// What is done.
	Connect  string     `json:"connect,omitempty"`
	Stranger string     `json:"stranger,omitempty"`
	As       string     `json:"as,omitempty"`
	Send     string     `json:"send,omitempty"`
	Volatile string     `json:"volatile,omitempty"`
	Cut      string     `json:"cut,omitempty"`
	Noticed  string     `json:"noticed,omitempty"`
	Wait     int64      `json:"wait,omitempty"`
	End      string     `json:"end,omitempty"`
	Goaway   *goawayRow `json:"goaway,omitempty"`
	Auth     string     `json:"auth,omitempty"`
	Answer   *bool      `json:"answer,omitempty"`
	GiveUp   string     `json:"give_up,omitempty"`
	Forget   string     `json:"forget,omitempty"`
	Epoch    string     `json:"epoch,omitempty"`

	// What comes of it.
	Client stdjson.RawMessage `json:"client,omitempty"`
	Server stdjson.RawMessage `json:"server,omitempty"`
	Take   string             `json:"take,omitempty"`
	Event  string             `json:"event,omitempty"`
	Is     string             `json:"is,omitempty"`
	SID    string             `json:"sid,omitempty"`
	Why    string             `json:"why,omitempty"`
	Unsent []unsentRow        `json:"unsent,omitempty"`
	Close  string             `json:"close,omitempty"`

	// More about it.
	On      string             `json:"on,omitempty"`
	Seq     uint64             `json:"seq,omitempty"`
	Payload stdjson.RawMessage `json:"payload,omitempty"`
	Code    int                `json:"code,omitempty"`
	Lost    bool               `json:"lost,omitempty"`
	Forged  bool               `json:"forged,omitempty"`
	Full    bool               `json:"full,omitempty"`
	Dropped bool               `json:"dropped,omitempty"`
	Note    string             `json:"note,omitempty"`
	CBOR    string             `json:"cbor,omitempty"`
	MsgPack string             `json:"msgpack,omitempty"`
}

type goawayRow struct {
	Why       string `json:"why"`
	Min       uint64 `json:"min"`
	Max       uint64 `json:"max"`
	Resumable bool   `json:"resumable"`
}

type unsentRow struct {
	Seq     uint64             `json:"seq"`
	Payload stdjson.RawMessage `json:"payload"`
	Maybe   bool               `json:"maybe,omitempty"`
}

func TestDialogues(t *testing.T) {
	files, err := filepath.Glob(vectors + "/*.json")
	assert.NoError(t, err)
	count := 0
	for _, name := range files {
		src, err := os.ReadFile(name)
		assert.NoError(t, err)
		dec := stdjson.NewDecoder(bytes.NewReader(src))
		dec.DisallowUnknownFields()
		var file dialogues
		assert.NoError(t, dec.Decode(&file), name)
		for _, d := range file.Cases {
			count++
			for _, codec := range []tandem.Codec{json.Codec, cbor.Codec, msgpack.Codec} {
				t.Run(strings.TrimSuffix(filepath.Base(name), ".json")+"/"+d.Name+"/"+codec.Name(), func(t *testing.T) {
					newStage(codec, d.Window).play(t, d)
				})
			}
		}
		if *update && !t.Failed() {
			assert.NoError(t, os.WriteFile(name, file.layout(), 0o644))
		}
	}
	assert.Equal(t, count, 69, "dialogues in all files")
}

// layout gives one line to each step.
func (f *dialogues) layout() []byte {
	var b strings.Builder
	b.WriteString("{\n  \"about\": " + line(f.About) + ",\n  \"cases\": [\n")
	for i, d := range f.Cases {
		b.WriteString("    {\n      \"name\": " + line(d.Name) + ",\n")
		if d.About != "" {
			b.WriteString("      \"about\": " + line(d.About) + ",\n")
		}
		if d.Window != nil {
			b.WriteString("      \"window\": " + line(d.Window) + ",\n")
		}
		b.WriteString("      \"steps\": [\n")
		for j, s := range d.Steps {
			b.WriteString("        " + line(s) + comma(j, len(d.Steps)))
		}
		b.WriteString("      ]\n    }" + comma(i, len(f.Cases)))
	}
	b.WriteString("  ]\n}\n")
	return []byte(b.String())
}

// line is a value in one line of JSON.
func line(v any) string {
	var b bytes.Buffer
	enc := stdjson.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSpace(b.String())
}

func comma(i, n int) string {
	if i < n-1 {
		return ",\n"
	}
	return "\n"
}
