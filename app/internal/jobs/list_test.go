package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
)

// TestListAndRetry follows jobs through the states that an admin sees, and has failed ones tried again.
func TestListAndRetry(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		var lucky atomic.Bool
		w := &worker{do: func(_ context.Context, n int) error {
			if lucky.Load() {
				return nil
			}
			return fmt.Errorf("no luck with %d\nand more", n)
		}}
		c := client(t, e, "n1", w)
		enqueue(t, e, c, 1, &river.InsertOpts{MaxAttempts: 1}, nil)
		enqueue(t, e, c, 2, &river.InsertOpts{MaxAttempts: 3}, nil)
		enqueue(t, e, c, 3, &river.InsertOpts{ScheduledAt: time.Now().Add(24 * time.Hour)}, nil)
		list := func(s jobs.State) []jobs.Job {
			t.Helper()
			got, err := c.List(t.Context(), s, 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, j := range got {
				if j.State != s || j.Kind != "note" || j.Queue != jobs.QueueDefault || j.At.IsZero() {
					t.Errorf("%s: %+v", s, j)
				}
			}
			return got
		}
		code := func(err error, want string) {
			t.Helper()
			if err == nil || fault.CodeOf(err) != want {
				t.Fatalf("%v, want %s", err, want)
			}
		}
		waiting := list(jobs.Waiting)
		if len(waiting) != 3 || string(waiting[0].Args) == "" || waiting[0].NextAt == nil || waiting[0].Attempt != 0 || waiting[1].MaxAttempts != 3 {
			t.Fatalf("%+v", waiting)
		}
		code(c.Retry(t.Context(), waiting[0].ID), "job_not_failed")
		code(c.Retry(t.Context(), 1<<40), "job_not_found")

		start(t, c)
		apptest.Eventually(t, 20*time.Second, func() (bool, string) {
			n, err := c.Count(t.Context())
			// The second one may be on its way to being given up.
			return err == nil && n[jobs.GivenUp] >= 1 && n[jobs.Waiting] == 1, fmt.Sprint(n, err)
		})
		stop(t, c, 10*time.Second)
		for _, j := range append(list(jobs.GivenUp), list(jobs.Retrying)...) {
			if want := fmt.Sprintf("no luck with %d", 1+j.ID-waiting[0].ID); j.Error != want || j.Attempt < 1 || (j.State == jobs.Retrying) != (j.NextAt != nil) {
				t.Errorf("%+v, want %q", j, want)
			}
		}
		lucky.Store(true)
		c = client(t, e, "n1", w)
		given := list(jobs.GivenUp)
		if err := c.Retry(t.Context(), given[len(given)-1].ID); err != nil {
			t.Fatal(err)
		}
		if n, err := c.Count(t.Context()); err != nil || n[jobs.GivenUp] != len(given)-1 {
			t.Fatal(n, err)
		}
		for _, j := range list(jobs.Retrying) {
			if err := c.Retry(t.Context(), j.ID); err != nil {
				t.Fatal(err)
			}
		}
		start(t, c)
		apptest.Eventually(t, 20*time.Second, func() (bool, string) {
			n, err := c.Count(t.Context())
			return err == nil && len(n) == 1 && n[jobs.Waiting] == 1, fmt.Sprint(n, err)
		})
		stop(t, c, 10*time.Second)
		code(c.Retry(t.Context(), waiting[0].ID), "job_not_failed") // done
		if got := list("odd"); len(got) != 0 {
			t.Errorf("a state that is none: %+v", got)
		}
	})
}

// TestRunningIsNotRetried proves that a job under way is left alone.
func TestRunningIsNotRetried(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		running, end := make(chan struct{}), make(chan struct{})
		w := &worker{do: func(context.Context, int) error {
			close(running)
			<-end
			return errors.New("no")
		}}
		c := client(t, e, "n1", w)
		enqueue(t, e, c, 1, &river.InsertOpts{MaxAttempts: 1}, nil)
		start(t, c)
		<-running
		got, err := c.List(t.Context(), jobs.Running, 10)
		if err != nil || len(got) != 1 || got[0].Attempt != 1 || got[0].NextAt != nil {
			t.Fatalf("%+v, %v", got, err)
		}
		if err := c.Retry(t.Context(), got[0].ID); fault.CodeOf(err) != "job_not_failed" {
			t.Fatal(err)
		}
		close(end)
		apptest.Eventually(t, 20*time.Second, func() (bool, string) {
			n, err := c.Count(t.Context())
			return err == nil && n[jobs.GivenUp] == 1, fmt.Sprint(n, err)
		})
		stop(t, c, 10*time.Second)
	})
}
