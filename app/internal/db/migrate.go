package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/fieldreel/fieldreel/migrations"
)

// ErrNewer says that the data was written by a newer Fieldreel than this one.
var ErrNewer = errors.New("the database was written by a newer Fieldreel: install that version, or restore a backup from before the upgrade")

// Migrate brings the schema to this binary's version, under a lock on PostgreSQL (SQLite has the
// data folder's). It refuses a database that is newer than the binary (ErrNewer) and says how many
// migrations ran.
func (d *DB) Migrate(ctx context.Context, log *slog.Logger) (int, error) {
	p, err := d.provider()
	if err != nil {
		return 0, err
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the schema's version: %w", err)
	}
	if current > target {
		return 0, ErrNewer
	}
	results, err := p.Up(ctx)
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	for _, r := range results {
		log.InfoContext(ctx, "migrated", "file", r.Source.Path, "took", r.Duration.String())
	}
	return len(results), nil
}

func (d *DB) provider() (*goose.Provider, error) {
	opts := []goose.ProviderOption{goose.WithTableName("schema_versions"), goose.WithDisableGlobalRegistry(true)}
	var files fs.FS
	var dialect goose.Dialect
	var err error
	if d.kind == SQLite {
		dialect = goose.DialectSQLite3
		files, err = fs.Sub(migrations.SQLite, "sqlite")
	} else {
		dialect = goose.DialectPostgres
		files, err = fs.Sub(migrations.Postgres, "postgres")
		if err == nil {
			locker, lerr := lock.NewPostgresSessionLocker()
			if lerr != nil {
				return nil, lerr
			}
			opts = append(opts, goose.WithSessionLocker(locker))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open the embedded migrations: %w", err)
	}
	p, err := goose.NewProvider(dialect, d.sql, files, opts...)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return p, nil
}
