package demo

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"
)

// seed makes the company what it is. Another one gives other chances, and the figures of docs/demo.md no
// longer hold.
const seed = 4

// chance is a source of chance of its own for each thing that it decides, so that a change to one take
// leaves all other dice as they fell.
type chance struct{ *rand.Rand }

func chanceOf(what ...string) chance {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strings.Join(what, "\x00")))    // hashing into memory cannot fail
	return chance{rand.New(rand.NewPCG(seed, h.Sum64()))} //nolint:gosec // dice, not secrets
}

// between gives a number in [a, b).
func (c chance) between(a, b float64) float64 { return a + (b-a)*c.Float64() }

// happens is true with probability p.
func (c chance) happens(p float64) bool { return c.Float64() < p }

// waiting gives how long something takes that takes so long on average and is as likely in each moment.
func (c chance) waiting(mean float64) float64 { return mean * c.ExpFloat64() }

// cycle gives a length with this median; sigma is how far lengths scatter, as the natural logarithm.
func (c chance) cycle(median, sigma float64) float64 { return median * math.Exp(sigma*c.NormFloat64()) }

func pick[T any](c chance, of []T) T { return of[c.IntN(len(of))] }

// half says, for each of 23 columns, on which side of it each of the 24 reps stands: 12 on each, and of any
// two columns 6 in each corner. Tactics that follow different columns cannot be mistaken for each other,
// whatever the effect of one of them. It is Paley's construction over the squares modulo 23.
func half(column, rep int) bool {
	const q = reps - 1
	if rep == q {
		return true
	}
	d := (rep - column%q + q) % q
	if d == 0 {
		return false
	}
	for x := 1; x < q; x++ {
		if x*x%q == d {
			return true
		}
	}
	return false
}
