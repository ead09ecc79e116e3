package people

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
)

// personRow is a person as kept: roles are one column, and the secrets stay in this file.
type personRow struct {
	ID           string
	Email        string
	EmailKey     string
	Name         string
	Roles        string
	PasswordHash string
	TimeZone     string
	Active       bool
	AuthEpoch    int64
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

func (personRow) TableName() string { return "persons" }

func (r personRow) person() Person {
	return Person{ID: r.ID, Email: r.Email, Name: r.Name, Roles: splitRoles(r.Roles), TimeZone: r.TimeZone, Active: r.Active,
		CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC()}
}

func splitRoles(s string) []Role {
	var out []Role
	for _, r := range strings.Split(s, ",") {
		if r != "" {
			out = append(out, Role(r))
		}
	}
	return out
}

func joinRoles(roles []Role) string {
	parts := make([]string, len(roles))
	for i, r := range roles {
		parts[i] = string(r)
	}
	return strings.Join(parts, ",")
}

type sessionRow struct {
	ID         string
	PersonID   string
	AuthEpoch  int64
	UserAgent  string
	CreatedAt  time.Time
	LastSeenAt time.Time
	ExpiresAt  time.Time
}

func (sessionRow) TableName() string { return "sessions" }

type tokenRow struct {
	ID         string
	PersonID   string
	AuthEpoch  int64
	Name       string
	SecretHash string
	CreatedAt  time.Time
	LastUsedAt *time.Time
	ExpiresAt  *time.Time
}

func (tokenRow) TableName() string { return "api_tokens" }

type failureRow struct {
	Bucket   string `gorm:"primaryKey"`
	Failures int64
	FirstAt  time.Time
	LastAt   time.Time
}

func (failureRow) TableName() string { return "sign_in_failures" }

type setupRow struct {
	CodeHash  string `gorm:"primaryKey"`
	CreatedAt time.Time
	ExpiresAt time.Time
}

func (setupRow) TableName() string { return "setup_codes" }

// signedIn is what one query tells about the bearer of a session or token.
type signedIn struct {
	P               personRow `gorm:"embedded"`
	CredentialEpoch int64
	SeenAt          *time.Time
	CredCreatedAt   time.Time
	CredExpiresAt   *time.Time
	SecretHash      string
	DirectoryEpoch  int64
}

func loadSession(ctx context.Context, d *db.DB, id string) (signedIn, error) {
	var s signedIn
	err := d.Read(ctx).Raw(`SELECT p.*, s.auth_epoch AS credential_epoch, s.last_seen_at AS seen_at, s.created_at AS cred_created_at,
		s.expires_at AS cred_expires_at, e.value AS directory_epoch
		FROM sessions s JOIN persons p ON p.id = s.person_id JOIN directory_epochs e ON e.id = 1 WHERE s.id = ?`, id).Take(&s).Error
	return s, err
}

func loadToken(ctx context.Context, d *db.DB, id string) (signedIn, error) {
	var s signedIn
	err := d.Read(ctx).Raw(`SELECT p.*, t.auth_epoch AS credential_epoch, t.last_used_at AS seen_at, t.created_at AS cred_created_at,
		t.expires_at AS cred_expires_at, t.secret_hash, e.value AS directory_epoch
		FROM api_tokens t JOIN persons p ON p.id = t.person_id JOIN directory_epochs e ON e.id = 1 WHERE t.id = ?`, id).Take(&s).Error
	return s, err
}

func loadPerson(g *gorm.DB, id string) (personRow, error) {
	var r personRow
	err := g.Where("id = ?", id).Take(&r).Error
	return r, db.Fault(err, "person")
}

func loadPersonByEmail(g *gorm.DB, email string) (personRow, error) {
	var r personRow
	err := g.Where("email_key = ?", EmailKey(email)).Take(&r).Error
	return r, db.Fault(err, "person")
}

func insertPerson(tx *db.Tx, r *personRow) error {
	err := tx.Gorm().Create(r).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return fault.New(fault.Conflict, "email_taken", "Somebody with this e-mail address exists already.").At("email")
	}
	return err
}

func savePerson(tx *db.Tx, r *personRow) error {
	r.UpdatedAt = tx.Now
	err := tx.Gorm().Select("*").Updates(r).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return fault.New(fault.Conflict, "email_taken", "Somebody with this e-mail address exists already.").At("email")
	}
	return err
}

// bumpDirectory tells every node that what it remembers of persons and teams is stale.
func bumpDirectory(tx *db.Tx) error {
	return tx.Gorm().Exec(`UPDATE directory_epochs SET value = value + 1 WHERE id = 1`).Error
}

// place reads where a person stands.
func place(g *gorm.DB, personID string) (Place, error) {
	p := Place{PersonID: personID}
	if err := g.Raw(`SELECT team_id FROM team_members WHERE person_id = ? ORDER BY team_id`, personID).Scan(&p.MemberOf).Error; err != nil {
		return p, err
	}
	var managed []Team
	if err := g.Raw(`SELECT t.* FROM team_managers m JOIN teams t ON t.id = m.team_id WHERE m.person_id = ? ORDER BY t.id`, personID).Scan(&managed).Error; err != nil {
		return p, err
	}
	for _, t := range managed {
		p.Manages = append(p.Manages, t.ID)
		if t.ParentID != nil && !slices.Contains(p.AboveManaged, *t.ParentID) {
			p.AboveManaged = append(p.AboveManaged, *t.ParentID)
		}
	}
	return p, nil
}

func parents(g *gorm.DB) (map[string]string, error) {
	var teams []Team
	if err := g.Select("id", "parent_id").Find(&teams).Error; err != nil {
		return nil, err
	}
	out := make(map[string]string, len(teams))
	for _, t := range teams {
		out[t.ID] = ""
		if t.ParentID != nil {
			out[t.ID] = *t.ParentID
		}
	}
	return out, nil
}

func loadTeam(g *gorm.DB, id string) (Team, error) {
	var t Team
	err := g.Where("id = ?", id).Take(&t).Error
	return t, db.Fault(err, "team")
}

// touched names the persons whose audiences a change of these teams can alter.
func touched(tx *db.Tx, teams ...string) ([]string, error) {
	var ids []string
	err := tx.Gorm().Raw(`SELECT person_id FROM team_members WHERE team_id IN ? UNION SELECT person_id FROM team_managers WHERE team_id IN ?`, teams, teams).Scan(&ids).Error
	return ids, err
}

func upsertFailure(tx *db.Tx, r failureRow) error {
	return tx.Gorm().Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "bucket"}}, UpdateAll: true}).Create(&r).Error
}
