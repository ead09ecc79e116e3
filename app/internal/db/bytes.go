package db

import (
	"context"
	"fmt"
)

// Bytes says how much the database takes, in bytes, without what SQLite's log holds for the moment.
func (d *DB) Bytes(ctx context.Context) (int64, error) {
	q := `SELECT pg_database_size(current_database())`
	if d.kind == SQLite {
		q = `SELECT c.page_count * s.page_size FROM pragma_page_count() c, pragma_page_size() s`
	}
	var n int64
	if err := d.sql.QueryRowContext(ctx, q).Scan(&n); err != nil {
		return 0, fmt.Errorf("size of the database: %w", err)
	}
	return n, nil
}
