package report

import (
	"cmp"
	"math"
	"slices"
)

// Summary is a row in one line: medians over the quiet rounds.
type Summary struct {
	Server string
	CPU    float64
	Spread float64 // half the distance between the quartiles of CPU, as a fraction of the median
	Floor  float64 // CPU as a multiple of the floor's in the same rounds; NaN without
	Best   float64 // the same of the best library's that competes
	Rate   float64
	P50    float64
	P99    float64
	Allocs float64
	Busy   float64 // processors of the server
	Client float64
	Noisy  int // rounds
	Rounds int
}

// Roles tells the servers apart that ratios are about.
type Roles struct {
	Floor   string
	Subject string
	Hand    func(string) bool // no library: written for the table
	Foreign func(string) bool // another language
}

// Summaries sums a table up. Ratios are medians of the ratios within a round, whose two measurements are near each
// other in time; best is the Go library other than the subject whose median is lowest.
func (t *Table) Summaries(roles Roles) (rows []Summary, best string) {
	for _, r := range t.Rows {
		if len(r.Rounds) > 0 {
			rows = append(rows, r.summary())
		}
	}
	least := math.Inf(1)
	for _, s := range rows {
		if s.Server != roles.Subject && !roles.Hand(s.Server) && !roles.Foreign(s.Server) && s.CPU < least {
			least, best = s.CPU, s.Server
		}
	}
	for i := range rows {
		rows[i].Floor = t.ratio(rows[i].Server, roles.Floor)
		rows[i].Best = t.ratio(rows[i].Server, best)
	}
	return rows, best
}

func (t *Table) row(server string) *Row {
	for _, r := range t.Rows {
		if r.Server == server {
			return r
		}
	}
	return &Row{}
}

func (r *Row) summary() Summary {
	quiet := r.quiet()
	of := func(f func(Round) float64) float64 { return Median(values(quiet, f)) }
	s := Summary{
		Server: r.Server, Rounds: len(r.Rounds), Floor: math.NaN(), Best: math.NaN(),
		CPU:    of(func(x Round) float64 { return x.CPU }),
		Rate:   of(func(x Round) float64 { return x.Rate }),
		P50:    of(func(x Round) float64 { return x.P50 }),
		P99:    of(func(x Round) float64 { return x.P99 }),
		Allocs: of(func(x Round) float64 { return x.Allocs }),
		Busy:   of(func(x Round) float64 { return x.Server }),
		Client: of(func(x Round) float64 { return x.Client }),
	}
	for _, x := range r.Rounds {
		if x.Noisy {
			s.Noisy++
		}
	}
	cpu := values(quiet, func(x Round) float64 { return x.CPU })
	s.Spread = (quantile(cpu, 0.75) - quantile(cpu, 0.25)) / 2 / s.CPU
	return s
}

// quiet are the rounds that are not noisy; at least the quieter half.
func (r *Row) quiet() []Round {
	rounds := slices.Clone(r.Rounds)
	slices.SortStableFunc(rounds, func(a, b Round) int { return cmp.Compare(a.Others, b.Others) })
	n := 0
	for n < len(rounds) && !rounds[n].Noisy {
		n++
	}
	return rounds[:max(n, (len(rounds)+1)/2)]
}

// ratio compares the CPU of two servers within each round in which one of them is quiet.
func (t *Table) ratio(server, to string) float64 { return Median(t.ratios(server, to)) }

func (t *Table) ratios(server, to string) []float64 {
	a, b := t.row(server), t.row(to)
	base := map[int]float64{}
	for _, x := range b.Rounds {
		base[x.Round] = x.CPU
	}
	var ratios []float64
	for _, x := range a.quiet() {
		if y, ok := base[x.Round]; ok && y > 0 {
			ratios = append(ratios, x.CPU/y)
		}
	}
	return ratios
}

func values(rounds []Round, f func(Round) float64) []float64 {
	v := make([]float64, len(rounds))
	for i, r := range rounds {
		v[i] = f(r)
	}
	return v
}

// Median is the middle of some values, NaN of none.
func Median(v []float64) float64 { return quantile(v, 0.5) }

// surely is the greatest of some values that their true median is below in one case of forty at most, however they are distributed:
// each lies on either side of the median like a coin. It is NaN of fewer than six values, which cannot tell.
func surely(v []float64) float64 {
	bound, chance, ways := math.NaN(), 0.0, 1.0
	for i, x := range slices.Sorted(slices.Values(v)) {
		if chance += ways / math.Pow(2, float64(len(v))); chance > 1.0/40 {
			break
		}
		bound = x
		ways *= float64(len(v)-i) / float64(i+1)
	}
	return bound
}

// quantile interpolates between the two nearest values.
func quantile(v []float64, q float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(v))
	at := q * float64(len(s)-1)
	i := int(at)
	if i+1 == len(s) {
		return s[i]
	}
	return s[i] + (at-float64(i))*(s[i+1]-s[i])
}
