package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
)

func TestMain(m *testing.M) { apptest.Main(m) }

type noteArgs struct {
	N int `json:"n"`
}

func (noteArgs) Kind() string { return "note" }

// try is one time that a job was worked.
type try struct {
	n, attempt  int
	last, spent bool
}

// worker notes its tries and does what the test says.
type worker struct {
	river.WorkerDefaults[noteArgs]
	mu    sync.Mutex
	tries []try
	do    func(ctx context.Context, n int) error
}

func (w *worker) Work(ctx context.Context, job *river.Job[noteArgs]) error {
	w.mu.Lock()
	w.tries = append(w.tries, try{job.Args.N, job.Attempt, jobs.Last(job.JobRow), jobs.Spent(job.JobRow)})
	w.mu.Unlock()
	if w.do == nil {
		return nil
	}
	return w.do(ctx, job.Args.N)
}

func (w *worker) seen() []try {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.tries)
}

func client(t *testing.T, e *apptest.Env, node string, w *worker) *jobs.Client {
	t.Helper()
	c, err := jobs.New(e.DB, jobs.Config{Node: node, Queues: map[string]int{jobs.QueueDefault: 2}})
	if err != nil {
		t.Fatal(err)
	}
	jobs.Add(c, w)
	return c
}

func start(t *testing.T, c *jobs.Client) {
	t.Helper()
	// The test's context ends before its cleanups.
	if err := c.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
}

func stop(t *testing.T, c *jobs.Client, limit time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := c.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func enqueue(t *testing.T, e *apptest.Env, c *jobs.Client, n int, opts *river.InsertOpts, then error) {
	t.Helper()
	err := e.DB.Tx(t.Context(), func(tx *db.Tx) error {
		if err := c.Enqueue(t.Context(), tx, noteArgs{n}, opts); err != nil {
			return err
		}
		return then
	})
	if !errors.Is(err, then) {
		t.Fatal(err)
	}
}

// state reads the only job's state and attempt.
func state(t *testing.T, e *apptest.Env) string {
	t.Helper()
	var rows []struct {
		State   string
		Attempt int
	}
	if err := e.DB.Read(t.Context()).Raw(`SELECT state, attempt FROM river_job ORDER BY id`).Scan(&rows).Error; err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%s/%d", r.State, r.Attempt))
	}
	return strings.Join(out, " ")
}

func wantState(t *testing.T, e *apptest.Env, want string) {
	t.Helper()
	apptest.Eventually(t, 20*time.Second, func() (bool, string) {
		got := state(t, e)
		return got == want, got + ", want " + want
	})
}

// TestRolledBackWorkNeverRuns proves that a job is worked if and only if its cause was committed.
func TestRolledBackWorkNeverRuns(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		w := &worker{}
		c := client(t, e, "n1", w)
		enqueue(t, e, c, 1, nil, errors.New("boom"))
		enqueue(t, e, c, 2, nil, nil)
		start(t, c)
		wantState(t, e, "completed/1")
		stop(t, c, 10*time.Second)
		if got := w.seen(); len(got) != 1 || got[0].n != 2 {
			t.Fatalf("%+v", got)
		}
	})
}

// TestTakeUp proves that a node takes up what it was working on when it was killed, and only that.
func TestTakeUp(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		w := &worker{}
		c := client(t, e, "n1", w)
		enqueue(t, e, c, 1, nil, nil)
		enqueue(t, e, c, 2, nil, nil)
		mark := func(n int, node string) {
			by := `'["` + node + `"]'`
			if e.DB.Kind() == db.Postgres {
				by = `ARRAY['other','` + node + `']`
			}
			_, err := e.DB.SQL().ExecContext(t.Context(), fmt.Sprintf(`UPDATE river_job SET state = 'running', attempt = 1, attempted_at = CURRENT_TIMESTAMP, attempted_by = %s WHERE id = (SELECT MIN(id) + %d FROM river_job)`, by, n-1))
			if err != nil {
				t.Fatal(err)
			}
		}
		mark(1, "n1")
		var want string
		if e.DB.Kind() == db.Postgres {
			mark(2, "n2")
			want = "completed/2 running/1" // the other node may well be alive
		} else {
			want = "completed/2 completed/1"
		}
		start(t, c)
		wantState(t, e, want)
		stop(t, c, 10*time.Second)
		if got := w.seen(); !slices.Contains(got, try{n: 1, attempt: 2}) {
			t.Fatalf("%+v", got)
		}
	})
}

// TestLastAndSpent proves which try is known as the last, and that a job which killed its process at
// every one of them is known as spent.
func TestLastAndSpent(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		w := &worker{do: func(_ context.Context, n int) error {
			if n == 1 {
				return errors.New("no luck\nwith a second line")
			}
			return nil
		}}
		c := client(t, e, "n1", w)
		enqueue(t, e, c, 1, &river.InsertOpts{MaxAttempts: 1}, nil)
		enqueue(t, e, c, 2, &river.InsertOpts{MaxAttempts: 2}, nil)
		if _, err := e.DB.SQL().ExecContext(t.Context(), `UPDATE river_job SET attempt = 2 WHERE max_attempts = 2`); err != nil {
			t.Fatal(err)
		}
		pending, err := c.Pending(t.Context())
		if err != nil || len(pending) != 1 || pending[jobs.QueueDefault] != 2 {
			t.Fatal(pending, err)
		}
		args, err := c.Args(t.Context(), "note")
		var first noteArgs
		if err == nil && len(args) == 2 {
			err = json.Unmarshal(args[0], &first)
		}
		if err != nil || first.N != 1 {
			t.Fatalf("%s, %v", args, err)
		}
		if other, err := c.Args(t.Context(), "other"); err != nil || len(other) != 0 {
			t.Fatal(other, err)
		}
		start(t, c)
		wantState(t, e, "discarded/1 completed/3")
		stop(t, c, 10*time.Second)
		for _, got := range w.seen() {
			want := try{n: 1, attempt: 1, last: true}
			if got.n == 2 {
				want = try{n: 2, attempt: 3, last: true, spent: true}
			}
			if got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		}
		failed, err := c.ListFailed(t.Context(), 10)
		if err != nil || len(failed) != 1 || failed[0].Kind != "note" || failed[0].Error != "no luck" || failed[0].Attempts != 1 || failed[0].At.IsZero() {
			t.Fatalf("%+v, %v", failed, err)
		}
		if pending, err := c.Pending(t.Context()); err != nil || len(pending) != 0 {
			t.Fatal(pending, err)
		}
		if args, err := c.Args(t.Context(), "note"); err != nil || len(args) != 0 {
			t.Fatal(args, err)
		}
	})
}

// TestStopGivesBack proves that a job that does not end in time is given back without losing a try, also
// at its last, while one that ends in time is done.
func TestStopGivesBack(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		running := make(chan struct{})
		w := &worker{do: func(ctx context.Context, _ int) error {
			close(running)
			<-ctx.Done()
			if !jobs.Interrupted(ctx) {
				t.Error("a stop does not look like one")
			}
			return fmt.Errorf("broken off: %w", ctx.Err())
		}}
		c := client(t, e, "n1", w)
		enqueue(t, e, c, 1, &river.InsertOpts{MaxAttempts: 1}, nil)
		start(t, c)
		<-running
		began := time.Now()
		stop(t, c, 200*time.Millisecond)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("the stop took %s", took)
		}
		if got := state(t, e); got != "available/0" {
			t.Fatal(got)
		}
		again := &worker{do: func(context.Context, int) error { return nil }}
		c = client(t, e, "n1", again)
		start(t, c)
		wantState(t, e, "completed/1")
		stop(t, c, 10*time.Second)
		if got := again.seen(); len(got) != 1 || !got[0].last || got[0].spent {
			t.Fatalf("%+v", got)
		}
	})
}

// TestStopRightAfterStart proves that a stop in the middle of the queue's own start ends soon, whatever the
// queue is doing.
func TestStopRightAfterStart(t *testing.T) {
	e := apptest.SQLite(t)
	for i := range 6 {
		c := client(t, e, "n1", &worker{})
		start(t, c)
		select { // at different moments of the start
		case <-t.Context().Done():
		case <-time.After(time.Duration(i) * 60 * time.Millisecond):
		}
		began := time.Now()
		stop(t, c, 20*time.Second)
		if took := time.Since(began); took > 8*time.Second {
			t.Errorf("the stop took %s", took)
		}
	}
}

// TestTimeoutIsNoStop proves that a job that took too long has failed.
func TestTimeoutIsNoStop(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	<-ctx.Done()
	if jobs.Interrupted(ctx) || jobs.Interrupted(t.Context()) {
		t.Error("taken for a stop")
	}
}

func TestNodeNames(t *testing.T) {
	e := apptest.SQLite(t)
	for name, ok := range map[string]bool{"n1": true, "a-b": true, "": false, "A": false, "a_b": false, "a b": false, strings.Repeat("a", 41): false, "é": false} {
		if _, err := jobs.New(e.DB, jobs.Config{Node: name}); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestOnlyEnqueues is a node without queues of its own: it starts, stops, and works nothing.
func TestOnlyEnqueues(t *testing.T) {
	e := apptest.SQLite(t)
	c, err := jobs.New(e.DB, jobs.Config{Node: "n1"})
	if err != nil {
		t.Fatal(err)
	}
	start(t, c)
	enqueue(t, e, c, 1, nil, nil)
	stop(t, c, time.Second)
	if got := state(t, e); got != "available/0" {
		t.Fatal(got)
	}
}
