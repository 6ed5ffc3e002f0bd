package tandem_test

import (
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
)

// acceptOf is the answer to a request's key (RFC 6455, section 1.3).
func acceptOf(req *http.Request) string {
	sum := sha1.Sum([]byte(req.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// What our client sends is what a strict server wants, and its secrets are fresh: the key, and the mask of each frame
// (F17), without which a page could make a proxy see requests of its choice (RFC 6455, section 10.3).
func TestHostile_F17_keyAndMasks(t *testing.T) {
	l := listenLoopback(t)
	keys, masks := map[string]bool{}, map[string]bool{}
	const dials, messages = 20, 50
	for range dials {
		p, req, result := dialHostile(t, l, newBytes(tandem.Limits{}), nil)
		for name, want := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-Websocket-Version": "13"} {
			assert.Equal(t, req.Header[name], []string{want}, name)
		}
		for _, name := range []string{"Sec-Websocket-Protocol", "Sec-Websocket-Extensions", "Origin", "Cookie"} {
			assert.Equal(t, req.Header[name], nil, name)
		}
		key, err := base64.StdEncoding.DecodeString(req.Header.Get("Sec-WebSocket-Key"))
		assert.NoError(t, err)
		assert.Equal(t, len(key), 16)
		keys[string(key)] = true
		p.write([]byte(switching(req)))
		d := <-result
		assert.NoError(t, d.err)
		for range messages {
			assert.NoError(t, d.conn.Send(t.Context(), make([]byte, 4))) // zeros show the mask
			var frame [10]byte
			for n := 0; n < len(frame); {
				k, err := p.r.Read(frame[n:])
				assert.NoError(t, err)
				n += k
			}
			assert.Equal(t, frame[:2], []byte{0x82, 0x84})
			assert.Equal(t, frame[2:6], frame[6:])
			masks[string(frame[2:6])] = true
		}
		go d.conn.Close(tandem.CodeNormal, "")
		p.expectClose(1000)
	}
	assert.Equal(t, len(keys), dials)
	if len(masks) < dials*messages-2 { // of 1,000 masks two are alike once in 8,000 runs
		t.Fatalf("%d masks for %d messages", len(masks), dials*messages)
	}
}
