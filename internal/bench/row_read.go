package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// measureRead takes the server's CPU time for reads that must know who asks, beside a bare net/http server that gives the
// same bytes to anybody, and how long they take when they come evenly.
func measureRead(ctx context.Context, k *kit) (_ []Row, err error) {
	l, err := k.theLibrary(ctx)
	if err != nil {
		return nil, err
	}
	s, err := k.serve(ctx, l.dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.end()) }()
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	c := newCorpus(3)
	clients := make([]*client, len(l.reps))
	for i, r := range l.reps {
		clients[i] = s.client(r.token)
	}
	any := func(int) string { return "/api/v1/videos/" + one(c, l.everyone) }
	var rows []Row
	for _, r := range []struct {
		name, note string
		path       func(i int) string
	}{
		{"authenticated read, GET /me", "Who one is: the sign-in and little else.", func(int) string { return "/api/v1/me" }},
		{"authenticated read, GET /videos/{id}", "A video with its media addresses, each time another one.", any},
	} {
		row, err := readRow(ctx, k, s.process, clients, r.path)
		if err != nil {
			return nil, err
		}
		row.Name, row.Note = r.name, r.note+" "+row.Note
		rows = append(rows, row)
	}
	const rate = 500
	paths := make([]string, k.size(20, 2)*rate)
	for i := range paths {
		paths[i] = any(i)
	}
	took, err := paced(ctx, len(paths), rate, 32, func(i int) error { return clients[i%len(clients)].get(ctx, paths[i], nil) })
	if err != nil {
		return nil, err
	}
	return append(rows, Row{
		Name: fmt.Sprintf("authenticated reads at %d a second", rate), Measured: "p50 " + ms(took.quantile(0.5)) + ", p99 " + ms(took.quantile(0.99)), Budget: "p99 100 ms", Verdict: within(took.quantile(0.99).Seconds(), 0.1), Wall: true,
		Note: fmt.Sprintf("%d times GET /videos/{id} at an even pace, each counted from the moment when it was due; the client shares the cores.", len(took)),
	}), nil
}

func readRow(ctx context.Context, k *kit, server *process, clients []*client, path func(i int) string) (row Row, err error) {
	a, err := clients[0].do(ctx, http.MethodGet, path(0), nil, nil, 0)
	if err == nil {
		err = a.want(http.StatusOK, path(0))
	}
	if err != nil {
		return row, err
	}
	file := filepath.Join(k.dir, "answer.json")
	if err := os.WriteFile(file, a.body, 0o600); err != nil {
		return row, err
	}
	bare, err := peer(ctx, peerAnswer, file)
	if err != nil {
		return row, err
	}
	defer func() { err = errors.Join(err, bare.end()) }()
	n := k.size(2000, 200)
	side := func(p *process, clients []*client, cpu *[]float64) func(bool) error {
		return func(warm bool) error {
			paths := make([]string, n)
			for i := range paths {
				paths[i] = path(i)
			}
			used, err := p.work(func() error {
				for i := range n {
					if err := clients[i%len(clients)].get(ctx, paths[i], nil); err != nil {
						return err
					}
				}
				return nil
			})
			if !warm {
				*cpu = append(*cpu, used.Seconds()/float64(n))
			}
			return err
		}
	}
	var ours, theirs []float64
	if err := rounds(ctx, k.size(5, 2), side(server, clients, &ours), side(bare.process, []*client{bare.client("")}, &theirs)); err != nil {
		return row, err
	}
	cpu := time.Duration(median(ours) * float64(time.Second))
	return Row{
		Measured: ms(cpu) + " of CPU", Peer: "bare net/http: " + ms(time.Duration(median(theirs)*float64(time.Second))), Ratio: times(ratios(ours, theirs)),
		Budget: "under 0.5 ms of CPU", Verdict: within(float64(cpu), float64(500*time.Microsecond)),
		Note: fmt.Sprintf("CPU of the server each, median of %d rounds of %d reads, one after the other, with the API tokens of %d people. What the server uses when it is idle (%.1f ms a second) is taken off.", len(ours), n, len(clients), server.idle*1000),
	}, nil
}
