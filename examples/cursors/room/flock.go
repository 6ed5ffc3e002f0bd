package room

import "math"

// point is a place in the page, 0 to 1 both ways.
type point struct{ x, y float64 }

// flock is the bots, flying. Each has a place in a figure and a spring that draws it there, no two springs alike; so the flock
// swarms from figure to figure. Bots are shy of people.
type flock struct {
	time float64 // seconds
	bots []bot
}

type bot struct{ at, speed point }

const (
	figureTime = 9.0  // seconds until the next figure
	shyness    = 0.11 // how near people may come
)

// step lets the time of a tick pass.
func (f *flock) step(people []point) {
	const dt = 1.0 / Rate
	f.time += dt
	shape := figures[int(f.time/figureTime)%len(figures)]
	for i := range f.bots {
		b := &f.bots[i]
		u := float64(i) / float64(len(f.bots))
		to := shape(u, float64(i), f.time)
		own := fraction(float64(i) * math.Phi)
		to.x += 0.012 * math.Sin(f.time*(0.9+own)+7*own)
		to.y += 0.012 * math.Cos(f.time*(1.3-own)+11*own)
		for _, p := range people {
			dx, dy := to.x-p.x, to.y-p.y
			if d := math.Hypot(dx, dy); d < shyness && d > 0 {
				push := shyness/d - 1
				to.x, to.y = to.x+dx*push, to.y+dy*push
			}
		}
		stiff := 5 + 9*own
		damp := 1.1 * math.Sqrt(stiff) // 2 would be without a swing
		b.speed.x += (stiff*(to.x-b.at.x) - damp*b.speed.x) * dt
		b.speed.y += (stiff*(to.y-b.at.y) - damp*b.speed.y) * dt
		b.at.x, b.at.y = b.at.x+b.speed.x*dt, b.at.y+b.speed.y*dt
	}
}

// resize makes them n. New ones come from the middle.
func (f *flock) resize(n int) {
	for len(f.bots) < n {
		f.bots = append(f.bots, bot{at: point{0.5, 0.5}})
	}
	f.bots = f.bots[:n]
}

// A figure is where the bot with the number i, the share u of the way through the flock, is to be at a time.
var figures = []func(u, i, t float64) point{
	sunflower, rings, knot, waves, rose,
}

func sunflower(u, i, t float64) point {
	return polar(0.44*math.Sqrt(u), i*math.Pi*(3-math.Sqrt(5))+0.15*t)
}

func rings(u, i, t float64) point {
	ring := math.Mod(i, 3)
	return polar(0.18+0.125*ring, 2*math.Pi*u*3+t*(0.35-0.12*ring)*sign(ring))
}

func knot(u, _, t float64) point {
	a := 2*math.Pi*u + 0.12*t
	return point{0.5 + 0.43*math.Sin(3*a+0.4), 0.5 + 0.4*math.Sin(4*a)}
}

func waves(u, i, t float64) point {
	line := math.Mod(i, 5)
	x := 0.04 + 0.92*u
	return point{x, 0.22 + 0.14*line + 0.09*math.Sin(2*math.Pi*(1.5*x)+1.1*t+0.5*line)}
}

func rose(u, _, t float64) point {
	a := 2*math.Pi*u + 0.1*t
	return polar(0.12+0.32*math.Abs(math.Cos(2.5*(a-0.1*t))), a)
}

func polar(r, a float64) point { return point{0.5 + r*math.Cos(a), 0.5 + r*math.Sin(a)} }

// sign is 1 and -1 by turns.
func sign(n float64) float64 { return 1 - 2*math.Mod(n, 2) }

func fraction(v float64) float64 { return v - math.Floor(v) }
