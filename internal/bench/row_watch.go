package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"time"
)

// event is one of POST /api/v1/watch.
type event struct {
	ID      string    `json:"id"`
	VideoID string    `json:"video_id"`
	FromMS  int64     `json:"from_ms"`
	ToMS    int64     `json:"to_ms"`
	At      time.Time `json:"at"`
	Source  string    `json:"source"`
}

// watching makes batches of events as players send them: somebody plays a video on from its start, 8 s an event. Each
// person's clock only goes on.
type watching struct {
	*corpus
	l       *library
	run     int64 // keeps the ids of one run of the benchmark from those of another
	batches int
}

func (w *watching) batch(person, size int) []event {
	w.batches++
	var out []event
	// A batch comes a minute after the last, in the days before now.
	end := time.Now().UTC().Truncate(time.Second).Add(-20 * 24 * time.Hour).Add(time.Duration(w.batches) * time.Minute / 8)
	video := ""
	for i := range size {
		if i%10 == 0 { // then another video
			video = one(w.corpus, w.l.everyone)
		}
		from := int64(i%10) * 8000
		out = append(out, event{fmt.Sprintf("%x-%d-%d-%d", w.run, person, w.batches, i), video, from, from + 8000, end.Add(time.Duration(i-size) * time.Second / 2), "player"})
	}
	return out
}

// receipt is what the server says of a batch.
type receipt struct {
	Accepted   int        `json:"accepted"`
	Duplicates int        `json:"duplicates"`
	Refused    []struct{} `json:"refused"`
}

// sender sends batches and keeps count.
type sender struct {
	clients              []*client
	accepted, duplicates atomic.Int64
	batches              [][]event
}

func (w *watching) sender(s *server, batches, size int) *sender {
	out := &sender{}
	for _, r := range w.l.reps {
		out.clients = append(out.clients, s.client(r.token))
	}
	for i := range batches {
		out.batches = append(out.batches, w.batch(i%len(out.clients), size))
	}
	return out
}

// send sends batch i; one in twenty is sent twice, as by a phone that did not get the answer.
func (s *sender) send(ctx context.Context, i int) error {
	for range 1 + (i%20)/19 {
		var r receipt
		if err := s.clients[i%len(s.clients)].send(ctx, http.MethodPost, "/api/v1/watch", map[string][]event{"events": s.batches[i]}, &r); err != nil {
			return err
		}
		if len(r.Refused) > 0 {
			return fmt.Errorf("%d events of a batch were refused", len(r.Refused))
		}
		s.accepted.Add(int64(r.Accepted))
		s.duplicates.Add(int64(r.Duplicates))
	}
	return nil
}

// check compares what was sent with what was acknowledged, and that with the rows that are there.
func (s *sender) check(ctx context.Context, d *sql.DB, before int64) error {
	var sent, twice int64
	for i, b := range s.batches {
		sent += int64(len(b))
		if i%20 == 19 {
			twice += int64(len(b))
		}
	}
	rows, err := countEvents(ctx, d)
	return errors.Join(err, equal("events accepted", s.accepted.Load(), sent), equal("duplicates", s.duplicates.Load(), twice), equal("events in the database", rows-before, sent))
}

func countEvents(ctx context.Context, d *sql.DB) (n int64, err error) {
	err = d.QueryRowContext(ctx, `SELECT COUNT(*) FROM watch_events`).Scan(&n)
	return n, err
}

// measureWatch takes how many watch events the server counts a second, in turns with a bare insert of the same rows, and
// how long a sender waits at the rate of the budget.
func measureWatch(ctx context.Context, k *kit) (_ []Row, err error) {
	l, err := k.theLibrary(ctx)
	if err != nil {
		return nil, err
	}
	s, err := k.serve(ctx, l.dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.end()) }()
	d, err := l.database()
	if err != nil {
		return nil, err
	}
	defer d.Close()
	dir, done, err := k.folder("events")
	if err != nil {
		return nil, err
	}
	defer done()
	bare, err := openSQLite(filepath.Join(dir, "events.db"))
	if err != nil {
		return nil, err
	}
	defer bare.Close()
	if _, err := bare.ExecContext(ctx, `CREATE TABLE watch_events (person_id TEXT, id TEXT, video_id TEXT, from_ms INTEGER, to_ms INTEGER, at DATETIME, source TEXT, PRIMARY KEY (person_id, id))`); err != nil {
		return nil, err
	}
	w := &watching{corpus: newCorpus(4), l: l, run: time.Now().UnixMilli()}
	var rows []Row
	for _, r := range []struct {
		size, batches  int
		budget, reason string
	}{{20, k.size(500, 40), "2,000 a second", "as phones send them: gathered while playing"}, {1, k.size(1000, 80), "", "each event by itself, the costliest way"}} {
		row, err := flood(ctx, k, w, s, d, bare, r.batches, r.size)
		if err != nil {
			return nil, err
		}
		row.Name = fmt.Sprintf("watch events, %d to a batch", r.size)
		row.Note = fmt.Sprintf("%d senders at once, %s; %s", len(l.reps), r.reason, row.Note)
		if row.Budget = r.budget; r.budget == "" {
			row.Verdict = NoBudget
		}
		rows = append(rows, row)
	}
	const rate, size = 2000, 20
	before, err := countEvents(ctx, d)
	if err != nil {
		return nil, err
	}
	send := w.sender(s, k.size(15, 2)*rate/size, size)
	took, err := paced(ctx, len(send.batches), float64(rate)/size, len(send.clients), func(i int) error { return send.send(ctx, i) })
	if err == nil {
		err = send.check(ctx, d, before)
	}
	if err != nil {
		return nil, err
	}
	return append(rows, Row{
		Name: fmt.Sprintf("watch events at %d a second", rate), Measured: "p50 " + ms(took.quantile(0.5)) + ", p99 " + ms(took.quantile(0.99)), Budget: "p99 200 ms", Verdict: within(took.quantile(0.99).Seconds(), 0.2), Wall: true,
		Note: fmt.Sprintf("%d batches of %d at an even pace from %d senders, each counted from the moment when it was due; exactly once, checked as above.", len(took), size, len(send.clients)),
	}), nil
}

// flood sends rounds of batches as fast as they are taken.
func flood(ctx context.Context, k *kit, w *watching, s *server, d, bare *sql.DB, batches, size int) (Row, error) {
	var ours, floor []float64
	var cpu time.Duration
	events := batches * size
	var last *sender
	err := rounds(ctx, k.size(3, 1), func(warm bool) error {
		last = w.sender(s, batches, size)
		before, err := countEvents(ctx, d)
		if err != nil {
			return err
		}
		var took time.Duration
		used, err := s.cpu(func() (err error) {
			took, err = timed(func() error {
				return parallel(batches, len(last.clients), func(_, i int) error { return last.send(ctx, i) })
			})
			return err
		})
		if err != nil {
			return err
		}
		if !warm {
			ours, cpu = append(ours, float64(events)/took.Seconds()), cpu+used
		}
		return last.check(ctx, d, before)
	}, func(warm bool) error {
		batches := w.sender(s, batches, size).batches
		took, err := timed(func() error { return insert(ctx, bare, batches) })
		if !warm {
			floor = append(floor, float64(events)/took.Seconds())
		}
		return err
	})
	rate := median(ours)
	each := cpu / time.Duration(max(1, len(ours)*events))
	return Row{
		Measured: fmt.Sprintf("%.0f a second", rate), Peer: fmt.Sprintf("bare inserts: %.0f a second", median(floor)), Ratio: times(ratios(ours, floor)), Verdict: atLeast(rate, 2000), Wall: true,
		Note: fmt.Sprintf("%s of CPU an event. One batch in twenty is sent twice; afterwards every event is in the database once. "+
			"The peer inserts the same rows with one durable commit a batch and works out nothing: no union of ranges, views, completion, whole moments or rollups.", ms(each)),
	}, err
}

// insert writes batches with one commit each.
func insert(ctx context.Context, d *sql.DB, batches [][]event) error {
	for person, b := range batches {
		w, err := newWriter(ctx, d)
		if err != nil {
			return err
		}
		for _, e := range b {
			w.exec(`INSERT INTO watch_events VALUES (?, ?, ?, ?, ?, ?, ?)`, personID(person%persons), e.ID, e.VideoID, e.FromMS, e.ToMS, e.At, e.Source)
		}
		if err := w.close(true); err != nil {
			return err
		}
	}
	return nil
}
