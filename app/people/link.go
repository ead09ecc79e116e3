package people

import (
	"context"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
)

const (
	invitationLives = 7 * 24 * time.Hour
	// resetLives is shorter: who is to use it is waiting for it.
	resetLives = 24 * time.Hour
	// resetsKept is how long resets are remembered that nobody can use any more.
	resetsKept = 30 * 24 * time.Hour
)

// LinkKind says what a link is for.
type LinkKind string

// The kinds of links.
const (
	Invitation LinkKind = "invitation" // makes an account
	Reset      LinkKind = "reset"      // sets a new password
)

// LinkState says whether a link can still be used.
type LinkState string

// The states of a link. One that is used or revoked stays so when its time is over.
const (
	LinkOpen    LinkState = "open"
	LinkUsed    LinkState = "accepted"
	LinkExpired LinkState = "expired"
	LinkRevoked LinkState = "revoked"
)

// Link is an invitation, or a reset of a password, as admins see it. Its secret was shown when it was
// made or renewed, and is kept as a hash.
type Link struct {
	ID          string
	Kind        LinkKind
	Email, Name string
	// Roles, TeamID and Seat are what an invitation gives. TeamID is empty without a team, also where
	// the team is gone.
	Roles        []Role
	TeamID, Team string
	Seat         Seat
	// PersonID is whose password is reset, or who came by the invitation; empty before.
	PersonID string
	// MadeBy is the admin who made it, by id and name; empty for the command line.
	MadeBy, MadeByName string
	State              LinkState
	CreatedAt          time.Time
	ExpiresAt          time.Time
	UsedAt             *time.Time
	RevokedAt          *time.Time
}

// NewInvitation is what an admin says of whom they invite.
type NewInvitation struct {
	Name, Email string
	Roles       []Role
	// TeamID is the team they get a seat in; empty for none. Seat is AsMember where it is empty.
	TeamID string
	Seat   Seat
}

// Invite makes an invitation and gives its secret, which is shown this once. Only an admin may. Errors:
// Invalid with the field, Conflict email_taken and invitation_open.
func (d *Directory) Invite(ctx context.Context, actor Actor, n NewInvitation) (Link, string, error) {
	if !Can(actor, EditDirectory) {
		return Link{}, "", fault.Denied("Only an admin may invite people.")
	}
	row, err := n.row()
	if err != nil {
		return Link{}, "", err
	}
	row.MadeBy = made(actor)
	return d.issue(ctx, func(tx *db.Tx, hash string) (linkRow, error) {
		if row.TeamID != nil {
			if err := d.CheckTeamsTx(tx, "team_id", []string{*row.TeamID}); err != nil {
				return row, err
			}
		}
		if err := checkInvitable(tx, row); err != nil {
			return row, err
		}
		row.SecretHash, row.CreatedAt, row.ExpiresAt = hash, tx.Now, tx.Now.Add(invitationLives)
		return row, tx.Gorm().Create(&row).Error
	})
}

// made names who makes a link; nil for the command line.
func made(actor Actor) *string {
	if actor.PersonID == "" {
		return nil
	}
	return &actor.PersonID
}

func (n NewInvitation) row() (linkRow, error) {
	email, err := cleanEmail(n.Email)
	if err != nil {
		return linkRow{}, err
	}
	name, err := CleanLine("name", n.Name, maxName)
	if err != nil {
		return linkRow{}, err
	}
	roles, err := cleanRoles(n.Roles)
	if err != nil {
		return linkRow{}, err
	}
	row := linkRow{ID: ident.New(), Kind: string(Invitation), Email: email, EmailKey: EmailKey(email), Name: name, Roles: joinRoles(roles)}
	switch {
	case n.TeamID == "" && n.Seat != "":
		return row, fault.InvalidField("team_id", "required", "Name the team for this seat.")
	case n.TeamID == "":
		return row, nil
	case n.Seat == "":
		n.Seat = AsMember
	case n.Seat != AsMember && n.Seat != AsManager:
		return row, fault.InvalidField("seat", "seat_unknown", "A person is in a team as one of its members or managers.")
	}
	row.TeamID, row.Seat = &n.TeamID, string(n.Seat)
	return row, nil
}

// issue makes a secret, has write keep its hash in one transaction under the lock of the directory, and
// gives the link with the secret.
func (d *Directory) issue(ctx context.Context, write func(tx *db.Tx, hash string) (linkRow, error)) (Link, string, error) {
	token, err := secret()
	if err != nil {
		return Link{}, "", err
	}
	var out Link
	err = d.db.Tx(ctx, func(tx *db.Tx) error {
		if err := bumpDirectory(tx); err != nil {
			return err
		}
		row, err := write(tx, sum(token))
		if err != nil {
			return err
		}
		links, err := listLinks(tx.Gorm(), linkFilter{id: row.ID, limit: 1}, tx.Now)
		if err == nil {
			out = links[0]
		}
		return err
	})
	if err != nil {
		return Link{}, "", err
	}
	return out, token, nil
}

// checkInvitable refuses an address that has an account, or another open invitation.
func checkInvitable(tx *db.Tx, row linkRow) error {
	_, err := loadPersonByEmail(tx.Gorm(), row.EmailKey)
	if err == nil {
		return fault.New(fault.Conflict, "email_taken", "Somebody with this e-mail address exists already.").At("email")
	}
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	open, err := openInvitations(tx, row.EmailKey, row.ID)
	if err == nil && open > 0 {
		return fault.New(fault.Conflict, "invitation_open", "There is an open invitation for this address already. Renew that one for a new link.").At("email")
	}
	return err
}

// ListInvitations gives the invitations in a state (empty: all), newest first, a page at a time. After is
// the id of the last one of the page before. Only an admin may.
func (d *Directory) ListInvitations(ctx context.Context, actor Actor, state LinkState, after string, limit int) ([]Link, error) {
	if !Can(actor, EditDirectory) {
		return nil, fault.Denied("Only an admin may see invitations.")
	}
	if !storable(after) {
		return nil, nil
	}
	return listLinks(d.db.Read(ctx), linkFilter{kind: Invitation, state: state, before: after, limit: limit}, d.db.Now())
}

// RevokeInvitation ends an open or expired invitation, for good. One that is revoked already stays as it
// is; for one that was accepted it is too late (Conflict invitation_accepted). Only an admin may.
func (d *Directory) RevokeInvitation(ctx context.Context, actor Actor, id string) error {
	if !Can(actor, EditDirectory) {
		return fault.Denied("Only an admin may revoke invitations.")
	}
	return d.db.Tx(ctx, func(tx *db.Tx) error {
		if err := bumpDirectory(tx); err != nil {
			return err
		}
		row, err := loadInvitation(tx.Gorm(), id)
		if err != nil || row.RevokedAt != nil {
			return err
		}
		if row.UsedAt != nil {
			return errAccepted()
		}
		row.RevokedAt = &tx.Now
		return saveLink(tx, row)
	})
}

func errAccepted() error {
	return fault.New(fault.Conflict, "invitation_accepted", "This invitation has been accepted. Change the person's account instead.")
}

// RenewInvitation gives an invitation a new secret, a new term and the actor as who invited; the old link
// is dead. It works on open, expired and revoked ones. Only an admin may. Errors: those of Invite, Conflict invitation_accepted.
func (d *Directory) RenewInvitation(ctx context.Context, actor Actor, id string) (Link, string, error) {
	if !Can(actor, EditDirectory) {
		return Link{}, "", fault.Denied("Only an admin may renew invitations.")
	}
	return d.issue(ctx, func(tx *db.Tx, hash string) (linkRow, error) {
		row, err := loadInvitation(tx.Gorm(), id)
		if err != nil {
			return row, err
		}
		if row.UsedAt != nil {
			return row, errAccepted()
		}
		if err := checkInvitable(tx, row); err != nil {
			return row, err
		}
		row.MadeBy = made(actor)
		row.SecretHash, row.RevokedAt, row.ExpiresAt = hash, nil, tx.Now.Add(invitationLives)
		return row, saveLink(tx, row)
	})
}

// ResetPassword makes a link with which a person sets a new password, and gives its secret, which is
// shown this once. Earlier ones of the person die; their present password stays until the link is used.
// Only an admin may. Errors: NotFound, Conflict person_inactive.
func (d *Directory) ResetPassword(ctx context.Context, actor Actor, person string) (Link, string, error) {
	if !Can(actor, EditDirectory) {
		return Link{}, "", fault.Denied("Only an admin may reset a password.")
	}
	return d.issue(ctx, func(tx *db.Tx, hash string) (linkRow, error) {
		p, err := loadPerson(tx.Gorm(), person)
		if err != nil {
			return linkRow{}, err
		}
		if !p.Active {
			return linkRow{}, fault.New(fault.Conflict, "person_inactive", "This account is switched off. Switch it on first.")
		}
		if err := endResets(tx, p.ID); err != nil {
			return linkRow{}, err
		}
		row := linkRow{ID: ident.New(), Kind: string(Reset), SecretHash: hash, Email: p.Email, EmailKey: p.EmailKey, Name: p.Name, PersonID: &p.ID,
			MadeBy: made(actor), CreatedAt: tx.Now, ExpiresAt: tx.Now.Add(resetLives)}
		return row, tx.Gorm().Create(&row).Error
	})
}
