package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
)

// State is where a job stands, in the few words that matter to an admin.
type State string

// The states of a job that is not done.
const (
	Waiting  State = "waiting"  // for its turn
	Running  State = "running"  // on some node
	Retrying State = "retrying" // failed, and is tried again by itself
	GivenUp  State = "failed"   // failed for good, unless somebody tries again
)

// States lists the states in the order in which an admin wants to read of them.
var States = []State{GivenUp, Retrying, Running, Waiting} //nolint:gochecknoglobals // a constant list

// river gives the queue's own states behind one of ours.
func (s State) river() []rivertype.JobState {
	switch s {
	case Waiting:
		return []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateScheduled}
	case Running:
		return []rivertype.JobState{rivertype.JobStateRunning}
	case Retrying:
		return []rivertype.JobState{rivertype.JobStateRetryable}
	case GivenUp:
		return []rivertype.JobState{rivertype.JobStateDiscarded, rivertype.JobStateCancelled}
	}
	return nil
}

func stateOf(s rivertype.JobState) (State, bool) {
	for _, state := range States {
		if slices.Contains(state.river(), s) {
			return state, true
		}
	}
	return "", false
}

// Job is a job that waits, runs or was given up.
type Job struct {
	ID          int64
	Kind, Queue string
	State       State
	// Attempt counts the tries begun, of at most MaxAttempts.
	Attempt, MaxAttempts int
	// Error is the first line of what the last try failed with; empty before one did.
	Error string
	// Args are the job's own, as JSON.
	Args []byte
	// At is when the last thing happened to it: given up, tried, or made.
	At time.Time
	// NextAt is when it is taken up at the earliest; nil for one that runs or was given up.
	NextAt *time.Time
}

func jobOf(r *rivertype.JobRow) Job {
	j := Job{ID: r.ID, Kind: r.Kind, Queue: r.Queue, Attempt: r.Attempt, MaxAttempts: r.MaxAttempts, Args: r.EncodedArgs, At: r.CreatedAt.UTC()}
	j.State, _ = stateOf(r.State)
	if n := len(r.Errors); n > 0 {
		j.Error, _, _ = strings.Cut(r.Errors[n-1].Error, "\n")
	}
	switch {
	case r.FinalizedAt != nil:
		j.At = r.FinalizedAt.UTC()
	case r.AttemptedAt != nil:
		j.At = r.AttemptedAt.UTC()
	}
	if j.State == Waiting || j.State == Retrying {
		next := r.ScheduledAt.UTC()
		j.NextAt = &next
	}
	return j
}

// List gives jobs in a state: given-up ones newest first, others in the order in which they were made. It
// gives at most limit (1 to 1000).
func (c *Client) List(ctx context.Context, state State, limit int) ([]Job, error) {
	states := state.river()
	if len(states) == 0 {
		return nil, nil // the queue would give jobs in all
	}
	order := river.SortOrderAsc
	if state == GivenUp {
		order = river.SortOrderDesc
	}
	res, err := c.river.JobList(ctx, river.NewJobListParams().States(states...).First(limit).OrderBy(river.JobListOrderByID, order))
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	out := make([]Job, len(res.Jobs))
	for i, r := range res.Jobs {
		out[i] = jobOf(r)
	}
	return out, nil
}

// Count counts the jobs that are not done, by state.
func (c *Client) Count(ctx context.Context) (map[State]int, error) {
	var rows []struct {
		State rivertype.JobState
		N     int
	}
	if err := c.db.Read(ctx).Raw(`SELECT state, COUNT(*) AS n FROM river_job WHERE state <> 'completed' GROUP BY state`).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("count jobs: %w", err)
	}
	out := map[State]int{}
	for _, r := range rows {
		if s, ok := stateOf(r.State); ok {
			out[s] += r.N
		}
	}
	return out, nil
}

// Retry has a job tried again now that was given up or waits for its next try. Errors: NotFound, Conflict
// job_not_failed for one that runs, waits for its first try, or is done.
func (c *Client) Retry(ctx context.Context, id int64) error {
	return c.db.Tx(ctx, func(tx *db.Tx) error {
		r, err := c.river.JobGetTx(ctx, tx.SQL(), id)
		if errors.Is(err, rivertype.ErrNotFound) {
			return fault.Missing("job")
		}
		if err != nil {
			return fmt.Errorf("find job %d: %w", id, err)
		}
		if s, _ := stateOf(r.State); s != GivenUp && s != Retrying {
			return fault.New(fault.Conflict, "job_not_failed", "This work has not failed: it waits, is under way or is done.")
		}
		if _, err := c.river.JobRetryTx(ctx, tx.SQL(), id); err != nil {
			return fmt.Errorf("retry job %d: %w", id, err)
		}
		return nil
	})
}
