package codec_test

import (
	"testing"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/codec/cbor"
	"github.com/tandem-ws/tandem/codec/json"
	"github.com/tandem-ws/tandem/codec/msgpack"
)

// tenFields is the message other codecs were measured with: ten fields, 305 bytes of JSON.
type tenFields struct {
	ID      int64    `json:"id"`
	Name    string   `json:"name"`
	Email   string   `json:"email"`
	Age     int      `json:"age"`
	Active  bool     `json:"active"`
	Score   float64  `json:"score"`
	Tags    []string `json:"tags"`
	Address struct {
		Street string `json:"street"`
		City   string `json:"city"`
		Zip    string `json:"zip"`
	} `json:"address"`
	Bio     string `json:"bio"`
	Created string `json:"created"`
}

func newTenFields() *tenFields {
	v := &tenFields{ID: 1234567, Name: "Ada Lovelace", Email: "ada@example.com", Age: 36, Active: true, Score: 98.6, Tags: []string{"math", "poet", "engine"},
		Bio: "Wrote the first program, for a machine that did not exist.", Created: "1815-12-10T00:00:00Z"}
	v.Address.Street, v.Address.City, v.Address.Zip = "12 St James Square", "London", "SW1Y 4JH"
	return v
}

func benchmarkBoth[T any](b *testing.B, name string, v *T) {
	b.Helper()
	for _, c := range []tandem.Codec{json.Codec, cbor.Codec, msgpack.Codec} {
		src, err := c.Append(nil, v)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name+"/encode/"+c.Name(), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(src)))
			buf := src
			for b.Loop() {
				buf, _ = c.Append(buf[:0], v)
			}
		})
		b.Run(name+"/decode/"+c.Name(), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				var got T
				if err := c.Decode(src, &got); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCodec(b *testing.B) {
	text, event := "hello, world", fuzzEvent(fuzzText("hello, world"))
	benchmarkBoth(b, "string", &text)
	benchmarkBoth(b, "union", &event)
	benchmarkBoth(b, "ten", newTenFields())
	benchmarkBoth(b, "map", &map[string]int{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6, "g": 7, "h": 8})
	benchmarkBoth(b, "any", &map[string]any{"id": 1, "name": "Ada", "tags": []any{"a", "b"}, "score": 1.5})
}
