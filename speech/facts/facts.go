package facts

import (
	"strings"

	"github.com/fieldreel/fieldreel/speech"
)

const (
	// PauseMS is the shortest silence between two words that counts as a pause. What is longer is no part of
	// the speaking time.
	PauseMS = 1000
	// NoisyShare is the share of words under speech.LowConfidence from which a whole transcript is called
	// unsure. On clean speech hardly any word is under it, on noisy telephone speech 4 of 100.
	NoisyShare = 0.2
	// Under leastWords or leastSpeakingMS no pace is given: one long word more or less would change it.
	leastWords      = 10
	leastSpeakingMS = 3000
)

// Rules is what a take is held against.
type Rules struct {
	// TargetMS is the length to aim at; 0 for none.
	TargetMS int64
	// MustSay and MustNotSay are phrases of one or more words.
	MustSay, MustNotSay []string
	// Language is the BCP 47 tag of what is spoken. Fillers and the usual pace are known for English only.
	Language string
}

// Stretch is a part [StartMS, EndMS) of a take.
type Stretch struct{ StartMS, EndMS int64 }

// Filler is one filler that was heard, as the transcript writes it.
type Filler struct {
	StartMS int64
	Word    string
}

// State says whether a phrase was said.
type State string

// The states of a phrase.
const (
	Found   State = "found"
	Missing State = "missing"
	// Unclear is where the transcript is unsure of words that may be the phrase, or of most words.
	Unclear State = "unclear"
)

// Phrase is what became of one phrase.
type Phrase struct {
	Phrase string
	State  State
	// AtMS is where it was said, or where to listen whether it was; nil where there is no such place.
	AtMS *int64
}

// Band is a range of words per speaking minute, both ends included.
type Band struct{ Low, High int }

// Facts are the countable facts of one take.
type Facts struct {
	DurationMS, TargetMS int64
	// Words are the words of the transcript, SpeakingMS the time from the first of them to the last, less
	// the pauses.
	Words      int
	SpeakingMS int64
	// WordsPerMinute is words per speaking minute, rounded; 0 where too little was said to tell.
	WordsPerMinute int
	// Pace is what is usual; nil where it is not known for the language.
	Pace *Band
	// Pauses are the silences between words longer than PauseMS, in order.
	Pauses []Stretch
	// FillersKnown says that fillers are looked for in this language. Fillers are in order; there were at
	// least these.
	FillersKnown bool
	Fillers      []Filler
	// MustSay and MustNotSay stand in the order of the rules.
	MustSay, MustNotSay []Phrase
	// LowConfidence says that the transcript is unsure of so many words that its facts are rough.
	LowConfidence bool
	// Definition says in words how each fact is counted.
	Definition []string
}

// english is the pace that is usual for speaking to somebody in English: a proposal, for orientation.
func english() *Band { return &Band{Low: 120, High: 165} }

// Count works out the facts of a take of durationMS from its transcript. Segments must be in order; one
// without words has them spread over its time.
func Count(segments []speech.Segment, durationMS int64, r Rules) Facts {
	words := wordsOf(segments)
	isEnglish := knowsFillers(r.Language)
	f := Facts{DurationMS: durationMS, TargetMS: r.TargetMS, Words: len(words), FillersKnown: isEnglish, Pauses: []Stretch{}, Fillers: []Filler{}}
	f.SpeakingMS, f.Pauses = speaking(words)
	if f.Words >= leastWords && f.SpeakingMS >= leastSpeakingMS {
		f.WordsPerMinute = int((int64(f.Words)*60_000 + f.SpeakingMS/2) / f.SpeakingMS)
	}
	f.LowConfidence = unsure(words)
	if isEnglish {
		f.Pace, f.Fillers = english(), fillers(words)
	}
	said := tokensOf(words)
	f.MustSay, f.MustNotSay = look(said, r.MustSay, f.LowConfidence), look(said, r.MustNotSay, f.LowConfidence)
	f.Definition = definition(f)
	return f
}

// wordsOf gives everything spoken that has a letter or a digit, in order.
func wordsOf(segments []speech.Segment) []speech.Word {
	var out []speech.Word
	for _, s := range segments {
		words := s.Words
		if len(words) == 0 {
			words = speech.Spread(s.Text, s.StartMS, max(s.EndMS, s.StartMS))
		}
		for _, w := range words {
			if hasSense(w.Text) {
				out = append(out, w)
			}
		}
	}
	return out
}

// speaking gives the time from the first word to the last without the pauses, and the pauses.
func speaking(words []speech.Word) (int64, []Stretch) {
	pauses := []Stretch{}
	if len(words) == 0 {
		return 0, pauses
	}
	start, end := words[0].StartMS, max(words[0].EndMS, words[0].StartMS)
	total := int64(0)
	for _, w := range words[1:] {
		if w.StartMS-end > PauseMS {
			pauses = append(pauses, Stretch{end, w.StartMS})
			total += end - start
			start = w.StartMS
		}
		end = max(end, w.EndMS)
	}
	return total + end - start, pauses
}

func unsure(words []speech.Word) bool {
	n := 0
	for _, w := range words {
		if w.Confidence < speech.LowConfidence {
			n++
		}
	}
	return n > 0 && float64(n) > NoisyShare*float64(len(words))
}

func definition(f Facts) []string {
	d := []string{
		"Length: the whole recording, beside the length to aim at.",
		"Words: those of the transcript.",
		"Speaking time: from the first word to the last, without pauses.",
		"Pace: words per minute of speaking time; not given under 10 words or 3 seconds.",
		"Pauses: silences of more than one second between two words.",
	}
	if f.Pace != nil {
		d[3] += " 120 to 165 is usual in English: for orientation, no rule."
	}
	if f.FillersKnown {
		d = append(d, "Fillers: at least so many, such as “um”, or “you know” between commas. The speech engine leaves most of them out.")
	} else {
		d = append(d, "Fillers: not counted in this language.")
	}
	d = append(d, "Phrases: compared word by word, whatever the capitals, punctuation and endings. “Unclear” is where the transcript is unsure of the words: listen there.")
	if f.LowConfidence {
		d = append(d, "The transcript is unsure of more than a fifth of the words: take these facts as rough.")
	}
	return d
}

// knowsFillers says whether the language is English, in any of its regions.
func knowsFillers(language string) bool {
	base, _, _ := strings.Cut(strings.ToLower(language), "-")
	return base == "en"
}
