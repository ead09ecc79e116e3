package passage

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestMain fixes rapid's seed: a failure must come back on the next run.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.seed"); f.Value.String() == "0" {
		if err := f.Value.Set("1"); err != nil {
			panic(err)
		}
	}
	m.Run()
}

// say makes words of 300 ms, 100 ms apart; "|" is a pause of five seconds.
func say(text string) []Word {
	var words []Word
	at := int64(0)
	for _, f := range strings.Fields(text) {
		if f == "|" {
			at += 5000
			continue
		}
		words = append(words, Word{Text: f, StartMS: at, EndMS: at + 300})
		at += 400
	}
	return words
}

func sentence(n int, end string) string {
	return strings.TrimSpace(strings.Repeat("word ", n-1)) + " last" + end + " "
}

func sizes(passages []Passage) []int {
	var n []int
	for _, p := range passages {
		n = append(n, len(strings.Fields(p.Text)))
	}
	return n
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		name string
		text string
		want []int
	}{
		{"nothing", "", nil},
		{"only spaces", "  |  ", nil},
		{"a short clip is one passage", sentence(8, "."), []int{8}},
		{"sentences are packed up to the target", strings.Repeat(sentence(20, "."), 6), []int{60, 60}},
		{"a passage is closed early rather than made far too long", sentence(40, ".") + sentence(90, "?"), []int{40, 90}},
		{"a sentence that brings it nearer is taken in", sentence(40, ".") + sentence(30, "!") + sentence(60, "."), []int{70, 60}},
		{"a sentence of 120 words stays whole", sentence(120, "."), []int{120}},
		{"a longer one is divided near the target", sentence(150, "."), []int{60, 90}},
		{"no punctuation at all", sentence(400, ""), []int{60, 60, 60, 60, 60, 100}},
		{"a long pause is a boundary, however short the passage", sentence(5, ".") + "| " + sentence(5, "."), []int{5, 5}},
		{"and inside a sentence as well", "so then | they said no.", []int{2, 3}},
		{"a short tail joins the passage before", sentence(60, ".") + sentence(5, "."), []int{65}},
		{"but not over a long pause", sentence(60, ".") + "| " + sentence(5, "."), []int{60, 5}},
		{"a short opening takes the next sentence on", sentence(3, ".") + sentence(100, "."), []int{103}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := sizes(Cut(say(c.text))); !slices.Equal(got, c.want) {
				t.Errorf("sizes = %v, want %v", got, c.want)
			}
		})
	}
}

func TestCutDividesLongSentenceAtTheLongestBreath(t *testing.T) {
	words := say(sentence(150, "."))
	for i := 51; i < len(words); i++ {
		words[i].StartMS += 900
		words[i].EndMS += 900
	}
	if got := sizes(Cut(words)); got[0] != 51 {
		t.Errorf("sizes = %v, want the cut after 51 words, where the speaker paused", got)
	}
}

func TestEndsSentence(t *testing.T) {
	for _, c := range []struct {
		word string
		want bool
	}{
		{"price.", true}, {"price?", true}, {"price!”", true}, {"price.)", true}, {"no.", true}, {".", true}, {"…", true},
		{"価格。", true}, {"price", false}, {"price,", false}, {"Mr.", false}, {"J.", false}, {"(e.g.", false},
		{"approx.", false}, {"3.5", false}, {"ca.", false},
	} {
		if got := endsSentence(c.word); got != c.want {
			t.Errorf("endsSentence(%q) = %v, want %v", c.word, got, c.want)
		}
	}
}

func TestCutKeepsSenselessTimesInBounds(t *testing.T) {
	for i, p := range Cut([]Word{{"a", -500, -200}, {"b", 9000, 100}, {"c", 50, 40}}) {
		if p.StartMS < 0 || p.EndMS < p.StartMS {
			t.Errorf("passage %d = %+v", i, p)
		}
	}
}

// Whatever the transcript: no word is lost, doubled or moved, and no sentence of up to 120 words is divided except by
// a long pause.
func TestCutKeepsEveryWordAndSentence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		var words []Word
		at := int64(0)
		for i := range r.IntN(600) {
			w := Word{Text: fmt.Sprintf("w%d", i), StartMS: at, EndMS: at + 200}
			if r.IntN(15) == 0 {
				w.Text += "."
			}
			if at += 250; r.IntN(80) == 0 {
				at += LongPauseMS
			}
			words = append(words, w)
		}
		passages := Cut(words)
		var got []string
		for _, p := range passages {
			got = append(got, strings.Fields(p.Text)...)
		}
		if len(got) != len(words) {
			t.Fatalf("%d words became %d", len(words), len(got))
		}
		sentenceLen := 0
		next := 0
		for i, p := range passages {
			n := len(strings.Fields(p.Text))
			for j := range n {
				if got[next] != words[next].Text {
					t.Fatalf("word %d is %q, want %q", next, got[next], words[next].Text)
				}
				if sentenceLen++; strings.HasSuffix(got[next], ".") {
					sentenceLen = 0
				}
				next++
				last := j == n-1 && i < len(passages)-1
				if last && sentenceLen > 0 && words[next].StartMS-words[next-1].EndMS < LongPauseMS {
					rest := 0
					for k := next; k < len(words) && !strings.HasSuffix(words[k-1].Text, "."); k++ {
						rest++
					}
					if sentenceLen+rest <= LongSentence {
						t.Fatalf("a sentence of %d words was divided after word %d", sentenceLen+rest, next-1)
					}
				}
			}
			if n > LongSentence+shortest {
				t.Fatalf("passage %d has %d words", i, n)
			}
		}
	})
}

func FuzzCut(f *testing.F) {
	f.Add("they say. Northwind is half the price", int64(0))
	f.Add("\xff\x00 ... ? \u202e", int64(-1<<62))
	f.Fuzz(func(t *testing.T, text string, at int64) {
		words := say(text)
		for i := range words {
			words[i].StartMS += at
		}
		for _, p := range Cut(words) {
			if p.StartMS < 0 || p.EndMS < p.StartMS || strings.TrimSpace(p.Text) == "" {
				t.Errorf("%+v", p)
			}
		}
	})
}
