package rooms_test

import (
	"testing"
	"time"

	"github.com/tandem-ws/tandem/examples/chat/api"
	"github.com/tandem-ws/tandem/internal/assert"
)

// What telling costs, once for each member, besides what sending takes.
func BenchmarkSaid(b *testing.B) {
	var msg api.ServerEvent = api.Said{ID: 1, At: time.Now().UTC(), By: 1, Name: "Ada", Text: "What a line of text is like, in a room where people talk."}
	var buf []byte
	var err error
	for b.Loop() {
		buf, err = api.Chat.Codec.Append(buf[:0], &msg)
	}
	assert.NoError(b, err)
	b.ReportMetric(float64(len(buf)), "bytes")
	b.ReportAllocs()
}
