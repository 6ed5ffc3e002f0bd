// Package plot draws line charts on logarithmic axes as SVG. They have no background and say their colours twice, for
// light and for dark pages.
package plot

import (
	"fmt"
	"html"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Chart is a line chart.
type Chart struct {
	Title string
	X, Y  Axis
	Lines []Line
}

// Axis is a logarithmic axis.
type Axis struct {
	Label string
	// Bytes prints values as sizes: 1 KiB instead of 1024, and marks powers of two.
	Bytes bool
}

// Line is one curve. Strong ones are drawn over the others, and thicker.
type Line struct {
	Name   string
	Strong bool
	Points []Point
}

// Point is a measurement.
type Point struct{ X, Y float64 }

// The layout, in pixels of the SVG: it scales.
const (
	width, height            = 760, 440
	left, right, top, bottom = 76, 150, 44, 56
	labelStep                = 15 // the least distance of two lines of text
)

// colours of the curves, readable on white and on black.
var colours = []string{"#7a869a", "#2f81f7", "#d9730d", "#2da44e", "#bf4fb5", "#b8860b", "#0a9396", "#cf5c5c", "#8250df"}

// Save writes a chart to a file.
func Save(file string, c *Chart) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // plots are for everyone
		return err
	}
	return os.WriteFile(file, []byte(c.SVG()), 0o644) //nolint:gosec // plots are for everyone
}

// SVG draws the chart.
func (c *Chart) SVG() string {
	x := newScale(c.values(func(p Point) float64 { return p.X }), left, width-right)
	y := newScale(c.values(func(p Point) float64 { return p.Y }), height-bottom, top)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">`+"\n",
		width, height, width, height, html.EscapeString(c.Title))
	b.WriteString(style)
	fmt.Fprintf(&b, `<text class="title" x="%d" y="24">%s</text>`+"\n", left, html.EscapeString(c.Title))
	for _, t := range x.ticks(c.X.Bytes) {
		fmt.Fprintf(&b, `<path class="grid" d="M%.1f %dV%d"/><text class="tick" text-anchor="middle" x="%.1f" y="%d">%s</text>`+"\n",
			x.at(t), top, height-bottom, x.at(t), height-bottom+18, format(t, c.X.Bytes))
	}
	for _, t := range y.ticks(c.Y.Bytes) {
		fmt.Fprintf(&b, `<path class="grid" d="M%d %.1fH%d"/><text class="tick" text-anchor="end" x="%d" y="%.1f">%s</text>`+"\n",
			left, y.at(t), width-right, left-8, y.at(t)+4, format(t, c.Y.Bytes))
	}
	fmt.Fprintf(&b, `<text text-anchor="middle" x="%d" y="%d">%s</text>`+"\n", (left+width-right)/2, height-14, html.EscapeString(c.X.Label))
	fmt.Fprintf(&b, `<text text-anchor="middle" transform="translate(20 %d) rotate(-90)">%s</text>`+"\n", (top+height-bottom)/2, html.EscapeString(c.Y.Label))
	c.curves(&b, x, y)
	b.WriteString("</svg>\n")
	return b.String()
}

const style = `<style>
text { font: 13px system-ui, sans-serif; fill: #57606a }
.title { font-size: 15px; font-weight: 600 }
.tick { font-size: 12px }
.grid { stroke: #8b949e; stroke-opacity: .3; fill: none }
.line { fill: none; stroke-width: 1.6 }
.strong { stroke-width: 3 }
@media (prefers-color-scheme: dark) { text { fill: #b1bac4 } }
</style>
`

// curves draws the lines, each with its name beside its end.
func (c *Chart) curves(b *strings.Builder, x, y scale) {
	type label struct {
		name, colour string
		y            float64
		strong       bool
	}
	var labels []label
	for _, strong := range []bool{false, true} {
		for i, l := range c.Lines {
			if l.Strong != strong || len(l.Points) == 0 {
				continue
			}
			class, radius, colour := "line", 2.5, colours[i%len(colours)]
			if strong {
				class, radius = "line strong", 4
			}
			var path strings.Builder
			for k, p := range l.Points {
				fmt.Fprintf(&path, "%c%.1f %.1f", "ML"[min(k, 1)], x.at(p.X), y.at(p.Y))
				fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="%g" fill="%s"/>`+"\n", x.at(p.X), y.at(p.Y), radius, colour)
			}
			fmt.Fprintf(b, `<path class="%s" stroke="%s" d="%s"/>`+"\n", class, colour, path.String())
			labels = append(labels, label{l.Name, colour, y.at(l.Points[len(l.Points)-1].Y), strong})
		}
	}
	slices.SortFunc(labels, func(a, b label) int { return int(math.Copysign(1, a.y-b.y)) })
	next := 0.0
	over := 0.0 // how far the labels below would leave the chart
	for i := range labels {
		labels[i].y = max(labels[i].y, next)
		next = labels[i].y + labelStep
		over = max(over, labels[i].y-float64(height-bottom))
	}
	for i := len(labels) - 1; i >= 0 && over > 0; i-- { // move up from the bottom as far as needed
		limit := float64(height-bottom) - float64((len(labels)-1-i)*labelStep)
		labels[i].y = min(labels[i].y, limit)
	}
	for _, l := range labels {
		weight := 400
		if l.strong {
			weight = 700
		}
		fmt.Fprintf(b, `<text style="fill:%s;font-weight:%d" x="%d" y="%.1f">%s</text>`+"\n", l.colour, weight, width-right+10, l.y+4, html.EscapeString(l.name))
	}
}

func (c *Chart) values(of func(Point) float64) []float64 {
	var v []float64
	for _, l := range c.Lines {
		for _, p := range l.Points {
			v = append(v, of(p))
		}
	}
	return v
}
