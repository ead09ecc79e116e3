package speech

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldreel/fieldreel/speech/internal/weights"
)

// spoken makes words of a text: 200 ms each, with a pause of one second at
// every "|".
func spoken(text string) []Word {
	var words []Word
	at := int64(0)
	for _, f := range strings.Fields(text) {
		if f == "|" {
			at += 1000
			continue
		}
		words = append(words, Word{Text: f, StartMS: at, EndMS: at + 200, Confidence: 0.9})
		at += 200
	}
	return words
}

func TestCut(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"nothing":                {"", ""},
		"one word":               {"Yes", "Yes"},
		"sentences":              {"They said no. Why? I asked! And so on", "They said no. / Why? / I asked! / And so on"},
		"closing quotes":         {`He said "no." Then he left.`, `He said "no." / Then he left.`},
		"titles":                 {"Ask Mr. Jones or Dr. Smith vs. Prof. Lee today.", "Ask Mr. Jones or Dr. Smith vs. Prof. Lee today."},
		"initials":               {"I met J. R. Smith. He agreed.", "I met J. R. Smith. / He agreed."},
		"I at a sentence's end":  {"So do I. Then we signed.", "So do I. / Then we signed."},
		"number":                 {"Take No. 5 please. He said no. Nothing helped.", "Take No. 5 please. / He said no. / Nothing helped."},
		"lower case goes on":     {"It costs approx. ten. that is all", "It costs approx. ten. that is all"},
		"ellipsis":               {"Well… Maybe", "Well… / Maybe"},
		"pause":                  {"we wait | and then go on", "we wait / and then go on"},
		"pause after a sentence": {"We wait. | Then we go on.", "We wait. / Then we go on."},
		"only punctuation":       {". ?", ". / ?"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, s := range Cut(spoken(c.in)) {
				got = append(got, s.Text)
			}
			if joined := strings.Join(got, " / "); joined != c.want {
				t.Errorf("got  %s\nwant %s", joined, c.want)
			}
		})
	}
}

func TestCutLongSentenceAtAComma(t *testing.T) {
	half := strings.TrimSpace(strings.Repeat("word ", 25))
	got := Cut(spoken(half + ", " + half))
	if len(got) != 2 || !strings.HasSuffix(got[0].Text, "word,") {
		t.Errorf("%d segments, the first %q", len(got), got[0].Text)
	}
	for _, s := range Cut(spoken(strings.Repeat("word ", 1000))) {
		if len(s.Words) > maxSegmentWords || s.EndMS-s.StartMS > maxSegmentMS {
			t.Errorf("%d words, %d ms", len(s.Words), s.EndMS-s.StartMS)
		}
	}
}

// wordList draws words in order, with odd texts, pauses and no lengths too.
func wordList(t *rapid.T) []Word {
	text := rapid.OneOf(
		rapid.StringMatching(`[A-Za-z']{1,12}[.,?!;:…]?`),
		rapid.SampledFrom([]string{"Mr.", "I.", "North", "Wind", "north-wind's", "…", `"No."`, "é", "名前", "&", "'"}),
	)
	n := rapid.IntRange(0, 60).Draw(t, "n")
	words := make([]Word, n)
	at := int64(0)
	for i := range words {
		at += rapid.SampledFrom([]int64{0, 0, 0, 1, 40, 300, 1500, 20000}).Draw(t, "pause")
		length := rapid.Int64Range(0, 900).Draw(t, "length")
		words[i] = Word{
			Text: text.Draw(t, "text"), StartMS: at, EndMS: at + length,
			Confidence: rapid.Float64Range(0, 1).Draw(t, "confidence"),
		}
		at += length
	}
	return words
}

func lengthOf(words []Word) int64 {
	if len(words) == 0 {
		return 0
	}
	return words[len(words)-1].EndMS
}

func TestCutKeepsEveryWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := wordList(t)
		segments := Cut(words)
		if err := (Transcript{DurationMS: lengthOf(words), Segments: segments}).Validate(); err != nil {
			t.Fatal(err)
		}
		var back []Word
		for _, s := range segments {
			if s.Text != joinWords(s.Words) {
				t.Fatalf("text %q", s.Text)
			}
			back = append(back, s.Words...)
		}
		if len(words) > 0 && !reflect.DeepEqual(words, back) {
			t.Fatalf("words changed")
		}
	})
}

func TestGlossaryKeepsTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := wordList(t)
		before := Transcript{DurationMS: lengthOf(words), Segments: Cut(words)}
		var terms []Term
		for range rapid.IntRange(0, 5).Draw(t, "terms") {
			terms = append(terms, Term{
				Heard:      rapid.StringMatching(`([a-z]{1,6}|north|wind)( [a-z]{1,3}| wind)?`).Draw(t, "heard"),
				Written:    rapid.StringMatching(`[A-Z][a-z]{1,8}( [A-Z][a-z]+){0,2}`).Draw(t, "written"),
				SoundAlike: rapid.Bool().Draw(t, "sound"),
			})
		}
		g, err := NewGlossary(terms)
		if err != nil {
			t.Fatal(err)
		}
		copied := append([]Word(nil), words...)
		after := g.Apply(before)
		if err := after.Validate(); err != nil {
			t.Fatal(err)
		}
		if len(words) > 0 && !reflect.DeepEqual(words, copied) {
			t.Fatal("the given transcript was changed")
		}
		for i, s := range after.Segments {
			if s.StartMS != before.Segments[i].StartMS || s.EndMS != before.Segments[i].EndMS || s.Text != joinWords(s.Words) {
				t.Fatalf("segment %d: %+v", i, s)
			}
		}
		if len(terms) == 0 && !reflect.DeepEqual(after, before) {
			t.Fatal("an empty glossary changed something")
		}
	})
}

func TestGlossary(t *testing.T) {
	terms := []Term{
		{Heard: "north wind", Written: "Northwind"},
		{Heard: "north", Written: "NORTH"},
		{Heard: "field reel", Written: "Fieldreel"},
		{Heard: "sequel server", Written: "SQL Server"},
		{Heard: "acme", Written: "ACME Corporation"},
		{Heard: "r&d", Written: "R&D department"},
		{Heard: "crm’s", Written: "CRM's"},
	}
	g, err := NewGlossary(terms)
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"they say North Wind is half":     "they say Northwind is half",
		"(north wind), they say":          "(Northwind), they say",
		"NORTH-WIND is cheap":             "Northwind is cheap",
		"north wind's price. Then":        "Northwind's price. Then",
		"north winds blow":                "NORTH winds blow",
		"northwind blows":                 "northwind blows",
		"go north. wind blows":            "go NORTH. wind blows",
		"a sequel server, a field reel":   "a SQL Server, a Fieldreel",
		"Acme's price and acme":           "ACME Corporation's price and ACME Corporation",
		"our R&D is slow":                 "our R&D department is slow",
		"the CRM’s fields":                "the CRM's fields",
		"north-wind-north goes by itself": "north-wind-north goes by itself",
		"unnorth wind":                    "unnorth wind",
		"north wind north wind":           "Northwind Northwind",
		"":                                "",
		"… — north … wind":                "… — NORTH … wind",
	} {
		words := spoken(in)
		got := g.Apply(Transcript{DurationMS: lengthOf(words), Segments: Cut(words)})
		var all []string
		for _, s := range got.Segments {
			all = append(all, s.Text)
		}
		if text := strings.Join(all, " "); text != want {
			t.Errorf("%q became %q, want %q", in, text, want)
		}
	}
}

func TestGlossaryTimes(t *testing.T) {
	g, err := NewGlossary([]Term{{Heard: "north wind", Written: "Northwind"}, {Heard: "acme", Written: "Acme Inc"}})
	if err != nil {
		t.Fatal(err)
	}
	words := spoken("say north wind and acme")
	words[2].Confidence = 0.3
	got := g.Apply(Transcript{DurationMS: 1000, Segments: []Segment{NewSegment(words)}}).Segments[0].Words
	want := []Word{
		{"say", 0, 200, 0.9}, {"Northwind", 200, 600, 0.3}, {"and", 600, 800, 0.9},
		{"Acme", 800, 911, 0.9}, {"Inc", 911, 1000, 0.9},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestGlossarySoundAlike(t *testing.T) {
	g, err := NewGlossary([]Term{
		{Heard: "fieldreel", Written: "Fieldreel", SoundAlike: true},
		{Heard: "salesforce", Written: "Salesforce", SoundAlike: true},
		{Heard: "deal", Written: "Deal", SoundAlike: true}, // too short to be matched by sound
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		in         string
		confidence float64
		want       string
	}{
		{"we use feel drill", 0.3, "we use Fieldreel"},
		{"we use field rail", 0.3, "we use Fieldreel"},
		{"we use film reels", 0.3, "we use film reels"},
		{"we use feeled real daily", 0.3, "we use Fieldreel daily"},
		{"we use Fielt Reel.", 0.3, "we use Fieldreel."},
		{"we use Fielt Reel.", 0.9, "we use Fielt Reel."}, // the engine was sure
		{"in sales force, now", 0.3, "in Salesforce, now"},
		{"in sails fours now", 0.3, "in Salesforce now"},
		{"sales, force of nature", 0.3, "sales, force of nature"}, // not over punctuation
		{"the dial is set", 0.3, "the dial is set"},
	} {
		words := spoken(c.in)
		for i := range words {
			words[i].Confidence = c.confidence
		}
		got := g.Apply(Transcript{DurationMS: 9999, Segments: []Segment{NewSegment(words)}})
		if text := got.Segments[0].Text; text != c.want {
			t.Errorf("%q (%v) became %q, want %q", c.in, c.confidence, text, c.want)
		}
	}
}

func TestSoundKey(t *testing.T) {
	for _, same := range [][]string{
		{"fieldreel", "feeldreal", "phielt reel"},
		{"night", "knight", "nite"},
		{"write", "right", "rite"},
		{"phone", "fone"},
		{"checks", "chex"},
	} {
		for _, w := range same[1:] {
			if soundKey(w) != soundKey(same[0]) {
				t.Errorf("%s is %s, but %s is %s", same[0], soundKey(same[0]), w, soundKey(w))
			}
		}
	}
	for _, w := range []string{"", "名前", "123", "aeiou"} {
		if key := soundKey(w); len(key) > 1 {
			t.Errorf("%q sounds like %s", w, key)
		}
	}
}

func TestGlossaryRefusesBadTerms(t *testing.T) {
	for name, term := range map[string]Term{
		"hears nothing":     {Heard: " ", Written: "x"},
		"hears punctuation": {Heard: "?!", Written: "x"},
		"writes nothing":    {Heard: "x", Written: "\t"},
		"too long":          {Heard: strings.Repeat("x", 201), Written: "x"},
		"too many words":    {Heard: "a b c d e f g h i", Written: "x"},
		"writes too many":   {Heard: "x", Written: "a b c d e f g h i"},
		"not UTF-8":         {Heard: "\xff", Written: "x"},
	} {
		if _, err := NewGlossary([]Term{{Heard: "fine", Written: "Fine"}, term}); !errors.Is(err, ErrBadTerm) || !strings.Contains(err.Error(), "term 2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewGlossary(make([]Term, maxTerms+1)); !errors.Is(err, ErrBadTerm) {
		t.Errorf("too many: %v", err)
	}
	var zero Glossary
	words := spoken("as it is")
	if got := zero.Apply(Transcript{Segments: []Segment{NewSegment(words)}}); got.Segments[0].Text != "as it is" {
		t.Error("the zero glossary changed something")
	}
}

func TestValidate(t *testing.T) {
	good := func() Transcript {
		return Transcript{DurationMS: 2000, Segments: []Segment{
			NewSegment(Spread("one two", 0, 900)), NewSegment(Spread("three", 900, 2000)), {StartMS: 2000, EndMS: 2000},
		}}
	}
	if err := good().Validate(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Transcript){
		"starts before zero":       func(t *Transcript) { t.Segments[0].StartMS = -1 },
		"segments overlap":         func(t *Transcript) { t.Segments[1].StartMS = 899 },
		"segment backwards":        func(t *Transcript) { t.Segments[0].EndMS = -5 },
		"after the end":            func(t *Transcript) { t.DurationMS = 1999 },
		"word before its segment":  func(t *Transcript) { t.Segments[0].StartMS = 1 },
		"word after its segment":   func(t *Transcript) { t.Segments[0].Words[1].EndMS = 901 },
		"words overlap":            func(t *Transcript) { t.Segments[0].Words[1].StartMS-- },
		"word backwards":           func(t *Transcript) { t.Segments[1].Words[0].EndMS = 899 },
		"confidence above one":     func(t *Transcript) { t.Segments[0].Words[0].Confidence = 1.1 },
		"confidence not a number":  func(t *Transcript) { t.Segments[0].Words[0].Confidence = math.NaN() },
		"word without text":        func(t *Transcript) { t.Segments[0].Words[0].Text = "" },
		"word's text not UTF-8":    func(t *Transcript) { t.Segments[0].Words[0].Text = "\xff" },
		"segment's text not UTF-8": func(t *Transcript) { t.Segments[0].Text = "\xff" },
	} {
		bad := good()
		spoil(&bad)
		if bad.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestSpread(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		from := rapid.Int64Range(0, 1e9).Draw(t, "from")
		to := from + rapid.Int64Range(0, 1e6).Draw(t, "length")
		words := Spread(text, from, to)
		if got, want := joinWords(words), strings.Join(strings.Fields(text), " "); got != want {
			t.Fatalf("%q became %q", want, got)
		}
		if len(words) == 0 {
			return
		}
		if words[0].StartMS != from || words[len(words)-1].EndMS != to {
			t.Fatalf("%d–%d instead of %d–%d", words[0].StartMS, words[len(words)-1].EndMS, from, to)
		}
		if err := NewSegment(words).validateWords(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAvailable(t *testing.T) {
	dir := t.TempDir()
	err := Available(dir)
	if !errors.Is(err, ErrNoModel) || !strings.Contains(err.Error(), weights.Encoder) || !strings.Contains(err.Error(), weights.VAD) {
		t.Errorf("empty folder: %v", err)
	}
	for _, f := range weights.Files() {
		file, err := os.Create(filepath.Join(dir, f.Name))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(file.Truncate(f.Size), file.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if err := Available(dir); err != nil {
		t.Errorf("all there: %v", err)
	}
	if err := os.Truncate(filepath.Join(dir, weights.Encoder), 5); err != nil {
		t.Fatal(err)
	}
	if err := Available(dir); !errors.Is(err, ErrNoModel) || !strings.Contains(err.Error(), "5 bytes instead of") {
		t.Errorf("half a file: %v", err)
	}
}
