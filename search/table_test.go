package search

import (
	"errors"
	"math"
	"testing"
)

func TestDocumentIDs(t *testing.T) {
	for _, ordinal := range []int{0, 1, 9, 10, 17, 35, 36, 1295, maxPassages} {
		for _, length := range []int{0, 4, 17, 100_000} {
			id := passageID("a.b#c", ordinal, length)
			if r, err := parseID(id); err != nil || r != (row{videoID: "a.b#c", ordinal: ordinal, length: length}) {
				t.Errorf("%q: %+v, %v", id, r, err)
			}
		}
	}
	for _, version := range []int64{0, 1, -1, math.MaxInt64, math.MinInt64} {
		id := headerID("v", 17, version, -version-1)
		if r, err := parseID(id); err != nil || r != (row{"v", -1, 17, version, -version - 1}) {
			t.Errorf("%q: %+v, %v", id, r, err)
		}
	}
	for _, id := range []string{
		"", "v", "v\x00", "\x001.2", "v\x001", "v\x001.2.3", "v\x00#1.2", "v\x00#1.2.3.4", "v\x00-1.2", "v\x001.-2", "v\x00#-1.2.3", "v\x00a b.c",
	} {
		if r, err := parseID(id); !errors.Is(err, errTorn) {
			t.Errorf("%q is read as %+v, %v", id, r, err)
		}
	}
}
