package calibration

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/fieldreel/fieldreel/app/internal/jobs"
)

type monthArgs struct{}

// Kind names the job for good.
func (monthArgs) Kind() string { return "calibration_month" }

type monthWorker struct {
	river.WorkerDefaults[monthArgs]
	s *Service
}

// Work tells reviewers of the month's takes.
func (w *monthWorker) Work(ctx context.Context, _ *river.Job[monthArgs]) error {
	_, err := w.s.Tell(ctx)
	return err
}

// Register adds this domain's workers.
func (s *Service) Register(c *jobs.Client) { jobs.Add(c, &monthWorker{s: s}) }

// Periodic gives this domain's regular work: who becomes a reviewer during a month hears of it, too.
func Periodic() []*river.PeriodicJob {
	return []*river.PeriodicJob{
		river.NewPeriodicJob(river.PeriodicInterval(6*time.Hour), func() (river.JobArgs, *river.InsertOpts) { return monthArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true}),
	}
}

// WorkWords says in plain words what a kind of this domain's jobs does; empty for one that is not ours.
func WorkWords(kind string) string {
	if kind == (monthArgs{}).Kind() {
		return "Draw the month's gold takes, and tell reviewers"
	}
	return ""
}
