package codectest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/tandemtest/codectest"
)

// byHand is the codec a user would write in a minute.
type byHand struct{}

func (byHand) Name() string                { return "by-hand" }
func (byHand) FrameKind() tandem.FrameKind { return tandem.FrameText }

func (byHand) Append(dst []byte, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	return append(dst, b...), err
}

func (byHand) Decode(src []byte, v any) error { return json.Unmarshal(src, v) }

func TestRun_encodingJSON(t *testing.T) { codectest.Run(t, byHand{}) }

func TestRun_decoder(t *testing.T) { codectest.Run(t, streaming{}) }

// streaming is the other way to use encoding/json, which has to look for trailing bytes itself.
type streaming struct{ byHand }

func (streaming) Decode(src []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(src))
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("bytes behind the message")
	}
	return nil
}

// faulty breaks one promise.
type faulty struct {
	byHand
	fault string
	last  []byte
}

func (f *faulty) Name() string {
	if f.fault == "name" {
		return "by hand"
	}
	return f.byHand.Name()
}

func (f *faulty) FrameKind() tandem.FrameKind {
	if f.fault == "frame kind" {
		return tandem.FramePing
	}
	return tandem.FrameText
}

func (f *faulty) Append(dst []byte, v any) ([]byte, error) {
	if f.fault == "append" {
		dst = dst[:0]
	}
	return f.byHand.Append(dst, v)
}

func (f *faulty) Decode(src []byte, v any) error {
	switch f.fault {
	case "trailing bytes":
		return json.NewDecoder(bytes.NewReader(src)).Decode(v)
	case "truncated":
		_ = json.Unmarshal(src, v)
		return nil
	case "retain":
		defer func() { src[0] = ' ' }()
	case "claims":
		f.last = make([]byte, 1<<21)
	case "offset":
		return wrong{f.byHand.Decode(src, v)}.orNil()
	}
	return f.byHand.Decode(src, v)
}

type wrong struct{ error }

func (w wrong) Offset() int { return 1 << 30 }

func (w wrong) orNil() error {
	if w.error == nil {
		return nil
	}
	return w
}

const faultVariable = "TANDEM_CODECTEST_FAULT"

// TestRun_findsFaults runs this test binary again for each fault, because a suite that finds one fails its test.
func TestRun_findsFaults(t *testing.T) {
	if fault := os.Getenv(faultVariable); fault != "" {
		codectest.Run(t, &faulty{fault: fault})
		return
	}
	for _, fault := range []string{"name", "frame kind", "append", "trailing bytes", "truncated", "retain", "offset", "claims"} {
		t.Run(fault, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestRun_findsFaults$")
			cmd.Env = append(os.Environ(), faultVariable+"="+fault)
			out, err := cmd.CombinedOutput()
			if want := "FAIL: TestRun_findsFaults/" + strings.ReplaceAll(fault, " ", "_"); err == nil || !strings.Contains(string(out), want) {
				t.Errorf("not found, %v:\n%s", err, out)
			}
		})
	}
}
