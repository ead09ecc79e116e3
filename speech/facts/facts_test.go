package facts_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fieldreel/fieldreel/speech"
	"github.com/fieldreel/fieldreel/speech/facts"
)

// take says words one every 400 ms, each lasting 300 ms, all sure. "|" is a pause of 2 s more, and a word
// after "?" is unsure.
func take(text string) []speech.Segment {
	var words []speech.Word
	at := int64(500)
	for _, w := range strings.Fields(text) {
		if w == "|" {
			at += 2000
			continue
		}
		sure := 0.98
		if rest, unsure := strings.CutPrefix(w, "?"); unsure {
			w, sure = rest, 0.3
		}
		words = append(words, speech.Word{Text: w, StartMS: at, EndMS: at + 300, Confidence: sure})
		at += 400
	}
	return speech.Cut(words)
}

func ms(v int64) *int64 { return &v }

// TestCounts is worked by hand.
func TestCounts(t *testing.T) {
	// Twelve words: "Hello there, this is Ana." from 500 to 2400; a gap of 2100 ms; "And now the price, which is
	// fair." from 4500 to 7200.
	f := facts.Count(take("Hello there, this is Ana. | And now the price, which is fair."), 9000, facts.Rules{TargetMS: 8000, Language: "en"})
	if f.DurationMS != 9000 || f.TargetMS != 8000 {
		t.Errorf("length %d of %d", f.DurationMS, f.TargetMS)
	}
	if f.Words != 12 {
		t.Errorf("%d words", f.Words)
	}
	if want := []facts.Stretch{{StartMS: 2400, EndMS: 4500}}; !slices.Equal(f.Pauses, want) {
		t.Errorf("pauses %v, want %v", f.Pauses, want)
	}
	if want := int64((2400 - 500) + (7200 - 4500)); f.SpeakingMS != want {
		t.Errorf("%d ms of speaking, want %d", f.SpeakingMS, want)
	}
	if f.WordsPerMinute != 157 { // 12 words in 4.6 s are 156.52 a minute
		t.Errorf("%d words a minute", f.WordsPerMinute)
	}
	if f.Pace == nil || f.Pace.Low != 120 || f.Pace.High != 165 || f.LowConfidence {
		t.Errorf("%+v", f)
	}
}

// TestEdgesOfPauses: what is exactly a second is none.
func TestEdgesOfPauses(t *testing.T) {
	word := func(start, end int64) speech.Word {
		return speech.Word{Text: "word", StartMS: start, EndMS: end, Confidence: 1}
	}
	f := facts.Count([]speech.Segment{{StartMS: 0, EndMS: 5000, Words: []speech.Word{word(0, 500), word(1500, 2000), word(3001, 3500)}}}, 60_000, facts.Rules{})
	if want := []facts.Stretch{{StartMS: 2000, EndMS: 3001}}; !slices.Equal(f.Pauses, want) || f.SpeakingMS != 2000+499 {
		t.Errorf("%v, %d ms", f.Pauses, f.SpeakingMS)
	}
	if f.WordsPerMinute != 0 {
		t.Errorf("a pace of %d from three words", f.WordsPerMinute)
	}
}

// TestFillers counts what certainly is one, and nothing that means something.
func TestFillers(t *testing.T) {
	for text, want := range map[string][]string{
		"Um, we uh have Uhm... a plan":                      {"um", "uh", "uhm"},
		"It is, you know, cheaper.":                         {"you know"},
		"Do you know the price?":                            nil,
		"You know, it is cheaper.":                          {"you know"},
		"As you know, it is cheaper.":                       nil, // it answers to what was agreed
		"I like it. It was, like, cheap.":                   {"like"},
		"What kind of plan? It is kind of, you know, dear.": {"you know"}, // "kind of" is not set off on both sides
		"I mean, I mean what I say.":                        {"i mean"},
		"So, basically, it is, at the end of the day, fair": {"so", "basically", "at the end of the day"},
		"The right price is right.":                         nil,
		"Hmm… well, er — right":                             {"hmm", "well", "er"},
		"He said “you know”":                                nil,
		"I’ve, let’s see, three points":                     {"let's see"},
		"":                                                  nil,
	} {
		f := facts.Count(take(text), 60_000, facts.Rules{Language: "en-GB"})
		var got []string
		for _, x := range f.Fillers {
			got = append(got, x.Word)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	f := facts.Count(take("We uh have a plan"), 60_000, facts.Rules{Language: "en"})
	if len(f.Fillers) != 1 || f.Fillers[0].StartMS != 900 {
		t.Errorf("%v", f.Fillers)
	}
	// "er" and "um" are words of German.
	if f := facts.Count(take("Er kam um acht"), 60_000, facts.Rules{Language: "de"}); len(f.Fillers) > 0 || f.FillersKnown || f.Pace != nil {
		t.Errorf("%+v", f)
	}
}

// TestPhrases is what is the same phrase and what is not.
func TestPhrases(t *testing.T) {
	for _, c := range []struct {
		said, phrase string
		state        facts.State
		at           *int64
	}{
		{"We talk about the cost of delay here.", "cost of delay", facts.Found, ms(500 + 4*400)},
		{"We talk about the COSTS, of Delay.", "cost of delay", facts.Found, ms(500 + 4*400)},
		{"What does the cost um of, uh, delay mean?", "Cost of delay!", facts.Found, ms(500 + 3*400)},
		{"The delay of cost.", "cost of delay", facts.Missing, nil},
		{"We guaranteed it.", "guarantee", facts.Found, ms(900)},
		{"Guaranteeing that is hard.", "guarantee", facts.Found, ms(500)},
		{"No guarantees here.", "guarantee", facts.Found, ms(900)},
		{"The companies planned prices.", "company plan price", facts.Found, ms(900)},
		{"We don't share it.", "do not share", facts.Found, ms(900)},
		{"We do not share it.", "don't share", facts.Found, ms(900)},
		{"It’s free.", "it is free", facts.Found, ms(500)},
		{"We can't.", "cannot", facts.Found, ms(900)},
		{"It takes thirty days.", "30 days", facts.Found, ms(1300)},
		{"It takes twenty five days.", "25 days", facts.Found, ms(1300)},
		{"It takes twenty-five days.", "25 day", facts.Found, ms(1300)},
		{"It takes twenty days.", "25 days", facts.Missing, nil},
		{"Twenty percent off.", "20%", facts.Found, ms(500)},
		{"About 1,000 seats", "1000 seats", facts.Found, ms(900)},
		{"Version 2.5 is out.", "version 2.5", facts.Found, ms(500)},
		{"North wind is half the price.", "Northwind", facts.Found, ms(500)},
		{"Northwind is half the price.", "north wind", facts.Found, ms(500)},
		{"We follow up tomorrow.", "follow-up", facts.Found, ms(900)},
		{"Ana's price", "ana price", facts.Found, ms(500)},
		{"The Müller plan", "mu\u0308ller", facts.Found, ms(900)}, // the letter in two pieces
		{"Nothing of the sort.", "price", facts.Missing, nil},
		{"The news is good.", "new", facts.Found, ms(900)}, // endings are all it knows
		{"This is a bus.", "bu", facts.Missing, nil},
		{"", "price", facts.Missing, nil},
		{"Something.", "…", facts.Missing, nil},
		// Unsure words are no proof, either way.
		{"We talk about the cost ?off delay.", "cost of delay", facts.Unclear, ms(500 + 4*400)},
		{"We talk about the ?cost of delay.", "cost of delay", facts.Unclear, ms(500 + 4*400)},
		{"The ?cost of delay is the cost of delay.", "cost of delay", facts.Found, ms(500 + 6*400)},
		{"We talk about the cost of the day.", "cost of delay", facts.Missing, nil}, // sure, and something else
		{"We talk about ?garden tea here in short and nothing else.", "guarantee", facts.Missing, nil},
		{"We have a ?guarantea here in short and nothing else.", "guarantee", facts.Unclear, ms(500 + 3*400)},
		{"?a ?b ?c d", "price", facts.Unclear, nil}, // most of it is noise
	} {
		f := facts.Count(take(c.said), 60_000, facts.Rules{MustSay: []string{c.phrase}, MustNotSay: []string{c.phrase}, Language: "en"})
		want := []facts.Phrase{{Phrase: c.phrase, State: c.state, AtMS: c.at}}
		if !reflect.DeepEqual(f.MustSay, want) || !reflect.DeepEqual(f.MustNotSay, want) {
			at := "nowhere"
			if f.MustSay[0].AtMS != nil {
				at = fmt.Sprint(*f.MustSay[0].AtMS)
			}
			t.Errorf("%q in %q: %s at %s", c.phrase, c.said, f.MustSay[0].State, at)
		}
	}
}

// TestAcrossSegments: a phrase does not end with its sentence, and segments without words have some.
func TestAcrossSegments(t *testing.T) {
	f := facts.Count([]speech.Segment{{StartMS: 0, EndMS: 1000, Text: "it is the cost"}, {StartMS: 1000, EndMS: 2000, Text: "of delay"}}, 3000, facts.Rules{MustSay: []string{"cost of delay"}})
	if f.Words != 6 || f.MustSay[0].State != facts.Found {
		t.Errorf("%+v", f)
	}
}

// TestDefinitions: every fact says how it is counted, and nothing claims to know a person's mind.
func TestDefinitions(t *testing.T) {
	for _, language := range []string{"en", "de", ""} {
		f := facts.Count(take("?a ?b c"), 3000, facts.Rules{Language: language})
		all := strings.Join(f.Definition, "\n")
		for _, word := range []string{"Length:", "Words:", "Speaking time:", "Pace:", "Pauses:", "Fillers:", "Phrases:", "rough"} {
			if !strings.Contains(all, word) {
				t.Errorf("%s: nothing about %s", language, word)
			}
		}
		if at := strings.Contains(all, "at least"); at != (language == "en") {
			t.Errorf("%s: “at least” is said: %v", language, at)
		}
	}
}

// FuzzCount: whatever is said, the facts are consistent.
func FuzzCount(f *testing.F) {
	f.Add("Um, it is | twenty ?five percent, you know.", "25 %", "en", int64(10_000))
	f.Add("' ’s n't 're . , % | ?", "n't", "", int64(0))
	f.Add("\xff\x00 e\u0301 ﬁne 1,0 2.", "fine", "en-US", int64(-5))
	f.Fuzz(func(t *testing.T, text, phrase, language string, duration int64) {
		if len(text) > 2000 || len(phrase) > 200 {
			return
		}
		segments := take(text)
		got := facts.Count(segments, duration, facts.Rules{MustSay: []string{phrase}, MustNotSay: []string{phrase, ""}, Language: language})
		end := int64(0)
		for _, s := range segments {
			end = max(end, s.EndMS)
		}
		sum := got.SpeakingMS
		last := int64(-1)
		for _, p := range got.Pauses {
			if p.EndMS-p.StartMS <= facts.PauseMS || p.StartMS < last {
				t.Errorf("pause %v after %d", p, last)
			}
			sum, last = sum+p.EndMS-p.StartMS, p.EndMS
		}
		if got.Words < 0 || got.SpeakingMS < 0 || sum > end || got.WordsPerMinute < 0 {
			t.Errorf("%d words, %d ms and pauses of %d until %d", got.Words, got.SpeakingMS, sum-got.SpeakingMS, end)
		}
		if len(got.Fillers) > got.Words {
			t.Errorf("%d fillers in %d words", len(got.Fillers), got.Words)
		}
		for _, p := range slices.Concat(got.MustSay, got.MustNotSay) {
			if p.State == facts.Found && p.AtMS == nil || p.AtMS != nil && (*p.AtMS < 0 || *p.AtMS > end) {
				t.Errorf("%+v", p)
			}
		}
		if len(got.MustSay) != 1 || len(got.MustNotSay) != 2 {
			t.Errorf("%d and %d phrases", len(got.MustSay), len(got.MustNotSay))
		}
	})
}
