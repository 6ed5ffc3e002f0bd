package tandem

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/tandem-ws/tandem/internal/wire"
)

// RawConn sends and receives frames as they are. It is another view of the same connection: the rules of [Conn] about
// goroutines hold for both together.
//
// A browser shows no pings and pongs, and sends none: there Send returns an error that matches errors.ErrUnsupported for them.
type RawConn struct {
	end *end
}

// Frame is a whole message or a control frame. A message in fragments is one Frame.
//
// It has four words, which the compiler keeps in registers. With one more, each call moves it through memory, in a way that
// costs a loop which sends back what it receives 45 ns a message.
type Frame struct {
	Kind FrameKind
	// Code is that of a Close frame. CodeNoStatus, or 0 when sending, stands for a Close frame without a code.
	Code Code
	// Data is the payload, of a Close frame the reason. A received one belongs to the caller.
	Data []byte
}

// Recv waits for the next frame. Pings have been answered by then, and a Close frame too; after one, further calls
// return what Conn.Recv returns.
func (r RawConn) Recv(ctx context.Context) (Frame, error) { return r.RecvInto(ctx, nil) }

// RecvInto is Recv that puts the payload into buf, whatever that held, if its capacity suffices; else into new memory.
// A loop that gives the Data of the last frame as the next buf allocates only for a message longer than all before.
func (r RawConn) RecvInto(ctx context.Context, buf []byte) (Frame, error) {
	f, err := r.end.core.NextFrame(ctx)
	if err != nil {
		return Frame{}, publicError(err, r.end.server)
	}
	buf = append(buf[:0], f.Payload...)
	r.end.core.Done()
	return Frame{Kind: FrameKind(f.Kind), Code: Code(f.Code), Data: buf}, nil
}

// Send sends a frame. The payload of a control frame may have 125 bytes at most, and a text frame must be UTF-8. A
// Close frame begins the close handshake and does not wait for the peer's; [Conn.Close] does.
func (r RawConn) Send(ctx context.Context, f Frame) error {
	switch f.Kind {
	case FrameText:
		if !utf8.Valid(f.Data) {
			return errors.New("tandem: a text frame must be UTF-8")
		}
	case FrameBinary:
	case FramePing, FramePong:
		if len(f.Data) > 125 {
			return errors.New("tandem: control frames hold 125 bytes at most")
		}
	case FrameClose:
		if f.Code == 0 {
			f.Code = CodeNoStatus
		}
		if f.Code != CodeNoStatus {
			if err := checkCode(f.Code); err != nil {
				return err
			}
		}
		r.end.core.StartClose(wire.ErrClosed, int(f.Code), wire.CutReason(string(f.Data)))
		return nil
	default:
		return errors.New("tandem: a frame is text, binary, ping, pong or close")
	}
	if err := r.end.core.Send(ctx, wire.Kind(f.Kind), f.Data); err != nil {
		return publicError(err, r.end.server)
	}
	return nil
}
