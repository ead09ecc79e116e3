package facts

import (
	"slices"
	"strings"
	"unicode"

	"github.com/fieldreel/fieldreel/speech"
)

// hesitations are no words of English: wherever they stand they are fillers.
//
//nolint:gochecknoglobals // a constant list
var hesitations = []string{"um", "umm", "ummm", "uh", "uhh", "uhhh", "uhm", "er", "err", "erm", "ehm", "eh", "em", "mm", "mmm", "hm", "hmm", "hmmm", "ah", "ahm"}

// asides are fillers only where the transcript sets them off from the sentence ("it is, you know, cheaper"):
// as parts of one ("do you know him") they carry meaning.
//
//nolint:gochecknoglobals // a constant list
var asides = [][]string{
	{"you", "know"}, {"i", "mean"}, {"you", "see"}, {"sort", "of"}, {"kind", "of"}, {"like"}, {"well"}, {"so"}, {"right"}, {"okay"}, {"ok"}, {"actually"}, {"basically"},
	{"literally"}, {"honestly"}, {"let's", "see"}, {"how", "to", "say"}, {"and", "so", "on"}, {"at", "the", "end", "of", "the", "day"}, {"to", "be", "honest"},
}

// fillers finds what certainly is one: an undercount, by intent.
func fillers(words []speech.Word) []Filler {
	out := []Filler{}
	for i := 0; i < len(words); i++ {
		w := plainWord(words[i].Text)
		if slices.Contains(hesitations, strings.ReplaceAll(w, "-", "")) {
			out = append(out, Filler{words[i].StartMS, w})
			continue
		}
		if n := asideAt(words, i); n > 0 {
			out = append(out, Filler{words[i].StartMS, said(words[i : i+n])})
			i += n - 1
		}
	}
	return out
}

// asideAt gives how many words the longest aside that begins at i has, or 0. It must begin a sentence or
// come after a comma, and a comma must follow it.
func asideAt(words []speech.Word, i int) int {
	if i > 0 && !strings.ContainsAny(lastRune(words[i-1].Text), ",;:.?!…–—") {
		return 0
	}
	best := 0
	for _, a := range asides {
		n := len(a)
		if n <= best || i+n > len(words) || !strings.ContainsAny(lastRune(words[i+n-1].Text), ",…–—") {
			continue
		}
		same := true
		for k, w := range a {
			// "like, you, know" is no aside.
			same = same && plainWord(words[i+k].Text) == w && (k == n-1 || !strings.ContainsAny(lastRune(words[i+k].Text), ",;:.?!…"))
		}
		if same {
			best = n
		}
	}
	return best
}

func said(words []speech.Word) string {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = plainWord(w.Text)
	}
	return strings.Join(parts, " ")
}

// plainWord is a word in small letters without the punctuation around it.
func plainWord(s string) string {
	return strings.ToLower(strings.TrimFunc(strings.ReplaceAll(s, "’", "'"), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }))
}

func lastRune(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return ""
	}
	return string(r[len(r)-1])
}

func hasSense(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}
