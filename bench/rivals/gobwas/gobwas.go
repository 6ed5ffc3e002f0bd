// Package gobwas is a server by hand on the frame functions of gobwas/ws: a buffered reader, one write per message.
package gobwas

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"

	"github.com/gobwas/ws"

	"github.com/tandem-ws/tandem/bench/msg"
	"github.com/tandem-ws/tandem/bench/rivals/rival"
)

// Rival is the server.
var Rival = rival.Rival{Name: "gobwas", About: "gobwas/ws, frame functions", Echo: echo}

func echo(app rival.App) http.Handler {
	answers, op := app.Answers(), ws.OpCode(app.Op())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, brw, _, err := ws.UpgradeHTTP(r, w)
		if err != nil {
			return
		}
		go serve(conn, brw.Reader, answers(), op)
	})
}

func serve(conn net.Conn, br *bufio.Reader, answer msg.Answer, reply ws.OpCode) {
	defer conn.Close()
	var in, payload []byte
	var out bytes.Buffer
	for {
		h, err := ws.ReadHeader(br)
		if err != nil {
			return
		}
		if int64(cap(in)) < h.Length {
			in = make([]byte, h.Length+h.Length/4)
		}
		in = in[:h.Length]
		if _, err := io.ReadFull(br, in); err != nil {
			return
		}
		ws.Cipher(in, h.Mask, 0)
		op, body := h.OpCode, in
		if answer != nil && op != ws.OpClose {
			if payload, err = answer(payload[:0], in); err != nil {
				return
			}
			op, body = reply, payload
		}
		out.Reset()
		if err := ws.WriteHeader(&out, ws.Header{Fin: true, OpCode: op, Length: int64(len(body))}); err != nil {
			return
		}
		out.Write(body)
		if _, err := conn.Write(out.Bytes()); err != nil || op == ws.OpClose {
			return
		}
	}
}
