package people

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

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
	Handle     string
	PersonID   string
	AuthEpoch  int64
	Address    string
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

func loadSession(g *gorm.DB, id string) (signedIn, error) {
	var s signedIn
	err := g.Raw(`SELECT p.*, s.auth_epoch AS credential_epoch, s.last_seen_at AS seen_at, s.created_at AS cred_created_at,
		s.expires_at AS cred_expires_at, e.value AS directory_epoch
		FROM sessions s JOIN persons p ON p.id = s.person_id JOIN directory_epochs e ON e.id = 1 WHERE s.id = ?`, id).Take(&s).Error
	return s, err
}

func loadToken(g *gorm.DB, id string) (signedIn, error) {
	var s signedIn
	err := g.Raw(`SELECT p.*, t.auth_epoch AS credential_epoch, t.last_used_at AS seen_at, t.created_at AS cred_created_at,
		t.expires_at AS cred_expires_at, t.secret_hash, e.value AS directory_epoch
		FROM api_tokens t JOIN persons p ON p.id = t.person_id JOIN directory_epochs e ON e.id = 1 WHERE t.id = ?`, id).Take(&s).Error
	return s, err
}

// stillSignedIn says whether the session or token has not ended.
func stillSignedIn(g *gorm.DB, credential string, now time.Time) (bool, error) {
	if !storable(credential) {
		return false, nil
	}
	load, session := loadSession, true
	if len(credential) == 36 { // a token's id is a UUID, a session's a hash
		load, session = loadToken, false
	}
	s, err := load(g, credential)
	if noRow(err) {
		return false, nil
	}
	return err == nil && !s.ended(now) && !(session && idle(s, now)), err
}

func loadPerson(g *gorm.DB, id string) (personRow, error) {
	var r personRow
	if !storable(id) {
		return r, fault.Missing("person")
	}
	err := g.Where("id = ?", id).Take(&r).Error
	return r, db.Fault(err, "person")
}

func loadPersonByEmail(g *gorm.DB, email string) (personRow, error) {
	var r personRow
	if !storable(email) {
		return r, fault.Missing("person")
	}
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

// bumpDirectory tells every node that what it remembers of persons and teams is stale. It comes
// first in every transaction that changes the directory: its row is then the lock under which rules
// about more than one row (an admin remains, no rings, one first account) hold on PostgreSQL too.
func bumpDirectory(tx *db.Tx) error {
	return tx.Gorm().Exec(`UPDATE directory_epochs SET value = value + 1 WHERE id = 1`).Error
}

// holdDirectory keeps the directory as it is until the transaction ends. On SQLite every transaction
// that writes does.
func holdDirectory(tx *db.Tx) error {
	if tx.Kind() == db.SQLite {
		return nil
	}
	var epoch int64
	return tx.Gorm().Raw(`SELECT value FROM directory_epochs WHERE id = 1 FOR SHARE`).Scan(&epoch).Error
}

func owners(g *gorm.DB) (byEmail, byName map[string]string, err error) {
	var rows []personRow
	if err := g.Select("id", "email_key", "name").Find(&rows).Error; err != nil {
		return nil, nil, err
	}
	byEmail, byName = make(map[string]string, len(rows)), make(map[string]string, len(rows))
	twice := map[string]bool{}
	for _, r := range rows {
		byEmail[r.EmailKey] = r.ID
		name := EmailKey(r.Name)
		if _, ok := byName[name]; ok {
			twice[name] = true
		}
		byName[name] = r.ID
	}
	for n := range twice {
		delete(byName, n)
	}
	return byEmail, byName, nil
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

// seats reads the teams that a person has a seat in, by name.
func seats(g *gorm.DB, personID string) ([]TeamSeat, error) {
	var out []TeamSeat
	err := g.Raw(`SELECT t.id AS team_id, t.name AS team, ? AS seat FROM team_members m JOIN teams t ON t.id = m.team_id WHERE m.person_id = ?
		UNION ALL SELECT t.id, t.name, ? FROM team_managers m JOIN teams t ON t.id = m.team_id WHERE m.person_id = ? ORDER BY 2, 1, 3`,
		string(AsMember), personID, string(AsManager), personID).Scan(&out).Error
	return out, err
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
	if !storable(id) {
		return t, fault.Missing("team")
	}
	err := g.Where("id = ?", id).Take(&t).Error
	return t, db.Fault(err, "team")
}

// touched names the persons whose audiences a change of these teams can alter.
func touched(tx *db.Tx, teams ...string) ([]string, error) {
	var ids []string
	err := tx.Gorm().Raw(`SELECT person_id FROM team_members WHERE team_id IN ? UNION SELECT person_id FROM team_managers WHERE team_id IN ?`, teams, teams).Scan(&ids).Error
	return ids, err
}

// countTry adds one failure to a bucket, or begins anew where the first one is older than since. It
// is one statement, because two that read and then write would let parallel guesses through.
func countTry(tx *db.Tx, bucket string, since time.Time) (failureRow, error) {
	var r failureRow
	err := tx.Gorm().Raw(`INSERT INTO sign_in_failures AS f (bucket, failures, first_at, last_at) VALUES (?, 1, ?, ?)
		ON CONFLICT (bucket) DO UPDATE SET
			failures = CASE WHEN f.first_at <= ? THEN 1 ELSE f.failures + 1 END,
			first_at = CASE WHEN f.first_at <= ? THEN excluded.first_at ELSE f.first_at END,
			last_at = excluded.last_at
		RETURNING *`, bucket, tx.Now, tx.Now, since, since).Take(&r).Error
	return r, err
}

// storable says whether a text from outside can be in a column at all: PostgreSQL refuses the rest
// with an error, where the answer is that there is no such row.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// nameBegins matches the beginning of a word of the name. The engines' LOWER knows ASCII letters
// only (SQLite always, PostgreSQL in the C locale), so a first letter beyond those is tried in both
// cases.
func nameBegins(g *gorm.DB, query string) *gorm.DB {
	first, size := utf8.DecodeRuneInString(query)
	forms := []string{query}
	if upper := string(unicode.ToTitle(first)); first >= utf8.RuneSelf {
		forms = append(forms, upper+query[size:])
	}
	either := g.Session(&gorm.Session{NewDB: true})
	for _, f := range forms {
		like := db.LikePrefix(f)
		either = either.Or(`LOWER(name) LIKE ? ESCAPE '\'`, like).Or(`LOWER(name) LIKE ? ESCAPE '\'`, "% "+like)
	}
	return either
}

// checkCode refuses a one-time code that is not there, and every one once somebody has an account.
func checkCode(g *gorm.DB, code string, now time.Time) error {
	var codes, persons int64
	if err := g.Model(&setupRow{}).Where("code_hash = ? AND expires_at > ?", sum(code), now).Count(&codes).Error; err != nil {
		return err
	}
	if err := g.Model(&personRow{}).Count(&persons).Error; err != nil {
		return err
	}
	if codes == 0 || persons > 0 {
		return fault.New(fault.Forbidden, "setup_code_wrong", "This code is wrong, used or too old. Start the server again for a new one.").At("code")
	}
	return nil
}

// noRow says whether a query found nothing.
func noRow(err error) bool { return errors.Is(err, gorm.ErrRecordNotFound) }

// takeSeat writes that a person is a member or manager of a team; a second time it changes nothing.
func takeSeat(tx *db.Tx, seat Seat, r seatRow) error {
	return tx.Gorm().Table(seat.table()).Clauses(clause.OnConflict{DoNothing: true}).Create(&r).Error
}
