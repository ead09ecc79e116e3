package library

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/search"
	"github.com/fieldreel/fieldreel/search/passage"
)

const (
	// askEvery is how often a node asks for changes that other nodes made; its own wake it at once.
	askEvery = time.Second
	// settleAfter is how long a gap in the feed may still be filled: on PostgreSQL numbers are given
	// before the transaction commits, so a lower one may appear after a higher.
	settleAfter = 2 * time.Minute
	// keepFeed is how long changes are kept for nodes that are away.
	keepFeed = 7 * 24 * time.Hour
)

// Follow keeps the index in step with the database until ctx ends. It rebuilds first where it must.
func (s *Service) Follow(ctx context.Context) error {
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	trim := time.NewTicker(time.Hour)
	defer trim.Stop()
	for {
		err := s.catchUp(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			// The index lags, which readiness shows; asking again is all that can be done.
			s.log.WarnContext(ctx, "search falls behind", "error", err)
		}
		s.failed.Store(err != nil)
		select {
		case <-ctx.Done():
			return nil
		case <-s.wake:
		case <-tick.C:
		case <-trim.C:
			if err := trimFeed(ctx, s.db, s.db.Now().Add(-keepFeed)); err != nil {
				s.log.WarnContext(ctx, "search feed not trimmed", "error", err)
			}
		}
	}
}

// Wake makes Follow look for changes now.
func (s *Service) Wake() {
	select {
	case s.wake <- struct{}{}:
	default: // it is awake
	}
}

// catchUp applies what is new in the feed.
func (s *Service) catchUp(ctx context.Context) error {
	if err := s.rebuildIfNeeded(ctx); err != nil {
		return err
	}
	for {
		seq, err := s.index.Seq()
		if err != nil {
			return err
		}
		rows, err := changesAfter(ctx, s.db, int64(seq)) //nolint:gosec // our own counter
		if err != nil {
			return err
		}
		ids, next := s.pick(rows, int64(seq))  //nolint:gosec // our own counter
		if len(ids) > 0 || next > int64(seq) { //nolint:gosec // our own counter
			if err := s.apply(ctx, ids, next); err != nil {
				return err
			}
			s.picked(rows, next)
		}
		if len(rows) < feedPage {
			s.ready.Store(true)
			return nil
		}
	}
}

// pick says which videos of these rows have not been applied yet, and up to where the feed is settled.
func (s *Service) pick(rows []change, seq int64) (ids []string, settled int64) {
	settled = seq
	now := s.db.Now()
	seen := map[string]bool{}
	gap := false
	last := seq
	for _, r := range rows {
		// A gap that is young may belong to a transaction that has not committed yet.
		if s.db.Kind() == db.Postgres && r.Seq != last+1 && now.Sub(r.CreatedAt) < settleAfter {
			gap = true
		}
		last = r.Seq
		if !gap {
			settled = r.Seq
		}
		if !s.applied[r.Seq] && !seen[r.VideoID] {
			seen[r.VideoID] = true
			ids = append(ids, r.VideoID)
		}
	}
	return ids, settled
}

func (s *Service) picked(rows []change, settled int64) {
	for _, r := range rows {
		s.applied[r.Seq] = true
	}
	for q := range s.applied {
		if q <= settled {
			delete(s.applied, q)
		}
	}
}

func (s *Service) apply(ctx context.Context, ids []string, seq int64) error {
	c := search.Change{Seq: uint64(seq)} //nolint:gosec // our own counter
	for _, id := range ids {
		doc, ok, err := s.document(ctx, id)
		if err != nil {
			return err
		}
		if ok {
			c.Replace = append(c.Replace, doc)
		} else {
			c.Delete = append(c.Delete, id)
		}
	}
	if err := s.index.Apply(ctx, c); err != nil {
		return fmt.Errorf("apply changes to the index: %w", err)
	}
	return nil
}

// document maps a video to what search knows of it; ok is false for one that cannot be found any more,
// or not yet.
func (s *Service) document(ctx context.Context, id string) (doc search.Video, ok bool, err error) {
	v, moments, language, err := s.videos.ForSearch(ctx, id)
	if errors.Is(err, video.ErrGone) {
		return doc, false, nil
	}
	if err != nil {
		return doc, false, err
	}
	if v.State != video.Playable && v.State != video.Ready {
		return doc, false, nil
	}
	doc = search.Video{
		ID: v.ID, Version: v.Version, Title: v.Title, Description: v.Description + "\n" + v.Situation.Text, AuthorID: v.AuthorID, Language: language,
		PublishedAt: v.CreatedAt, Tags: v.Tags, Tactics: v.Tactics, Situation: facets(v.Situation), Audience: v.Keys,
	}
	if v.PublishedAt != nil {
		doc.PublishedAt = *v.PublishedAt
	}
	for _, m := range moments {
		doc.Passages = append(doc.Passages, passage.Passage{StartMS: m.StartMS, EndMS: m.EndMS, Text: m.Text})
	}
	return doc, true, nil
}

func facets(sit video.Situation) search.Facets {
	one := func(s string) []string {
		if s == "" {
			return nil
		}
		return []string{s}
	}
	return search.Facets{Objection: one(sit.Objection), Competitor: one(sit.Competitor), Stage: one(sit.Stage), Industry: one(sit.Industry),
		Persona: one(sit.Persona), Product: one(sit.Product)}
}

func (s *Service) rebuildIfNeeded(ctx context.Context) error {
	first, last, err := feedEnds(ctx, s.db)
	if err != nil {
		return err
	}
	seq, err := s.index.Seq()
	if err != nil {
		return err
	}
	missed := int64(seq) < first-1           //nolint:gosec // our own counter
	foreign := int64(seq) > last && last > 0 //nolint:gosec // an index of another database
	if !s.index.NeedsRebuild() && !missed && !foreign {
		return nil
	}
	n, err := s.Reindex(ctx)
	if err == nil {
		s.log.InfoContext(ctx, "search index rebuilt", "videos", n)
	}
	return err
}

// Reindex builds the index anew from the database, beside the one in use, and says how many videos are
// in it.
func (s *Service) Reindex(ctx context.Context) (int, error) {
	_, last, err := feedEnds(ctx, s.db)
	if err != nil {
		return 0, err
	}
	counts, err := s.index.Rebuild(ctx, uint64(last), s.all(ctx)) //nolint:gosec // our own counter
	if err != nil {
		return 0, fmt.Errorf("rebuild the index: %w", err)
	}
	clear(s.applied)
	return counts.Videos, nil
}

// all yields every video that can be found.
func (s *Service) all(ctx context.Context) iter.Seq2[search.Video, error] {
	return func(yield func(search.Video, error) bool) {
		after := ""
		for {
			ids, err := s.videos.IDsAfter(ctx, after, 200)
			if err != nil {
				yield(search.Video{}, err)
				return
			}
			if len(ids) == 0 {
				return
			}
			for _, id := range ids {
				doc, ok, err := s.document(ctx, id)
				if err != nil {
					yield(search.Video{}, err)
					return
				}
				if ok && !yield(doc, nil) {
					return
				}
			}
			after = ids[len(ids)-1]
		}
	}
}

// Difference is what Verify found between index and database.
type Difference struct {
	VideoID string
	What    string
}

// Verify compares the index with the database: the same videos in the same versions.
func (s *Service) Verify(ctx context.Context) ([]Difference, error) {
	if err := s.catchUp(ctx); err != nil {
		return nil, err
	}
	indexed := map[string]int64{}
	for id, version := range s.index.Versions() {
		indexed[id] = version
	}
	var out []Difference
	for doc, err := range s.all(ctx) {
		if err != nil {
			return nil, err
		}
		version, ok := indexed[doc.ID]
		switch {
		case !ok:
			out = append(out, Difference{doc.ID, "is not in the search index"})
		case version != doc.Version:
			out = append(out, Difference{doc.ID, fmt.Sprintf("has version %d in the search index and %d in the database", version, doc.Version)})
		}
		delete(indexed, doc.ID)
	}
	for id := range indexed {
		out = append(out, Difference{id, "is in the search index and not in the database"})
	}
	return out, nil
}
