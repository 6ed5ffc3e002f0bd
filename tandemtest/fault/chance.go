package fault

import (
	"math/rand/v2"
	"time"
)

// chance makes the random choices of one direction of one connection. Each kind has a generator of its own, so that
// turning one fault on does not change what another does.
type chance struct {
	jitter, slices, corruption *rand.Rand

	piece int // what is left of the piece that Slice has begun
}

func newChance(seed, conn uint64, d Direction) chance {
	generator := func(use uint64) *rand.Rand {
		return rand.New(rand.NewPCG(seed, conn<<8|uint64(d)<<4|use))
	}
	return chance{jitter: generator(0), slices: generator(1), corruption: generator(2)}
}

func (c *chance) delay(s settings) time.Duration {
	d := s.delay
	if s.jitter > 0 {
		d += time.Duration((2*c.jitter.Float64() - 1) * float64(s.jitter))
	}
	return max(d, 0)
}

// corrupt goes through data byte by byte, so the result does not depend on how the stream was cut into chunks.
func (c *chance) corrupt(data []byte, probability float64) {
	if probability <= 0 {
		return
	}
	for i := range data {
		if c.corruption.Float64() < probability {
			data[i] ^= byte(1 + c.corruption.IntN(255))
		}
	}
}

// slice returns how many bytes may leave together. A piece goes on across chunks, see corrupt.
func (c *chance) slice(longest int) int {
	if c.piece == 0 {
		c.piece = 1 + c.slices.IntN(longest)
	}
	c.piece = min(c.piece, longest)
	return c.piece
}

func (c *chance) sliced(n int) {
	c.piece = max(c.piece-n, 0)
}
