// Package migrations holds the schema as SQL that a person wrote: the same file names for both
// databases, forward only. A test in app/internal/db proves that both end in the same tables,
// columns and nullability.
package migrations

import "embed"

// SQLite holds the migrations for the embedded database under "sqlite".
//
//go:embed sqlite/*.sql
var SQLite embed.FS

// Postgres holds the migrations for PostgreSQL under "postgres".
//
//go:embed postgres/*.sql
var Postgres embed.FS
