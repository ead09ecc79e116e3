package moonshine

// The detector's step and the measured rules of chunking.
const (
	vadWindow = 512 // samples per probability: 32 ms
	vadOn     = 0.5 // speech starts at this probability
	vadOff    = 0.35
	// silenceWindows below vadOff end a stretch of speech: 0.29 s.
	silenceWindows = 9
	// minSpeechWindows is the shortest stretch that is kept: a click has fewer.
	minSpeechWindows = 4
	padSamples       = sampleRate / 5       // kept before and after speech
	mergeSamples     = sampleRate * 25 / 10 // pauses shorter than this stay inside a chunk
	maxChunkSamples  = sampleRate * 20      // the decoder's attention wanders beyond
	maxChunkWindows  = maxChunkSamples / vadWindow
	clipSamples      = sampleRate * 120 / 1000 // a word may ring on this long after the detector's end
)

// span is a stretch [from, to) of a recording, in samples.
type span struct{ from, to int64 }

// speechSpans turns probabilities into stretches of speech: hysteresis between
// two thresholds, short silences bridged, clicks dropped. Spans are in order
// and do not touch.
func speechSpans(probs []float32, samples int64) []span {
	var spans []span
	start, quiet := -1, 0
	end := func(stop int) {
		if stop-start >= minSpeechWindows {
			spans = append(spans, span{int64(start) * vadWindow, min(int64(stop)*vadWindow, samples)})
		}
		start, quiet = -1, 0
	}
	for i, p := range probs {
		switch {
		case start < 0:
			if p >= vadOn {
				start = i
			}
		case p >= vadOff:
			quiet = 0
		default:
			if quiet++; quiet >= silenceWindows {
				end(i + 1 - quiet)
			}
		}
	}
	if start >= 0 {
		end(len(probs) - quiet)
	}
	return spans
}

// chunks groups spans of speech into what is decoded at once: padded, at most
// maxChunkSamples long, pauses under mergeSamples inside. Where speech goes on
// for longer, the cut is at the longest pause of the chunk's second half, and
// without a pause where the detector was least sure.
func chunks(spans []span, probs []float32, samples int64) []span {
	var out []span
	for len(spans) > 0 {
		n := 1
		for n < len(spans) && spans[n].from-spans[n-1].to < mergeSamples {
			n++
		}
		out = appendRun(out, spans[:n], probs)
		spans = spans[n:]
	}
	for i := range out {
		before, after := int64(0), samples
		if i > 0 {
			before = out[i-1].to
		}
		if i+1 < len(out) {
			after = (out[i].to + out[i+1].from) / 2
		}
		room := maxChunkSamples - (out[i].to - out[i].from)
		pad := min(int64(padSamples), room/2)
		out[i].from = max(out[i].from-pad, before)
		out[i].to = min(out[i].to+pad, after)
	}
	return out
}

// appendRun cuts one run of spans with short pauses into chunks without pads.
func appendRun(out, spans []span, probs []float32) []span {
	from := spans[0].from
	for {
		last := len(spans) - 1
		if spans[last].to-from <= maxChunkSamples {
			return append(out, span{from, spans[last].to})
		}
		cut, longest := -1, int64(-1) // index of the span after the cut
		for i := 1; i <= last && spans[i-1].to-from <= maxChunkSamples; i++ {
			// The later pause wins among equals; in the first half only when there is no other.
			pause := spans[i].from - spans[i-1].to
			if spans[i-1].to-from < maxChunkSamples/2 {
				pause = 0
			}
			if pause >= longest {
				cut, longest = i, pause
			}
		}
		if cut >= 0 {
			out = append(out, span{from, spans[cut-1].to})
			spans = spans[cut:]
			from = spans[0].from
			continue
		}
		middle := weakest(probs, from)
		out = append(out, span{from, middle})
		from = middle
	}
}

// weakest is the sample between half a chunk and a whole chunk after from where
// the detector was least sure of speech.
func weakest(probs []float32, from int64) int64 {
	first := int(from / vadWindow)
	best := first + maxChunkWindows/2
	for i := best; i < min(first+maxChunkWindows, len(probs)); i++ {
		if probs[i] <= probs[best] {
			best = i
		}
	}
	return int64(best) * vadWindow
}
