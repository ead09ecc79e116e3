package search

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"time"
)

// The limits of a query.
const (
	// DefaultLimit and MaxLimit are the number of videos in a page of results.
	DefaultLimit = 10
	MaxLimit     = 200
	// DefaultPerVideo and MaxPerVideo are the number of moments of a video. Even in the right video the best passage is
	// the wanted one only half the time, so two or three are worth showing.
	DefaultPerVideo = 3
	MaxPerVideo     = 10

	maxAudience = 10_000
	maxLabels   = 64
)

// Query is what somebody looks for.
//
// With a text that matches something, the results are the videos whose words match, and the situation moves those up
// that share its facets: score = 0.7 × text + 0.3 × facets. Without one (or if the text matches nothing that the viewer
// may see) the situation filters: a video must have a value of every given facet, and the newest comes first. AuthorID and
// Tactics always filter. A query without text, facets and filters has no results.
type Query struct {
	// Text is free text, a few words or a pasted message. Nothing in it is an operator. At most 16 KiB are read.
	Text string
	// Situation holds the facets of the situation that the asker named.
	Situation Facets
	// AuthorID, if set, keeps the videos of one author.
	AuthorID string
	// Tactics, if set, keeps the videos with one of them.
	Tactics []string

	// Audience holds the viewer's keys. A video is found only if it has one of them; without keys nothing is found.
	Audience []string

	// Limit is the number of videos; 0 means DefaultLimit. PerVideo is the number of moments of each; 0 means
	// DefaultPerVideo. Both are held to their maximum.
	Limit    int
	PerVideo int
	// Cursor is Next of the page before.
	Cursor string
}

// ReasonKind says what a reason is about.
type ReasonKind string

// The kinds of reasons. ReasonWords are words of the query spoken in the shown moments, ReasonTitle words of it in the
// title, ReasonAbout words of it in the description, the labels or the author's name only, ReasonRelated words of the moments that stand near words of the query. The others are facets, labels and the
// author that were asked for and that the video has.
const (
	ReasonWords      ReasonKind = "words"
	ReasonTitle      ReasonKind = "title"
	ReasonAbout      ReasonKind = "about"
	ReasonRelated    ReasonKind = "related"
	ReasonObjection  ReasonKind = "objection"
	ReasonCompetitor ReasonKind = "competitor"
	ReasonStage      ReasonKind = "stage"
	ReasonIndustry   ReasonKind = "industry"
	ReasonPersona    ReasonKind = "persona"
	ReasonProduct    ReasonKind = "product"
	ReasonTactic     ReasonKind = "tactic"
	ReasonAuthor     ReasonKind = "author"
)

// Reason is one fact why a result is shown. The words for it are the caller's business.
type Reason struct {
	Kind   ReasonKind
	Values []string
}

// Moment is a passage of a result.
type Moment struct {
	// Ordinal is the passage's place in the transcript, from 0.
	Ordinal int
	StartMS int64
	EndMS   int64
	Text    string
	// Marks are the words of Text that matched.
	Marks []Mark
	// Score is between 0 and 1, comparable within one query only; 0 if the moment is shown as the beginning of the video.
	Score float64
}

// Result is one video.
type Result struct {
	VideoID     string
	Version     int64
	Title       string
	TitleMarks  []Mark
	Description string
	AuthorID    string
	AuthorName  string
	Language    string
	PublishedAt time.Time
	Tags        []string
	Tactics     []string
	Situation   Facets

	// Score orders the results. It is between 0 and 1 and comparable within one query only. TextScore is the part of the
	// words (1 for the best match), FacetScore the share of the given facets by weight.
	Score      float64
	TextScore  float64
	FacetScore float64

	// Moments are the best moments, best first; the first passage if only title or labels matched; none if the video has
	// no transcript.
	Moments []Moment
	Reasons []Reason
}

// MatchKind says what the results of a query were found by.
type MatchKind string

// The kinds of matches. MatchSituation with a text in the query means that the text matched nothing.
const (
	MatchNothing   MatchKind = ""
	MatchText      MatchKind = "text"
	MatchSituation MatchKind = "situation"
)

// Results are one page.
type Results struct {
	Items []Result
	By    MatchKind
	// Total is the number of videos that match and that the viewer may see, on all pages.
	Total int
	// Next is the cursor of the next page, empty on the last one.
	Next string
}

// normalQuery is a query in the form in which it is run.
type normalQuery struct {
	Query
	situation [facetCount][]string
	filters   []filter
}

func normalize(q Query) (normalQuery, error) {
	n := normalQuery{Query: q}
	if len(q.Audience) > maxAudience {
		return n, fmt.Errorf("%w: a viewer has at most %d audience keys", ErrInvalid, maxAudience)
	}
	n.Audience = slices.Compact(slices.Sorted(slices.Values(q.Audience)))
	n.Audience = slices.DeleteFunc(n.Audience, func(key string) bool { return key == "" })
	for i, labels := range q.Situation.values() {
		n.situation[i] = normalAll(labels[:min(len(labels), maxLabels)])
	}
	if q.AuthorID != "" {
		n.filters = append(n.filters, filter{fieldAuthor, []string{q.AuthorID}})
	}
	if tactics := normalAll(q.Tactics[:min(len(q.Tactics), maxLabels)]); len(tactics) > 0 {
		n.filters = append(n.filters, filter{fieldTactic, tactics})
	}
	if n.Limit <= 0 {
		n.Limit = DefaultLimit
	}
	if n.PerVideo <= 0 {
		n.PerVideo = DefaultPerVideo
	}
	n.Limit, n.PerVideo = min(n.Limit, MaxLimit), min(n.PerVideo, MaxPerVideo)
	return n, nil
}

func (n *normalQuery) hasFacets() bool {
	for _, labels := range n.situation {
		if len(labels) > 0 {
			return true
		}
	}
	return false
}

// print identifies what a query asks for, so that a cursor cannot be used with another query.
func (n *normalQuery) print() uint32 {
	h := fnv.New32a()
	fmt.Fprintf(h, "%q %q %q", clip(n.Text, maxQueryBytes), n.situation, n.filters)
	return h.Sum32()
}

// place is where a page ends: the last result's key and id. Results have descending keys and, for equal keys, ascending
// ids, so that the order is total and the next page begins behind.
type place struct {
	key float64
	id  string
}

func (p place) before(key float64, id string) bool {
	return p.key > key || p.key == key && p.id < id
}

func (n *normalQuery) cursor(p place) string {
	b := binary.BigEndian.AppendUint32(nil, n.print())
	b = binary.BigEndian.AppendUint64(b, math.Float64bits(p.key))
	return base64.RawURLEncoding.EncodeToString(append(b, p.id...))
}

// after reads the query's cursor; ok is false on the first page.
func (n *normalQuery) after() (p place, ok bool, err error) {
	if n.Cursor == "" {
		return place{}, false, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(n.Cursor)
	if err != nil || len(b) <= 12 || len(b) > 12+maxIDBytes || binary.BigEndian.Uint32(b) != n.print() {
		return place{}, false, fmt.Errorf("%w: the cursor is not one of this query", ErrInvalid)
	}
	p = place{key: math.Float64frombits(binary.BigEndian.Uint64(b[4:])), id: string(b[12:])}
	if math.IsNaN(p.key) || strings.ContainsRune(p.id, 0) {
		return place{}, false, fmt.Errorf("%w: the cursor is not one of this query", ErrInvalid)
	}
	return p, true, nil
}
