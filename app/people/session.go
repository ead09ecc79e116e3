package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
)

const (
	sessionIdle     = 8 * time.Hour
	sessionAbsolute = 7 * 24 * time.Hour
	// seenEvery bounds how often a credential's last use is written.
	seenEvery = time.Minute

	// Guessing is limited per e-mail address and, more loosely because offices share addresses, per
	// network address.
	triesPerEmail   = 8
	triesPerAddress = 60
	triesWindow     = 15 * time.Minute
)

func sum(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

func secret() (string, error) {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		return "", fmt.Errorf("random secret: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// SignIn is one try to sign in.
type SignIn struct {
	Email, Password string
	// Address is the network address the try comes from, UserAgent what the browser calls itself.
	Address, UserAgent string
}

// Session is a session just begun: Secret is shown once and kept as a hash.
type Session struct {
	Secret    string
	Person    Person
	ExpiresAt time.Time
}

// errSignIn is the same for every reason.
func errSignIn() error {
	return fault.New(fault.Unauthenticated, "sign_in_failed", "The e-mail address or the password is wrong.")
}

// SignIn begins a session. A wrong address and a wrong password answer alike, in words and in time.
// Too many tries answer TooMany, for as long as RetryAfter says, whether or not the account exists.
func (d *Directory) SignIn(ctx context.Context, in SignIn) (Session, error) {
	tries := []tryLimit{{"email:" + sum(EmailKey(in.Email)), triesPerEmail}, {"addr:" + in.Address, triesPerAddress}}
	if err := d.reserveTry(ctx, tries); err != nil {
		return Session{}, err
	}
	row, err := loadPersonByEmail(d.db.Read(ctx), in.Email)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Session{}, err
	}
	ok, err := d.hash.verify(ctx, row.PasswordHash, in.Password)
	if err != nil {
		return Session{}, err
	}
	if !ok || !row.Active {
		return Session{}, errSignIn()
	}
	var out Session
	err = d.db.Tx(ctx, func(tx *db.Tx) error {
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

func shorten(s string, n int) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// tryLimit is one of the counts that a try falls under. Tries take their counts in the same order
// everywhere, so that parallel ones queue instead of deadlocking.
type tryLimit struct {
	bucket string
	limit  int64
}

// reserveTry counts a try as failed before the slow check of the password, so that parallel guesses
// are counted too; giveBackTry takes it back when the password was right. A refused try counts
// nowhere: the window passes for those who go on trying as well.
func (d *Directory) reserveTry(ctx context.Context, tries []tryLimit) error {
	return d.db.Tx(ctx, func(tx *db.Tx) error {
		for _, t := range tries {
			r, err := countTry(tx, t.bucket, tx.Now.Add(-triesWindow))
			if err != nil {
				return err
			}
			if r.Failures > t.limit {
				e := fault.New(fault.TooMany, "too_many_tries", "Too many tries. Wait a few minutes, then try again.")
				e.RetryAfter = max(r.FirstAt.Add(triesWindow).Sub(tx.Now), time.Second)
				return e
			}
		}
		return nil
	})
}

func giveBackTry(tx *db.Tx, tries []tryLimit) error {
	for _, t := range tries {
		if err := tx.Gorm().Exec(`UPDATE sign_in_failures SET failures = failures - 1 WHERE bucket = ? AND failures > 0`, t.bucket).Error; err != nil {
			return err
		}
	}
	return nil
}

// errNobody says that the credential is missing, unknown or has ended.
func errNobody() error {
	return fault.New(fault.Unauthenticated, "unauthenticated", "Sign in first: this session or token is missing, unknown or has ended.")
}

// AuthenticateSession says who the bearer of a session's secret is.
func (d *Directory) AuthenticateSession(ctx context.Context, token string) (Actor, error) {
	if len(token) < 20 || len(token) > 100 {
		return Actor{}, errNobody()
	}
	id := sum(token)
	s, err := loadSession(d.db.Read(ctx), id)
	if err != nil {
		return Actor{}, nobody(err)
	}
	now := d.db.Now()
	if s.CredExpiresAt == nil || s.ended(now) || idle(s, now) {
		return Actor{}, errNobody()
	}
	return d.actor(ctx, s, id, "sessions", "last_seen_at")
}

const tokenPrefix = "frl_"

// AuthenticateToken says who the bearer of an API token is.
func (d *Directory) AuthenticateToken(ctx context.Context, token string) (Actor, error) {
	id, sec, ok := strings.Cut(strings.TrimPrefix(token, tokenPrefix), "_")
	if _, err := ident.Parse(id); !ok || err != nil || !strings.HasPrefix(token, tokenPrefix) || len(token) > 200 {
		return Actor{}, errNobody()
	}
	s, err := loadToken(d.db.Read(ctx), id)
	if err != nil {
		return Actor{}, nobody(err)
	}
	if subtle.ConstantTimeCompare([]byte(s.SecretHash), []byte(sum(sec))) != 1 || s.ended(d.db.Now()) {
		return Actor{}, errNobody()
	}
	return d.actor(ctx, s, id, "api_tokens", "last_used_at")
}

func nobody(err error) error {
	if noRow(err) {
		return errNobody()
	}
	return err
}

func (d *Directory) actor(ctx context.Context, s signedIn, id, table, column string) (Actor, error) {
	now := d.db.Now()
	if s.SeenAt == nil || now.Sub(*s.SeenAt) > seenEvery {
		if err := d.db.Tx(ctx, func(tx *db.Tx) error {
			return tx.Gorm().Table(table).Where("id = ?", id).Update(column, tx.Now).Error
		}); err != nil {
			return Actor{}, err
		}
	}
	reach, err := d.reach(ctx, s.P.ID, s.DirectoryEpoch)
	if err != nil {
		return Actor{}, err
	}
	return Actor{PersonID: s.P.ID, Name: s.P.Name, Email: s.P.Email, Roles: splitRoles(s.P.Roles), Session: id, Reach: reach}, nil
}

// ActorFor gives the actor of a person, for work done in their name.
func (d *Directory) ActorFor(ctx context.Context, personID string) (Actor, error) {
	row, err := loadPerson(d.db.Read(ctx), personID)
	if err != nil {
		return Actor{}, err
	}
	var epoch int64
	if err := d.db.Read(ctx).Raw(`SELECT value FROM directory_epochs WHERE id = 1`).Scan(&epoch).Error; err != nil {
		return Actor{}, err
	}
	reach, err := d.reach(ctx, personID, epoch)
	if err != nil {
		return Actor{}, err
	}
	return Actor{PersonID: row.ID, Name: row.Name, Email: row.Email, Roles: splitRoles(row.Roles), Reach: reach}, nil
}

// StillSignedIn says whether a session or token (as in Actor.Session) has not ended, for media paths
// that were handed out to it.
func (d *Directory) StillSignedIn(ctx context.Context, credential string) (bool, error) {
	return stillSignedIn(d.db.Read(ctx), credential, d.db.Now())
}

// ended says whether the credential's time is over, its owner has left, or all of their credentials
// were ended.
func (s signedIn) ended(now time.Time) bool {
	return !s.P.Active || s.P.AuthEpoch != s.CredentialEpoch || (s.CredExpiresAt != nil && !now.Before(*s.CredExpiresAt))
}

// idle says whether a session was left alone for too long; tokens never are.
func idle(s signedIn, now time.Time) bool { return s.SeenAt == nil || now.Sub(*s.SeenAt) > sessionIdle }

// SignOut ends the session or token the actor came with.
func (d *Directory) SignOut(ctx context.Context, actor Actor) error {
	return d.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.Gorm().Where("id = ?", actor.Session).Delete(&sessionRow{}).Error; err != nil {
			return err
		}
		if err := tx.Gorm().Where("id = ?", actor.Session).Delete(&tokenRow{}).Error; err != nil || actor.Session == "" {
			return err
		}
		return d.OnSignedOut(tx, actor.PersonID, actor.Session, "")
	})
}

// SweepSessions deletes sessions that have ended, guesses that no longer count, and old resets.
func (d *Directory) SweepSessions(ctx context.Context) error {
	return d.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.Gorm().Where("expires_at <= ? OR last_seen_at < ?", tx.Now, tx.Now.Add(-sessionIdle)).Delete(&sessionRow{}).Error; err != nil {
			return err
		}
		if err := tx.Gorm().Where("expires_at <= ?", tx.Now).Delete(&setupRow{}).Error; err != nil {
			return err
		}
		if err := sweepLinks(tx); err != nil {
			return err
		}
		return tx.Gorm().Where("first_at <= ?", tx.Now.Add(-triesWindow)).Delete(&failureRow{}).Error
	})
}

// Token is an API token as listed: its secret was shown once, when it was made.
type Token struct {
	ID         string
	Name       string
	CreatedAt  time.Time
	LastUsedAt *time.Time
	ExpiresAt  *time.Time
}

// NewToken makes an API token for the actor and gives its secret, which is shown this once.
func (d *Directory) NewToken(ctx context.Context, actor Actor, name string, expires *time.Time) (Token, string, error) {
	name, err := CleanLine("name", name, maxName)
	if err != nil {
		return Token{}, "", err
	}
	if expires != nil && !expires.After(d.db.Now()) {
		return Token{}, "", fault.InvalidField("expires_at", "time_past", "This time is past.")
	}
	sec, err := secret()
	if err != nil {
		return Token{}, "", err
	}
	sec = strings.ReplaceAll(sec, "_", "-")
	if expires != nil {
		at := expires.UTC().Truncate(time.Microsecond)
		expires = &at
	}
	row := tokenRow{ID: ident.New(), PersonID: actor.PersonID, Name: name, SecretHash: sum(sec), ExpiresAt: expires}
	err = d.db.Tx(ctx, func(tx *db.Tx) error {
		p, err := loadPerson(tx.Gorm(), actor.PersonID)
		if err != nil {
			return err
		}
		// The credential may have been ended since it was read; it must not beget one that lives on.
		ok := p.Active
		if actor.Session != "" {
			if ok, err = stillSignedIn(tx.Gorm(), actor.Session, tx.Now); err != nil {
				return err
			}
		}
		if !ok {
			return errNobody()
		}
		row.AuthEpoch, row.CreatedAt = p.AuthEpoch, tx.Now
		return tx.Gorm().Create(&row).Error
	})
	return Token{ID: row.ID, Name: row.Name, CreatedAt: row.CreatedAt, ExpiresAt: expires}, tokenPrefix + row.ID + "_" + sec, err
}

// ListTokens gives the actor's own tokens, newest first, without those that were ended.
func (d *Directory) ListTokens(ctx context.Context, actor Actor) ([]Token, error) {
	var rows []tokenRow
	if err := d.db.Read(ctx).Raw(`SELECT t.* FROM api_tokens t JOIN persons p ON p.id = t.person_id AND p.auth_epoch = t.auth_epoch
		WHERE t.person_id = ? ORDER BY t.id DESC`, actor.PersonID).Scan(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]Token, len(rows))
	for i, r := range rows {
		out[i] = Token{ID: r.ID, Name: r.Name, CreatedAt: r.CreatedAt, LastUsedAt: r.LastUsedAt, ExpiresAt: r.ExpiresAt}
	}
	return out, nil
}

// RevokeToken ends one of the actor's own tokens.
func (d *Directory) RevokeToken(ctx context.Context, actor Actor, id string) error {
	return d.db.Tx(ctx, func(tx *db.Tx) error {
		res := tx.Gorm().Where("id = ? AND person_id = ?", id, actor.PersonID).Delete(&tokenRow{})
		if res.Error == nil && res.RowsAffected == 0 {
			return fault.Missing("token")
		}
		return res.Error
	})
}

// reachCache remembers reaches until the directory changes. It is bounded: beyond that it starts anew.
type reachCache struct {
	mu    *sync.Mutex
	epoch *int64
	byID  map[string]Reach
}

const maxReaches = 20000

func newReachCache() reachCache {
	return reachCache{mu: &sync.Mutex{}, epoch: new(int64), byID: map[string]Reach{}}
}

func (d *Directory) reach(ctx context.Context, personID string, epoch int64) (Reach, error) {
	c := d.reaches
	c.mu.Lock()
	if *c.epoch != epoch || len(c.byID) > maxReaches {
		clear(c.byID)
		*c.epoch = epoch
	}
	r, ok := c.byID[personID]
	c.mu.Unlock()
	if ok {
		return r, nil
	}
	g := d.db.Read(ctx)
	p, err := place(g, personID)
	if err != nil {
		return Reach{}, err
	}
	up, err := parents(g)
	if err != nil {
		return Reach{}, err
	}
	r = ReachOf(p, up)
	if r.Seats, err = seats(g, personID); err != nil {
		return Reach{}, err
	}
	// The directory may have changed since epoch was read: then this answer must not be remembered.
	var now int64
	if err := g.Raw(`SELECT value FROM directory_epochs WHERE id = 1`).Scan(&now).Error; err != nil {
		return Reach{}, err
	}
	if now == epoch {
		c.mu.Lock()
		if *c.epoch == epoch {
			c.byID[personID] = r
		}
		c.mu.Unlock()
	}
	return r, nil
}
