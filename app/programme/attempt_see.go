package programme

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/rubric"
	"github.com/fieldreel/fieldreel/app/video"
)

// Part is a person's part in a programme.
type Part struct {
	Enrolment
	Programme Programme
	// All are the attempts of the enrolment, in order, those of earlier rounds too.
	All []Attempt
	// Practised says that there is a practice.
	Practised bool
	// Renewable says that a new round may begin.
	Renewable bool
}

// Waiting gives the attempt that waits for its result, if any.
func (p Part) Waiting() (Attempt, bool) {
	if n := len(p.All); n > 0 && p.All[n-1].State == Waiting {
		return p.All[n-1], true
	}
	return Attempt{}, false
}

// Last gives the last attempt with a result, if any.
func (p Part) Last() (Attempt, bool) {
	for _, a := range slices.Backward(p.All) {
		if a.State == Settled {
			return a, true
		}
	}
	return Attempt{}, false
}

// Status is where the person stands, in the words of the product.
func (p Part) Status() string {
	switch {
	case p.LeftAt != nil:
		return "left"
	case p.State == Started && p.Practised:
		return "practising"
	case p.State == Started:
		return "not_started"
	}
	return string(p.State)
}

// MayTry says whether an attempt could come in now.
func (p Part) MayTry(now time.Time) bool { return mayTry(p.Programme, p.Enrolment, now) == nil }

// SeesPeers says whether others' passed takes may be watched now.
func (p Part) SeesPeers() bool { return showsPeers(p.Programme, p.Enrolment) }

// ToDo says whether the person has something to do now: to practise and submit, or to renew. Who has to wait
// before the next attempt may practise.
func (p Part) ToDo(now time.Time) bool { return p.urgency(now) <= renewIt }

// The urgencies of a part, the most urgent first.
const (
	overdue = iota
	dueSoon
	tryIt
	renewIt
	othersTurn
	done
	past
)

// urgency orders what one has to do: what is overdue, what is due soonest, what may be tried or renewed,
// what waits for others, what is done.
func (p Part) urgency(now time.Time) int {
	left, limited := p.Programme.AttemptsLeft(p.Enrolment)
	switch {
	case p.LeftAt != nil || p.Programme.State != Open:
		return past
	case p.State == Submitted:
		return othersTurn
	case p.State == Passed && p.Renewable:
		return renewIt
	case p.State == Passed || limited && left == 0:
		return done
	case p.Overdue(now):
		return overdue
	case p.DueAt != nil && p.State != Failed:
		return dueSoon
	}
	return tryIt
}

// Parts gives the actor's own enrolments, the most urgent first.
func (s *Service) Parts(ctx context.Context, a people.Actor) ([]Part, error) {
	es, err := partsOf(s.DB.Read(ctx), a.PersonID)
	if err != nil {
		return nil, err
	}
	out, err := s.parts(ctx, a, es)
	if err != nil {
		return nil, err
	}
	now := s.DB.Now()
	slices.SortStableFunc(out, func(x, y Part) int {
		return cmp.Or(cmp.Compare(x.urgency(now), y.urgency(now)), compareTimes(x.DueAt, y.DueAt), y.StartedAt.Compare(x.StartedAt), cmp.Compare(x.ID, y.ID))
	})
	return out, nil
}

// compareTimes puts what has no time last.
func compareTimes(x, y *time.Time) int {
	switch {
	case x == nil && y == nil:
		return 0
	case x == nil:
		return 1
	case y == nil:
		return -1
	}
	return x.Compare(*y)
}

func (s *Service) parts(ctx context.Context, a people.Actor, es []Enrolment) ([]Part, error) {
	ids, programmes := make([]string, len(es)), make([]string, len(es))
	for i, e := range es {
		ids[i], programmes[i] = e.ID, e.ProgrammeID
	}
	g := s.DB.Read(ctx)
	ps, err := loadProgrammes(g, programmes...)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]Programme, len(ps))
	for _, p := range ps {
		byID[p.ID] = p
	}
	attempts, err := attemptsOf(g, ids...)
	if err != nil {
		return nil, err
	}
	of := map[string][]Attempt{}
	for _, at := range attempts {
		of[at.EnrolmentID] = append(of[at.EnrolmentID], at)
	}
	practised, err := practisedFor(g, a.PersonID, ids)
	if err != nil {
		return nil, err
	}
	now := s.DB.Now()
	out := make([]Part, len(es))
	for i, e := range es {
		out[i] = Part{Enrolment: e, Programme: byID[e.ProgrammeID], All: of[e.ID], Practised: practised[e.ID]}
		if e.State != Passed {
			continue
		}
		c, has, err := lastCertificate(g, e.ID)
		if err != nil {
			return nil, err
		}
		out[i].Renewable = has && renewable(out[i].Programme, e, c, now)
	}
	return out, nil
}

// PartFull is a part with all that its screen shows.
type PartFull struct {
	Part
	Rubric rubric.Version
	// Only are the criteria that the next attempt, or the one that waits, is looked at for; empty for all.
	Only List
	// Practices are the takes that were not submitted, newest first; before them the take of the attempt that
	// waits, which is a practice again if it is exchanged.
	Practices []video.Video
}

// OwnPart gives the actor's own enrolment with all that belongs to it; NotFound for any other.
func (s *Service) OwnPart(ctx context.Context, a people.Actor, enrolmentID string) (PartFull, error) {
	g := s.DB.Read(ctx)
	e, err := loadEnrolment(g, enrolmentID)
	if err != nil {
		return PartFull{}, err
	}
	if a.PersonID == "" || e.PersonID != a.PersonID {
		return PartFull{}, fault.Missing("enrolment")
	}
	ps, err := s.parts(ctx, a, []Enrolment{e})
	if err != nil {
		return PartFull{}, err
	}
	out := PartFull{Part: ps[0], Only: List{}}
	if out.Programme.State == Draft {
		return PartFull{}, fault.Missing("enrolment")
	}
	ids := []string{out.Programme.RubricVersionID}
	for _, at := range out.All {
		ids = append(ids, at.RubricVersionID)
	}
	versions, err := s.Rubrics.Versions(ctx, ids...)
	if err != nil {
		return PartFull{}, err
	}
	out.Rubric = versions[out.Programme.RubricVersionID]
	if n := len(out.All); n > 0 {
		last := out.All[n-1]
		switch {
		case last.State == Waiting:
			out.Rubric, out.Only = versions[last.RubricVersionID], last.OnlyCriteria
		case len(e.RetryCriteria) > 0:
			out.Only, _ = lookedAt(out.Rubric, versions[last.RubricVersionID], last)
		}
	}
	out.Practices, err = s.practices(ctx, a, out.Part)
	return out, err
}

// AttemptFilter narrows a list of attempts.
type AttemptFilter struct {
	PersonID, ProgrammeID string
	// Before is the id of the last one of the page before.
	Before string
	Limit  int
}

// AttemptView is an attempt as far as the actor may see it.
type AttemptView struct {
	Attempt
	// Blind says that the actor is asked for a review of it and has not sent that: what others found is left
	// out until then.
	Blind bool
	// MayTrail says that the actor may read its trail.
	MayTrail bool
}

// Attempts gives the attempts that the actor may see, newest first, a page at a time.
func (s *Service) Attempts(ctx context.Context, a people.Actor, f AttemptFilter) ([]AttemptView, error) {
	g := s.DB.Read(ctx)
	rows, err := listAttempts(g, a, f)
	if err != nil {
		return nil, err
	}
	return s.attemptViews(ctx, a, rows)
}

// SeeAttempt gives an attempt that the actor may see.
func (s *Service) SeeAttempt(ctx context.Context, a people.Actor, id string) (AttemptView, error) {
	at, err := seenAttempt(s.DB.Read(ctx), a, id)
	if err != nil {
		return AttemptView{}, err
	}
	views, err := s.attemptViews(ctx, a, []Attempt{at})
	if err != nil {
		return AttemptView{}, err
	}
	return views[0], nil
}

// attemptViews leaves out what the actor must not see of attempts that they may see.
func (s *Service) attemptViews(ctx context.Context, a people.Actor, rows []Attempt) ([]AttemptView, error) {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	_, blind, err := reviewing(s.DB.Read(ctx), a.PersonID, ids...)
	if err != nil {
		return nil, err
	}
	trailed, err := trailsFor(s.DB.Read(ctx), a, ids)
	if err != nil {
		return nil, err
	}
	out := make([]AttemptView, len(rows))
	for i, r := range rows {
		out[i] = AttemptView{Attempt: r, Blind: blind[r.ID], MayTrail: trailed[r.ID]}
		if out[i].Blind {
			out[i].Decision, out[i].Score, out[i].Levels, out[i].RetryCriteria, out[i].ResultReviewID = "", nil, Levels{}, List{}, nil
			out[i].State, out[i].SettledAt, out[i].AcknowledgedAt = Waiting, nil, nil
		}
	}
	return out, nil
}

// Names gives the names of programmes, by id; that they may be known is for the caller to decide.
func (s *Service) Names(ctx context.Context, ids ...string) (map[string]string, error) {
	return namesOf(s.DB.Read(ctx), ids)
}

// maxPeers is how many of others' takes are offered, the newest.
const maxPeers = 100

// Peers gives the passed attempts of others that the actor may watch now, newest first: none where the
// programme shows none, or none yet. NotFound for who does not take part.
func (s *Service) Peers(ctx context.Context, a people.Actor, programmeID string) ([]Attempt, error) {
	g := s.DB.Read(ctx)
	e, err := enrolmentOf(g, programmeID, a.PersonID)
	if err != nil {
		return nil, err
	}
	p, err := loadProgramme(g, programmeID)
	if err != nil {
		return nil, err
	}
	if !showsPeers(p, e) {
		return nil, nil
	}
	return passedTakes(g, p.ID, a.PersonID, maxPeers)
}

// showsPeers says whether who is enrolled may watch others' passed takes.
func showsPeers(p Programme, e Enrolment) bool {
	if p.State == Draft || e.LeftAt != nil {
		return false
	}
	return p.Peers == PeersBefore || p.Peers == PeersAfter && (e.Attempts > 0 || e.State == Passed)
}

// OpenPeer lets the actor see the video of another's passed attempt, as far as Peers has it, and gives the
// video's id.
func (s *Service) OpenPeer(ctx context.Context, a people.Actor, attemptID string) (videoID string, err error) {
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		at, err := loadAttempt(tx.Gorm(), attemptID)
		if err != nil {
			return err
		}
		e, err := enrolmentOf(tx.Gorm(), at.ProgrammeID, a.PersonID)
		if fault.Is(err, fault.NotFound) {
			return fault.Missing("attempt")
		}
		if err != nil {
			return err
		}
		p, err := loadProgramme(tx.Gorm(), at.ProgrammeID)
		if err != nil {
			return err
		}
		if at.PersonID == a.PersonID && at.VideoID != nil {
			videoID = *at.VideoID
			return nil
		}
		if !showsPeers(p, e) || at.Decision != Pass || at.VideoID == nil {
			return fault.Missing("attempt")
		}
		v, err := s.Videos.LoadTx(tx, *at.VideoID)
		if err != nil {
			return err
		}
		if v.DeletedAt != nil {
			return fault.Missing("attempt")
		}
		videoID = v.ID
		return s.Videos.GrantTx(tx, v.ID, a.PersonID, p.ID)
	})
	return videoID, err
}

// hidePeersTx takes others' takes back from who has opened them, where a programme shows them no longer, or not
// to as many as before: who still may opens them again.
func (s *Service) hidePeersTx(tx *db.Tx, was, now Programme) error {
	if was.Peers == now.Peers || was.Peers == PeersNever {
		return nil
	}
	return s.Videos.RevokeAllTx(tx, now.ID)
}
