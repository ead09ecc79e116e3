package certificate

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/fieldreel/fieldreel/app/internal/jobs"
)

type remindArgs struct{}

// Kind names the job for good.
func (remindArgs) Kind() string { return "certificate_remind" }

type remindWorker struct {
	river.WorkerDefaults[remindArgs]
	s *Service
}

// Work does one job.
func (w *remindWorker) Work(ctx context.Context, _ *river.Job[remindArgs]) error {
	_, err := w.s.Remind(ctx)
	return err
}

// Register adds this domain's workers.
func (s *Service) Register(c *jobs.Client) { jobs.Add(c, &remindWorker{s: s}) }

// Periodic gives this domain's regular work.
func Periodic() []*river.PeriodicJob {
	return []*river.PeriodicJob{
		river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) { return remindArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true}),
	}
}

// WorkWords says in plain words what a kind of this domain's jobs does; empty for one that is not ours.
func WorkWords(kind string) string {
	if kind == (remindArgs{}).Kind() {
		return "Remind people of certificates that end soon"
	}
	return ""
}
