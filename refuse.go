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
	answer, internal := refusal(err)
	s.logRefusal(r, answer, internal, err)
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

// refuseInBand is refuse for what a page should be told: where the options say so, a browser is let in and sent a
// Close frame.
func (s *server) refuseInBand(w http.ResponseWriter, r *http.Request, offers []string, err error) {
	if !s.o.RefuseInBand || r.Header.Get("Origin") == "" || !s.o.Hub.beginRefusal() {
		s.refuse(w, r, err)
		return
	}
	answer, internal := refusal(err)
	s.logRefusal(r, answer, internal, err)
	_, proto := s.negotiate(offers)
	conn, buffered, aerr := handshake.Accept(w, r, proto)
	if aerr != nil {
		s.o.Hub.endRefusal()
		return
	}
	code := CodeInternal
	switch {
	case answer.Status == http.StatusServiceUnavailable:
		code = CodeTryAgain
	case answer.Status < 500:
		code = CodeRefused + Code(answer.Status) - 400
	}
	c := engine.New(conn, s.cfg, engine.Options{Buffered: buffered})
	go func() {
		defer s.o.Hub.endRefusal()
		_ = c.Close(int(code), wire.CutReason(answer.Message))
	}()
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
