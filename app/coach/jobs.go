package coach

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/fieldreel/fieldreel/app/internal/jobs"
)

type endPromotionsArgs struct{}

// Kind names the job for good.
func (endPromotionsArgs) Kind() string { return "coach_end_promotions" }

type endPromotionsWorker struct {
	river.WorkerDefaults[endPromotionsArgs]
	s *Service
}

// Work does one job.
func (w *endPromotionsWorker) Work(ctx context.Context, _ *river.Job[endPromotionsArgs]) error {
	_, err := w.s.EndPromotions(ctx)
	return err
}

// Register adds this domain's workers.
func (s *Service) Register(c *jobs.Client) { jobs.Add(c, &endPromotionsWorker{s: s}) }

// endEvery is how often promotions are ended: a day ends at some full or half hour somewhere.
const endEvery = 30 * time.Minute

// Periodic gives this domain's regular work.
func Periodic() []*river.PeriodicJob {
	return []*river.PeriodicJob{
		river.NewPeriodicJob(river.PeriodicInterval(endEvery), func() (river.JobArgs, *river.InsertOpts) { return endPromotionsArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true}),
	}
}

// WorkWords says in plain words what a kind of this domain's jobs does; empty for one that is not ours.
func WorkWords(kind string) string {
	if kind == (endPromotionsArgs{}).Kind() {
		return "Take videos out of the library whose time there has ended"
	}
	return ""
}
