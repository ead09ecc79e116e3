package programme

import (
	"context"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/speech/facts"
)

// The states of facts.
const (
	FactsReady   = "ready"
	FactsWaiting = "waiting" // for the transcript
	FactsNone    = "none"    // there will be none
)

// Phrase is what became of a phrase that must, or must not, be said.
type Phrase = facts.Phrase

// Facts are the countable facts of a take, once its transcript is there.
type Facts struct {
	facts.Facts
	// State is one of the states of facts; Note says in words why there are none.
	State, Note string
}

// Facts gives the facts of a take: to its author, and of an attempt to whoever may see that. enrolmentID says
// which programme's target and phrases it is held against; empty for that of the enrolment it was made for, if
// any. NotFound for a video or an enrolment that the actor may not see, Forbidden for another's video that is
// no attempt.
func (s *Service) Facts(ctx context.Context, a people.Actor, videoID, enrolmentID string) (Facts, error) {
	v, err := s.Videos.Get(ctx, a, videoID)
	if err != nil {
		return Facts{}, err
	}
	g := s.DB.Read(ctx)
	at, is, err := attemptOn(g, videoID)
	if err != nil {
		return Facts{}, err
	}
	if v.AuthorID != a.PersonID {
		refused := fault.Denied("The facts of a take are for who made it, and of an attempt for who reviews it.")
		if !is {
			return Facts{}, refused
		}
		if _, err := seenAttempt(g, a, at.ID); fault.Is(err, fault.NotFound) {
			return Facts{}, refused
		} else if err != nil {
			return Facts{}, err
		}
	}
	switch {
	case is:
		enrolmentID = at.EnrolmentID
	case enrolmentID != "":
		e, err := loadEnrolment(g, enrolmentID)
		if err != nil {
			return Facts{}, err
		}
		if e.PersonID != a.PersonID {
			return Facts{}, fault.Missing("enrolment")
		}
	case v.ForID != nil:
		e, err := loadEnrolment(g, *v.ForID)
		if err != nil && !fault.Is(err, fault.NotFound) { // it may be of an assigned practice
			return Facts{}, err
		}
		enrolmentID = e.ID
	}
	rules := facts.Rules{}
	if enrolmentID != "" {
		if rules, err = s.rulesOf(ctx, enrolmentID); err != nil {
			return Facts{}, err
		}
	}
	return s.factsOf(ctx, v, rules)
}

// FactsOf gives the facts of an attempt's take, whoever asks: who may is decided in the caller's domain.
// State is FactsNone once the video is gone.
func (s *Service) FactsOf(ctx context.Context, at Attempt) (Facts, error) {
	rules, err := s.rulesOf(ctx, at.EnrolmentID)
	if err != nil {
		return Facts{}, err
	}
	gone := Facts{State: FactsNone, Note: "The video is gone.", Facts: facts.Facts{TargetMS: rules.TargetMS}}
	if at.VideoID == nil {
		return gone, nil
	}
	vs, err := s.Videos.Now(ctx, []string{*at.VideoID})
	if err != nil {
		return Facts{}, err
	}
	if len(vs) == 0 || vs[0].DeletedAt != nil {
		return gone, nil
	}
	return s.factsOf(ctx, vs[0], rules)
}

// FactsOfPractices gives the facts of an enrolment's practices, in their order.
func (s *Service) FactsOfPractices(ctx context.Context, p PartFull) ([]Facts, error) {
	out := make([]Facts, len(p.Practices))
	for i, v := range p.Practices {
		var err error
		if out[i], err = s.factsOf(ctx, v, rulesFor(p.Programme)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) rulesOf(ctx context.Context, enrolmentID string) (facts.Rules, error) {
	g := s.DB.Read(ctx)
	e, err := loadEnrolment(g, enrolmentID)
	if err != nil {
		return facts.Rules{}, err
	}
	p, err := loadProgramme(g, e.ProgrammeID)
	return rulesFor(p), err
}

func rulesFor(p Programme) facts.Rules {
	return facts.Rules{TargetMS: p.TargetMS, MustSay: p.MustSay, MustNotSay: p.MustNotSay}
}

func (s *Service) factsOf(ctx context.Context, v video.Video, rules facts.Rules) (Facts, error) {
	out := Facts{State: FactsReady, Facts: facts.Facts{DurationMS: v.DurationMS, TargetMS: rules.TargetMS}}
	switch {
	case v.State == video.Failed:
		out.State, out.Note = FactsNone, v.Failure
	case v.Transcript == video.TranscriptNone || v.Transcript == video.TranscriptWaiting:
		out.State, out.Note = FactsWaiting, "The transcript is being written."
	case v.Transcript == video.TranscriptNoSound:
		out.State, out.Note = FactsNone, "There is no sound in this take."
	case v.Transcript != video.TranscriptReady:
		out.State, out.Note = FactsNone, v.TranscriptNote
	}
	if out.State != FactsReady {
		return out, nil
	}
	t, err := s.Videos.Said(ctx, v.ID)
	if fault.Is(err, fault.NotFound) {
		out.State, out.Note = FactsWaiting, "The transcript is being written."
		return out, nil
	}
	if err != nil {
		return out, err
	}
	rules.Language = t.Language
	out.Facts, out.Note = facts.Count(t.Segments, v.DurationMS, rules), v.TranscriptNote
	return out, nil
}
