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

type retagArgs struct {
	TacticID string `json:"tactic_id"`
}

// Kind names the job for good.
func (retagArgs) Kind() string { return "video_retag" }

type purgeArgs struct{}

// Kind names the job for good.
func (purgeArgs) Kind() string { return "video_purge" }

type mendArgs struct{}

// Kind names the job for good.
func (mendArgs) Kind() string { return "video_mend" }

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

func (q queue) retag(ctx context.Context, tx *db.Tx, tactic string) error {
	return q.c.Enqueue(ctx, tx, retagArgs{tactic}, nil)
}

// working gives the videos that a job waits for or runs on.
func (q queue) working(ctx context.Context) (map[string]bool, error) {
	all, err := q.c.Args(ctx, ingestArgs{}.Kind(), processArgs{}.Kind(), transcribeArgs{}.Kind())
	if err != nil {
		return nil, err
	}
	out := make(map[string]bool, len(all))
	for _, args := range all {
		id, err := videoOf(args)
		if err != nil {
			return nil, err
		}
		out[id] = true
	}
	return out, nil
}

// worker calls an idempotent use case for each job, and spent for one that took the process down too
// often.
type worker[T river.JobArgs] struct {
	river.WorkerDefaults[T]
	work  func(ctx context.Context, args T, last bool) error
	spent func(ctx context.Context, args T) error
}

// Work does one job.
func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	if jobs.Spent(job.JobRow) && w.spent != nil {
		return w.spent(ctx, job.Args)
	}
	return w.work(ctx, job.Args, jobs.Last(job.JobRow))
}

// Timeout is how long a job may run before it is stopped and tried again.
func (*worker[T]) Timeout(*river.Job[T]) time.Duration { return jobs.MaxWork }

// Register adds this domain's workers.
func (s *Service) Register(c *jobs.Client) {
	jobs.Add(c, &worker[ingestArgs]{
		work: func(ctx context.Context, a ingestArgs, last bool) error {
			return s.Ingest(ctx, a.VideoID, a.UploadID, last)
		},
		spent: func(ctx context.Context, a ingestArgs) error { return s.Keep(ctx, a.VideoID, a.UploadID) },
	})
	jobs.Add(c, &worker[processArgs]{
		work:  func(ctx context.Context, a processArgs, last bool) error { return s.Process(ctx, a.VideoID, last) },
		spent: func(ctx context.Context, a processArgs) error { return s.Abandon(ctx, a.VideoID) },
	})
	jobs.Add(c, &worker[transcribeArgs]{
		work: func(ctx context.Context, a transcribeArgs, last bool) error {
			return s.Transcribe(ctx, a.VideoID, last)
		},
		spent: func(ctx context.Context, a transcribeArgs) error { return s.Abandon(ctx, a.VideoID) },
	})
	jobs.Add(c, &worker[retagArgs]{work: func(ctx context.Context, a retagArgs, _ bool) error { return s.Retag(ctx, a.TacticID) }})
	jobs.Add(c, &worker[purgeArgs]{work: func(ctx context.Context, _ purgeArgs, _ bool) error {
		_, err := s.Purge(ctx)
		return err
	}})
	jobs.Add(c, &worker[mendArgs]{work: func(ctx context.Context, _ mendArgs, _ bool) error {
		_, err := s.Mend(ctx)
		return err
	}})
}

// Periodic gives this domain's regular work.
func Periodic() []*river.PeriodicJob {
	return []*river.PeriodicJob{
		river.NewPeriodicJob(river.PeriodicInterval(6*time.Hour), func() (river.JobArgs, *river.InsertOpts) { return purgeArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true}),
		river.NewPeriodicJob(river.PeriodicInterval(30*time.Minute), func() (river.JobArgs, *river.InsertOpts) { return mendArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true}),
	}
}
