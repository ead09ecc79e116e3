package search

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/fieldreel/fieldreel/search/passage"
)

func open(t testing.TB, dir string, o Options) *Index {
	t.Helper()
	ix, err := Open(dir, o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := ix.Close(); err != nil && !errors.Is(err, ErrClosed) {
			t.Errorf("Close: %v", err)
		}
	})
	return ix
}

func replace(t testing.TB, ix *Index, videos ...Video) {
	t.Helper()
	if err := ix.Apply(t.Context(), Change{Replace: videos}); err != nil {
		t.Fatalf("Apply: %v", err)
	}
}

func query(t testing.TB, ix *Index, q Query) Results {
	t.Helper()
	r, err := ix.Search(context.Background(), q)
	if err != nil {
		t.Fatalf("Search(%+v): %v", q, err)
	}
	return r
}

// agree compares the results of a query with the oracle's: the same videos, the same scores and, where the scores
// differ by more than rounding, the same order.
func agree(t testing.TB, ix *Index, o *oracle, q Query) {
	t.Helper()
	got, want := query(t, ix, q), o.search(q)
	if got.Total != len(want) || len(got.Items) != len(want) {
		t.Fatalf("%+v:\n%d results of %d, want %d", q, len(got.Items), got.Total, len(want))
	}
	scores := make(map[string]float64)
	for _, hit := range want {
		scores[hit.id] = hit.score
	}
	for i, item := range got.Items {
		score, ok := scores[item.VideoID]
		if !ok {
			t.Fatalf("%+v:\nresult %s is not among the expected", q, item.VideoID)
		}
		if got.By == MatchText && math.Abs(item.Score-score) > 1e-5 {
			t.Fatalf("%+v:\n%s scores %v, want %v", q, item.VideoID, item.Score, score)
		}
		if item.Score < 0 || item.Score > 1 {
			t.Fatalf("%s scores %v", item.VideoID, item.Score)
		}
		if i > 0 && scores[got.Items[i-1].VideoID] < score-1e-5 {
			t.Fatalf("%+v:\n%s comes before %s", q, got.Items[i-1].VideoID, item.VideoID)
		}
		if i > 0 && got.Items[i-1].Score == item.Score && got.By == MatchText && got.Items[i-1].VideoID > item.VideoID {
			t.Fatalf("%+v:\nequal scores, but %s comes before %s", q, got.Items[i-1].VideoID, item.VideoID)
		}
	}
}

// Random worlds, changed at random in batches of random size: at every state every query gives what reading everything
// gives, for every viewer.
func TestSearchEqualsReadingEverything(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(seed)
			ix := open(t, t.TempDir(), Options{})
			o := newOracle(t)
			for round := range 6 {
				c := Change{Seq: uint64(round + 1)}
				for range 1 + w.IntN(12) {
					v := w.video(w.IntN(40), int64(round))
					c.Replace = append(c.Replace, v)
					o.videos[v.ID] = v
				}
				for range w.IntN(4) {
					id := fmt.Sprintf("video-%03d", w.IntN(40))
					if slices.ContainsFunc(c.Replace, func(v Video) bool { return v.ID == id }) {
						continue
					}
					c.Delete = append(c.Delete, id)
					delete(o.videos, id)
				}
				if err := ix.Apply(t.Context(), c); err != nil {
					t.Fatal(err)
				}
				for range 12 {
					agree(t, ix, o, w.query())
				}
			}
			passages := 0
			for _, v := range o.videos {
				passages += len(v.Passages)
			}
			if n, err := ix.Count(); err != nil || n != (Counts{len(o.videos), passages}) {
				t.Errorf("Count = %v, %v, want %d and %d", n, err, len(o.videos), passages)
			}
			versions := maps.Collect(ix.Versions())
			for id, v := range o.videos {
				if version, ok := versions[id]; !ok || version != v.Version {
					t.Errorf("version of %s = %d, %v, want %d", id, version, ok, v.Version)
				}
			}
			if len(versions) != len(o.videos) {
				t.Errorf("%d versions, want %d", len(versions), len(o.videos))
			}
		})
	}
}

// A rebuilt index equals the one kept up step by step, to the last bit.
func TestRebuildEqualsIncremental(t *testing.T) {
	w := newWorld(7)
	ix := open(t, t.TempDir(), Options{})
	videos := make(map[string]Video)
	for round := range 10 {
		var c Change
		for range 10 {
			v := w.video(w.IntN(60), int64(round))
			c.Replace = append(c.Replace, v)
			videos[v.ID] = v
		}
		if err := ix.Apply(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	var queries []Query
	var before []Results
	for range 60 {
		q := w.query()
		queries = append(queries, q)
		before = append(before, query(t, ix, q))
	}
	if !ix.NeedsRebuild() {
		t.Error("a new index does not ask for a rebuild")
	}
	counts, err := ix.Rebuild(t.Context(), 99, func(yield func(Video, error) bool) {
		for _, v := range videos {
			if !yield(v, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if counts.Videos != len(videos) {
		t.Errorf("rebuilt %d videos, want %d", counts.Videos, len(videos))
	}
	for i, q := range queries {
		if after := query(t, ix, q); !reflect.DeepEqual(before[i], after) {
			t.Fatalf("%+v:\nbefore %+v\nafter  %+v", q, before[i], after)
		}
	}
	if seq, err := ix.Seq(); err != nil || seq != 99 {
		t.Errorf("Seq = %d, %v", seq, err)
	}
	if ix.NeedsRebuild() {
		t.Error("still asks for a rebuild")
	}
}

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	w := newWorld(3)
	ix := open(t, dir, Options{})
	var videos []Video
	for i := range 20 {
		videos = append(videos, w.video(i, 1))
	}
	if _, err := ix.Rebuild(t.Context(), 5, func(yield func(Video, error) bool) {
		for _, v := range videos[:10] {
			if !yield(v, nil) {
				return
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	if err := ix.Apply(t.Context(), Change{Replace: videos[10:], Seq: 6}); err != nil {
		t.Fatal(err)
	}
	q := Query{Text: "price renewal", Audience: worldKeys, Limit: MaxLimit}
	before := query(t, ix, q)
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrLocked) {
		t.Errorf("second Open = %v, want ErrLocked", err)
	}
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	if err := ix.Close(); !errors.Is(err, ErrClosed) {
		t.Errorf("second Close = %v", err)
	}
	if _, err := ix.Search(t.Context(), q); !errors.Is(err, ErrClosed) {
		t.Errorf("Search after Close = %v", err)
	}
	if err := ix.Replace(t.Context(), videos[0]); !errors.Is(err, ErrClosed) {
		t.Errorf("Replace after Close = %v", err)
	}
	ix = open(t, dir, Options{})
	if ix.NeedsRebuild() {
		t.Error("asks for a rebuild")
	}
	if after := query(t, ix, q); !reflect.DeepEqual(before, after) {
		t.Errorf("before %+v\nafter  %+v", before, after)
	}
	if seq, err := ix.Seq(); err != nil || seq != 6 {
		t.Errorf("Seq = %d, %v", seq, err)
	}
}

func TestOlderVersionIsIgnored(t *testing.T) {
	ix := open(t, t.TempDir(), Options{})
	video := func(version int64, title string) Video {
		return Video{ID: "a", Version: version, Title: title, Audience: []string{"all"}}
	}
	replace(t, ix, video(2, "second"))
	replace(t, ix, video(1, "first"))
	if r := query(t, ix, Query{Text: "first", Audience: []string{"all"}}); r.Total != 0 {
		t.Errorf("the older version was found: %+v", r)
	}
	replace(t, ix, video(2, "corrected"))
	if r := query(t, ix, Query{Text: "corrected", Audience: []string{"all"}}); r.Total != 1 {
		t.Errorf("the same version again was not indexed: %+v", r)
	}
	if err := ix.Delete(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if err := ix.Delete(t.Context(), "a"); err != nil {
		t.Errorf("deleting what is not there: %v", err)
	}
	if n, err := ix.Count(); err != nil || n != (Counts{}) {
		t.Errorf("Count = %+v, %v", n, err)
	}
	if err := ix.SetSeq(t.Context(), 12); err != nil {
		t.Fatal(err)
	}
	if seq, err := ix.Seq(); err != nil || seq != 12 {
		t.Errorf("Seq = %d, %v", seq, err)
	}
}

func TestRefusesWhatIsNoVideo(t *testing.T) {
	ix := open(t, t.TempDir(), Options{})
	for name, v := range map[string]Video{
		"no id":            {},
		"zero byte":        {ID: "a\x00b"},
		"long id":          {ID: string(make([]byte, maxIDBytes+1))},
		"many passages":    {ID: "a", Passages: make([]passage.Passage, maxPassages+1)},
		"large passage":    {ID: "a", Passages: []passage.Passage{{Text: string(make([]byte, maxText+1))}}},
		"large desription": {ID: "a", Description: string(make([]byte, maxText+1))},
	} {
		if err := ix.Replace(t.Context(), v); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := ix.Delete(t.Context(), ""); !errors.Is(err, ErrInvalid) {
		t.Errorf("Delete: %v", err)
	}
}
