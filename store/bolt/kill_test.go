package bolt_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/tandem-ws/tandem"
	"github.com/tandem-ws/tandem/internal/assert"
	"github.com/tandem-ws/tandem/store/bolt"
)

const (
	victimFile = "TANDEM_BOLT_VICTIM" // the file of a process that is to be killed
	writers    = 4                    // of the victim, each with a session of its own
)

// victim saves until it is killed, and prints each save that was acknowledged: the session and the number in its state.
func victim(path string) {
	s, err := bolt.Open(path, nil)
	if err != nil {
		panic(err)
	}
	for w := range writers {
		go func() {
			sid, ctx := fmt.Sprint("s", w), context.Background()
			var version, n uint64
			var err error
			if r, err := s.Load(ctx, sid); err == nil {
				version, n = r.Version, number(r.State)
			}
			for {
				n++
				version, err = s.Save(ctx, sid, &tandem.Record{Version: version, State: state(n), TTL: tandem.MaxRecordTTL})
				if err != nil {
					panic(err)
				}
				fmt.Fprintf(os.Stdout, "%d %d\n", w, n) // one write, so lines stay whole
			}
		}()
	}
	select {}
}

// state is long enough to be on several pages of the file, and shows when it is half of one save and half of another.
func state(n uint64) []byte {
	return bytes.Repeat(fmt.Appendf(nil, "%08d", n), 1+int(n%2000))
}

func number(b []byte) (n uint64) {
	_, _ = fmt.Sscanf(string(b[:8]), "%d", &n)
	return n
}

// A process that is killed in the middle of writing has saved what it was told it has.
func TestSave_killed(t *testing.T) {
	const rounds = 60
	path := filepath.Join(t.TempDir(), "sessions")
	var last [writers]uint64 // acknowledged
	total := 0
	for round := range rounds {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), victimFile+"="+path)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		assert.NoError(t, err)
		assert.NoError(t, cmd.Start())
		lines := bufio.NewScanner(out)
		for seen := 0; lines.Scan(); seen++ {
			var w int
			var n uint64
			_, err := fmt.Sscanf(lines.Text(), "%d %d", &w, &n)
			assert.NoError(t, err)
			last[w] = n
			total++
			if seen == 3+round*7%40 { // then what is under way is killed, and what was printed before is read
				assert.NoError(t, cmd.Process.Kill())
			}
		}
		_ = cmd.Wait()

		s, err := bolt.Open(path, nil)
		assert.NoError(t, err)
		for w := range writers {
			if last[w] == 0 {
				continue
			}
			r, err := s.Load(t.Context(), fmt.Sprint("s", w))
			assert.NoError(t, err)
			n := number(r.State)
			assert.True(t, n == last[w] || n == last[w]+1, "session %d: %d was acknowledged, %d is stored", w, last[w], n)
			assert.True(t, bytes.Equal(r.State, state(n)), "session %d: a save in pieces", w)
			last[w] = n
		}
		assert.NoError(t, s.Close())
	}
	t.Logf("%d kills, %d saves acknowledged, none lost", rounds, total)
}
