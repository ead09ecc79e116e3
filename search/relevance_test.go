package search

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/search/passage"
)

type relevanceVideo struct {
	Comment, ID, Title, Description, Author, Language string
	Tags, Tactics                                     []string
	Situation                                         Facets
	Passages                                          []string
	Published                                         int64
}

// relevanceSearch says what one search must give. What is left out is not checked.
type relevanceSearch struct {
	Comment, Text string
	Situation     Facets
	Tactics       []string

	First   string    // The best video.
	Moment  *int      // The ordinal of the best moment of the best video.
	Order   []string  // All videos in this order.
	Exactly *[]string // All videos in any order.
	// The values of the reasons of that kind of the best video (related: of any video).
	Words, TitleWords, About, Related []string
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// TestRelevance reads the cases of testdata: small libraries with the searches that must find their way in them.
func TestRelevance(t *testing.T) {
	cases, err := filepath.Glob(filepath.Join("testdata", "*", "documents.json"))
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range cases {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			var videos []relevanceVideo
			var searches []relevanceSearch
			readJSON(t, path, &videos)
			readJSON(t, filepath.Join(dir, "searches.json"), &searches)
			ix := open(t, t.TempDir(), Options{Synonyms: [][]string{
				{"price", "pricey", "cost", "expensive", "budget", "too low"}, {"Northwind", "North Wind"},
			}})
			for _, v := range videos {
				video := Video{
					ID: v.ID, Title: v.Title, Description: v.Description, AuthorID: v.Author, AuthorName: v.Author,
					Language: v.Language, Tags: v.Tags, Tactics: v.Tactics, Situation: v.Situation, Audience: []string{"all"},
					PublishedAt: time.UnixMilli(v.Published),
				}
				for i, text := range v.Passages {
					video.Passages = append(video.Passages, passage.Passage{
						StartMS: int64(i) * 25_000, EndMS: int64(i+1) * 25_000, Text: text,
					})
				}
				replace(t, ix, video)
			}
			for _, s := range searches {
				t.Run(s.Comment, func(t *testing.T) { checkRelevance(t, ix, s) })
			}
		})
	}
}

func checkRelevance(t *testing.T, ix *Index, s relevanceSearch) {
	r := query(t, ix, Query{Text: s.Text, Situation: s.Situation, Tactics: s.Tactics, Audience: []string{"all"}})
	var ids []string
	for _, item := range r.Items {
		ids = append(ids, item.VideoID)
	}
	summary := fmt.Sprintf("found %v: %+v", ids, r.Items)
	if s.First != "" && (len(ids) == 0 || ids[0] != s.First) {
		t.Fatalf("want %s first; %s", s.First, summary)
	}
	if s.Order != nil && !slices.Equal(ids, s.Order) {
		t.Fatalf("want %v; %s", s.Order, summary)
	}
	if s.Exactly != nil && !slices.Equal(slices.Sorted(slices.Values(ids)), slices.Sorted(slices.Values(*s.Exactly))) {
		t.Fatalf("want exactly %v; %s", *s.Exactly, summary)
	}
	if s.Moment != nil && (len(r.Items[0].Moments) == 0 || r.Items[0].Moments[0].Ordinal != *s.Moment) {
		t.Errorf("want moment %d; %s", *s.Moment, summary)
	}
	reasons := func(kind ReasonKind, items []Result) []string {
		for _, item := range items {
			for _, reason := range item.Reasons {
				if reason.Kind == kind {
					return reason.Values
				}
			}
		}
		return nil
	}
	for kind, want := range map[ReasonKind][]string{ReasonWords: s.Words, ReasonTitle: s.TitleWords, ReasonAbout: s.About} {
		if want != nil && !slices.Equal(reasons(kind, r.Items[:1]), want) {
			t.Errorf("%s: want %v; %s", kind, want, summary)
		}
	}
	if s.Related != nil && !slices.Equal(reasons(ReasonRelated, r.Items), s.Related) {
		t.Errorf("related: want %v; %s", s.Related, summary)
	}
}
