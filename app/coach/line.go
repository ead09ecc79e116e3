package coach

import (
	"context"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

// openPage refuses like an absent person where the actor may not see the page of one. Deactivated people have
// a page for their line, which may still read what became of them.
func (s *Service) openPage(tx *db.Tx, a people.Actor, person string) error {
	missing := fault.Missing("person")
	if !db.Plain(person) {
		return missing
	}
	there, err := hasPerson(tx, person)
	if err != nil {
		return err
	}
	if !there {
		return missing
	}
	place, err := s.People.PlaceTx(tx, person)
	if err != nil {
		return err
	}
	if !CanOpenPage(a, place) {
		return missing
	}
	return nil
}

// Counts are what waits for a person, for the screen they see first.
type Counts struct {
	// Feedback are open asks for feedback, Assignments practices to be done, Promotions suggestions to decide on.
	Feedback, Assignments, Promotions int
	// PromisesDue are open promises of theirs whose last day is today or over.
	PromisesDue int
}

// Waiting counts what waits for the actor.
func (s *Service) Waiting(ctx context.Context, a people.Actor) (Counts, error) {
	g := s.DB.Read(ctx)
	at, err := zone(g, a.PersonID)
	if err != nil {
		return Counts{}, err
	}
	return waiting(g, a.PersonID, today(s.DB.Now(), at))
}
