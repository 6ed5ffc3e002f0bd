package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/tandem-ws/tandem/bench/report"
	"github.com/tandem-ws/tandem/bench/session"
)

// sessionBudget is what a message in a session may cost, as a multiple of what it costs on a plain connection.
const sessionBudget = 1.35

// memoryBudget is what a session that waits may take of a server's memory, in bytes.
const memoryBudget = 10 << 10

// sessions prints what sessions cost.
func sessions(ctx context.Context, o options) error {
	rows, err := session.Measure(ctx, 2*o.rounds+1, min(o.duration, 200*time.Millisecond))
	if err != nil {
		return err
	}
	cells := [][]string{{"echo, both ends", "plain us/message", "session us/message", "ratio", "budget", ""}}
	for _, r := range rows {
		verdict := "kept"
		if r.Ratio > sessionBudget {
			verdict = "MISSED"
		}
		cells = append(cells, []string{
			r.Name, fmt.Sprintf("%.2f", r.Plain), fmt.Sprintf("%.2f", r.Session), fmt.Sprintf("%.2f", r.Ratio), number(sessionBudget), verdict,
		})
	}
	fmt.Print(report.Align(cells))
	held, err := session.MeasureMemory(ctx, o.idle)
	if err != nil {
		return err
	}
	cells = [][]string{{"memory of a session, bytes", "RSS", "heap", "stack", "payload kept", "budget", ""}}
	for i, m := range held {
		budget, verdict := "-", ""
		if i == 0 {
			budget, verdict = strconv.Itoa(memoryBudget), "kept"
			if m.Usage.RSS > memoryBudget {
				verdict = "MISSED"
			}
		}
		cells = append(cells, []string{
			m.Name, strconv.FormatInt(m.Usage.RSS, 10), strconv.FormatInt(m.Usage.Heap, 10), strconv.FormatInt(m.Usage.Stack, 10),
			strconv.Itoa(m.Bytes), budget, verdict,
		})
	}
	fmt.Print("\n" + report.Align(cells))
	return nil
}
