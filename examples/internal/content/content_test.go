package content_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"testing"

	"github.com/tandem-ws/tandem/examples/internal/content"
	"github.com/tandem-ws/tandem/internal/assert"
)

func TestAccepts(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "gzip": true, "br, gzip": true, "gzip;q=0.5, br": true, "gzip;q=0": false, "gzip; q=0": false, "x-gzip": false,
	} {
		assert.Equal(t, content.Accepts(&http.Request{Header: http.Header{"Accept-Encoding": {header}}}, "gzip"), want, header)
	}
}

func TestGzip(t *testing.T) {
	text := bytes.Repeat([]byte("tandem "), 100)
	packed := content.Gzip(text)
	assert.True(t, len(packed) < len(text), "%d bytes", len(packed))
	z, err := gzip.NewReader(bytes.NewReader(packed))
	assert.NoError(t, err)
	got, err := io.ReadAll(z)
	assert.NoError(t, err)
	assert.Equal(t, string(got), string(text))
}
