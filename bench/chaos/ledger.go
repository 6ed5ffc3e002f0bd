package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// tally is how it ended.
type tally struct {
	kills, clients, gaps int
	sent, taken          int
	lost                 int // neither taken nor told
	doubled              int // taken twice
	again                int // handed out again, under the same key, because the first server died over it
	disordered           int // taken or answered out of order
	denied               int // told as certainly not taken, and taken
	failed               int // clients that ended with an error
}

func (t *tally) kept() bool { return t.lost+t.doubled+t.disordered+t.denied+t.failed == 0 }

func (t *tally) String() string {
	return fmt.Sprintf("kills %d, clients %d, sent %d, taken %d, gaps told %d, handed out again %d, lost %d, doubled %d, disordered %d, wrongly told %d, failed %d",
		t.kills, t.clients, t.sent, t.taken, t.gaps, t.again, t.lost, t.doubled, t.disordered, t.denied, t.failed)
}

// settle compares the ledger of the servers with what the clients know.
func settle(o *options, clients []*client) (*tally, error) {
	file, err := os.Open(o.ledger)
	if err != nil {
		return nil, err
	}
	defer file.Close()                            //nolint:errcheck // it is only read
	taken := make([]map[int]string, len(clients)) // the key under which each note was taken
	last := make([]int, len(clients))
	for i := range taken {
		taken[i] = make(map[int]string)
	}
	t := &tally{kills: o.kills, clients: len(clients)}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if !strings.HasSuffix(lines.Text(), " "+lineEnd) {
			continue // the process died over it, so it has not taken the note
		}
		var id, n int
		var key string
		if _, err := fmt.Sscan(lines.Text(), &id, &n, &key); err != nil {
			return nil, fmt.Errorf("ledger: %q: %w", lines.Text(), err)
		}
		switch {
		case o.durable && taken[id][n] == key:
			t.again++
			continue
		case taken[id][n] != "":
			t.doubled++
		case n < last[id]:
			t.disordered++
		}
		taken[id][n], last[id] = key, n
		t.taken++
	}
	for i, c := range clients {
		t.gaps += c.gaps
		t.sent += c.sent
		t.disordered += c.wrong
		if c.failed != nil {
			t.failed++
		}
		for n := 1; n <= c.sent; n++ {
			maybe, told := c.unsent[n]
			switch {
			case taken[i][n] == "" && !told:
				t.lost++
				fmt.Fprintf(os.Stderr, "client %d: note %d of %d is lost, failed %v\n", i, n, c.sent, c.failed)
			case taken[i][n] != "" && told && !maybe:
				t.denied++
			}
		}
	}
	return t, lines.Err()
}
