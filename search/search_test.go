package search

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/search/passage"
)

var everyone = []string{"everyone"}

func spoken(id string, texts ...string) Video {
	v := Video{ID: id, Audience: everyone}
	for i, text := range texts {
		v.Passages = append(v.Passages, passage.Passage{StartMS: int64(i) * 1000, EndMS: int64(i)*1000 + 900, Text: text})
	}
	return v
}

// The formula against figures worked out by hand: three documents of 1, 2 and 3 words, the average being 2.
func TestBM25ByHand(t *testing.T) {
	if got, want := idf(3, 1), math.Log(1+2.5/1.5); math.Abs(got-want) > 1e-12 {
		t.Errorf("idf(3, 1) = %v, want %v", got, want)
	}
	if got := idf(10, 10); got <= 0 {
		t.Errorf("idf of a word that is everywhere = %v, want it positive", got)
	}
	// A word once in a document of average length: tf·(k1+1)/(tf+k1) = 1. Twice in one of length 3:
	// 2·2.2/(2 + 1.2·(0.25 + 0.75·1.5)) = 4.4/3.65.
	a, b := lengthFactors(2)
	for _, c := range []struct{ tf, length, want float64 }{{1, 2, 1}, {2, 3, 4.4 / 3.65}, {1, 1, 2.2 / 1.75}} {
		got := c.tf * (bm25K1 + 1) / (c.tf + float64(a) + float64(b)*c.length)
		if math.Abs(got-c.want) > 1e-6 {
			t.Errorf("tf %v, length %v: %v, want %v", c.tf, c.length, got, c.want)
		}
	}
}

func TestResultSaysWhatAndWhy(t *testing.T) {
	ix := open(t, t.TempDir(), Options{})
	published := time.Date(2026, 3, 4, 5, 6, 7, 8_000_000, time.UTC)
	v := Video{
		ID: "v", Version: 7, Title: "Renewal: hold the price", Description: "From the Leeds call.", AuthorID: "p1", AuthorName: "Maria",
		Language: "en", PublishedAt: published, Tags: []string{"leeds"}, Tactics: []string{"Anchor on delay"},
		Situation: Facets{Objection: []string{"Price"}, Stage: []string{"renewal", "closing"}}, Audience: everyone,
		Passages: []passage.Passage{
			{StartMS: 100, EndMS: 200, Text: "Nothing of note here."},
			{StartMS: 300, EndMS: 400, Text: "Their renewals were late, “renewal” they said."},
		},
	}
	replace(t, ix, v)
	r := query(t, ix, Query{
		Text: "the Renewals price Maria", Audience: everyone, AuthorID: "p1", Tactics: []string{"anchor on delay"},
		Situation: Facets{Objection: []string{"price"}, Stage: []string{"Closing", "demo"}, Persona: []string{"CFO"}},
	})
	if len(r.Items) != 1 {
		t.Fatalf("%+v", r)
	}
	got := r.Items[0]
	want := Result{
		VideoID: "v", Version: 7, Title: v.Title, TitleMarks: []Mark{{0, 7}, {18, 23}}, Description: v.Description,
		AuthorID: "p1", AuthorName: "Maria", Language: "en", PublishedAt: published, Tags: v.Tags, Tactics: v.Tactics,
		Situation: v.Situation, Score: got.Score, TextScore: 1, FacetScore: (.4 + .15) / (.4 + .15 + .05),
		Moments: []Moment{{
			Ordinal: 1, StartMS: 300, EndMS: 400, Text: v.Passages[1].Text, Marks: []Mark{{6, 14}, {29, 36}},
			Score: got.Moments[0].Score,
		}},
		Reasons: []Reason{
			{ReasonWords, []string{"renewals"}}, {ReasonTitle, []string{"renewals", "price"}}, {ReasonAbout, []string{"maria"}},
			{ReasonObjection, []string{"Price"}}, {ReasonStage, []string{"closing"}}, {ReasonTactic, []string{"Anchor on delay"}},
			{ReasonAuthor, []string{"Maria"}},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if math.Abs(got.Score-(0.7+0.3*want.FacetScore)) > 1e-9 {
		t.Errorf("score %v", got.Score)
	}
}

func TestMomentsOfAVideo(t *testing.T) {
	ix := open(t, t.TempDir(), Options{})
	filler := "we went on about the weather and the road and the lunch"
	replace(t, ix,
		spoken("v", filler, "discount "+filler, filler, "discount discount "+filler, filler+" discount", filler),
		spoken("other", filler))
	r := query(t, ix, Query{Text: "discount", Audience: everyone, PerVideo: 2})
	if len(r.Items) != 1 || len(r.Items[0].Moments) != 2 {
		t.Fatalf("%+v", r)
	}
	m := r.Items[0].Moments
	if m[0].Ordinal != 3 || m[1].Ordinal != 4 || m[0].Score < m[1].Score || m[0].Score > 1 || m[1].Score <= 0 {
		t.Errorf("moments %+v, want the fourth passage and its neighbour", m)
	}
}

func TestNobodySeesWithoutAKey(t *testing.T) {
	ix := open(t, t.TempDir(), Options{})
	open := spoken("a", "discount")
	hidden := spoken("b", "discount")
	hidden.Audience = nil
	odd := spoken("c", "discount")
	odd.Audience = []string{"", "x\x00y", "*", "everyone else"}
	replace(t, ix, open, hidden, odd)
	for _, c := range []struct {
		keys []string
		want int
	}{
		{nil, 0}, {[]string{}, 0}, {[]string{""}, 0}, {[]string{"Everyone"}, 0}, {[]string{"every"}, 0}, {[]string{"everyone"}, 1},
		{[]string{"everyone", "everyone"}, 1}, {[]string{"x\x00y"}, 1}, {[]string{"*"}, 1}, {[]string{"everyone", "*"}, 2},
	} {
		r := query(t, ix, Query{Text: "discount", Audience: c.keys})
		if r.Total != c.want || len(r.Items) != c.want {
			t.Errorf("keys %q: %d found, want %d", c.keys, r.Total, c.want)
		}
	}
	if _, err := ix.Search(t.Context(), Query{Audience: make([]string, maxAudience+1)}); !errors.Is(err, ErrInvalid) {
		t.Errorf("too many keys: %v", err)
	}
}

// What a viewer may not see changes neither what they get nor the scores and counts in it, except by the rarity of words.
func TestHiddenVideosDoNotShow(t *testing.T) {
	ix := open(t, t.TempDir(), Options{})
	secret := spoken("secret", "discount discount discount", "discount")
	secret.Audience = []string{"team:x"}
	replace(t, ix, spoken("a", "discount", "lunch"), spoken("b", "the discount of the year came late"), secret)
	r := query(t, ix, Query{Text: "discount", Audience: everyone, Limit: 1})
	if r.Total != 2 || r.Items[0].Score != 1 || r.Next == "" {
		t.Fatalf("%+v", r)
	}
	r = query(t, ix, Query{Text: "discount", Audience: everyone, Limit: 1, Cursor: r.Next})
	if r.Total != 2 || len(r.Items) != 1 || r.Next != "" {
		t.Fatalf("%+v", r)
	}
}

func TestPagesTogetherAreTheWhole(t *testing.T) {
	ix := open(t, t.TempDir(), Options{})
	w := newWorld(11)
	for i := range 40 {
		v := w.video(i, 1)
		if i%3 == 0 { // Equal scores, to be told apart by the id.
			v.Title, v.Description, v.Tags, v.Tactics, v.AuthorName = "price", "", nil, nil, ""
			v.Situation, v.Passages = Facets{Stage: []string{"timing"}}, nil
		}
		replace(t, ix, v)
	}
	for _, q := range []Query{
		{Text: "price discount"}, {Text: "price", Situation: Facets{Stage: []string{"timing"}}},
		{Situation: Facets{Stage: []string{"timing"}}}, {AuthorID: "author-1"},
	} {
		q.Audience, q.Limit = worldKeys, MaxLimit
		whole := query(t, ix, q)
		if whole.Total < 8 || whole.Next != "" {
			t.Fatalf("%+v finds %d", q, whole.Total)
		}
		q.Limit = 3
		var paged []Result
		for page := range 20 {
			r := query(t, ix, q)
			if r.Total != whole.Total {
				t.Errorf("page %d has total %d, want %d", page, r.Total, whole.Total)
			}
			paged = append(paged, r.Items...)
			if q.Cursor = r.Next; r.Next == "" {
				break
			}
		}
		if !reflect.DeepEqual(paged, whole.Items) {
			t.Errorf("%+v: pages give %d results, the whole %d, or not the same", q, len(paged), len(whole.Items))
		}
	}
}

func TestRankThenShow(t *testing.T) {
	ix := open(t, t.TempDir(), Options{})
	w := newWorld(12)
	for i := range 30 {
		replace(t, ix, w.video(i, 1))
	}
	q := Query{Text: "price discount", Situation: Facets{Stage: []string{"price"}}, Audience: worldKeys, Limit: 9}
	whole := query(t, ix, q)
	r, err := ix.Rank(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if len(r.Items) != 9 || r.Total != whole.Total || r.Next != whole.Next || r.By != whole.By {
		t.Fatalf("%d of %d items", len(r.Items), r.Total)
	}
	// What is ranked stays to be shown while the index changes.
	for i := range 30 {
		if err := ix.Delete(t.Context(), fmt.Sprintf("video-%03d", i)); err != nil {
			t.Fatal(err)
		}
	}
	for i, item := range r.Items {
		want := whole.Items[i]
		if item != (Ranked{want.VideoID, want.PublishedAt, want.Score, want.TextScore, want.FacetScore}) {
			t.Errorf("item %d is %+v", i, item)
		}
	}
	got, err := r.Show(r.Items[7].VideoID, r.Items[2].VideoID)
	if err != nil || !reflect.DeepEqual(got, []Result{whole.Items[7], whole.Items[2]}) {
		t.Errorf("Show: %+v, %v", got, err)
	}
	if _, err := r.Show("another"); !errors.Is(err, ErrInvalid) {
		t.Errorf("Show of a video that is not there: %v", err)
	}
	r.Close()
	if _, err := r.Show(r.Items[0].VideoID); !errors.Is(err, ErrClosed) {
		t.Errorf("Show after Close: %v", err)
	}
}

func TestForeignCursorIsRefused(t *testing.T) {
	ix := open(t, t.TempDir(), Options{})
	replace(t, ix, spoken("a", "price"), spoken("b", "price"))
	next := query(t, ix, Query{Text: "price", Audience: everyone, Limit: 1}).Next
	for _, q := range []Query{
		{Text: "discount", Cursor: next}, {Text: "price", Cursor: next[1:]}, {Text: "price", Cursor: "!"}, {Text: "price", Cursor: "AAAA"},
		{Text: "price", Cursor: next + strings.Repeat("A", 1000)},
	} {
		q.Audience = everyone
		if _, err := ix.Search(t.Context(), q); !errors.Is(err, ErrInvalid) {
			t.Errorf("cursor %q: %v, want ErrInvalid", q.Cursor, err)
		}
	}
}

func TestHostileQueries(t *testing.T) {
	ix := open(t, t.TempDir(), Options{Synonyms: [][]string{{"price", "cost"}, slices.Repeat([]string{"a b c"}, 100), {}, {""}}})
	replace(t, ix, spoken("a", "They said (the) price* is +100% -- \"too\" high~2 AND they OR NOT title:price /pri.*/ \x00 \xff 😀 end"))
	r := rand.New(rand.NewPCG(5, 5))
	var distinct strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&distinct, "w%x ", i)
	}
	noise := make([]byte, 10_000)
	for i := range noise {
		noise[i] = byte(r.IntN(256))
	}
	for name, c := range map[string]struct {
		text string
		want int
	}{
		"10 kB of one word":       {strings.Repeat("price ", 1700), 1},
		"only stop words":         {strings.Repeat("the and of ", 100), 0},
		"operators":               {`+price -price "price" price~2 price^9 (AND OR NOT) title:price *`, 1},
		"unbalanced":              {`"((((\\ price`, 1},
		"a pattern":               {"/pr.*/ .* [a-z]+ (a+)+$", 0},
		"wildcards":               {"pr* p?ice *", 0},
		"emoji":                   {"😀👩‍👩‍👧‍👦🇩🇪", 0},
		"zero bytes":              {"\x00price\x00", 1},
		"no UTF-8":                {"\xff\xfeprice\xc3", 1},
		"direction marks":         {"\u202eprice\u200f", 1},
		"a very long token":       {strings.Repeat("x", 1<<20), 0},
		"a hundred thousand":      {distinct.String(), 0},
		"the word after too much": {strings.Repeat(" ", maxQueryBytes) + "price", 0},
		"combining":               {"price" + strings.Repeat("\u0301", 5000), 0},
		"noise":                   {string(noise), -1},
		"SQL":                     {"'; DROP TABLE videos; -- price", 1},
	} {
		t.Run(name, func(t *testing.T) {
			q := Query{Text: c.text, Audience: everyone, Limit: 1 << 40, PerVideo: 1 << 40}
			q.Situation.Stage = slices.Repeat([]string{c.text}, 1000)
			if name == "a pattern" || c.want == 0 {
				q.Situation = Facets{}
			}
			start := time.Now()
			got := query(t, ix, q)
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
			if c.want >= 0 && got.Total != c.want {
				t.Errorf("%d found, want %d", got.Total, c.want)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ix.Search(ctx, Query{Text: "price", Audience: everyone}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for _, q := range []Query{{Text: "price", Limit: -1, PerVideo: -5}, {Text: "price", Limit: math.MinInt}} {
		q.Audience = everyone
		if got := query(t, ix, q); got.Total != 1 {
			t.Errorf("%+v: %+v", q, got)
		}
	}
}

func TestTermsOfAQueryAreBounded(t *testing.T) {
	a, err := newAnalyzer()
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&text, "w%d ", i)
	}
	words := queryWords(a, text.String())
	if len(words) != maxConsidered {
		t.Errorf("%d words considered", len(words))
	}
	lookups := 0
	df := func(text string) (int, error) {
		lookups++
		return len(text), nil
	}
	for n, want := range map[int]int{5: 5, 12: 12, 20: 12, 21: 21, 256: 24} {
		terms, matched, err := choose(words[:n], newThesaurus(a, nil), 1000, df)
		if err != nil || len(terms) != want || len(matched) != want {
			t.Errorf("%d words: %d terms, %v, want %d", n, len(terms), err, want)
		}
	}
	broken := errors.New("disk")
	if _, _, err := choose(words, newThesaurus(a, nil), 10, func(string) (int, error) { return 0, broken }); !errors.Is(err, broken) {
		t.Errorf("error of the index: %v", err)
	}
}

// Whatever is indexed and asked: no panic, marks on the words of the shown text, scores between 0 and 1.
func FuzzSearch(f *testing.F) {
	f.Add("They say Northwind is half the price", "northwind price")
	f.Add("café’s \xff\x00 😀", "CAFE\u0301 \x00")
	f.Add("価格が高い", "価格")
	ix, err := Open(f.TempDir(), Options{Synonyms: [][]string{{"price", "cost"}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = ix.Close() })
	f.Fuzz(func(t *testing.T, text, asked string) {
		v := spoken("v", text, "price "+text)
		v.Title, v.Tactics = text, []string{text}
		v.Situation.Stage = []string{asked, text}
		if err := ix.Replace(t.Context(), v); err != nil && !errors.Is(err, ErrInvalid) {
			t.Fatal(err)
		}
		for _, q := range []Query{{Text: asked}, {Text: text}, {Tactics: []string{text}}, {Situation: Facets{Stage: []string{asked}}}} {
			q.Audience = everyone
			r := query(t, ix, q)
			for _, item := range r.Items {
				if item.Score < 0 || item.Score > 1 || !utf8.ValidString(item.Title) {
					t.Errorf("%+v", item)
				}
				for _, m := range item.Moments {
					last := 0
					for _, mark := range m.Marks {
						if mark.Start < last || mark.End <= mark.Start || mark.End > len(m.Text) || !utf8.ValidString(m.Text[mark.Start:mark.End]) {
							t.Errorf("mark %v of %q", mark, m.Text)
						}
						last = mark.End
					}
				}
			}
		}
	})
}
