// Package db opens the database (SQLite in the data folder, or PostgreSQL), runs the migrations and
// gives use cases their transactions. One use case is one transaction with one "now"; helpers take
// the transaction. Inside a transaction touch only the transaction: everything else may wait for it.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	_ "modernc.org/sqlite" // the "sqlite" driver of database/sql, pure Go
)

// Kind says which engine holds the data.
type Kind string

// The engines.
const (
	SQLite   Kind = "sqlite"
	Postgres Kind = "postgres"
)

// Config says where the data is.
type Config struct {
	// URL is a postgres:// address; empty means SQLite in Dir.
	URL string
	// Dir is the data folder of the embedded default.
	Dir string
	// Clock gives the time of transactions; nil means time.Now.
	Clock func() time.Time
	// MaxConns bounds the pool; 0 means 4 for SQLite and 16 for PostgreSQL.
	MaxConns int
	Logger   *slog.Logger
}

// DB is an open database.
type DB struct {
	kind  Kind
	sql   *sql.DB
	gorm  *gorm.DB
	clock func() time.Time
	// write queues the writing transactions of this process on SQLite, which has one writer: a queue
	// is fair, the engine's busy timeout is not.
	write *sync.Mutex
	url   string
}

// Tx is one transaction. Now is fixed when it begins, in UTC and whole microseconds (what both
// engines keep).
type Tx struct {
	Now   time.Time
	gorm  *gorm.DB
	sql   *sql.Tx
	kind  Kind
	after []func()
}

// Gorm gives the GORM handle of the transaction, for store files only.
func (tx *Tx) Gorm() *gorm.DB { return tx.gorm }

// SQL gives the transaction underneath, for the job queue.
func (tx *Tx) SQL() *sql.Tx { return tx.sql }

// Kind says which engine the transaction runs on.
func (tx *Tx) Kind() Kind { return tx.kind }

// AfterCommit has fn called once the transaction is durable, and never if it is rolled back. It is
// for waking things up; what must survive a crash is a job instead.
func (tx *Tx) AfterCommit(fn func()) { tx.after = append(tx.after, fn) }

// Open opens the database. It does not migrate.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	d := &DB{clock: cfg.Clock, kind: SQLite, url: cfg.URL, write: &sync.Mutex{}}
	if d.clock == nil {
		d.clock = time.Now
	}
	var dialector gorm.Dialector
	var err error
	maxConns := cfg.MaxConns
	if cfg.URL == "" {
		if maxConns == 0 {
			maxConns = 4
		}
		d.sql, err = sql.Open("sqlite", sqliteDSN(filepath.Join(cfg.Dir, "fieldreel.db")))
		if err != nil {
			return nil, fmt.Errorf("open SQLite: %w", err)
		}
		dialector = translating{sqlite.Dialector{Conn: newPrepared(d.sql), DriverName: "sqlite"}}
	} else {
		d.kind = Postgres
		if maxConns == 0 {
			maxConns = 16
		}
		u, perr := url.Parse(cfg.URL)
		if perr != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
			return nil, errors.New("the database address must look like postgres://user:password@host:5432/name")
		}
		d.sql, err = openPostgres(cfg.URL)
		if err != nil {
			return nil, fmt.Errorf("open PostgreSQL: %w", err)
		}
		dialector = postgres.New(postgres.Config{Conn: d.sql})
	}
	d.sql.SetMaxOpenConns(maxConns)
	d.sql.SetMaxIdleConns(maxConns)
	if d.kind == Postgres {
		d.sql.SetConnMaxIdleTime(5 * time.Minute)
	}
	if err := d.sql.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("reach the database: %w", err), d.sql.Close())
	}
	d.gorm, err = gorm.Open(dialector, &gorm.Config{
		Logger:                 logger.Discard, // errors are returned upward and logged once at the edge
		TranslateError:         true,
		SkipDefaultTransaction: true,
		NowFunc:                d.Now,
		DisableAutomaticPing:   true,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: %w", err), d.sql.Close())
	}
	return d, nil
}

// openPostgres switches just-in-time compilation off, unless the address says something about it: our
// queries are short, and where the planner overrates one (recursive queries, tables without statistics yet)
// the compiling took seconds and the query milliseconds.
func openPostgres(address string) (*sql.DB, error) {
	cfg, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	if _, said := cfg.RuntimeParams["jit"]; said {
		return stdlib.OpenDB(*cfg), nil
	}
	// Not as a parameter of the connection: poolers such as PgBouncer refuse those they do not know.
	return stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, `SET jit = off`)
		return err
	})), nil
}

// sqliteDSN: WAL for readers beside the writer; synchronous=FULL because acknowledged means durable;
// immediate transactions so that two writers queue instead of failing half-way.
func sqliteDSN(path string) string {
	q := url.Values{}
	for _, p := range []string{"journal_mode(WAL)", "busy_timeout(10000)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)", "cache_size(-16000)"} {
		q.Add("_pragma", p)
	}
	q.Set("_txlock", "immediate")
	q.Set("_time_format", "sqlite")
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

// At gives the same database at another time: what is written through it happens when clock says. It is for
// package demo, whose company has a past; a linter keeps everybody else from it. It must not be closed.
func (d *DB) At(clock func() time.Time) *DB {
	return &DB{kind: d.kind, sql: d.sql, gorm: d.gorm, clock: clock, write: d.write, url: d.url}
}

// Kind says which engine holds the data.
func (d *DB) Kind() Kind { return d.kind }

// SQL gives the pool underneath, for migrations and the job queue.
func (d *DB) SQL() *sql.DB { return d.sql }

// Now gives the time as the database keeps it: UTC, whole microseconds.
func (d *DB) Now() time.Time { return d.clock().UTC().Truncate(time.Microsecond) }

// Read gives a handle for reading outside a transaction, for store files only.
func (d *DB) Read(ctx context.Context) *gorm.DB { return d.gorm.WithContext(ctx) }

// Ping says whether the database answers.
func (d *DB) Ping(ctx context.Context) error { return d.sql.PingContext(ctx) }

// Close ends the pool, after checkpointing SQLite's log.
func (d *DB) Close() error { return d.sql.Close() }

// MaxTx is the longest that a transaction may last on PostgreSQL, where it can hold up others without
// being seen; what follows the order of commits relies on it.
const MaxTx = 5 * time.Minute

// serializationTries is how often a transaction is begun that the engine ends for the sake of others
// (deadlock, serialization failure); the body must therefore be repeatable.
const serializationTries = 5

// Tx runs fn in one transaction, commits when it returns nil and rolls back otherwise. fn may be run
// again when the engine asks for it, so it must not act outside the transaction. A full disk is NoSpace
// database_full.
func (d *DB) Tx(ctx context.Context, fn func(tx *Tx) error) error {
	for try := 1; ; try++ {
		after, err := d.once(ctx, fn)
		if err == nil {
			for _, f := range after { // free of the writers' queue: they may begin a transaction
				f()
			}
			return nil
		}
		if !retryable(err) || try == serializationTries {
			return full(err)
		}
	}
}

func (d *DB) once(ctx context.Context, fn func(tx *Tx) error) (after []func(), err error) {
	if d.kind == SQLite {
		d.write.Lock()
		defer d.write.Unlock()
	} else {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, MaxTx)
		defer cancel()
	}
	stx, err := d.sql.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	committed := false
	defer func() {
		if !committed {
			// The first error says more than the rollback's, which only repeats a lost connection.
			_ = stx.Rollback()
		}
	}()
	g := d.gorm.Session(&gorm.Session{Context: ctx, NewDB: true, SkipDefaultTransaction: true, NowFunc: d.Now})
	g.Statement.ConnPool = stx
	tx := &Tx{Now: d.Now(), gorm: g, sql: stx, kind: d.kind}
	if err := fn(tx); err != nil {
		return nil, err
	}
	if err := stx.Commit(); err != nil {
		return nil, fmt.Errorf("commit: %w", err)
	}
	committed = true
	return tx.after, nil
}

// LikePrefix escapes the wildcards of LIKE in s (escape character \) and appends %.
func LikePrefix(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s) + "%"
}
