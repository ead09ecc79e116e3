package vocabulary_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/fieldreel/fieldreel/app/vocabulary"
)

func TestKey(t *testing.T) {
	for in, want := range map[string]string{
		"Anchor on cost of delay": "anchor-on-cost-of-delay", "  Too  expensive! ": "too-expensive", "don't": "dont", "don’t": "dont", "CIO or IT": "cio-or-it",
		"": "", "--": "", "Ünïcode Straße": "ünïcode-straße", "ﬁne": "fine", "價格": "價格", "A/B": "a-b", "C++": "c", "１２": "12", "\x00a\x00": "a", "a\xffb": "a-b",
		"W\u030a": "\u1e98", // only the small letter has a form of its own
	} {
		if got := vocabulary.Key(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// TestKeyIsStable proves that a key is its own key, and has only what may stand in one.
func TestKeyIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := vocabulary.Key(rapid.String().Draw(t, "label"))
		if vocabulary.Key(k) != k {
			t.Fatalf("%q becomes %q", k, vocabulary.Key(k))
		}
		if strings.HasPrefix(k, "-") || strings.HasSuffix(k, "-") || strings.Contains(k, "--") || strings.ContainsAny(k, ", '\x00") {
			t.Fatalf("%q", k)
		}
	})
}

func TestSuggest(t *testing.T) {
	retired := time.Now()
	terms := []vocabulary.Term{
		{Key: "delay", Label: "Cost of delay", Keywords: []string{"cost of waiting", "each month costs", "!!"}},
		{Key: "story", Label: "Customer story", Keywords: []string{"case study"}},
		{Key: "price", Label: "Price", Keywords: []string{"pricing", "too expensive"}},
		{Key: "old", Label: "Old way", RetiredAt: &retired},
	}
	for said, want := range map[string]string{
		"":                     "",
		"Nothing of the kind.": "",
		"THE COST OF DELAY!":   "delay",
		"the cost; of: delays": "delay",
		"Pricing is too expensive, and a case studied once": "price story",
		"the old way":                     "",
		"surprised":                       "", // only whole words
		"costs of waiting. Cost of delay": "delay",
	} {
		var got []string
		for _, s := range vocabulary.Suggest(terms, said) {
			got = append(got, s.Term.Key)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", said, got, want)
		}
	}
	both := vocabulary.Suggest(terms, "price: too expensive. A customer story.")
	if len(both) != 2 || both[0].Term.Key != "price" || !slices.Equal(both[0].Phrases, []string{"Price", "too expensive"}) {
		t.Errorf("most phrases first: %+v", both)
	}
}

func TestSettle(t *testing.T) {
	retired := time.Now()
	terms := []vocabulary.Term{
		{Kind: vocabulary.Objection, Key: "cost", Label: "Price"}, // its label was changed into another's key
		{Kind: vocabulary.Objection, Key: "price", Label: "Too expensive"},
		{Kind: vocabulary.Stage, Key: "demo", Label: "Show and tell", RetiredAt: &retired},
	}
	for _, c := range []struct {
		kind        vocabulary.Kind
		value, want string
	}{
		{vocabulary.Objection, "price", "price"}, {vocabulary.Objection, "PRICE!", "price"}, {vocabulary.Objection, "too  Expensive", "price"}, {vocabulary.Objection, "cost", "cost"},
		{vocabulary.Stage, "Show and tell", "demo"}, {vocabulary.Stage, "price", "price"}, {vocabulary.Stage, "Never heard of", "never-heard-of"}, {vocabulary.Stage, "", ""}, {vocabulary.Stage, "?!", ""},
	} {
		if got := vocabulary.Settle(terms, c.kind, c.value); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.kind, c.value, got, c.want)
		}
	}
}
