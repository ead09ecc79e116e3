package coach

import (
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

// hold is db.Take, holding the row against other writers until the transaction ends (SQLite has one writer
// anyway).
func hold[T any](tx *db.Tx, id, thing string) (T, error) {
	g := tx.Gorm()
	if tx.Kind() == db.Postgres {
		g = g.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	return db.Take[T](g, thing, id)
}

// made finds what the actor has made before under this id; somebody else's is a conflict that says nothing of
// it. What one person makes at the same time waits in a queue here, so that the same twice is found.
func made[T any](tx *db.Tx, a people.Actor, id string, mine func(T) bool) (row T, found bool, err error) {
	if err := db.Hold(tx, "persons", a.PersonID); err != nil {
		return row, false, err
	}
	row, err = db.Take[T](tx.Gorm(), "thing", id)
	switch {
	case fault.Is(err, fault.NotFound):
		return row, false, nil
	case err != nil:
		return row, false, err
	case !mine(row):
		return row, false, db.IDTaken()
	}
	return row, true, nil
}

// insert writes a new row. A conflict is another's id, unless twice says what else it can be.
func insert(tx *db.Tx, row any, twice error) error {
	err := tx.Gorm().Create(row).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		if twice != nil {
			return twice
		}
		return db.IDTaken()
	}
	return db.Fault(err, "video")
}

// update writes some columns of a row.
func update[T any](tx *db.Tx, id string, row *T, column string, more ...any) error {
	return tx.Gorm().Model(new(T)).Where("id = ?", id).Select(column, more...).Updates(row).Error
}

// boxed narrows a query to a box of the actor's: the twin of side.
func boxed(g *gorm.DB, a people.Actor, box Box, from, to string) *gorm.DB {
	if box == Sent {
		return g.Where(from+" = ?", a.PersonID)
	}
	return g.Where(to+" = ? AND state <> ?", a.PersonID, string(Withdrawn))
}

// kept is where things between two people stand: the columns of who it comes from and of who it goes to. With
// ofVideo they are about a video, and gone from the box of who they went to once its author has deleted it.
type kept struct {
	table, from, to string
	ofVideo         bool
}

// listBox gives a page of a box, newest first; created says of a row when that was, and whether the actor may
// know of it.
func listBox[T any](g *gorm.DB, a people.Actor, f Filter, k kept, created func(T) (at time.Time, mine bool)) ([]T, error) {
	q := boxed(g, a, f.Box, k.from, k.to)
	if k.ofVideo && f.Box == Received {
		q = q.Where("EXISTS (SELECT 1 FROM videos v WHERE v.id = " + k.table + ".video_id AND v.deleted_at IS NULL)")
	}
	if f.State != "" {
		q = q.Where("state = ?", f.State)
	}
	if f.Before != "" {
		last, err := db.Take[T](g, "thing", f.Before)
		at, mine := created(last)
		if fault.Is(err, fault.NotFound) || (err == nil && !mine) {
			return nil, errCursor()
		}
		if err != nil {
			return nil, err
		}
		q = q.Where("(created_at, id) < (?, ?)", at, f.Before)
	}
	var out []T
	return out, q.Order("created_at DESC, id DESC").Limit(f.Limit).Find(&out).Error
}

func errCursor() error {
	return fault.InvalidField("cursor", "cursor_unknown", "What this page came after is gone. Begin with the first page.")
}

// zones gives where persons are, by id; who is not found is in UTC.
func zones(g *gorm.DB, ids ...string) (map[string]*time.Location, error) {
	var rows []struct{ ID, TimeZone string }
	if err := g.Raw(`SELECT id, time_zone FROM persons WHERE id IN ?`, append([]string{""}, ids...)).Scan(&rows).Error; err != nil {
		return nil, err
	}
	out := make(map[string]*time.Location, len(ids))
	for _, id := range ids {
		out[id] = time.UTC
	}
	for _, r := range rows {
		// A zone that this machine does not know (any more) is no reason to fail.
		if zone, err := time.LoadLocation(r.TimeZone); err == nil {
			out[r.ID] = zone
		}
	}
	return out, nil
}

// zone gives where one person is.
func zone(g *gorm.DB, id string) (*time.Location, error) {
	all, err := zones(g, id)
	return all[id], err
}

// AfterFind puts the times into UTC; PostgreSQL gives them in the zone of the machine.
func (k *Assignment) AfterFind(*gorm.DB) error {
	db.UTC(&k.CreatedAt, k.SettledAt)
	return nil
}

func (s *Service) markOverdue(g *gorm.DB, all []Assignment) error {
	ids := make([]string, len(all))
	for i, k := range all {
		ids[i] = k.ToID
	}
	at, err := zones(g, ids...)
	for i := range all {
		k := &all[i]
		k.Overdue = err == nil && k.State == Open && passed(k.DueOn, s.DB.Now(), at[k.ToID])
	}
	return err
}

// AfterFind puts the times into UTC; PostgreSQL gives them in the zone of the machine.
func (k *FeedbackAsk) AfterFind(*gorm.DB) error {
	db.UTC(&k.CreatedAt, k.SettledAt)
	return nil
}

// notesBy counts the notes of a person on a video that stand there and were written since a time.
func notesBy(tx *db.Tx, video, person string, since time.Time) (n int64, err error) {
	err = tx.Gorm().Raw(`SELECT COUNT(*) FROM notes WHERE video_id = ? AND author_id = ? AND deleted_at IS NULL AND created_at >= ?`, video, person, since).Scan(&n).Error
	return n, err
}

// AfterFind puts the times into UTC; PostgreSQL gives them in the zone of the machine.
func (p *Promise) AfterFind(*gorm.DB) error {
	db.UTC(&p.CreatedAt, &p.UpdatedAt, p.DoneAt)
	return nil
}

// promisesOf gives the promises on the page of a person that the actor is one of the two of: the open ones by
// their day, then those done since a time, the last first.
func (s *Service) promisesOf(g *gorm.DB, a people.Actor, person string, since time.Time) ([]Promise, error) {
	q := g.Where("person_id = ?", person)
	if person != a.PersonID {
		q = q.Where("coach_id = ?", a.PersonID)
	}
	var out []Promise
	err := q.Where("(done_at IS NULL OR done_at >= ?)", since).Order("CASE WHEN done_at IS NULL THEN 0 ELSE 1 END, CASE WHEN done_at IS NULL THEN due_on ELSE '' END, done_at DESC, id").Limit(maxPromises).Find(&out).Error
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(out))
	for i, p := range out {
		ids[i] = p.OwnerID
	}
	at, err := zones(g, ids...)
	for i := range out {
		p := &out[i]
		p.Overdue = err == nil && p.DoneAt == nil && passed(p.DueOn, s.DB.Now(), at[p.OwnerID])
	}
	return out, err
}

// maxPromises is how many promises a page shows.
const maxPromises = 100

func removePromise(tx *db.Tx, id string) error {
	return tx.Gorm().Delete(&Promise{}, "id = ?", id).Error
}

func openPromises(g *gorm.DB, owner string) ([]Promise, error) {
	var out []Promise
	return out, g.Where("owner_id = ? AND done_at IS NULL", owner).Order("due_on, id").Limit(maxPromises).Find(&out).Error
}
