package search

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func from(videos ...Video) func(func(Video, error) bool) {
	return func(yield func(Video, error) bool) {
		for _, v := range videos {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func versioned(id string, version int64, texts ...string) Video {
	v := spoken(id, texts...)
	v.Version = version
	return v
}

// What is changed while a rebuild reads is in both indexes, whatever the rebuild read before or after.
func TestChangesDuringRebuild(t *testing.T) {
	ix := open(t, t.TempDir(), Options{})
	replace(t, ix, versioned("kept", 1, "price"), versioned("gone", 1, "price"), versioned("stale", 1, "price"))
	apply := func(c Change) {
		if err := ix.Apply(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	find := func(text string) string {
		var ids []string
		for _, item := range query(t, ix, Query{Text: text, Audience: everyone}).Items {
			ids = append(ids, item.VideoID)
		}
		return strings.Join(ids, " ")
	}
	counts, err := ix.Rebuild(t.Context(), 40, func(yield func(Video, error) bool) {
		if !yield(versioned("kept", 1, "price"), nil) || !yield(versioned("gone", 1, "price"), nil) {
			return
		}
		// The old index is searched and changed all along; the rebuild has read "gone" but not yet the rest.
		apply(Change{Delete: []string{"gone"}, Seq: 41})
		apply(Change{Replace: []Video{versioned("late", 1, "discount")}, Seq: 42})
		apply(Change{Replace: []Video{versioned("stale", 2, "discount")}, Seq: 43})
		apply(Change{Replace: []Video{versioned("back", 3, "discount")}})
		apply(Change{Delete: []string{"back"}})
		apply(Change{Replace: []Video{versioned("back", 1, "discount")}})
		apply(Change{Replace: []Video{versioned("late", 0, "never")}})
		if got := find("price discount"); got != "back late stale kept" && got != "kept back late stale" {
			t.Errorf("during the rebuild: %s", got)
		}
		if _, err := ix.Rebuild(t.Context(), 0, from()); !errors.Is(err, ErrRebuilding) {
			t.Errorf("second Rebuild: %v", err)
		}
		// A newer state read later wins over what was changed before.
		_ = yield(versioned("stale", 1, "price"), nil) && yield(versioned("late", 5, "budget"), nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	if counts != (Counts{4, 4}) {
		t.Errorf("counts %+v", counts)
	}
	want := map[string]int64{"kept": 1, "stale": 2, "late": 5, "back": 1}
	if got := maps.Collect(ix.Versions()); !maps.Equal(got, want) {
		t.Errorf("versions %v, want %v", got, want)
	}
	if seq, err := ix.Seq(); err != nil || seq != 40 {
		t.Errorf("Seq = %d, %v; the feed is followed again from where the rebuild began to read", seq, err)
	}
	if find("budget") != "late" || find("gone") != "" {
		t.Error("the rebuilt index lacks a change")
	}
	replace(t, ix, versioned("after", 1, "lunch"))
	if find("lunch") != "after" {
		t.Error("the rebuilt index is not written to")
	}
}

// A rebuild that fails leaves everything as it was, and nothing on the disk.
func TestFailedRebuild(t *testing.T) {
	dir := t.TempDir()
	ix := open(t, dir, Options{})
	replace(t, ix, versioned("a", 1, "price"))
	broken := errors.New("database went away")
	ctx, cancel := context.WithCancel(t.Context())
	for name, c := range map[string]struct {
		ctx    context.Context
		source func(func(Video, error) bool)
		want   error
	}{
		"the source fails": {t.Context(), func(yield func(Video, error) bool) {
			_ = yield(versioned("b", 1, "price"), nil) && yield(Video{}, broken)
		}, broken},
		"an impossible video": {t.Context(), from(versioned("b", 1, "price"), Video{}), ErrInvalid},
		"cancelled": {ctx, func(yield func(Video, error) bool) {
			for i := range 5000 {
				if i == 100 {
					cancel()
				}
				if !yield(versioned(fmt.Sprint(i), 1, "price"), nil) {
					return
				}
			}
		}, context.Canceled},
	} {
		if _, err := ix.Rebuild(c.ctx, 9, c.source); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if got := maps.Collect(ix.Versions()); !maps.Equal(got, map[string]int64{"a": 1}) || !ix.NeedsRebuild() {
			t.Errorf("%s: versions %v", name, got)
		}
		one(t, filepath.Join(dir, "layout-*", "g-*"))
	}
	replace(t, ix, versioned("c", 1, "price"))
	if n, err := ix.Count(); err != nil || n.Videos != 2 {
		t.Errorf("%+v, %v", n, err)
	}
}

func TestCloseEndsRebuild(t *testing.T) {
	dir := t.TempDir()
	ix := open(t, dir, Options{})
	started, ended := make(chan struct{}), make(chan error)
	go func() {
		_, err := ix.Rebuild(context.Background(), 0, func(yield func(Video, error) bool) {
			close(started)
			for i := 0; yield(versioned(fmt.Sprint(i), 1, "price"), nil); i++ {
			}
		})
		ended <- err
	}()
	<-started
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Rebuild: %v", err)
	}
	if _, err := ix.Rebuild(t.Context(), 0, from()); !errors.Is(err, ErrClosed) {
		t.Errorf("Rebuild after Close: %v", err)
	}
	// What a killed rebuild left behind is cleared away.
	layout := one(t, filepath.Join(dir, "layout-*"))
	must(t, os.MkdirAll(filepath.Join(layout, "g-000099"), 0o700))
	ix = open(t, dir, Options{})
	one(t, filepath.Join(dir, "layout-*", "g-*"))
	if n, err := ix.Count(); err != nil || n.Videos != 0 {
		t.Errorf("%+v, %v", n, err)
	}
}

// Searches from several goroutines go on while videos are replaced and deleted and the index is rebuilt twice. Every video
// is seen in one of its states, whole, and never by one who may not see that state.
func TestSearchWhileWritingAndRebuilding(t *testing.T) {
	ix := open(t, t.TempDir(), Options{})
	const videos = 24
	// State n of a video has n%5+1 passages that say its number; even states are for a, odd ones for b.
	state := func(id int, version int64) Video {
		var texts []string
		for range version%5 + 1 {
			texts = append(texts, fmt.Sprintf("discount state%d", version))
		}
		v := versioned(fmt.Sprintf("video-%02d", id), version, texts...)
		v.Audience = []string{[]string{"a", "b"}[version%2]}
		return v
	}
	current := make([]atomic.Int64, videos)
	source := func(yield func(Video, error) bool) {
		for id := range videos {
			if !yield(state(id, current[id].Load()), nil) {
				return
			}
		}
	}
	if _, err := ix.Rebuild(t.Context(), 0, source); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var searches atomic.Int64
	for reader := range 3 {
		key := []string{"a", "b", "a"}[reader]
		wg.Go(func() {
			for ctx.Err() == nil {
				r, err := ix.Search(context.Background(), Query{Text: "discount", Audience: []string{key}, Limit: MaxLimit, PerVideo: MaxPerVideo})
				if err != nil {
					t.Errorf("Search: %v", err)
					return
				}
				searches.Add(1)
				seen := make(map[string]bool)
				for _, item := range r.Items {
					if seen[item.VideoID] {
						t.Errorf("%s is found twice", item.VideoID)
					}
					seen[item.VideoID] = true
					if want := []string{"a", "b"}[item.Version%2]; want != key {
						t.Errorf("%s version %d was shown to %s", item.VideoID, item.Version, key)
					}
					if len(item.Moments) != int(item.Version%5+1) {
						t.Errorf("%s version %d has %d moments", item.VideoID, item.Version, len(item.Moments))
					}
					for _, m := range item.Moments {
						if m.Text != fmt.Sprintf("discount state%d", item.Version) {
							t.Errorf("%s version %d says %q", item.VideoID, item.Version, m.Text)
						}
					}
				}
				if r.Total != len(r.Items) {
					t.Errorf("total %d of %d", r.Total, len(r.Items))
				}
			}
		})
	}
	w := newWorld(4)
	for round := int64(1); round <= 60; round++ {
		id := w.IntN(videos)
		if w.IntN(8) == 0 {
			if err := ix.Delete(t.Context(), state(id, 0).ID); err != nil {
				t.Fatal(err)
			}
		}
		current[id].Store(round)
		replace(t, ix, state(id, round))
		if round%25 == 0 {
			wg.Go(func() {
				if _, err := ix.Rebuild(t.Context(), 0, source); err != nil && !errors.Is(err, ErrRebuilding) {
					t.Errorf("Rebuild: %v", err)
				}
			})
		}
	}
	stop()
	wg.Wait()
	if searches.Load() == 0 {
		t.Error("no search was made")
	}
	for id, version := range maps.Collect(ix.Versions()) {
		var n int
		if _, err := fmt.Sscanf(id, "video-%02d", &n); err != nil || version != current[n].Load() {
			t.Errorf("%s has version %d, want %d", id, version, current[n].Load())
		}
	}
	if n, err := ix.Count(); err != nil || n.Videos != videos {
		t.Errorf("%+v, %v", n, err)
	}
}
