package handshake

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tandem-ws/tandem/internal/wire"
)

// What a client may offer. A longer list is no honest one, and its length is the cost of reading it.
const (
	maxOffers     = 16
	maxOfferBytes = 1 << 10
)

// Refusal is why an upgrade request is not granted.
type Refusal struct {
	Status  int
	Message string
	Header  http.Header // further headers of the answer
}

func (r *Refusal) Error() string { return r.Message }

func refuse(status int, message string, header ...string) *Refusal {
	r := &Refusal{Status: status, Message: message, Header: http.Header{}}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

// Check judges an upgrade request (RFC 6455, section 4.2.1) and gives the subprotocols it offers.
func Check(r *http.Request) (offers []string, err error) {
	key := r.Header["Sec-Websocket-Key"]
	switch {
	case r.Method != http.MethodGet:
		return nil, refuse(http.StatusMethodNotAllowed, "a websocket is opened with GET", "Allow", http.MethodGet)
	case !r.ProtoAtLeast(1, 1):
		return nil, refuse(http.StatusUpgradeRequired, "a websocket needs HTTP/1.1", "Upgrade", "websocket")
	case !hasToken(r.Header, "Connection", "upgrade") || !hasToken(r.Header, "Upgrade", "websocket"):
		return nil, refuse(http.StatusUpgradeRequired, "this is a websocket endpoint: the request must ask for the upgrade",
			"Upgrade", "websocket", "Connection", "Upgrade")
	case r.ContentLength != 0 || len(r.TransferEncoding) > 0:
		return nil, refuse(http.StatusBadRequest, "the request must not have a body")
	case r.ProtoMajor != 1:
		return nil, refuse(http.StatusHTTPVersionNotSupported, "websockets are served over HTTP/1.1")
	case len(r.Header["Sec-Websocket-Version"]) != 1 || strings.TrimSpace(r.Header["Sec-Websocket-Version"][0]) != version:
		return nil, refuse(http.StatusUpgradeRequired, "websocket version 13 is spoken here",
			"Sec-WebSocket-Version", version, "Upgrade", "websocket", "Connection", "Upgrade")
	case len(key) != 1 || !validKey(key[0]):
		return nil, refuse(http.StatusBadRequest, "Sec-WebSocket-Key must be 16 bytes in base64")
	}
	if err := checkExtensions(r.Header["Sec-Websocket-Extensions"]); err != nil {
		return nil, err
	}
	return parseOffers(r.Header["Sec-Websocket-Protocol"])
}

func validKey(key string) bool {
	key = strings.TrimSpace(key)
	var nonce [18]byte // what 24 characters may hold
	if base64.StdEncoding.DecodedLen(len(key)) != len(nonce) {
		return false
	}
	n, err := base64.StdEncoding.Decode(nonce[:], []byte(key))
	return err == nil && n == 16
}

// checkExtensions bounds what it would cost to read the list of extensions. None is negotiated, so what is in it does
// not matter further.
func checkExtensions(lines []string) error {
	total := 0
	for _, line := range lines {
		total += len(line)
	}
	if total > maxOfferBytes {
		return refuse(http.StatusBadRequest, "Sec-WebSocket-Extensions is too long")
	}
	for _, line := range lines {
		for ext := range strings.SplitSeq(line, ",") {
			name, _, _ := strings.Cut(ext, ";")
			if !wire.IsToken(strings.Trim(name, " \t")) {
				return refuse(http.StatusBadRequest, "Sec-WebSocket-Extensions is malformed")
			}
		}
	}
	return nil
}

// parseOffers reads the subprotocols a client offers.
func parseOffers(lines []string) ([]string, error) {
	var offers []string
	total := 0
	for _, line := range lines {
		if total += len(line); total > maxOfferBytes {
			return nil, refuse(http.StatusBadRequest, "Sec-WebSocket-Protocol is too long")
		}
		for offer := range strings.SplitSeq(line, ",") {
			offer = strings.Trim(offer, " \t")
			if !wire.IsToken(offer) {
				return nil, refuse(http.StatusBadRequest, "Sec-WebSocket-Protocol is malformed")
			}
			if slices.Contains(offers, offer) {
				continue
			}
			if len(offers) == maxOffers {
				return nil, refuse(http.StatusBadRequest, "Sec-WebSocket-Protocol offers too many")
			}
			offers = append(offers, offer)
		}
	}
	return offers, nil
}

// answerTime bounds the writing of the answer, which is short enough for any socket's buffer.
const answerTime = 10 * time.Second

// Accept answers a request that Check has passed with 101 and takes the connection over. The subprotocol, if not
// empty, must be one of the server's own names. Headers set on w go out with the answer. buffered are bytes the client
// sent without waiting for it. When the connection cannot be taken over, the answer is 500.
//
// The answer is what a strict client wants: "Connection: Upgrade" alone, and no extension.
func Accept(w http.ResponseWriter, r *http.Request, subprotocol string) (conn net.Conn, buffered []byte, err error) {
	answer := wire.GetBlock(0)
	defer answer.Free()
	answer.B = appendAnswer(answer.B, r.Header["Sec-Websocket-Key"][0], subprotocol, w.Header())

	conn, brw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		if errors.Is(err, http.ErrNotSupported) {
			err = fmt.Errorf("the http.ResponseWriter cannot be hijacked; is a middleware hiding it (it needs an Unwrap method)? %w", err)
		}
		return nil, nil, err
	}
	if n := brw.Reader.Buffered(); n > 0 {
		peeked, _ := brw.Reader.Peek(n)
		buffered = slices.Clone(peeked)
	}
	// Not through brw: its writer is net/http's, and keeping it alive costs 4 KiB a connection.
	conn.SetWriteDeadline(time.Now().Add(answerTime))
	if _, err := conn.Write(answer.B); err != nil {
		conn.Close()
		return nil, nil, err
	}
	conn.SetDeadline(time.Time{})
	return conn, buffered, nil
}

// appendAnswer appends a 101 and the headers the program has set.
func appendAnswer(b []byte, key, subprotocol string, set http.Header) []byte {
	b = append(b, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nSec-Websocket-Accept: "...)
	b = appendAcceptKey(b, strings.TrimSpace(key))
	if subprotocol != "" {
		b = append(append(b, "\r\nSec-Websocket-Protocol: "...), subprotocol...)
	}
	b = append(b, "\r\nUpgrade: websocket\r\n"...)
	if len(set) > 0 {
		further := set.Clone()
		for _, name := range ours {
			delete(further, name)
		}
		var lines strings.Builder
		_ = further.Write(&lines) // writes no line breaks out of values
		b = append(b, lines.String()...)
	}
	return append(b, "\r\n"...)
}

// ours are headers of a 101 that are not the program's to set.
var ours = []string{
	"Connection", "Upgrade", "Sec-Websocket-Accept", "Sec-Websocket-Protocol", "Sec-Websocket-Extensions",
	"Content-Length", "Content-Type", "Transfer-Encoding",
}
