package search

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// errTorn says that an index contradicts itself: it was not written by this package or not wholly.
var errTorn = errors.New("search: index is torn")

// A document's id in Bleve is also its row in the passage table, so that the table of a segment is read from the ids
// alone, which Bleve stores uncompressed: the video's id, a zero byte, then numbers in base 36 separated by points.
//
//	passage: ordinal . length
//	header:  # length . version . published (Unix milliseconds)
//
// length is the number of terms of the field "text", as BM25 counts it.
const idBase = 36

func passageID(videoID string, ordinal, length int) string {
	return videoID + "\x00" + strconv.FormatInt(int64(ordinal), idBase) + "." + strconv.FormatInt(int64(length), idBase)
}

func headerID(videoID string, length int, version, published int64) string {
	return videoID + "\x00#" + strconv.FormatInt(int64(length), idBase) + "." + strconv.FormatInt(version, idBase) + "." +
		strconv.FormatInt(published, idBase)
}

// row is a document's id, taken apart. ordinal is -1 for a header.
type row struct {
	videoID   string
	ordinal   int
	length    int
	version   int64
	published int64
}

func parseID(id string) (row, error) {
	bad := func() (row, error) { return row{}, fmt.Errorf("%w: document id %q", errTorn, id) }
	cut := strings.IndexByte(id, 0)
	if cut <= 0 {
		return bad()
	}
	r := row{videoID: id[:cut], ordinal: -1}
	rest, header := strings.CutPrefix(id[cut+1:], "#")
	var numbers [3]int64
	fields := 0
	for part := range strings.SplitSeq(rest, ".") {
		n, err := strconv.ParseInt(part, idBase, 64)
		if err != nil || fields == len(numbers) {
			return bad()
		}
		numbers[fields] = n
		fields++
	}
	switch {
	case header && fields == 3:
		r.length, r.version, r.published = int(numbers[0]), numbers[1], numbers[2]
	case !header && fields == 2:
		r.ordinal, r.length = int(numbers[0]), int(numbers[1])
	default:
		return bad()
	}
	if r.length < 0 || !header && r.ordinal < 0 {
		return bad()
	}
	return r, nil
}

// table says which document of a segment is which passage of which video. Documents are put in the order of their video
// and ordinal, the header first: the place of a document in this order is its position. A table never changes, like the
// segment itself; deletions are the view's business.
type table struct {
	// position leads from Bleve's document number to the position, document back.
	position []uint32
	document []uint32
	// length and video are by position.
	length []uint16
	video  []uint32
	videos []videoRow
}

// videoRow is a video of a segment: its documents have the positions [first, end), the first being the header.
type videoRow struct {
	id        string
	first     uint32
	end       uint32
	terms     uint64
	version   int64
	published int64
}

// newTable reads the ids of a segment.
func newTable(seg segment.Segment) (*table, error) {
	n := int(seg.Count())
	rows := make([]row, n)
	ids := make(map[string]string) // One string for each video, not one for each of its passages.
	for i := range rows {
		raw, err := seg.DocID(uint64(i))
		if err != nil {
			return nil, fmt.Errorf("read id of document %d: %w", i, err)
		}
		r, err := parseID(string(raw))
		if err != nil {
			return nil, err
		}
		if id, ok := ids[r.videoID]; ok {
			r.videoID = id
		} else {
			r.videoID = strings.Clone(r.videoID)
			ids[r.videoID] = r.videoID
		}
		rows[i] = r
	}
	t := &table{
		position: make([]uint32, n),
		document: make([]uint32, n),
		length:   make([]uint16, n),
		video:    make([]uint32, n),
		videos:   make([]videoRow, 0, len(ids)),
	}
	for i := range t.document {
		t.document[i] = uint32(i)
	}
	slices.SortFunc(t.document, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(rows[a].videoID, rows[b].videoID), cmp.Compare(rows[a].ordinal, rows[b].ordinal))
	})
	for p, doc := range t.document {
		r := rows[doc]
		if r.ordinal < 0 {
			t.videos = append(t.videos, videoRow{
				id: r.videoID, first: uint32(p), version: r.version, published: r.published,
			})
		}
		if len(t.videos) == 0 {
			return nil, fmt.Errorf("%w: video %q has no header", errTorn, r.videoID)
		}
		v := &t.videos[len(t.videos)-1]
		if v.id != r.videoID || r.ordinal != p-int(v.first)-1 {
			return nil, fmt.Errorf("%w: video %q misses a document", errTorn, r.videoID)
		}
		v.end = uint32(p) + 1
		v.terms += uint64(r.length)
		t.position[doc] = uint32(p)
		t.length[p] = uint16(min(r.length, 1<<16-1))
		t.video[p] = uint32(len(t.videos) - 1)
	}
	return t, nil
}
