package programme

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
)

// maxPreview is how many names a preview gives.
const maxPreview = 50

// Named is something with a name.
type Named struct{ ID, Name string }

// Preview is whom rules hold of now.
type Preview struct {
	Count int
	// People are the first of them by name.
	People []Named
	// WithoutReviewer are the first of those for whom there is nobody but themself among the reviewers.
	WithoutReviewer []Named
	// CannotSee are the videos asked for that some of them may not see.
	CannotSee []Unseen
}

// Preview says whom rules would enrol if the programme were opened now, for whom there is no reviewer, and who of
// them may not see which of these videos. Forbidden but to trainers and admins; Invalid with the field.
func (s *Service) Preview(ctx context.Context, a people.Actor, rules []Rule, kind ReviewerKind, reviewerIDs []string, videoIDs ...string) (Preview, error) {
	if err := makesProgrammes(a); err != nil {
		return Preview{}, err
	}
	p := Blank()
	p.Rules, p.Reviewers, p.ReviewerIDs = rules, kind, reviewerIDs
	if err := p.cleanRules(); err != nil {
		return Preview{}, err
	}
	if err := p.cleanReviewers(); err != nil {
		return Preview{}, err
	}
	c, err := loadCompany(s.DB.Read(ctx), nil)
	if err != nil {
		return Preview{}, err
	}
	slices.SortFunc(c.people, func(a, b Subject) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	now, reviewed := s.DB.Now(), c.reviewers(p)
	out := Preview{People: []Named{}, WithoutReviewer: []Named{}}
	var takePart []Subject
	for _, who := range c.people {
		if !takesPart(p.Rules, who, c.tree, now) {
			continue
		}
		takePart = append(takePart, who)
		out.Count++
		if len(out.People) < maxPreview {
			out.People = append(out.People, Named{who.ID, who.Name})
		}
		if len(out.WithoutReviewer) < maxPreview && !reviewed(who) {
			out.WithoutReviewer = append(out.WithoutReviewer, Named{who.ID, who.Name})
		}
	}
	out.CannotSee, err = s.unseen(ctx, a, c, takePart, videoIDs)
	return out, err
}

// reviewers gives a function that says whether there is a reviewer for a person: an active one, and not they.
func (c company) reviewers(p Programme) func(Subject) bool {
	managers := map[string][]string{} // by team, active ones
	active := map[string]bool{}
	for _, s := range c.people {
		active[s.ID] = s.Active
		for _, seat := range s.Seats {
			if seat.Manages && s.Active {
				managers[seat.TeamID] = append(managers[seat.TeamID], s.ID)
			}
		}
	}
	if p.Reviewers != ByManager {
		return func(who Subject) bool {
			return slices.ContainsFunc(p.ReviewerIDs, func(id string) bool { return active[id] && id != who.ID })
		}
	}
	return func(who Subject) bool {
		for _, seat := range who.Seats {
			team := seat.TeamID
			if seat.Manages {
				team = c.tree.parent[team] // a manager's own line begins above
			}
			for steps := 0; team != "" && steps <= len(c.tree.parent); team, steps = c.tree.parent[team], steps+1 {
				if slices.ContainsFunc(managers[team], func(id string) bool { return id != who.ID }) {
					return true
				}
			}
		}
		return false
	}
}

// Extension is what is given to one participant alone; nil leaves a part as it is.
type Extension struct {
	DueAt         *time.Time
	ExtraAttempts *int
}

// maxExtra is how many attempts can be given beyond those of the programme.
const maxExtra = 50

// ExtendFor gives one participant another due time, or attempts beyond those of the programme, and tells them.
// Trainers and admins may, and the participant's line, but not the participant. Errors: NotFound, Forbidden, Invalid with
// the field, Conflict participant_left.
func (s *Service) ExtendFor(ctx context.Context, a people.Actor, programmeID, personID string, x Extension) (Participant, error) {
	p, err := s.Programme(ctx, a, programmeID)
	if err != nil {
		return Participant{}, err
	}
	if x.ExtraAttempts != nil {
		if err := fault.Between("extra_attempts", *x.ExtraAttempts, 0, maxExtra); err != nil {
			return Participant{}, err
		}
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		e, err := s.enrolmentToExtend(tx, a, programmeID, personID)
		if err != nil {
			return err
		}
		was := e
		if x.DueAt != nil {
			at := x.DueAt.UTC()
			if at.Before(tx.Now) {
				return fault.InvalidField("due_at", "time_past", "Give a time that is still to come.")
			}
			e.DueAt, e.ByHand = &at, true
		}
		if x.ExtraAttempts != nil {
			e.ExtraAttempts = *x.ExtraAttempts
		}
		if err := saveEnrolment(tx, &e); err != nil {
			return err
		}
		if err := s.tellExtended(tx, a, p, was, e); err != nil {
			return err
		}
		return audit.Write(tx, a.PersonID, "enrolment.extended", e.ID, map[string]any{"programme": programmeID, "due_at": e.DueAt, "extra_attempts": e.ExtraAttempts})
	})
	if err != nil {
		return Participant{}, err
	}
	all, err := s.participants(ctx, a, p, "")
	if err != nil {
		return Participant{}, err
	}
	at := slices.IndexFunc(all, func(o Participant) bool { return o.PersonID == personID })
	if at < 0 {
		return Participant{}, fault.Missing("participant")
	}
	return all[at], nil
}

// tellExtended tells a participant what was changed for them alone, in place of what they were told of it before.
func (s *Service) tellExtended(tx *db.Tx, a people.Actor, p Programme, was, now Enrolment) error {
	var what []string
	if now.DueAt != nil && !sameTime(was.DueAt, now.DueAt) {
		c, err := loadCompany(tx.Gorm(), []string{now.PersonID})
		if err != nil {
			return err
		}
		zone := time.UTC
		if len(c.people) > 0 {
			zone = c.people[0].Zone
		}
		what = append(what, "due on "+now.DueAt.In(zone).Format("2 January 2006"))
	}
	switch more := now.ExtraAttempts - was.ExtraAttempts; {
	case more == 1:
		what = append(what, "one more attempt")
	case more > 1:
		what = append(what, fmt.Sprintf("%d more attempts", more))
	case more == -1:
		what = append(what, "one attempt less")
	case more < -1:
		what = append(what, fmt.Sprintf("%d attempts less", -more))
	}
	if len(what) == 0 {
		return nil
	}
	if err := s.Notices.ForgetSubjectTx(tx, now.ID, notice.Extended); err != nil {
		return err
	}
	return s.Notices.TellTx(tx, notice.Notice{PersonID: now.PersonID, Kind: notice.Extended, ActorID: db.Ref(a.PersonID), SubjectID: &now.ID, Body: p.Name + ": " + strings.Join(what, ", ")})
}

// enrolmentToExtend finds a participant's enrolment, held, for who may extend it.
func (s *Service) enrolmentToExtend(tx *db.Tx, a people.Actor, programmeID, personID string) (Enrolment, error) {
	e, err := participantHeld(tx, programmeID, personID)
	if err != nil {
		return e, err
	}
	place, err := s.People.PlaceTx(tx, personID)
	if err != nil {
		return e, err
	}
	st := Standing{OfLine: a.InLine(place) && personID != a.PersonID, Own: personID == a.PersonID}
	switch {
	case Can(a, Extend, st):
	case st.Own:
		return e, fault.Denied("Somebody else must give you more time.")
	default:
		return e, fault.Missing("participant")
	}
	if e.LeftAt != nil {
		return e, fault.New(fault.Conflict, "participant_left", "This person takes no part in the programme any more.")
	}
	return e, nil
}
