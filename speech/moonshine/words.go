package moonshine

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/speech"
)

// frameMS is the length of one of the encoder's frames: 384 samples.
const frameMS = 24

// wordsOf joins the decoder's pieces into words with times relative to the
// chunk, which is lengthMS long.
func wordsOf(d decoded, pieces []piece, lengthMS int64) []speech.Word {
	starts := d.attention.align()
	at := func(token int) int64 {
		if token >= len(starts) {
			return lengthMS
		}
		return min(int64(starts[token])*frameMS, lengthMS)
	}
	var words []speech.Word
	count := 0.0
	for i, t := range d.tokens {
		if t.id < 0 || t.id >= len(pieces) {
			continue // special tokens beyond the vocabulary
		}
		p := pieces[t.id]
		if p.text == "" && !p.start {
			continue
		}
		if p.start || len(words) == 0 {
			words = append(words, speech.Word{StartMS: at(i)})
			count = 0
		}
		w := &words[len(words)-1]
		w.Text += p.text
		w.EndMS = at(i + 1)
		w.Confidence = (w.Confidence*count + t.probability) / (count + 1)
		count++
	}
	return tidy(words)
}

// tidy makes every word printable text and drops what has no letter or digit:
// lone punctuation goes to the word before it.
func tidy(words []speech.Word) []speech.Word {
	out := words[:0]
	for _, w := range words {
		w.Text = strings.Map(func(r rune) rune {
			if r == utf8.RuneError || unicode.IsControl(r) || unicode.IsSpace(r) {
				return -1
			}
			return r
		}, w.Text)
		w.Confidence = min(max(w.Confidence, 0), 1)
		switch {
		case w.Text == "":
		case strings.IndexFunc(w.Text, spoken) >= 0:
			out = append(out, w)
		case len(out) > 0 && !strings.HasSuffix(out[len(out)-1].Text, w.Text):
			out[len(out)-1].Text += w.Text
		}
	}
	return out
}

func spoken(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// clip moves words, whose times are milliseconds of the recording, to where the
// detector heard speech: a word that begins in a pause begins with the speech
// after it, a word that runs into a pause ends soon after the speech before
// it. The words stay in order and inside [0, lengthMS].
func clip(words []speech.Word, spans []span, lengthMS int64) {
	last := int64(0)
	s := 0
	for i := range words {
		w := &words[i]
		start, end := w.StartMS, w.EndMS
		for s+1 < len(spans) && msOf(spans[s].to) <= start {
			s++
		}
		if s < len(spans) {
			from, to := msOf(spans[s].from), msOf(spans[s].to)
			if start < from && from < end {
				start = from
			}
			if ring := to + clipSamples*1000/sampleRate; start < to && end > ring {
				end = ring
			}
		}
		w.StartMS = min(max(start, last), lengthMS)
		w.EndMS = min(max(end, w.StartMS), lengthMS)
		last = w.EndMS
	}
	// A word that fell wholly into a pause has no time left; it takes a little of
	// the next word's.
	for i := range words {
		want := min(words[i].StartMS+minWordMS, lengthMS)
		if words[i].EndMS >= want {
			continue
		}
		if i+1 < len(words) {
			next := &words[i+1]
			want = min(want, next.EndMS)
			next.StartMS = max(next.StartMS, want)
		}
		words[i].EndMS = want
	}
}

// minWordMS is the shortest time that a word gets where there is room: no
// spoken word is shorter.
const minWordMS = 48

func msOf(sample int64) int64 { return sample * 1000 / sampleRate }
