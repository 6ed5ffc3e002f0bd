//go:build !js

package tandem

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/tandem-ws/tandem/internal/schema"
)

// schemaParam is the query parameter by which a client says with which description of the endpoint it was made: its hash. A
// browser can set no header, and gives up when a server does not pick one of the subprotocols it has offered.
const schemaParam = "tandem.schema"

// errStale refuses a client because it is stale.
var errStale = &HandshakeError{Status: http.StatusPreconditionFailed, Message: "it was made with another schema"}

// setSchema prepares for clients that name a schema. The endpoint's own is made when the first of them comes, because most
// programs have none, or now if that decides who is let in. "" means that it has none.
func (s *server) setSchema(d schema.Declaration) error {
	for _, hash := range s.o.Schemas {
		if !isHash(hash) {
			return fmt.Errorf("schema %q is not a hash of 32 hexadecimal digits, as tandem gen prints them", hash)
		}
	}
	if s.o.RefuseStale {
		hash, err := schema.Hash(d)
		if err != nil {
			return fmt.Errorf("RefuseStale: it has no schema: %w", err)
		}
		s.schema = func() string { return hash }
		return nil
	}
	s.schema = sync.OnceValue(func() string {
		hash, err := schema.Hash(d)
		if err != nil {
			s.logger().Warn("tandem: endpoint has no schema, so no client is stale", "endpoint", s.plan.Pattern(), "err", err)
		}
		return hash
	})
	return nil
}

func isHash(s string) bool {
	return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == ""
}

// madeWith is the hash that a client has put into its request, "" for none.
func madeWith(r *http.Request) string {
	for rest := r.URL.RawQuery; rest != ""; {
		var pair string
		pair, rest, _ = strings.Cut(rest, "&")
		if name, hash, ok := strings.Cut(pair, "="); ok && name == schemaParam {
			return hash
		}
	}
	return ""
}

// isStale reports whether a client with this hash may not understand the server. Who does not say is taken for one that does.
func (s *server) isStale(remote, hash string) bool {
	if hash == "" || slices.Contains(s.o.Schemas, hash) {
		return false
	}
	own := s.schema()
	if own == "" || own == hash {
		return false
	}
	if !isHash(hash) {
		hash = "malformed" // a stranger's text
	}
	s.logger().Debug("tandem: client is stale", "endpoint", s.plan.Pattern(), "remote", remote, "schema", own, "client", hash)
	return true
}
