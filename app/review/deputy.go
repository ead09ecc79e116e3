package review

import (
	"context"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

// maxAway is the longest absence, in days.
const maxAway = 366

// Deputy gives who stands in for the actor, and for whom the actor stands in, now or later. own.DeputyID is
// empty where nobody does; what has passed is not shown.
func (s *Service) Deputy(ctx context.Context, a people.Actor) (own Absence, standsIn []Absence, err error) {
	g, now := s.DB.Read(ctx), s.DB.Now()
	all, err := absences(g, "")
	if err != nil {
		return own, nil, err
	}
	for _, d := range all {
		switch {
		case d.ToDate < dayIn(now, d.Zone):
		case d.PersonID == a.PersonID:
			own = d
		case d.DeputyID == a.PersonID:
			standsIn = append(standsIn, d)
		}
	}
	return own, standsIn, nil
}

// On says whether an absence holds at this moment.
func (s *Service) On(d Absence) bool { return d.on(s.DB.Now()) }

// SetDeputy has somebody stand in for the actor from the first to the last day (YYYY-MM-DD, by the actor's own
// time zone), in place of what was said before. Reviews that wait show up at the deputy, too; those that come
// go to them. Errors: Invalid with the field.
func (s *Service) SetDeputy(ctx context.Context, a people.Actor, deputy, from, to string) (Absence, error) {
	if a.PersonID == "" {
		return Absence{}, fault.Denied("Only a person can be away.")
	}
	if deputy == a.PersonID {
		return Absence{}, fault.InvalidField("person_id", "deputy_self", "Somebody else has to stand in for you.")
	}
	first, err := day("from", from)
	if err != nil {
		return Absence{}, err
	}
	last, err := day("to", to)
	if err != nil {
		return Absence{}, err
	}
	switch {
	case last.Before(first):
		return Absence{}, fault.InvalidField("to", "dates_reversed", "The last day comes before the first.")
	case last.Sub(first) > maxAway*24*time.Hour:
		return Absence{}, fault.InvalidField("to", "too_long", "At most a year at once.")
	}
	out := Absence{PersonID: a.PersonID, DeputyID: deputy, FromDate: from, ToDate: to}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := s.People.CheckPersonTx(tx, "person_id", deputy); err != nil {
			return err
		}
		if err := tx.Gorm().Raw(`SELECT time_zone FROM persons WHERE id = ?`, a.PersonID).Scan(&out.Zone).Error; err != nil {
			return err
		}
		if to < dayIn(tx.Now, out.Zone) {
			return fault.InvalidField("to", "date_passed", "This day has passed.")
		}
		out.CreatedAt = tx.Now
		return putAbsence(tx, &out)
	})
	if err != nil {
		return Absence{}, err
	}
	return out, nil
}

// RemoveDeputy ends an absence; what the deputy has taken over stays with them. Twice is once.
func (s *Service) RemoveDeputy(ctx context.Context, a people.Actor) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		return tx.Gorm().Where("person_id = ?", a.PersonID).Delete(&Absence{}).Error
	})
}

func day(field, s string) (time.Time, error) {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil || d.Year() < 2000 {
		return d, fault.InvalidField(field, "date_invalid", "Give a day such as 2026-11-30.")
	}
	return d, nil
}
