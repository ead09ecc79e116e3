package moonshine

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldreel/fieldreel/speech"
)

// probabilities makes detector output of a drawing: '#' is speech, '~' between
// the thresholds, '.' silence; each stands for a number of windows.
func probabilities(drawing string, each int) []float32 {
	var probs []float32
	for _, r := range drawing {
		p := map[rune]float32{'#': 0.9, '~': 0.4, '.': 0.1}[r]
		for range each {
			probs = append(probs, p)
		}
	}
	return probs
}

func windows(spans []span) [][2]int64 {
	out := [][2]int64{}
	for _, s := range spans {
		out = append(out, [2]int64{s.from / vadWindow, s.to / vadWindow})
	}
	return out
}

func TestSpeechSpans(t *testing.T) {
	for name, c := range map[string]struct {
		drawing string
		want    [][2]int64
	}{
		"nothing":                 {"", [][2]int64{}},
		"silence":                 {"....", [][2]int64{}},
		"all speech":              {"####", [][2]int64{{0, 40}}},
		"not sure enough":         {"~~~~", [][2]int64{}},
		"goes on while not sure":  {".##~~", [][2]int64{{10, 50}}},
		"two stretches":           {"#.#", [][2]int64{{0, 10}, {20, 30}}},
		"ends in silence":         {"..##...", [][2]int64{{20, 40}}},
		"unsure after the silent": {"#.~.#", [][2]int64{{0, 10}, {40, 50}}},
	} {
		probs := probabilities(c.drawing, 10)
		if got := windows(speechSpans(probs, int64(len(probs))*vadWindow)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	click := append(probabilities(".", 20), 0.9, 0.9, 0.9)
	click = append(click, probabilities(".", 20)...)
	if got := speechSpans(click, int64(len(click))*vadWindow); len(got) != 0 {
		t.Errorf("a click is no speech: %v", got)
	}
	short := probabilities("#.#", 8) // pauses under 0.29 s are bridged
	if got := windows(speechSpans(short, int64(len(short))*vadWindow)); !reflect.DeepEqual(got, [][2]int64{{0, 24}}) {
		t.Errorf("a short pause: %v", got)
	}
	if got := speechSpans(probabilities("#", 10), 10*vadWindow-100); got[0].to != 10*vadWindow-100 {
		t.Errorf("a span beyond the end: %v", got)
	}
}

func TestChunksPreferTheLongestPause(t *testing.T) {
	sec := int64(sampleRate)
	spans := []span{{0, 6 * sec}, {8 * sec, 11 * sec}, {12 * sec, 16 * sec}, {16*sec + 8000, 30 * sec}}
	probs := make([]float32, 30*sec/vadWindow)
	got := chunks(spans, probs, 30*sec)
	// The pause at 6 s is the longest, but in the first half; that at 11 s is longer than that at 16 s.
	if len(got) != 2 || got[0].to < 11*sec || got[0].to > 12*sec || got[1].from > 12*sec {
		t.Errorf("got %v", got)
	}
	far := chunks([]span{{0, sec}, {4 * sec, 5 * sec}}, probs, 30*sec)
	if len(far) != 2 || far[0].to != sec+padSamples || far[1].from != 4*sec-padSamples {
		t.Errorf("a long pause parts: %v", far)
	}
}

func TestChunksKeepTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var probs []float32
		for range rapid.IntRange(0, 40).Draw(t, "stretches") {
			p := rapid.SampledFrom([]float32{0, 0.3, 0.4, 0.6, 1}).Draw(t, "p")
			for range rapid.SampledFrom([]int{1, 5, 12, 60, 200, 900}).Draw(t, "windows") {
				probs = append(probs, p)
			}
		}
		samples := max(int64(len(probs))*vadWindow-rapid.Int64Range(0, vadWindow-1).Draw(t, "less"), 0)
		spans := speechSpans(probs, samples)
		got := chunks(spans, probs, samples)
		last := int64(0)
		for _, c := range got {
			if c.from < last || c.to <= c.from || c.to > samples {
				t.Fatalf("chunk %v after %d of %d", c, last, samples)
			}
			if c.to-c.from > maxChunkSamples {
				t.Fatalf("chunk of %d samples", c.to-c.from)
			}
			last = c.to
		}
		for _, s := range spans { // all speech is in some chunk
			at := s.from
			for _, c := range got {
				if c.from <= at && at < c.to {
					at = min(c.to, s.to)
				}
			}
			if at != s.to {
				t.Fatalf("speech %v is missing from %d on: %v", s, at, got)
			}
		}
	})
}

func TestWarpFollowsTheDiagonal(t *testing.T) {
	const tokens, frames = 5, 50
	a := attention{heads: 2, frames: frames}
	for i := range tokens {
		row := make([]float32, 2*frames)
		for f := i * 10; f < i*10+10; f++ {
			row[f], row[frames+f] = 1, 0.5
		}
		a.rows = append(a.rows, row)
	}
	for i, start := range a.align() {
		if start < i*10-2 || start > i*10+2 {
			t.Errorf("token %d starts at frame %d", i, start)
		}
	}
}

func TestAlignNeverGoesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := attention{heads: rapid.IntRange(1, 3).Draw(t, "heads"), frames: rapid.IntRange(0, 30).Draw(t, "frames")}
		for range rapid.IntRange(0, 40).Draw(t, "tokens") {
			n := a.heads * a.frames
			a.rows = append(a.rows, rapid.SliceOfN(rapid.Float32Range(0, 1), n, n).Draw(t, "row"))
		}
		starts := a.align()
		if len(starts) != len(a.rows) {
			t.Fatalf("%d starts for %d tokens", len(starts), len(a.rows))
		}
		last := 0
		for _, s := range starts {
			if s < last || a.frames > 0 && s >= a.frames {
				t.Fatalf("starts %v", starts)
			}
			last = s
		}
	})
}

func TestMedian7(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float32Range(-5, 5), 7, 7).Draw(t, "values")
		got := median7((*[7]float32)(append([]float32(nil), values...)))
		below, above := 0, 0
		for _, v := range values {
			if v < got {
				below++
			}
			if v > got {
				above++
			}
		}
		if below > 3 || above > 3 {
			t.Fatalf("median %v of %v", got, values)
		}
	})
}

func TestClip(t *testing.T) {
	word := func(from, to int64) speech.Word { return speech.Word{Text: "x", StartMS: from, EndMS: to} }
	ms := func(from, to int64) span { return span{from * sampleRate / 1000, to * sampleRate / 1000} }
	for name, c := range map[string]struct {
		words []speech.Word
		want  [][2]int64
	}{
		"inside":                    {[]speech.Word{word(600, 900)}, [][2]int64{{600, 900}}},
		"starts in the pause":       {[]speech.Word{word(100, 900)}, [][2]int64{{500, 900}}},
		"rings into the pause":      {[]speech.Word{word(800, 1900), word(2100, 2500)}, [][2]int64{{800, 1120}, {2100, 2500}}},
		"begins in the later pause": {[]speech.Word{word(800, 1000), word(1500, 2500)}, [][2]int64{{800, 1000}, {2000, 2500}}},
		"wholly in the pause":       {[]speech.Word{word(1300, 1300), word(1300, 2500)}, [][2]int64{{1300, 1348}, {2000, 2500}}},
		"beyond the end":            {[]speech.Word{word(2900, 3500), word(3500, 3600)}, [][2]int64{{2900, 3000}, {3000, 3000}}},
	} {
		clip(c.words, []span{ms(500, 1000), ms(2000, 3000)}, 3000)
		var got [][2]int64
		for _, w := range c.words {
			got = append(got, [2]int64{w.StartMS, w.EndMS})
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestClipKeepsTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const length = 10_000
		var words []speech.Word
		at := int64(0)
		for range rapid.IntRange(0, 30).Draw(t, "words") {
			end := at + rapid.Int64Range(0, 800).Draw(t, "length")
			words = append(words, speech.Word{Text: "x", StartMS: at, EndMS: end})
			at = end
		}
		var spans []span
		for from := int64(0); ; {
			from += rapid.Int64Range(1, 3*sampleRate).Draw(t, "pause")
			to := from + rapid.Int64Range(1, 3*sampleRate).Draw(t, "speech")
			if to > length*sampleRate/1000 {
				break
			}
			spans = append(spans, span{from, to})
			from = to
		}
		clip(words, spans, length)
		if len(words) == 0 {
			return
		}
		if err := (speech.Transcript{DurationMS: length, Segments: speech.Cut(words)}).Validate(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestWordsOf(t *testing.T) {
	pieces := []piece{{}, {}, {}}
	for _, line := range []string{"▁So", "▁I", "▁ask", "ed", ".", "▁", "<0xC3>", "<0xA9>", "▁—", "<0x0A>", "▁<0xFF>"} {
		pieces = append(pieces, parsePiece(line))
	}
	id := func(ids ...int) decoded {
		d := decoded{attention: attention{heads: 1, frames: len(ids) * 2}}
		for i, t := range ids {
			d.tokens = append(d.tokens, token{id: t, probability: 0.5})
			row := make([]float32, d.attention.frames)
			row[2*i], row[2*i+1] = 1, 1
			d.attention.rows = append(d.attention.rows, row)
		}
		return d
	}
	for name, c := range map[string]struct {
		ids  []int
		want string
	}{
		"words of pieces":         {[]int{3, 4, 5, 6, 7, tokenEnd}, "So I asked."},
		"no words":                {[]int{tokenEnd}, ""},
		"nothing":                 {nil, ""},
		"bytes make a character":  {[]int{3, 8, 9, 10, tokenEnd}, "So é"},
		"half a character":        {[]int{3, 8, 9, tokenEnd}, "So"},
		"special tokens":          {[]int{3, 32_500, 4, tokenEnd}, "So I"},
		"lone dash joins":         {[]int{3, 11, 4, tokenEnd}, "So— I"},
		"lone dash at the start":  {[]int{11, 4, tokenEnd}, "I"},
		"newline is dropped":      {[]int{3, 12, 4, tokenEnd}, "So I"},
		"begins without the mark": {[]int{6, 7, tokenEnd}, "ed."},
	} {
		var texts []string
		for _, w := range wordsOf(id(c.ids...), pieces, 1000) {
			texts = append(texts, w.Text)
			if w.Confidence != 0.5 || w.EndMS < w.StartMS || w.EndMS > 1000 {
				t.Errorf("%s: %+v", name, w)
			}
		}
		if got := strings.Join(texts, " "); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestRepeats(t *testing.T) {
	for ids, want := range map[string]int{
		"":                                 0,
		"abcdefgh":                         0,
		"aaaaaaa":                          0,
		"aaaaaaaa":                         7,
		"xyaaaaaaaa":                       7,
		"abababab":                         6,
		"xabababab":                        6,
		"ababab":                           0,
		"abcabcabcabc":                     9,
		"abcdefghabcdefghabcdefgh":         0,
		"abcdefghabcdefghabcdefghabcdefgh": 24,
	} {
		var tokens []token
		for _, r := range ids {
			tokens = append(tokens, token{id: int(r)})
		}
		if got := repeats(tokens); got != want {
			t.Errorf("%q: %d, want %d", ids, got, want)
		}
	}
}

func TestQuietest(t *testing.T) {
	pcm := make([]float32, 10*sampleRate)
	for i := range pcm {
		pcm[i] = 0.5
	}
	clear(pcm[6*sampleRate : 6*sampleRate+3200])
	if cut := quietest(pcm); cut < 6*sampleRate || cut > 6*sampleRate+3200 {
		t.Errorf("cut at %d", cut)
	}
}
