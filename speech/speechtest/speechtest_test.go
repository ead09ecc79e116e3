package speechtest

import "testing"

func TestNormalize(t *testing.T) {
	for in, want := range map[string]string{
		"":                                  "",
		"He was not an ill-disposed man.":   "he was not an ill disposed man",
		"Mr. John Dashwood's; \"don't\" 42": "mister john dashwood's don't 42",
		"  'quoted'  ’tis ":                 "quoted tis",
		"Größe & co":                        "größe and co",
	} {
		if got := Normalize(in); got != want {
			t.Errorf("Normalize(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWER(t *testing.T) {
	for _, c := range []struct {
		ref, hyp      string
		errors, words int
	}{
		{"", "", 0, 0},
		{"a b c", "a b c", 0, 3},
		{"a b c", "a x c", 1, 3},
		{"a b c", "a c", 1, 3},
		{"a b c", "a b b c", 1, 3},
		{"a b c", "", 3, 3},
		{"", "a b", 2, 0},
		{"the quick brown fox", "quick the brown", 3, 4},
	} {
		if e, w := WER(c.ref, c.hyp); e != c.errors || w != c.words {
			t.Errorf("WER(%q, %q) = %d/%d, want %d/%d", c.ref, c.hyp, e, w, c.errors, c.words)
		}
	}
}
