package ident

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestAt(t *testing.T) {
	then := time.Date(2024, 2, 29, 12, 0, 0, 123_000_000, time.UTC)
	var ids []string
	for i := range 5000 {
		ids = append(ids, At(then.Add(time.Duration(i/1000)*time.Millisecond)))
	}
	if !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Error("ids of the same time do not sort in the order in which they were made")
	}
	id, err := uuid.Parse(ids[0])
	if err != nil || id.Version() != 7 || id.Variant() != uuid.RFC4122 {
		t.Fatalf("%s is no UUIDv7: %v", ids[0], err)
	}
	if s, ns := id.Time().UnixTime(); s != then.Unix() || ns != 123_000_000 {
		t.Errorf("%s says %d.%d", ids[0], s, ns)
	}
	if now := New(); ids[len(ids)-1] > now || At(time.Now().Add(time.Hour)) < now {
		t.Error("ids do not sort by their time")
	}
	if got, err := Parse(ids[1]); err != nil || got != ids[1] {
		t.Errorf("Parse(%s) = %s, %v", ids[1], got, err)
	}
}
