// Package jobs wires the River job queue to our database: work is a row, written in the transaction
// of its cause, done at least once, by idempotent workers that may be killed at any line.
package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"github.com/fieldreel/fieldreel/app/internal/db"
)

// Queues of the product. Each bounds one sort of work, so that a long encode never delays a short
// step. The ingest queue is per node: only the node whose spool holds the bytes can take them in.
const (
	QueueDefault = "default"
	QueueMedia   = "media"
	QueueSpeech  = "speech"
	QueueOut     = "out" // messages that leave the installation, and their planning
)

// QueueIngest names the queue of a node's own spool.
func QueueIngest(node string) string { return "ingest_" + node }

// nodePattern is what River accepts in the name of a queue.
var nodePattern = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

// pollEvery is how often a node asks for new work. There is no notification on either driver, and
// "playable within a second" leaves no room for River's default of one second.
const pollEvery = 200 * time.Millisecond

// rescueAfter is when a job of a node that vanished is given to another; longer than any job may take.
const rescueAfter = MaxWork + 10*time.Minute

// MaxWork is the longest that any one job may run.
const MaxWork = 3 * time.Hour

// Config says what a node works on.
type Config struct {
	// Node is this node's own lasting name, [a-z0-9-]; it names its ingest queue and marks its jobs.
	Node string
	// Queues gives the number of workers of each queue; empty for a node that only enqueues.
	Queues   map[string]int
	Periodic []*river.PeriodicJob
	Logger   *slog.Logger
}

// Client enqueues jobs and, once started, works on them.
type Client struct {
	db      *db.DB
	cfg     Config
	workers *river.Workers
	river   *river.Client[*sql.Tx]
	// running counts the jobs that are being worked on.
	running atomic.Int64
}

// New prepares a client. Workers are added with Add before Start.
func New(d *db.DB, cfg Config) (*Client, error) {
	if !nodePattern.MatchString(cfg.Node) {
		return nil, fmt.Errorf("node name %q: use a-z, 0-9 and - (at most 40)", cfg.Node)
	}
	c := &Client{db: d, cfg: cfg, workers: river.NewWorkers()}
	log := cfg.Logger
	if log == nil {
		log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	rc := &river.Config{
		ID:                   cfg.Node,
		Workers:              c.workers,
		Logger:               slog.New(quiet{log.Handler()}),
		FetchPollInterval:    pollEvery,
		FetchCooldown:        20 * time.Millisecond,
		PollOnly:             true,
		JobTimeout:           5 * time.Minute,
		RescueStuckJobsAfter: rescueAfter,
		MaxAttempts:          5,
		RetryPolicy:          backoff{},
		PeriodicJobs:         cfg.Periodic,
		SkipUnknownJobCheck:  true, // a web node enqueues kinds that only workers know
		// Done jobs are of no further use to anybody; failed ones stay for the admin.
		CompletedJobRetentionPeriod: 24 * time.Hour,
		DiscardedJobRetentionPeriod: 90 * 24 * time.Hour,
	}
	if len(cfg.Queues) > 0 {
		rc.Queues = map[string]river.QueueConfig{}
		for q, n := range cfg.Queues {
			rc.Queues[q] = river.QueueConfig{MaxWorkers: n}
		}
	}
	var err error
	c.river, err = river.NewClient(driver(d), rc)
	if err != nil {
		return nil, fmt.Errorf("set up the job queue: %w", err)
	}
	return c, nil
}

func driver(d *db.DB) riverdriver.Driver[*sql.Tx] {
	if d.Kind() == db.SQLite {
		return riversqlite.New(d.SQL())
	}
	return riverdatabasesql.New(d.SQL())
}

// Add registers the worker for one kind of job. A job that is broken off because this node stops does
// not count as a try: it is given back, and worked from its beginning by whoever is there.
func Add[T river.JobArgs](c *Client, w river.Worker[T]) {
	river.AddWorker(c.workers, patient[T]{w, &c.running})
}

type patient[T river.JobArgs] struct {
	river.Worker[T]
	running *atomic.Int64
}

// Work does one job, or gives it back.
func (p patient[T]) Work(ctx context.Context, job *river.Job[T]) error {
	p.running.Add(1)
	defer p.running.Add(-1)
	err := p.Worker.Work(ctx, job)
	if err != nil && Interrupted(ctx) {
		return river.JobSnooze(0)
	}
	return err
}

// Interrupted says whether ctx, a job's, has ended because the node stops, and not because the job took
// too long. What such a job failed with says nothing about the work.
func Interrupted(ctx context.Context) bool {
	return ctx.Err() != nil && !errors.Is(context.Cause(ctx), context.DeadlineExceeded)
}

// Enqueue writes a job in the caller's transaction: it is worked if and only if that commits.
func (c *Client) Enqueue(ctx context.Context, tx *db.Tx, args river.JobArgs, opts *river.InsertOpts) error {
	if _, err := c.river.InsertTx(ctx, tx.SQL(), args, opts); err != nil {
		return fmt.Errorf("enqueue %s: %w", args.Kind(), err)
	}
	return nil
}

// Start takes up again what this node was working on when it was killed, then begins to work.
func (c *Client) Start(ctx context.Context) error {
	if err := c.takeUp(ctx); err != nil {
		return err
	}
	if len(c.cfg.Queues) == 0 {
		return nil
	}
	if err := c.river.Start(ctx); err != nil {
		return fmt.Errorf("start the job queue: %w", err)
	}
	return nil
}

// settle is how long the queue may take to write down how jobs have ended: milliseconds, in fact.
const settle = 3 * time.Second

// errIdle ends the wait for a queue that has nothing left to do.
var errIdle = errors.New("no job is running")

// Stop lets running jobs end until ctx does, then cancels them: they are worked again later.
//
// The queue itself is waited for only as long as jobs run, and settle beyond. A stop within moments of a
// start can lock River up for good: its elector then tells of the end of its leadership, holding the lock
// that the one it tells needs in order to leave (v0.31, leadership/elector.go, notifySubscribers). By then
// no job is fetched any more, so nothing is lost.
func (c *Client) Stop(ctx context.Context) error {
	if len(c.cfg.Queues) == 0 {
		return nil
	}
	wait, done := context.WithCancelCause(ctx)
	defer done(nil)
	go c.watch(wait, done)
	err := c.river.Stop(wait)
	if err == nil || errors.Is(context.Cause(wait), errIdle) {
		return nil
	}
	hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := c.river.StopAndCancel(hard); err != nil {
		return fmt.Errorf("stop the job queue: %w", err)
	}
	return nil
}

// watch calls idle once no job has been running for the time of settle.
func (c *Client) watch(ctx context.Context, idle context.CancelCauseFunc) {
	tick := time.NewTicker(settle / 30)
	defer tick.Stop()
	since := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			if c.running.Load() > 0 {
				since = now
			} else if now.Sub(since) >= settle {
				idle(errIdle)
			}
		}
	}
}

// takeUp makes jobs available again that are marked as running on this node although it has only
// now started: the previous process was killed. River itself would wait for rescueAfter.
func (c *Client) takeUp(ctx context.Context) error {
	q := `UPDATE river_job SET state = 'available', scheduled_at = CURRENT_TIMESTAMP WHERE state = 'running'`
	var args []any
	if c.db.Kind() == db.Postgres {
		q += ` AND attempted_by[array_upper(attempted_by, 1)] = $1`
		args = append(args, c.cfg.Node)
	}
	if _, err := c.db.SQL().ExecContext(ctx, q, args...); err != nil {
		return fmt.Errorf("take up interrupted jobs: %w", err)
	}
	return nil
}

// Migrate brings the queue's own tables up to date; on PostgreSQL under a lock of the database.
func Migrate(ctx context.Context, d *db.DB) (err error) {
	if d.Kind() == db.Postgres {
		conn, cerr := d.SQL().Conn(ctx)
		if cerr != nil {
			return fmt.Errorf("lock for migrating the job queue: %w", cerr)
		}
		defer func() { err = errors.Join(err, conn.Close()) }()
		const key = 7205759403792001 // any constant of our own
		if _, cerr := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, key); cerr != nil {
			return fmt.Errorf("lock for migrating the job queue: %w", cerr)
		}
		defer func() {
			_, uerr := conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, key)
			err = errors.Join(err, uerr)
		}()
	}
	m, err := rivermigrate.New(driver(d), nil)
	if err != nil {
		return fmt.Errorf("read the job queue's migrations: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the job queue: %w", err)
	}
	return nil
}

// backoff waits 2, 8, 18, 32 … seconds: a passing fault is soon retried, a lasting one becomes
// visible to its author within a minute or two.
type backoff struct{}

// NextRetry says when a failed job is tried again.
func (backoff) NextRetry(job *rivertype.JobRow) time.Time {
	n := len(job.Errors) + 1
	return time.Now().UTC().Add(time.Duration(2*n*n) * time.Second)
}

// Last says whether this attempt is the job's last: its worker then tells the person concerned.
func Last(job *rivertype.JobRow) bool { return job.Attempt >= job.MaxAttempts }

// Spent says that the job was taken up more often than it may be tried: each time the process died with
// it. It must not be worked again, only given up.
func Spent(job *rivertype.JobRow) bool { return job.Attempt > job.MaxAttempts }

// quiet passes River's warnings and errors on, and leaves its chatter out.
type quiet struct{ slog.Handler }

// Enabled lets only warnings and above through.
func (q quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}

// Failed is a job that was given up.
type Failed struct {
	ID       int64
	Kind     string
	Error    string
	Attempts int
	At       time.Time
}

// ListFailed gives the newest given-up jobs, for the admin.
func (c *Client) ListFailed(ctx context.Context, limit int) ([]Failed, error) {
	res, err := c.river.JobList(ctx, river.NewJobListParams().States(rivertype.JobStateDiscarded).First(limit).OrderBy(river.JobListOrderByID, river.SortOrderDesc))
	if err != nil {
		return nil, fmt.Errorf("list failed jobs: %w", err)
	}
	out := make([]Failed, 0, len(res.Jobs))
	for _, j := range res.Jobs {
		f := Failed{ID: j.ID, Kind: j.Kind, Attempts: j.Attempt}
		if j.FinalizedAt != nil {
			f.At = *j.FinalizedAt
		}
		if n := len(j.Errors); n > 0 {
			f.Error, _, _ = strings.Cut(j.Errors[n-1].Error, "\n")
		}
		out = append(out, f)
	}
	return out, nil
}

// Args gives the arguments (JSON) of all jobs of these kinds that wait or run.
func (c *Client) Args(ctx context.Context, kinds ...string) ([][]byte, error) {
	const page = 1000
	params := river.NewJobListParams().Kinds(kinds...).OrderBy(river.JobListOrderByID, river.SortOrderAsc).First(page).
		States(rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled)
	var out [][]byte
	for {
		res, err := c.river.JobList(ctx, params)
		if err != nil {
			return nil, fmt.Errorf("list jobs: %w", err)
		}
		for _, j := range res.Jobs {
			out = append(out, j.EncodedArgs)
		}
		if len(res.Jobs) < page {
			return out, nil
		}
		params = params.After(res.LastCursor)
	}
}

// Pending counts jobs that wait or run, by queue.
func (c *Client) Pending(ctx context.Context) (map[string]int, error) {
	rows, err := c.db.SQL().QueryContext(ctx, `SELECT queue, COUNT(*) FROM river_job WHERE state IN ('available','running','retryable','scheduled') GROUP BY queue`)
	if err != nil {
		return nil, fmt.Errorf("count jobs: %w", err)
	}
	defer func() { _ = rows.Close() }() // Err below reports what matters
	out := map[string]int{}
	for rows.Next() {
		var q string
		var n int
		if err := rows.Scan(&q, &n); err != nil {
			return nil, fmt.Errorf("count jobs: %w", err)
		}
		out[q] = n
	}
	return out, rows.Err()
}
