package speech

import "strings"

const (
	// minSoundKey keeps short words out: three sounds are shared by too many
	// ordinary words ("sale", "sell", "seal").
	minSoundKey = 4
	// maxSoundWords is how many heard words may make up one term.
	maxSoundWords = 4
)

// soundMatch looks for a term that sounds like the words at the front. To be
// safe it asks for the same sequence of consonant sounds, about the same
// length, and a word that the engine itself doubted.
func (g Glossary) soundMatch(words []Word, heard [][]string) (rule, int, bool) {
	var joined string
	doubt := false
	best, taken := rule{}, 0
	for n := 1; n <= min(len(words), maxSoundWords); n++ {
		if len(heard[n-1]) == 0 {
			break
		}
		joined += strings.Join(heard[n-1], "")
		doubt = doubt || words[n-1].Confidence < LowConfidence
		if !doubt {
			continue
		}
		r, ok := g.sound[soundKey(joined)]
		if ok && 3*len(joined) >= 2*r.letters && 2*len(joined) <= 3*r.letters {
			best, taken = r, n
		}
		if endsPhrase(words[n-1].Text) {
			break
		}
	}
	return best, taken, false
}

// soundKey reduces an English spelling to its consonant sounds, in the manner
// of Lawrence Philips' Metaphone (1990) but smaller: silent letters go, letters
// that spell one sound share a code, vowels stay only at the front. Other
// scripts give an empty key, which matches nothing.
func soundKey(word string) string {
	letters := make([]byte, 0, len(word))
	for i := range len(word) {
		if c := word[i]; c >= 'a' && c <= 'z' {
			letters = append(letters, c)
		}
	}
	w := string(letters)
	for _, silent := range []string{"kn", "gn", "pn", "wr", "ps"} {
		if strings.HasPrefix(w, silent) {
			w = w[1:]
			break
		}
	}
	var key []byte
	add := func(code byte) {
		if len(key) == 0 || key[len(key)-1] != code {
			key = append(key, code)
		}
	}
	at := func(i int) byte {
		if i < 0 || i >= len(w) {
			return 0
		}
		return w[i]
	}
	for i := 0; i < len(w); i++ {
		c, next := w[i], at(i+1)
		switch c {
		case 'a', 'e', 'i', 'o', 'u':
			if i == 0 {
				add('A')
			}
		case 'c':
			switch {
			case next == 'h':
				add('X')
				i++
			case next == 'i' || next == 'e' || next == 'y':
				add('S')
			default:
				add('K')
			}
		case 'd':
			if next == 'g' && front(at(i+2)) {
				add('J')
				i++
			} else {
				add('T')
			}
		case 'g':
			switch {
			case next == 'h' && !vowel(at(i+2)):
				i++ // silent, as in "night"
			case front(next):
				add('J')
			default:
				add('K')
			}
		case 'h':
			if vowel(next) && !vowel(at(i-1)) {
				add('H')
			}
		case 'p':
			if next == 'h' {
				add('F')
				i++
			} else {
				add('P')
			}
		case 's':
			if next == 'h' {
				add('X')
				i++
			} else {
				add('S')
			}
		case 't':
			switch {
			case next == 'h':
				add('0')
				i++
			case next == 'i' && (at(i+2) == 'o' || at(i+2) == 'a'):
				add('X')
			default:
				add('T')
			}
		case 'w', 'y':
			if vowel(next) {
				add(c - 'a' + 'A')
			}
		case 'x':
			add('K')
			add('S')
		case 'q', 'k':
			add('K')
		case 'v':
			add('F')
		case 'z':
			add('S')
		case 'b':
			if next != 0 || at(i-1) != 'm' { // silent at the end of "comb"
				add('P')
			}
		default: // f j l m n r
			add(c - 'a' + 'A')
		}
	}
	return string(key)
}

func vowel(c byte) bool { return c != 0 && strings.IndexByte("aeiouy", c) >= 0 }
func front(c byte) bool { return c == 'e' || c == 'i' || c == 'y' }
