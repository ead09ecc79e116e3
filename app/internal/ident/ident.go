// Package ident makes and reads the identifiers of rows: UUIDv7 in their usual text form, which sort
// by the time they were made in both databases.
package ident

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// New makes an identifier. It panics only when the operating system has no random numbers left to
// give, in which case nothing else is safe either.
func New() string { return uuid.Must(uuid.NewV7()).String() }

// At makes an identifier that sorts as if it had been made at that time, the transaction's: for rows that are
// listed in the order of their ids. Those of the same millisecond sort in the order in which this process
// made them, if it made them within seven weeks of each other.
func At(t time.Time) string {
	made := uuid.Must(uuid.NewV7()) // 48 bits of milliseconds, 12 that rise within one, random ones
	order := binary.BigEndian.Uint64(made[:8])>>16<<12 | uint64(binary.BigEndian.Uint16(made[6:8])&0xfff)
	order &= 1<<44 - 1
	random := uint64(binary.BigEndian.Uint32(made[12:])) & (1<<30 - 1)
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], uint64(t.UnixMilli())<<16|7<<12|order>>32) //nolint:gosec // no row is older than 1970
	binary.BigEndian.PutUint64(id[8:], 1<<63|order&(1<<32-1)<<30|random)
	return id.String()
}

// Parse accepts any UUID in its usual form and gives it in lower case.
func Parse(s string) (string, error) {
	if len(s) != 36 {
		return "", fmt.Errorf("not a UUID: %d characters", len(s))
	}
	id, err := uuid.Parse(s)
	if err != nil {
		return "", fmt.Errorf("not a UUID: %w", err)
	}
	return id.String(), nil
}
