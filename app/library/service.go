package library

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/app/vocabulary"
	"github.com/fieldreel/fieldreel/search"
)

// Service answers situations with moments.
type Service struct {
	db     *db.DB
	index  *search.Index
	videos *video.Service
	dir    *people.Directory
	words  *vocabulary.Book
	log    *slog.Logger
	wake   chan struct{}
	ready  atomic.Bool
	// upTo is the newest row of the feed that is in the index, also behind a gap.
	upTo atomic.Int64
	// keeping is held by whatever keeps the index in step.
	keeping sync.Mutex
	// applied holds rows of the feed behind a gap that are in the index already.
	applied map[int64]bool
	// compared is set once the whole index was compared with the database since this process began.
	compared bool
}

// New makes the service over this node's index.
func New(d *db.DB, index *search.Index, videos *video.Service, dir *people.Directory, words *vocabulary.Book, log *slog.Logger) *Service {
	return &Service{db: d, index: index, videos: videos, dir: dir, words: words, log: log, wake: make(chan struct{}, 1), applied: map[int64]bool{}}
}

// Synonyms are groups of expressions that mean nearly the same to a sales person: few and plain, since
// a large thesaurus gained nothing when it was measured.
func Synonyms() [][]string {
	return [][]string{
		{"price", "cost", "expensive", "budget", "pricing"},
		{"cheaper", "half the price", "less expensive", "undercut"},
		{"competitor", "rival", "vendor", "alternative"},
		{"discount", "rebate", "concession"},
		{"delay", "wait", "postpone", "later"},
		{"boss", "manager", "decision maker"},
		{"contract", "agreement", "paperwork"},
		{"trial", "pilot", "proof of concept"},
		{"renewal", "renew", "extension"},
		{"customer", "client", "account"},
	}
}

// Ready says whether the index has caught up with the database since this process began.
func (s *Service) Ready() error {
	if !s.ready.Load() {
		return errors.New("the search index is being built")
	}
	return nil
}

// Query is a situation somebody faces.
type Query struct {
	Text      string
	Situation video.Situation
	Tactic    string
	AuthorID  string
	Limit     int
	Cursor    string
}

// Found is a moment that answers a situation.
type Found struct {
	VideoID    string
	Title      string
	AuthorID   string
	AuthorName string
	StartMS    int64
	EndMS      int64
	Text       string
	// Marks are the byte ranges of the words in Text that matched.
	Marks   []search.Mark
	Tactics []string
	// TacticNames are the names of Tactics, in their order.
	TacticNames []string
	// Reasons say in words why this moment is shown.
	Reasons []string
	Score   float64
	// Others are further moments of the same video, best first.
	Others []search.Moment
	// DurationMS is the video's length.
	DurationMS int64
	Poster     bool
	Video      video.Video
}

// Answer is a page of moments.
type Answer struct {
	Found []Found
	// Total counts the videos that match and that the actor may see.
	Total int
	Next  string
}

// Moments gives the moments that answer a situation, grouped by video, best first. Nothing that the
// actor may not see takes part, in no count either.
func (s *Service) Moments(ctx context.Context, a people.Actor, q Query) (Answer, error) {
	// Retired terms too: videos are still described by them.
	terms, err := s.words.List(ctx, "", true)
	if err != nil {
		return Answer{}, err
	}
	sit := q.Situation
	for kind, p := range map[vocabulary.Kind]*string{vocabulary.Stage: &sit.Stage, vocabulary.Industry: &sit.Industry, vocabulary.Persona: &sit.Persona,
		vocabulary.Competitor: &sit.Competitor, vocabulary.Product: &sit.Product, vocabulary.Objection: &sit.Objection} {
		*p = vocabulary.Settle(terms, kind, *p)
	}
	sq := search.Query{Text: q.Text, Situation: facets(sit), AuthorID: q.AuthorID, Audience: a.Reach.Keys, Limit: q.Limit, Cursor: q.Cursor}
	if q.Tactic != "" {
		sq.Tactics = []string{vocabulary.Settle(terms, vocabulary.Tactic, q.Tactic)}
	}
	res, err := s.index.Search(ctx, sq)
	if errors.Is(err, search.ErrInvalid) {
		return Answer{}, fault.Wrap(err, fault.Invalid, "query_invalid", "This cannot be searched for. Use plain words, and the cursor as it was given.")
	}
	if err != nil {
		return Answer{}, err
	}
	return s.found(ctx, a, res, labels(terms))
}

// found turns results into moments after checking each video in the database.
func (s *Service) found(ctx context.Context, a people.Actor, res search.Results, label labelFunc) (Answer, error) {
	out := Answer{Total: res.Total, Next: res.Next}
	ids := make([]string, len(res.Items))
	for i, r := range res.Items {
		ids[i] = r.VideoID
	}
	seen, err := s.videos.Visible(ctx, a, ids)
	if err != nil {
		return out, err
	}
	proof, err := proofs(ctx, s.db, ids)
	if err != nil {
		return out, err
	}
	authors := make([]string, 0, len(seen))
	for _, v := range seen {
		authors = append(authors, v.AuthorID)
	}
	names, err := s.dir.Names(ctx, authors)
	if err != nil {
		return out, err
	}
	for _, r := range res.Items {
		v, ok := seen[r.VideoID]
		if !ok { // hidden or deleted since the index was written
			out.Total--
			continue
		}
		f := Found{VideoID: v.ID, Title: v.Title, AuthorID: v.AuthorID, AuthorName: names[v.AuthorID], Tactics: v.Tactics, Score: r.Score,
			DurationMS: v.DurationMS, EndMS: v.DurationMS, Poster: v.Media.Poster, Video: v}
		if len(r.Moments) > 0 {
			best := r.Moments[0]
			f.StartMS, f.EndMS, f.Text, f.Marks, f.Others = best.StartMS, best.EndMS, best.Text, best.Marks, r.Moments[1:]
		}
		for _, key := range v.Tactics {
			f.TacticNames = append(f.TacticNames, label(search.ReasonKind(vocabulary.Tactic), key))
		}
		f.Reasons = reasons(r, proof[v.ID], label)
		out.Found = append(out.Found, f)
	}
	return out, nil
}

// labelFunc gives the words for a key: the term's label, or the key's own words.
type labelFunc func(kind search.ReasonKind, key string) string

func labels(terms []vocabulary.Term) labelFunc {
	known := make(map[string]string, len(terms))
	for _, t := range terms {
		known[string(t.Kind)+" "+t.Key] = t.Label
	}
	return func(kind search.ReasonKind, key string) string {
		if label, ok := known[string(kind)+" "+key]; ok {
			return label
		}
		return strings.ReplaceAll(key, "-", " ")
	}
}

// minProof is from how many colleagues on a count is shown: below, it would point at a person.
const minProof = 3

// reasons says why a result is shown, strongest first, only from counts and facts.
func reasons(r search.Result, p proof, label labelFunc) []string {
	var out []string
	if p.Uses >= minProof {
		line := fmt.Sprintf("%d colleagues said they used this", p.Uses)
		if p.Won >= minProof {
			line += fmt.Sprintf("; %d of those deals were won", p.Won)
		}
		out = append(out, line+".")
	}
	var facts []string
	for _, why := range r.Reasons {
		said := strings.Join(why.Values, ", ")
		switch why.Kind {
		case search.ReasonWords:
			out = append(out, "Says: "+said+".")
		case search.ReasonTitle:
			out = append(out, "In the title: "+said+".")
		case search.ReasonAbout:
			out = append(out, "In the description: "+said+".")
		case search.ReasonRelated:
			out = append(out, "Says words close to yours: "+said+".")
		case search.ReasonAuthor: // the asker named them
		default:
			names := make([]string, len(why.Values))
			for i, key := range why.Values {
				names[i] = label(why.Kind, key)
			}
			facts = append(facts, string(why.Kind)+" "+strings.Join(names, ", "))
		}
	}
	if len(facts) > 0 {
		out = append(out, "Matches: "+strings.Join(facts, "; ")+".")
	}
	return out
}

// Lag counts the changes of videos that this node's index has not seen yet.
func (s *Service) Lag(ctx context.Context) (int64, error) {
	_, last, err := feedEnds(ctx, s.db)
	if err != nil {
		return 0, err
	}
	seq, err := s.index.Seq()
	return max(0, last-max(int64(seq), s.upTo.Load())), err //nolint:gosec // our own counter
}
