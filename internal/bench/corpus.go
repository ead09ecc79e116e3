package main

import (
	"math/rand/v2"
	"strings"
)

// corpus makes speech up, the same for the same seed: words drawn from 60,000 by Zipf's law, of which the most frequent
// are English stop words. Real speech has fewer rare words; for an index that is the easier case.
type corpus struct {
	*rand.Rand
	words []string
	zipf  *rand.Zipf
	stop  map[string]bool
}

func newCorpus(seed uint64) *corpus {
	c := &corpus{stop: map[string]bool{}}
	// The words are those of one language, whatever the seed of what is said in it.
	r := rand.New(rand.NewPCG(1, 60))
	c.words = strings.Fields("the and i to a of you it that in we is they this what so have be but are on for do with was at if or about as there " +
		"my all our their from when an were not by then them been has would can could who")
	for _, w := range c.words {
		c.stop[w] = true
	}
	syllables := strings.Fields("ba co di fu ga he ji ko la me ni po ra se ti vu wa xe yo zu bra cle dri fro gle pra ste tri")
	for len(c.words) < 60_000 {
		var w strings.Builder
		for range 2 + r.IntN(3) {
			w.WriteString(syllables[r.IntN(len(syllables))])
		}
		c.words = append(c.words, w.String())
	}
	c.Rand = rand.New(rand.NewPCG(seed, 61))
	c.zipf = rand.NewZipf(c.Rand, 1.1, 4, uint64(len(c.words)-1))
	return c
}

// say gives so many words.
func (c *corpus) say(words int) string {
	out := make([]string, words)
	for i := range out {
		out[i] = c.words[c.zipf.Uint64()]
	}
	return strings.Join(out, " ")
}

// one gives any of the values.
func one[T any](c *corpus, values []T) T { return values[c.IntN(len(values))] }
