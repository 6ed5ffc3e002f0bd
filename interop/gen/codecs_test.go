package gen_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	jsoncodec "github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/codec/msgpack"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/interop/gen/api"
)

// TestCodecs has the TypeScript client read random messages of everything in all codecs, and write them again as they were.
func TestCodecs(t *testing.T) {
	needNode(t)
	dir := project(t)
	gen := exec.CommandContext(t.Context(), "go", "run", "../../cmd/tandem", "gen", "ts", "-o", filepath.Join(dir, "api.gen.ts"), "./api")
	text, err := gen.CombinedOutput()
	assert.NoError(t, err, string(text))
	assert.NoError(t, os.Remove(filepath.Join(dir, "usage.ts"))) // is for the golden files
	compile(t, dir)

	type message struct {
		Codec   string `json:"codec"`
		Payload []byte `json:"payload"`
		Sends   bool   `json:"sends"`
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	var messages []message
	for range 500 {
		var v api.Everything
		fill(r, reflect.ValueOf(&v).Elem(), 6)
		safe(reflect.ValueOf(&v).Elem())
		v.Big.Rsh(&v.Big, 40) // MessagePack has 128 bits
		_, unknown := v.Open.(api.Other)
		for _, c := range []tandem.Codec{jsoncodec.Codec, cbor.Codec, msgpack.Codec} {
			if unknown && c != jsoncodec.Codec {
				continue // what it holds is JSON
			}
			payload, err := c.Append(nil, &v)
			assert.NoError(t, err)
			messages = append(messages, message{c.Name(), payload, !unknown})
		}
	}
	lines, err := json.Marshal(messages)
	assert.NoError(t, err)
	file := filepath.Join(dir, "messages.json")
	assert.NoError(t, os.WriteFile(file, lines, 0o600))
	node(t, dir, "codecs.mjs", file)
}

// safe makes the integers that are numbers in TypeScript ones that numbers hold.
func safe(v reflect.Value) {
	const most = 1<<53 - 1
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() % most)
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() && v.Elem().CanSet() {
			safe(v.Elem())
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			safe(v.Index(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			e := reflect.New(v.Type().Elem()).Elem()
			e.Set(v.MapIndex(k))
			safe(e)
			v.SetMapIndex(k, e)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[api.Ints]() {
			return // has bigints for them
		}
		for _, f := range v.Fields() {
			if f.CanSet() {
				safe(f)
			}
		}
	}
}
