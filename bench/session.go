package main

import (
	"context"
	"fmt"
	"time"

	"github.com/tandem-ws/tandem/bench/report"
	"github.com/tandem-ws/tandem/bench/session"
)

// sessionBudget is what a message in a session may cost, as a multiple of what it costs on a plain connection.
const sessionBudget = 1.35

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
	return nil
}
