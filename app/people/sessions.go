package people

import (
	"context"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
)

// maxUserAgent is how many bytes of a browser's name are kept.
const maxUserAgent = 200

// beginSession writes a new session of a person.
func beginSession(tx *db.Tx, row personRow, address, userAgent string) (Session, error) {
	token, err := secret()
	if err != nil {
		return Session{}, err
	}
	out := Session{Secret: token, Person: row.person(), ExpiresAt: tx.Now.Add(sessionAbsolute)}
	return out, tx.Gorm().Create(&sessionRow{ID: sum(token), Handle: ident.New(), PersonID: row.ID, AuthEpoch: row.AuthEpoch, Address: shorten(address, maxUserAgent),
		UserAgent: shorten(userAgent, maxUserAgent), CreatedAt: tx.Now, LastSeenAt: tx.Now, ExpiresAt: out.ExpiresAt}).Error
}

// OpenSession is a session of a person as they see it, to recognise and to end.
type OpenSession struct {
	ID                    string
	CreatedAt, LastSeenAt time.Time
	// UserAgent is what the browser called itself at sign-in, Address where it signed in from; either may
	// be empty.
	UserAgent, Address string
	// Current says that this is the session the actor came with.
	Current bool
}

// ListSessions gives the actor's own sessions that have not ended, the one last used first.
func (d *Directory) ListSessions(ctx context.Context, actor Actor) ([]OpenSession, error) {
	now := d.db.Now()
	var rows []sessionRow
	err := d.db.Read(ctx).Raw(`SELECT s.* FROM sessions s JOIN persons p ON p.id = s.person_id AND p.auth_epoch = s.auth_epoch
		WHERE s.person_id = ? AND s.expires_at > ? AND s.last_seen_at >= ? ORDER BY s.last_seen_at DESC, s.id`, actor.PersonID, now, now.Add(-sessionIdle)).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	out := make([]OpenSession, len(rows))
	for i, r := range rows {
		out[i] = OpenSession{ID: r.Handle, CreatedAt: r.CreatedAt.UTC(), LastSeenAt: r.LastSeenAt.UTC(), UserAgent: r.UserAgent, Address: r.Address, Current: r.ID == actor.Session}
	}
	return out, nil
}

// EndSession ends one of the actor's own sessions.
func (d *Directory) EndSession(ctx context.Context, actor Actor, id string) error {
	if !storable(id) {
		return fault.Missing("session")
	}
	return d.db.Tx(ctx, func(tx *db.Tx) error {
		var row sessionRow
		if err := db.Fault(tx.Gorm().Where("handle = ? AND person_id = ?", id, actor.PersonID).Take(&row).Error, "session"); err != nil {
			return err
		}
		if err := tx.Gorm().Where("id = ?", row.ID).Delete(&sessionRow{}).Error; err != nil {
			return err
		}
		return d.OnSignedOut(tx, actor.PersonID, row.ID, "")
	})
}

// EndOtherSessions ends the actor's own sessions but for the one they came with; whoever came with a
// token has none of those. Tokens stay.
func (d *Directory) EndOtherSessions(ctx context.Context, actor Actor) error {
	return d.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.Gorm().Where("person_id = ? AND id <> ?", actor.PersonID, actor.Session).Delete(&sessionRow{}).Error; err != nil {
			return err
		}
		return d.OnSignedOut(tx, actor.PersonID, "", actor.Session)
	})
}

// SignOutPerson ends all sessions and tokens of a person, and the links with which they could set a new
// password. Only an admin may.
func (d *Directory) SignOutPerson(ctx context.Context, actor Actor, person string) error {
	if !Can(actor, EditDirectory) {
		return fault.Denied("Only an admin may sign others out.")
	}
	return d.db.Tx(ctx, func(tx *db.Tx) error {
		if err := bumpDirectory(tx); err != nil {
			return err
		}
		row, err := loadPerson(tx.Gorm(), person)
		if err != nil {
			return err
		}
		// The epoch ends what another transaction is just writing, too.
		row.AuthEpoch++
		if err := savePerson(tx, &row); err != nil {
			return err
		}
		if err := tx.Gorm().Where("person_id = ?", person).Delete(&sessionRow{}).Error; err != nil {
			return err
		}
		if err := tx.Gorm().Where("person_id = ?", person).Delete(&tokenRow{}).Error; err != nil {
			return err
		}
		return endResets(tx, person)
	})
}
