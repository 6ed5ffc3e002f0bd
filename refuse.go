//go:build !js

package tandem

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/tandem-ws/tandem/internal/engine"
	"github.com/tandem-ws/tandem/internal/handshake"
	"github.com/tandem-ws/tandem/internal/wire"
)

// refusal gives the answer to a refused request. What the error's text may tell, only its type decides: an error
// without a status is the server's own failure.
func refusal(err error) (answer *HandshakeError, internal bool) {
	var (
		he *HandshakeError
		pe *ParamError
		hr *handshake.Refusal
		st interface{ HTTPStatus() int }
	)
	switch {
	case errors.As(err, &he):
		answer = &HandshakeError{Status: he.Status, Message: he.Message, Code: he.Code, Data: he.Data, Header: he.Header}
	case errors.As(err, &pe):
		answer = &HandshakeError{Status: http.StatusBadRequest, Message: pe.Error()}
	case errors.As(err, &hr):
		answer = &HandshakeError{Status: hr.Status, Message: hr.Message, Header: hr.Header}
	case errors.As(err, &st):
		answer = &HandshakeError{Status: st.HTTPStatus()}
		if own, ok := st.(error); ok {
			answer.Message = own.Error() // not that of the errors around it
		}
	}
	if answer == nil || answer.Status < 400 || answer.Status > 599 {
		answer, internal = &HandshakeError{Status: http.StatusInternalServerError}, true
	}
	if answer.Message == "" {
		answer.Message = http.StatusText(answer.Status)
	}
	if answer.Code == 0 {
		answer.Code = answer.Status
	}
	return answer, internal
}

// refuse answers a request that is not granted.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	s.answer(w, s.refusal(r, err))
}

// refuseInBand is refuse for what a page should be told: where the options say so, a browser is let in and sent a
// Close frame.
func (s *server) refuseInBand(w http.ResponseWriter, r *http.Request, offers []string, err error) {
	answer := s.refusal(r, err)
	code := CodeInternal
	switch {
	case answer.Status == http.StatusServiceUnavailable:
		code = CodeTryAgain
	case answer.Status < 500:
		code = CodeRefused + Code(answer.Status) - 400
	}
	if !s.o.RefuseInBand || !s.tellPage(w, r, offers, code, answer.Message) {
		s.answer(w, answer)
	}
}

// refuseStale refuses a stale client. A page learns why whatever the options say, because it has to be loaded again.
func (s *server) refuseStale(w http.ResponseWriter, r *http.Request, offers []string, err error) {
	answer := s.refusal(r, err)
	answer.Code, answer.Message = int(CodeStale), "client is stale: "+answer.Message
	if !s.tellPage(w, r, offers, CodeStale, answer.Message) {
		s.answer(w, answer)
	}
}

// refusal is the answer to a request, which is logged.
func (s *server) refusal(r *http.Request, err error) *HandshakeError {
	answer, internal := refusal(err)
	s.logRefusal(r, answer, internal, err)
	return answer
}

// answer writes a refusal as HTTP has it.
func (s *server) answer(w http.ResponseWriter, answer *HandshakeError) {
	body, jerr := json.Marshal(struct {
		Message string          `json:"message"`
		Code    int             `json:"code"`
		Data    json.RawMessage `json:"data,omitempty"`
	}{answer.Message, answer.Code, answer.Data})
	if jerr != nil { // Data is not JSON
		s.logger().Error("tandem: refusal cannot be written", "endpoint", s.plan.Pattern(), "err", jerr)
		body = []byte(`{"message":"Internal Server Error","code":500}`)
		answer = &HandshakeError{Status: http.StatusInternalServerError}
	}
	h := w.Header()
	for name, values := range answer.Header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	h.Set("Content-Type", "application/json")
	// What follows on this connection may be frames sent too early, or a request that a proxy took for them.
	h.Set("Connection", "close")
	w.WriteHeader(answer.Status)
	_, _ = w.Write(body)
}

// tellPage lets a browser in and closes at once. It reports false, and has done nothing, where the request is no browser's
// or too many are being told.
func (s *server) tellPage(w http.ResponseWriter, r *http.Request, offers []string, code Code, reason string) bool {
	if r.Header.Get("Origin") == "" || !s.o.Hub.beginRefusal() {
		return false
	}
	_, proto := s.negotiate(offers)
	conn, buffered, err := handshake.Accept(w, r, proto)
	if err != nil {
		s.o.Hub.endRefusal()
		return true // there is nobody to tell
	}
	c := engine.New(conn, s.cfg, engine.Options{Buffered: buffered})
	go func() {
		defer s.o.Hub.endRefusal()
		_ = c.Close(int(code), wire.CutReason(reason))
	}()
	return true
}

// logRefusal leaves out the message, which may repeat what the client sent.
func (s *server) logRefusal(r *http.Request, answer *HandshakeError, internal bool, err error) {
	log := s.logger().With("endpoint", s.plan.Pattern(), "remote", r.RemoteAddr, "status", answer.Status)
	if internal {
		log.Error("tandem: handshake failed", "err", err)
		return
	}
	if pe, ok := errors.AsType[*ParamError](err); ok {
		log = log.With("in", pe.In, "parameter", pe.Name)
	}
	log.Debug("tandem: handshake refused", "code", answer.Code)
}
