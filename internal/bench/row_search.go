package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// question is what somebody asks.
type question struct {
	words string
	who   viewer
}

// questions draws n of so many words by viewers in turn.
func questions(c *corpus, n, words int, who []viewer) []question {
	out := make([]question, n)
	for i := range out {
		out[i] = question{c.say(words), who[i%len(who)]}
	}
	return out
}

// measureSearch asks the running server for moments, in turns with SQLite's full text index over the same passages.
func measureSearch(ctx context.Context, k *kit) (_ []Row, err error) {
	l, err := k.theLibrary(ctx)
	if err != nil {
		return nil, err
	}
	s, err := k.serve(ctx, l.dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.end()) }()
	head := []viewer{{l.head, l.headKeys}}
	n, c := k.size(300, 40), newCorpus(2)
	clients := map[string]*client{}
	for _, v := range append(head, l.reps...) {
		clients[v.token] = s.client(v.token)
	}
	ask := func(words int, who []viewer) *asked {
		return &asked{l: l, s: s, clients: clients, stop: c.stop, questions: questions(c, n, words, who)}
	}
	if err := ask(11, append(head, l.reps...)).run(ctx); err != nil { // to warm up
		return nil, err
	}
	at := fmt.Sprintf("at %d passages", l.passages)
	var rows []Row
	for _, r := range []struct {
		name, note string
		words      int
		who        []viewer
	}{
		{"moments search " + at + ", one rep", "Questions of 11 words by 8 reps in turn, each of whom may see about two fifths of the library; the filter is part of the query on both sides. Over HTTP, one question after the other: sign-in, search, three moments of ten videos with the words marked and reasons, every video checked again in the database. " +
			"FTS5, called in process, gives the rowids of the twenty best passages and nothing else.", 11, l.reps},
		{"moments search " + at + ", head of sales", "The same for somebody who may see nearly all of it.", 11, head},
		{"moments search " + at + ", pasted text", "50 words pasted, by the reps.", 50, l.reps},
	} {
		a := ask(r.words, r.who)
		if err := a.run(ctx); err != nil {
			return nil, err
		}
		rows = append(rows, a.row(r.name, r.note))
	}
	for _, r := range []struct {
		name  string
		every time.Duration
	}{{"while indexing", time.Second / 10}, {"while indexing flat out", 0}} {
		a := ask(11, l.reps)
		changed, err := whileIndexing(ctx, l, s, c, r.every, func() error { return a.run(ctx) })
		if err != nil {
			return nil, err
		}
		row := a.row("moments search "+at+", "+r.name, fmt.Sprintf("The questions of the reps while a trainer tags one video after the other: %.0f videos a second, each with its %d passages, were written and indexed. "+
			"The CPU is that of both; nobody writes to the peer.", changed, passagesPerVideo))
		if r.every == 0 {
			row.Budget, row.Verdict = "", NoBudget // no library changes like this; it shows where the limit is
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// asked are questions with what they took.
type asked struct {
	l         *library
	s         *server
	clients   map[string]*client
	stop      map[string]bool
	questions []question
	ours, fts samples
	cpu       time.Duration
	found     int
}

func (a *asked) run(ctx context.Context) error {
	cpu, err := a.s.cpu(func() error {
		for _, q := range a.questions {
			var answer struct {
				Results []struct{} `json:"results"`
			}
			took, err := timed(func() error {
				return a.clients[q.who.token].get(ctx, "/api/v1/moments?q="+url.QueryEscape(q.words), &answer)
			})
			if err != nil {
				return err
			}
			a.found += len(answer.Results)
			a.ours = append(a.ours, took)
			if took, err = timed(func() error { return a.l.ask(ctx, q, a.stop) }); err != nil {
				return err
			}
			a.fts = append(a.fts, took)
		}
		return nil
	})
	a.cpu = cpu
	if err == nil && a.found < len(a.questions) {
		err = fmt.Errorf("only %d moments found for %d questions", a.found, len(a.questions))
	}
	return err
}

func (a *asked) row(name, note string) Row {
	p95 := a.ours.quantile(0.95)
	return Row{
		Name: name, Measured: a.ours.percentiles() + fmt.Sprintf(", CPU %s each", ms(a.cpu/time.Duration(len(a.ours)))), Peer: "FTS5: " + a.fts.percentiles(), Ratio: times(float64(p95) / float64(a.fts.quantile(0.95))),
		Budget: "p95 50 ms", Verdict: within(p95.Seconds(), 0.050), Wall: true,
		Note: note,
	}
}

// ask asks SQLite: any of the words that say something, the same filter, the twenty best passages.
func (l *library) ask(ctx context.Context, q question, stop map[string]bool) error {
	var words []string
	for w := range strings.FieldsSeq(q.words) {
		if !stop[w] {
			words = append(words, `"`+w+`"`)
		}
	}
	if len(words) == 0 {
		return nil // nothing to look for
	}
	args := []any{strings.Join(words, " OR ")}
	for _, key := range q.who.keys {
		args = append(args, key)
	}
	rows, err := l.fts.QueryContext(ctx, fmt.Sprintf(`SELECT rowid FROM passages WHERE passages MATCH ? AND rowid / %d IN (SELECT video FROM audience WHERE key IN (?%s)) ORDER BY rank LIMIT 20`,
		passagesPerVideo, strings.Repeat(", ?", len(q.who.keys)-1)), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return err
		}
	}
	return rows.Err()
}

// whileIndexing runs fn while a trainer changes one video after the other, at most one every so often, and gives the videos
// changed a second.
func whileIndexing(ctx context.Context, l *library, s *server, c *corpus, every time.Duration, fn func() error) (float64, error) {
	var stop atomic.Bool
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	trainer := s.client(l.trainer)
	begin := time.Now()
	go func() {
		var r result
		for ; !stop.Load() && r.err == nil; r.n++ {
			<-time.After(time.Until(begin.Add(time.Duration(r.n) * every)))
			r.err = trainer.send(ctx, http.MethodPatch, "/api/v1/videos/"+one(c, l.everyone), map[string][]string{"tags": {c.say(1)}}, nil)
		}
		done <- r
	}()
	err := fn()
	stop.Store(true)
	r := <-done
	return float64(r.n) / time.Since(begin).Seconds(), errors.Join(err, r.err)
}
