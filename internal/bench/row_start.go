package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// measureStart takes the time from the start of the process to the first /readyz with 200, with the large library and with
// nothing; the memory of both when they have been left alone; and how fast the index was built from the database.
func measureStart(ctx context.Context, k *kit) (_ []Row, err error) {
	l, err := k.theLibrary(ctx)
	if err != nil {
		return nil, err
	}
	empty, done, err := k.folder("empty")
	if err != nil {
		return nil, err
	}
	defer done()
	if _, _, err := k.addPerson(ctx, empty, "admin@example.com", "admin"); err != nil {
		return nil, err
	}
	var full, none samples
	try := func(dir string, s *samples) func(bool) error {
		return func(warm bool) error {
			srv, err := k.serve(ctx, dir)
			if err != nil {
				return err
			}
			if !warm {
				*s = append(*s, srv.became)
			}
			return srv.end()
		}
	}
	if err := rounds(ctx, k.size(7, 2), try(l.dir, &full), try(empty, &none)); err != nil {
		return nil, err
	}
	seconds := k.size(30, 3)
	idle, err := leaveAlone(ctx, k, seconds, l.dir, empty)
	if err != nil {
		return nil, err
	}
	perSecond := float64(l.passages) / l.reindexed.Seconds()
	return []Row{{
		Name: fmt.Sprintf("start with %d videos", l.videos), Measured: ms(full.median()), Peer: "nothing in it: " + ms(none.median()), Ratio: times(float64(full.median()) / float64(none.median())),
		Budget: "2 s", Verdict: within(full.median().Seconds(), 2), Wall: true,
		Note: fmt.Sprintf("From the start of the process to the first /readyz with 200, index there already; median of %d starts (worst %s), pages in the file cache.", len(full), ms(full.quantile(1))),
	}, {
		Name: fmt.Sprintf("idle memory with %d videos", l.videos), Measured: mib(idle[0].resident), Peer: "nothing in it: " + mib(idle[1].resident), Ratio: times(float64(idle[0].resident) / float64(idle[1].resident)),
		Budget: "under 150 MB", Verdict: within(float64(idle[0].resident), 150e6),
		Note: fmt.Sprintf("Resident, %d s after the start: %s of its own (%s with nothing in it), and %s of files that the kernel can drop at any time, the program itself and the mapped index (%s). The speech model is not loaded.",
			seconds, mib(idle[0].anonymous), mib(idle[1].anonymous), mib(idle[0].file), mib(idle[1].file)),
	}, {
		Name: fmt.Sprintf("idle CPU with %d videos", l.videos), Measured: fmt.Sprintf("%.1f ms a second", idle[0].cpu), Peer: fmt.Sprintf("nothing in it: %.1f ms a second", idle[1].cpu),
		Note: "In the same seconds: the queues ask for work, the search index for changes.",
	}, {
		Name: "index rebuilt from the database", Measured: fmt.Sprintf("%.0f passages/s", perSecond), Budget: "500 documents/s", Verdict: atLeast(perSecond, 500), Wall: true,
		Note: fmt.Sprintf("`fieldreel reindex` with %d passages of %d videos in %s, from start to end of the process; a document is a passage (%.0f videos/s).",
			l.passages, l.videos, l.reindexed.Round(100*time.Millisecond), float64(l.videos)/l.reindexed.Seconds()),
	}}, nil
}

// idleness is what a server uses that nobody asks anything of.
type idleness struct {
	memory
	cpu float64 // milliseconds a second
}

// leaveAlone starts a server over each folder, leaves them alone for some seconds, and reads what they use.
func leaveAlone(ctx context.Context, k *kit, seconds int, dirs ...string) (out []idleness, err error) {
	var servers []*server
	defer func() {
		for _, s := range servers {
			err = errors.Join(err, s.end())
		}
	}()
	for _, dir := range dirs {
		s, err := k.serve(ctx, dir)
		if err != nil {
			return nil, err
		}
		servers = append(servers, s)
	}
	before := make([]usage, len(servers))
	for i, s := range servers {
		if before[i], err = cpuOf(s.cmd.Process.Pid); err != nil {
			return nil, err
		}
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(time.Duration(seconds) * time.Second):
	}
	for i, s := range servers {
		m, err := memoryOf(s.cmd.Process.Pid)
		if err != nil {
			return nil, err
		}
		after, err := cpuOf(s.cmd.Process.Pid)
		if err != nil {
			return nil, err
		}
		out = append(out, idleness{m, float64((after.total() - before[i].total()).Milliseconds()) / float64(seconds)})
	}
	return out, nil
}
