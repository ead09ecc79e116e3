package people

import (
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
)

// linkRow is an invitation or a reset as kept.
type linkRow struct {
	ID         string
	Kind       string
	SecretHash string
	Email      string
	EmailKey   string
	Name       string
	Roles      string
	TeamID     *string
	Seat       string
	PersonID   *string
	MadeBy     *string
	CreatedAt  time.Time
	ExpiresAt  time.Time
	UsedAt     *time.Time
	RevokedAt  *time.Time
}

func (linkRow) TableName() string { return "links" }

func (r linkRow) state(now time.Time) LinkState {
	switch {
	case r.UsedAt != nil:
		return LinkUsed
	case r.RevokedAt != nil:
		return LinkRevoked
	case !now.Before(r.ExpiresAt):
		return LinkExpired
	}
	return LinkOpen
}

// loadOpenLink finds the link of a secret that can be used now.
func loadOpenLink(g *gorm.DB, token string, now time.Time) (linkRow, error) {
	var r linkRow
	err := g.Where("secret_hash = ?", sum(token)).Take(&r).Error
	if noRow(err) || (err == nil && r.state(now) != LinkOpen) {
		return r, errLink()
	}
	return r, err
}

func loadInvitation(g *gorm.DB, id string) (linkRow, error) {
	var r linkRow
	err := g.Where("id = ? AND kind = ?", id, string(Invitation)).Take(&r).Error
	return r, db.Fault(err, "invitation")
}

func saveLink(tx *db.Tx, r linkRow) error { return tx.Gorm().Select("*").Updates(&r).Error }

// openInvitations counts the open invitations of an address but for one.
func openInvitations(tx *db.Tx, emailKey, but string) (int64, error) {
	var n int64
	err := tx.Gorm().Model(&linkRow{}).Where("kind = ? AND email_key = ? AND id <> ? AND used_at IS NULL AND revoked_at IS NULL AND expires_at > ?",
		string(Invitation), emailKey, but, tx.Now).Count(&n).Error
	return n, err
}

// endResets kills the links with which a person could set a new password.
func endResets(tx *db.Tx, person string) error {
	return tx.Gorm().Model(&linkRow{}).Where("kind = ? AND person_id = ? AND used_at IS NULL AND revoked_at IS NULL", string(Reset), person).
		Update("revoked_at", tx.Now).Error
}

// endLinksMadeBy kills the open links of somebody who may make none any more: they know the secrets.
func endLinksMadeBy(tx *db.Tx, admin string) error {
	return tx.Gorm().Model(&linkRow{}).Where("made_by = ? AND used_at IS NULL AND revoked_at IS NULL", admin).Update("revoked_at", tx.Now).Error
}

// sweepLinks forgets resets whose time was over long ago. Invitations stay: they tell who let whom in.
func sweepLinks(tx *db.Tx) error {
	return tx.Gorm().Where("kind = ? AND expires_at < ?", string(Reset), tx.Now.Add(-resetsKept)).Delete(&linkRow{}).Error
}

// linkFilter narrows a list of links; zero values do not.
type linkFilter struct {
	id     string
	kind   LinkKind
	state  LinkState
	before string
	limit  int
}

// listLinks gives links with the names of their team and maker, newest first.
func listLinks(g *gorm.DB, f linkFilter, now time.Time) ([]Link, error) {
	q := g.Table("links").Select("links.*, COALESCE(t.name, '') AS team, COALESCE(p.name, '') AS made_by_name").
		Joins("LEFT JOIN teams t ON t.id = links.team_id").Joins("LEFT JOIN persons p ON p.id = links.made_by").Order("links.id DESC").Limit(f.limit)
	if f.id != "" {
		q = q.Where("links.id = ?", f.id)
	}
	if f.kind != "" {
		q = q.Where("links.kind = ?", string(f.kind))
	}
	if f.before != "" {
		q = q.Where("links.id < ?", f.before)
	}
	switch f.state { // the twin of linkRow.state
	case LinkUsed:
		q = q.Where("links.used_at IS NOT NULL")
	case LinkRevoked:
		q = q.Where("links.used_at IS NULL AND links.revoked_at IS NOT NULL")
	case LinkExpired:
		q = q.Where("links.used_at IS NULL AND links.revoked_at IS NULL AND links.expires_at <= ?", now)
	case LinkOpen:
		q = q.Where("links.used_at IS NULL AND links.revoked_at IS NULL AND links.expires_at > ?", now)
	}
	var rows []struct {
		R                linkRow `gorm:"embedded"`
		Team, MadeByName string
	}
	if err := q.Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]Link, len(rows))
	for i, r := range rows {
		out[i] = Link{ID: r.R.ID, Kind: LinkKind(r.R.Kind), Email: r.R.Email, Name: r.R.Name, Roles: splitRoles(r.R.Roles), TeamID: text(r.R.TeamID), Team: r.Team,
			Seat: Seat(r.R.Seat), PersonID: text(r.R.PersonID), MadeBy: text(r.R.MadeBy), MadeByName: r.MadeByName, State: r.R.state(now),
			CreatedAt: r.R.CreatedAt.UTC(), ExpiresAt: r.R.ExpiresAt.UTC(), UsedAt: utc(r.R.UsedAt), RevokedAt: utc(r.R.RevokedAt)}
	}
	return out, nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}
