package programme

import (
	"context"
	"slices"
	"time"

	"github.com/riverqueue/river"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
)

// syncArgs has a programme's rules asked of everybody.
type syncArgs struct {
	ProgrammeID string `json:"programme_id"`
}

// Kind names the job for good.
func (syncArgs) Kind() string { return "programme_sync" }

// syncAllArgs has the rules of all open programmes asked of everybody.
type syncAllArgs struct{}

// Kind names the job for good.
func (syncAllArgs) Kind() string { return "programme_sync_all" }

// syncPersonsArgs has the rules of all open programmes asked of some.
type syncPersonsArgs struct {
	PersonIDs []string `json:"person_ids"`
}

// Kind names the job for good.
func (syncPersonsArgs) Kind() string { return "programme_sync_persons" }

// sweepFilesArgs has files deleted that no programme attaches any more.
type sweepFilesArgs struct{}

// Kind names the job for good.
func (sweepFilesArgs) Kind() string { return "programme_sweep_files" }

func (s *Service) queueSync(ctx context.Context, tx *db.Tx, programmeID string) error {
	return s.Jobs.Enqueue(ctx, tx, syncArgs{programmeID}, nil)
}

func (s *Service) queueAll(ctx context.Context, tx *db.Tx) error {
	return s.Jobs.Enqueue(ctx, tx, syncAllArgs{}, nil)
}

func (s *Service) queuePersons(ctx context.Context, tx *db.Tx, ids ...string) error {
	for chunk := range slices.Chunk(ids, some) {
		if err := s.Jobs.Enqueue(ctx, tx, syncPersonsArgs{chunk}, nil); err != nil {
			return err
		}
	}
	return nil
}

// worker calls an idempotent use case for each job.
type worker[T river.JobArgs] struct {
	river.WorkerDefaults[T]
	work func(ctx context.Context, args T) error
}

// Work does one job.
func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	return w.work(ctx, job.Args)
}

// Register adds this domain's workers.
func (s *Service) Register(c *jobs.Client) {
	jobs.Add(c, &worker[syncArgs]{work: func(ctx context.Context, a syncArgs) error {
		_, err := s.Sync(ctx, a.ProgrammeID)
		if fault.Is(err, fault.NotFound) {
			return nil // deleted meanwhile
		}
		return err
	}})
	jobs.Add(c, &worker[syncAllArgs]{work: func(ctx context.Context, _ syncAllArgs) error { return s.SyncAll(ctx) }})
	jobs.Add(c, &worker[syncPersonsArgs]{work: func(ctx context.Context, a syncPersonsArgs) error { return s.SyncPersons(ctx, a.PersonIDs) }})
	jobs.Add(c, &worker[sweepFilesArgs]{work: func(ctx context.Context, _ sweepFilesArgs) error {
		_, err := s.SweepFiles(ctx)
		return err
	}})
}

// Periodic gives this domain's regular work: every change of the company queues its own, and once an hour all
// is looked at again, for what came in by another way, and files that nothing attaches are swept up.
func Periodic() []*river.PeriodicJob {
	return []*river.PeriodicJob{
		river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) { return syncAllArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true}),
		river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) { return sweepFilesArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true}),
	}
}

// WorkWords says in plain words what a kind of this domain's jobs does; empty for one that is not ours.
func WorkWords(kind string) string {
	switch kind {
	case syncArgs{}.Kind():
		return "Work out who takes part in a programme"
	case syncAllArgs{}.Kind():
		return "Work out who takes part in all programmes"
	case syncPersonsArgs{}.Kind():
		return "Work out in which programmes people take part who came, moved or changed"
	case sweepFilesArgs{}.Kind():
		return "Delete files that no programme attaches any more"
	}
	return ""
}
