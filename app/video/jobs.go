package video

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
)

type ingestArgs struct {
	VideoID  string `json:"video_id"`
	UploadID string `json:"upload_id"`
}

// Kind names the job for good.
func (ingestArgs) Kind() string { return "video_ingest" }

type processArgs struct {
	VideoID string `json:"video_id"`
}

// Kind names the job for good.
func (processArgs) Kind() string { return "video_process" }

type transcribeArgs struct {
	VideoID string `json:"video_id"`
}

// Kind names the job for good.
func (transcribeArgs) Kind() string { return "video_transcribe" }

type purgeArgs struct{}

// Kind names the job for good.
func (purgeArgs) Kind() string { return "video_purge" }

// queue writes jobs in the transaction of their cause.
type queue struct{ c *jobs.Client }

func (q queue) ingest(ctx context.Context, tx *db.Tx, video, upload, node string) error {
	return q.c.Enqueue(ctx, tx, ingestArgs{video, upload}, &river.InsertOpts{Queue: jobs.QueueIngest(node)})
}

func (q queue) process(ctx context.Context, tx *db.Tx, video string) error {
	return q.c.Enqueue(ctx, tx, processArgs{video}, &river.InsertOpts{Queue: jobs.QueueMedia})
}

func (q queue) transcribe(ctx context.Context, tx *db.Tx, video string) error {
	return q.c.Enqueue(ctx, tx, transcribeArgs{video}, &river.InsertOpts{Queue: jobs.QueueSpeech})
}

// worker calls an idempotent use case for each job.
type worker[T river.JobArgs] struct {
	river.WorkerDefaults[T]
	work func(ctx context.Context, args T, last bool) error
}

// Work does one job.
func (w worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	return w.work(ctx, job.Args, jobs.Last(job.JobRow))
}

// Timeout is how long a job may run before it is stopped and tried again.
func (worker[T]) Timeout(*river.Job[T]) time.Duration { return jobs.MaxWork }

// Register adds this domain's workers.
func (s *Service) Register(c *jobs.Client) {
	jobs.Add(c, &worker[ingestArgs]{work: func(ctx context.Context, a ingestArgs, last bool) error {
		return s.Ingest(ctx, a.VideoID, a.UploadID, last)
	}})
	jobs.Add(c, &worker[processArgs]{work: func(ctx context.Context, a processArgs, last bool) error { return s.Process(ctx, a.VideoID, last) }})
	jobs.Add(c, &worker[transcribeArgs]{work: func(ctx context.Context, a transcribeArgs, last bool) error {
		return s.Transcribe(ctx, a.VideoID, last)
	}})
	jobs.Add(c, &worker[purgeArgs]{work: func(ctx context.Context, _ purgeArgs, _ bool) error {
		_, err := s.Purge(ctx)
		return err
	}})
}

// Periodic gives this domain's regular work.
func Periodic() []*river.PeriodicJob {
	return []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(6*time.Hour),
		func() (river.JobArgs, *river.InsertOpts) { return purgeArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true})}
}
