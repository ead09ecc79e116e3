package library

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
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
	// before the transaction commits, so a lower one may appear after a higher. Whoever took the lower
	// number had begun before the higher one was written, and each of the two lasts MaxTx at most.
	settleAfter = 2*db.MaxTx + time.Minute
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
		err := s.CatchUp(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			// The index lags, which Lag shows; asking again is all that can be done.
			s.log.WarnContext(ctx, "search falls behind", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.wake:
		case <-tick.C:
		case <-trim.C:
			if err := s.Trim(ctx); err != nil {
				s.log.WarnContext(ctx, "search feed not trimmed", "error", err)
			}
		}
	}
}

// Trim forgets changes that every node has long seen.
func (s *Service) Trim(ctx context.Context) error {
	return trimFeed(ctx, s.db, s.db.Now().Add(-keepFeed))
}

// CatchUp brings the index to where the database is now. The first time it also compares the two as a
// whole: an index that was copied from elsewhere, or a database that was restored, cannot be told by the
// feed alone.
func (s *Service) CatchUp(ctx context.Context) error {
	s.keeping.Lock()
	defer s.keeping.Unlock()
	if err := s.follow(ctx); err != nil {
		return err
	}
	if !s.compared {
		if err := s.reconcile(ctx); err != nil {
			return err
		}
		s.compared = true
	}
	s.ready.Store(true)
	return nil
}

// Wake makes Follow look for changes now.
func (s *Service) Wake() {
	select {
	case s.wake <- struct{}{}:
	default: // it is awake
	}
}

// follow applies what is new in the feed.
func (s *Service) follow(ctx context.Context) error {
	if err := s.rebuildIfNeeded(ctx); err != nil {
		return err
	}
	seq, err := s.index.Seq()
	if err != nil {
		return err
	}
	p := pass{settled: int64(seq), last: int64(seq), gaps: s.db.Kind() == db.Postgres, now: s.db.Now()} //nolint:gosec // our own counter
	for {
		rows, err := changesAfter(ctx, s.db, p.last)
		if err != nil {
			return err
		}
		before := p.settled
		ids := p.take(rows, s.applied)
		if len(ids) > 0 || p.settled > before {
			if err := s.apply(ctx, ids, p.settled); err != nil {
				return err
			}
		}
		for _, r := range rows {
			s.applied[r.Seq] = true
		}
		for q := range s.applied {
			if q <= p.settled {
				delete(s.applied, q)
			}
		}
		s.upTo.Store(p.last)
		if len(rows) < feedPage {
			return nil
		}
	}
}

// pass is one way through the feed.
type pass struct {
	// last is the last row that was read, settled the last one before which none can appear any more.
	last, settled int64
	// gaps says that the engine gives out numbers before it commits.
	gaps bool
	gap  bool
	now  time.Time
}

// take reads rows and gives the videos of those that have not been applied yet.
func (p *pass) take(rows []change, applied map[int64]bool) (ids []string) {
	seen := map[string]bool{}
	for _, r := range rows {
		// A gap that is young may belong to a transaction that has not committed yet.
		if p.gaps && r.Seq != p.last+1 && p.now.Sub(r.CreatedAt) < settleAfter {
			p.gap = true
		}
		p.last = r.Seq
		if !p.gap {
			p.settled = r.Seq
		}
		if !applied[r.Seq] && !seen[r.VideoID] {
			seen[r.VideoID] = true
			ids = append(ids, r.VideoID)
		}
	}
	return ids
}

// reconcile compares the versions of all videos in the index and the database, and mends what differs.
func (s *Service) reconcile(ctx context.Context) error {
	indexed, ids, err := s.differences(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	want, err := s.videos.Versions(ctx)
	if err != nil {
		return err
	}
	seq, err := s.index.Seq()
	if err != nil {
		return err
	}
	s.log.InfoContext(ctx, "the search index differs from the database", "videos", len(ids))
	for some := range slices.Chunk(ids, feedPage) {
		var newer []string // than the database: it was restored, and the index would ignore the older state
		for _, id := range some {
			if indexed[id] > want[id] {
				newer = append(newer, id)
			}
		}
		if len(newer) > 0 {
			if err := s.index.Apply(ctx, search.Change{Delete: newer, Seq: seq}); err != nil {
				return fmt.Errorf("mend the index: %w", err)
			}
		}
		if err := s.apply(ctx, some, int64(seq)); err != nil { //nolint:gosec // our own counter
			return err
		}
	}
	return nil
}

// differences gives the versions in the index, and the videos of which the database has another.
func (s *Service) differences(ctx context.Context) (indexed map[string]int64, ids []string, err error) {
	indexed = maps.Collect(s.index.Versions()) // read first: the database may only be newer
	want, err := s.videos.Versions(ctx)
	if err != nil {
		return nil, nil, err
	}
	for id, version := range want {
		if got, ok := indexed[id]; !ok || got != version {
			ids = append(ids, id)
		}
	}
	for id := range indexed {
		if _, ok := want[id]; !ok {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return indexed, ids, nil
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
	if !v.Findable() {
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
	missed := int64(seq) < first-1 //nolint:gosec // our own counter
	foreign := int64(seq) > last   //nolint:gosec // an index of another database
	if !s.index.NeedsRebuild() && !missed && !foreign {
		return nil
	}
	n, err := s.rebuild(ctx)
	if err == nil {
		s.log.InfoContext(ctx, "search index rebuilt", "videos", n)
	}
	return err
}

// Reindex builds the index anew from the database, beside the one in use, and says how many videos are
// in it.
func (s *Service) Reindex(ctx context.Context) (int, error) {
	s.keeping.Lock()
	defer s.keeping.Unlock()
	return s.rebuild(ctx)
}

func (s *Service) rebuild(ctx context.Context) (int, error) {
	from, err := s.settledEnd(ctx)
	if err != nil {
		return 0, err
	}
	counts, err := s.index.Rebuild(ctx, uint64(from), s.all(ctx)) //nolint:gosec // our own counter
	if err != nil {
		return 0, fmt.Errorf("rebuild the index: %w", err)
	}
	clear(s.applied)
	return counts.Videos, nil
}

// settledEnd gives a row of the feed before which none can appear any more: from there the feed is
// followed after a rebuild.
func (s *Service) settledEnd(ctx context.Context) (int64, error) {
	first, last, err := feedEnds(ctx, s.db)
	if err != nil || s.db.Kind() != db.Postgres {
		return last, err
	}
	old, err := lastBefore(ctx, s.db, s.db.Now().Add(-settleAfter))
	return max(old, first-1, 0), err
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

// Verify applies what is new in the feed and then compares the index with the database: the same videos
// in the same versions.
func (s *Service) Verify(ctx context.Context) ([]Difference, error) {
	s.keeping.Lock()
	defer s.keeping.Unlock()
	if err := s.follow(ctx); err != nil {
		return nil, err
	}
	indexed, ids, err := s.differences(ctx)
	if err != nil {
		return nil, err
	}
	want, err := s.videos.Versions(ctx)
	if err != nil {
		return nil, err
	}
	var out []Difference
	for _, id := range ids {
		got, in := indexed[id]
		version, there := want[id]
		switch {
		case !in:
			out = append(out, Difference{id, "is not in the search index"})
		case !there:
			out = append(out, Difference{id, "is in the search index and not in the database"})
		default:
			out = append(out, Difference{id, fmt.Sprintf("has version %d in the search index and %d in the database", got, version)})
		}
	}
	return out, nil
}
