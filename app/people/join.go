package people

import (
	"context"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
)

// errLink is the same for every reason: unknown, used, revoked, expired.
func errLink() error {
	return fault.New(fault.NotFound, "invitation_unknown", "This link is not valid, or not any more. Ask your admin for a new one.")
}

// Welcome is what the holder of a link is told before they use it.
type Welcome struct {
	Kind        LinkKind
	Name, Email string
	// InvitedBy and Team are names; empty where there is none.
	InvitedBy, Team string
	ExpiresAt       time.Time
}

// linkTries limits how often one network address may come with links that are none.
func linkTries(address string) []tryLimit { return []tryLimit{{"link:" + address, triesPerAddress}} }

// LookUpLink says what a link is for. address is where the request comes from; too many unknown links
// from there answer TooMany. Errors: NotFound invitation_unknown, for every reason.
func (d *Directory) LookUpLink(ctx context.Context, token, address string) (Welcome, error) {
	tries := linkTries(address)
	if err := d.reserveTry(ctx, tries); err != nil {
		return Welcome{}, err
	}
	var out Welcome
	err := d.db.Tx(ctx, func(tx *db.Tx) error {
		row, err := loadOpenLink(tx.Gorm(), token, tx.Now)
		if err != nil {
			return err
		}
		links, err := listLinks(tx.Gorm(), linkFilter{id: row.ID, limit: 1}, tx.Now)
		if err != nil {
			return err
		}
		l := links[0]
		out = Welcome{Kind: l.Kind, Name: l.Name, Email: l.Email, InvitedBy: l.MadeByName, Team: l.Team, ExpiresAt: l.ExpiresAt}
		return giveBackTry(tx, tries)
	})
	if err != nil {
		return Welcome{}, err
	}
	return out, nil
}

// Acceptance is what the holder of a link sends to use it.
type Acceptance struct {
	Token, Password string
	// Name and TimeZone are for an invitation; empty: the name that was invited, UTC.
	Name, TimeZone string
	// Address is the network address the request comes from, UserAgent what the browser calls itself.
	Address, UserAgent string
}

// AcceptLink makes the account of an invitation and seats it, or sets the new password of a reset (which
// ends all the person's sessions and tokens), and begins a session: in one transaction, once per link.
// Errors: NotFound invitation_unknown for every link that is not open, Invalid with the field, Conflict
// email_taken where the address got an account in another way, TooMany as for LookUpLink.
func (d *Directory) AcceptLink(ctx context.Context, in Acceptance) (Session, error) {
	tries := linkTries(in.Address)
	if err := d.reserveTry(ctx, tries); err != nil {
		return Session{}, err
	}
	// Anybody can come here, so nothing slow is done for a link that is none.
	link, err := loadOpenLink(d.db.Read(ctx), in.Token, d.db.Now())
	if err != nil {
		return Session{}, err
	}
	use, err := d.prepare(ctx, link, in)
	if err != nil {
		return Session{}, err
	}
	var out Session
	err = d.db.Tx(ctx, func(tx *db.Tx) error {
		// The lock of the directory lets one of many through; the others then find the link used.
		if err := bumpDirectory(tx); err != nil {
			return err
		}
		link, err := loadOpenLink(tx.Gorm(), in.Token, tx.Now)
		if err != nil {
			return err
		}
		row, err := use(tx, link)
		if err != nil {
			return err
		}
		link.UsedAt, link.PersonID = &tx.Now, &row.ID
		if err := saveLink(tx, link); err != nil {
			return err
		}
		if err := giveBackTry(tx, tries); err != nil {
			return err
		}
		out, err = beginSession(tx, row, in.Address, in.UserAgent)
		return err
	})
	if err != nil {
		return Session{}, err
	}
	return out, nil
}

// prepare does the slow part of using a link, outside the transaction, and gives the rest.
func (d *Directory) prepare(ctx context.Context, link linkRow, in Acceptance) (func(*db.Tx, linkRow) (personRow, error), error) {
	if in.Password == "" {
		return nil, fault.InvalidField("password", "required", "Choose a password.")
	}
	if link.Kind == string(Reset) {
		if err := checkPassword("password", in.Password); err != nil {
			return nil, err
		}
		hash, err := d.hash.hash(ctx, in.Password)
		return func(tx *db.Tx, link linkRow) (personRow, error) { return setPassword(tx, link, hash) }, err
	}
	if in.Name == "" {
		in.Name = link.Name
	}
	fresh, err := d.newRow(ctx, NewPerson{Email: link.Email, Name: in.Name, Roles: splitRoles(link.Roles), TimeZone: in.TimeZone, Password: in.Password})
	return func(tx *db.Tx, link linkRow) (personRow, error) { return d.join(ctx, tx, link, fresh) }, err
}

// join makes the account of an invitation and gives it its seat.
func (d *Directory) join(ctx context.Context, tx *db.Tx, link linkRow, row personRow) (personRow, error) {
	row.ID, row.CreatedAt, row.UpdatedAt = ident.New(), tx.Now, tx.Now
	if err := insertPerson(tx, &row); err != nil {
		return row, err
	}
	if link.TeamID != nil {
		if err := takeSeat(tx, Seat(link.Seat), seatRow{TeamID: *link.TeamID, PersonID: row.ID, CreatedAt: tx.Now}); err != nil {
			return row, err
		}
		if err := d.OnMoved(ctx, tx, []string{row.ID}); err != nil {
			return row, err
		}
	}
	return row, d.OnAdded(ctx, tx, row.person())
}

// setPassword gives the person of a reset their new password.
func setPassword(tx *db.Tx, link linkRow, hash string) (personRow, error) {
	if link.PersonID == nil {
		return personRow{}, errLink()
	}
	row, err := loadPerson(tx.Gorm(), *link.PersonID)
	if err != nil || !row.Active {
		return row, errLink()
	}
	row.PasswordHash = hash
	row.AuthEpoch++
	return row, savePerson(tx, &row)
}
