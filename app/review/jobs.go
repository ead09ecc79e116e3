package review

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/fieldreel/fieldreel/app/internal/jobs"
)

type upkeepArgs struct{}

// Kind names the job for good.
func (upkeepArgs) Kind() string { return "review_upkeep" }

type upkeepWorker struct {
	river.WorkerDefaults[upkeepArgs]
	s *Service
}

// Work does one job.
func (w *upkeepWorker) Work(ctx context.Context, _ *river.Job[upkeepArgs]) error {
	if _, err := w.s.Reroute(ctx); err != nil {
		return err
	}
	_, err := w.s.SweepVoices(ctx)
	return err
}

// Register adds this domain's workers.
func (s *Service) Register(c *jobs.Client) { jobs.Add(c, &upkeepWorker{s: s}) }

// Periodic gives this domain's regular work: reviews of people who have left find others, and recordings that
// belong to no note go.
func Periodic() []*river.PeriodicJob {
	return []*river.PeriodicJob{
		river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) { return upkeepArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true}),
	}
}

// WorkWords says in plain words what a kind of this domain's jobs does; empty for one that is not ours.
func WorkWords(kind string) string {
	if kind == (upkeepArgs{}).Kind() {
		return "Find reviewers for attempts that have lost theirs, and sweep up spoken notes"
	}
	return ""
}
