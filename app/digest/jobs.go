package digest

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
)

type planArgs struct{}

// Kind names the job for good.
func (planArgs) Kind() string { return "digest_plan" }

type sendArgs struct {
	Channel string `json:"channel"`
}

// Kind names the job for good.
func (sendArgs) Kind() string { return "digest_send" }

type remindArgs struct{}

// Kind names the job for good.
func (remindArgs) Kind() string { return "digest_remind" }

// queueSend has a channel's messages sent, once the transaction is committed.
func (s *Service) queueSend(ctx context.Context, tx *db.Tx, c Channel) error {
	return s.Jobs.Enqueue(ctx, tx, sendArgs{string(c)}, &river.InsertOpts{Queue: jobs.QueueOut})
}

// worker calls an idempotent use case for each job.
type worker[T river.JobArgs] struct {
	river.WorkerDefaults[T]
	work func(ctx context.Context, args T) error
}

// Work does one job.
func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error { return w.work(ctx, job.Args) }

// Timeout leaves a run of sending its time, and planning a large company's morning.
func (*worker[T]) Timeout(*river.Job[T]) time.Duration { return 15 * time.Minute }

// Register adds this domain's workers.
func (s *Service) Register(c *jobs.Client) {
	jobs.Add(c, &worker[planArgs]{work: func(ctx context.Context, _ planArgs) error {
		_, err := s.Plan(ctx)
		return err
	}})
	jobs.Add(c, &worker[sendArgs]{work: func(ctx context.Context, a sendArgs) error {
		_, err := s.Send(ctx, Channel(a.Channel))
		return err
	}})
	jobs.Add(c, &worker[remindArgs]{work: func(ctx context.Context, _ remindArgs) error { return s.Remind(ctx) }})
}

// Periodic gives this domain's regular work. A failed run is of no use any more when the next one begins, so
// none is tried again.
func Periodic() []*river.PeriodicJob {
	out := &river.InsertOpts{Queue: jobs.QueueOut, MaxAttempts: 1}
	return []*river.PeriodicJob{
		river.NewPeriodicJob(river.PeriodicInterval(time.Minute), func() (river.JobArgs, *river.InsertOpts) { return planArgs{}, out }, &river.PeriodicJobOpts{RunOnStart: true}),
		river.NewPeriodicJob(river.PeriodicInterval(15*time.Minute), func() (river.JobArgs, *river.InsertOpts) { return remindArgs{}, out }, &river.PeriodicJobOpts{RunOnStart: true}),
	}
}

// WorkWords says in plain words what a kind of this domain's jobs does; empty for one that is not ours.
func WorkWords(kind string) string {
	switch kind {
	case planArgs{}.Kind():
		return "See whose morning it is, and what waits for them"
	case sendArgs{}.Kind():
		return "Send the messages that are due"
	case remindArgs{}.Kind():
		return "Remind reviewers and participants, and offer what waits for too long to deputies"
	}
	return ""
}
