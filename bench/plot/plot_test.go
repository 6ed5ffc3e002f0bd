package plot_test

import (
	"encoding/xml"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/tandem-ws/tandem/bench/plot"
)

func TestChart_isXML(t *testing.T) {
	for name, lines := range map[string][]plot.Line{
		"two":     {{Name: "a & <b>", Points: []plot.Point{{10, 1}, {10000, 7}}}, {Name: "c", Strong: true, Points: []plot.Point{{10, 1.01}, {10000, 7.02}}}},
		"nothing": nil,
		"one":     {{Name: "a", Points: []plot.Point{{1, 1}}}},
		"bad":     {{Name: "a", Points: []plot.Point{{0, 0}, {1, math.NaN()}}}},
	} {
		svg := (&plot.Chart{Title: "T", X: plot.Axis{Label: "x"}, Y: plot.Axis{Label: "y", Bytes: true}, Lines: lines}).SVG()
		for d := xml.NewDecoder(strings.NewReader(svg)); ; {
			_, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		for _, l := range lines {
			if len(lines) == 2 && !strings.Contains(svg, strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(l.Name)+"</text>") {
				t.Errorf("%s: no label %q", name, l.Name)
			}
		}
	}
}
