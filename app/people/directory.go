package people

import (
	"context"
	"slices"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
)

// MovedFunc is told, inside the transaction, whose place in the tree of teams has changed: their
// videos' audiences are worked out anew.
type MovedFunc func(ctx context.Context, tx *db.Tx, personIDs []string) error

// AddedFunc is told, inside the transaction, of a new account: what waited for them under their
// e-mail address (deals of an earlier import) becomes theirs.
type AddedFunc func(ctx context.Context, tx *db.Tx, p Person) error

// ChangedFunc is told, inside the transaction, of an account whose roles, time zone or state (active or not)
// have changed.
type ChangedFunc func(ctx context.Context, tx *db.Tx, was, now Person) error

// TreeFunc is told, inside the transaction, that a team stands below another one now: what is said of a team
// and all teams below it holds of others.
type TreeFunc func(ctx context.Context, tx *db.Tx) error

// SignedOutFunc is told, inside the transaction, that a person ends sessions of theirs: the one of the id ended,
// or, where that is empty, all but the one of the id kept. What runs out by itself, and what a raised epoch ends,
// is told to nobody.
type SignedOutFunc func(tx *db.Tx, person, ended, kept string) error

// Directory holds the use cases on persons, teams, sessions and tokens.
type Directory struct {
	db      *db.DB
	hash    hasher
	reaches reachCache
	// OnMoved, OnAdded, OnChanged, OnTree and OnSignedOut are set by the composition (app.go) before first use.
	OnMoved     MovedFunc
	OnAdded     AddedFunc
	OnChanged   ChangedFunc
	OnTree      TreeFunc
	OnSignedOut SignedOutFunc
}

// NewDirectory makes the directory over a database.
func NewDirectory(d *db.DB) *Directory {
	return &Directory{db: d, hash: newHasher(), reaches: newReachCache(),
		OnMoved:     func(context.Context, *db.Tx, []string) error { return nil },
		OnAdded:     func(context.Context, *db.Tx, Person) error { return nil },
		OnChanged:   func(context.Context, *db.Tx, Person, Person) error { return nil },
		OnTree:      func(context.Context, *db.Tx) error { return nil },
		OnSignedOut: func(*db.Tx, string, string, string) error { return nil }}
}

// NewPerson is what one must know of somebody to give them an account.
type NewPerson struct {
	Email, Name string
	Roles       []Role
	TimeZone    string
	// Password may be empty: then they cannot sign in until one is set.
	Password string
}

// AddPerson makes an account. Only an admin may. Errors: Invalid with the field, Conflict email_taken.
func (d *Directory) AddPerson(ctx context.Context, actor Actor, n NewPerson) (Person, error) {
	if !Can(actor, EditDirectory) {
		return Person{}, fault.Denied("Only an admin may add people.")
	}
	row, err := d.newRow(ctx, n)
	if err != nil {
		return Person{}, err
	}
	err = d.db.Tx(ctx, func(tx *db.Tx) error {
		if err := bumpDirectory(tx); err != nil {
			return err
		}
		row.CreatedAt, row.UpdatedAt = tx.Now, tx.Now
		if err := insertPerson(tx, &row); err != nil {
			return err
		}
		return d.OnAdded(ctx, tx, row.person())
	})
	if err != nil {
		return Person{}, err
	}
	return row.person(), nil
}

func (d *Directory) newRow(ctx context.Context, n NewPerson) (personRow, error) {
	var row personRow
	email, err := cleanEmail(n.Email)
	if err != nil {
		return row, err
	}
	name, err := CleanLine("name", n.Name, maxName)
	if err != nil {
		return row, err
	}
	roles, err := cleanRoles(n.Roles)
	if err != nil {
		return row, err
	}
	zone, err := cleanZone(n.TimeZone)
	if err != nil {
		return row, err
	}
	row = personRow{ID: ident.New(), Email: email, EmailKey: EmailKey(email), Name: name, Roles: joinRoles(roles), TimeZone: zone, Active: true, AuthEpoch: 1}
	if n.Password != "" {
		if err := checkPassword("password", n.Password); err != nil {
			return row, err
		}
		if row.PasswordHash, err = d.hash.hash(ctx, n.Password); err != nil {
			return row, err
		}
	}
	return row, nil
}

// PersonChange holds what is to change of a person; nil leaves a part as it is.
type PersonChange struct {
	Name     *string
	Roles    *[]Role
	TimeZone *string
	Active   *bool
	Password *string
}

// ChangePerson changes an account. An admin may change everything; everybody their own name and time
// zone. New roles, a new password or deactivation end all the person's sessions and tokens; the links
// that somebody made who is no admin any more are revoked. The last active admin cannot be taken away
// (Conflict last_admin).
func (d *Directory) ChangePerson(ctx context.Context, actor Actor, id string, c PersonChange) (Person, error) {
	admin := Can(actor, EditDirectory)
	if !admin && (actor.PersonID != id || c.Roles != nil || c.Active != nil || c.Password != nil) {
		return Person{}, fault.Denied("Only an admin may change this.")
	}
	var hash string
	if c.Password != nil {
		err := checkPassword("password", *c.Password)
		if err == nil {
			hash, err = d.hash.hash(ctx, *c.Password)
		}
		if err != nil {
			return Person{}, err
		}
	}
	var out Person
	err := d.db.Tx(ctx, func(tx *db.Tx) error {
		if err := bumpDirectory(tx); err != nil {
			return err
		}
		row, err := loadPerson(tx.Gorm(), id)
		if err != nil {
			return err
		}
		was := row.person()
		if err := applyPerson(&row, c, hash); err != nil {
			return err
		}
		if err := savePerson(tx, &row); err != nil {
			return err
		}
		if hash != "" || !row.Active {
			if err := endResets(tx, id); err != nil {
				return err
			}
		}
		out = row.person()
		if was.Active && was.Has(Admin) && !(out.Active && out.Has(Admin)) {
			if err := endLinksMadeBy(tx, id); err != nil {
				return err
			}
			if err := keepAnAdmin(tx); err != nil {
				return err
			}
		}
		if out.Active != was.Active || out.TimeZone != was.TimeZone || !slices.Equal(out.Roles, was.Roles) {
			return d.OnChanged(ctx, tx, was, out)
		}
		return nil
	})
	if err != nil {
		return Person{}, err
	}
	changed := []Person{out}
	if err := markFollowed(d.db.Read(ctx), actor, changed); err != nil {
		return Person{}, err
	}
	return changed[0], nil
}

func applyPerson(row *personRow, c PersonChange, hash string) error {
	var err error
	if c.Name != nil {
		if row.Name, err = CleanLine("name", *c.Name, maxName); err != nil {
			return err
		}
	}
	if c.TimeZone != nil {
		if row.TimeZone, err = cleanZone(*c.TimeZone); err != nil {
			return err
		}
	}
	if c.Roles != nil {
		roles, err := cleanRoles(*c.Roles)
		if err != nil {
			return err
		}
		if joined := joinRoles(roles); joined != row.Roles {
			row.Roles = joined
			row.AuthEpoch++
		}
	}
	if c.Active != nil && *c.Active != row.Active {
		row.Active = *c.Active
		row.AuthEpoch++
	}
	if hash != "" {
		row.PasswordHash = hash
		row.AuthEpoch++
	}
	return nil
}

func keepAnAdmin(tx *db.Tx) error {
	var all []string
	if err := tx.Gorm().Raw(`SELECT roles FROM persons WHERE active`).Scan(&all).Error; err != nil {
		return err
	}
	for _, r := range all {
		if slices.Contains(splitRoles(r), Admin) {
			return nil
		}
	}
	return fault.New(fault.Conflict, "last_admin", "This is the last admin. Make somebody else an admin first.")
}

// ChangeOwnPassword sets a new password after checking the old one, and ends all sessions and tokens.
func (d *Directory) ChangeOwnPassword(ctx context.Context, actor Actor, old, fresh string) error {
	if err := checkPassword("new_password", fresh); err != nil {
		return err
	}
	// Whoever finds a session left open must not be able to guess the password through it.
	tries := []tryLimit{{"own:" + actor.PersonID, triesPerEmail}}
	if err := d.reserveTry(ctx, tries); err != nil {
		return err
	}
	row, err := loadPerson(d.db.Read(ctx), actor.PersonID)
	if err != nil {
		return err
	}
	ok, err := d.hash.verify(ctx, row.PasswordHash, old)
	if err != nil {
		return err
	}
	wrong := fault.InvalidField("old_password", "password_wrong", "This is not your present password.")
	if !ok {
		return wrong
	}
	checked := row.PasswordHash
	hash, err := d.hash.hash(ctx, fresh)
	if err != nil {
		return err
	}
	return d.db.Tx(ctx, func(tx *db.Tx) error {
		if err := bumpDirectory(tx); err != nil {
			return err
		}
		row, err := loadPerson(tx.Gorm(), actor.PersonID)
		if err != nil {
			return err
		}
		if row.PasswordHash != checked { // set by somebody else meanwhile
			return wrong
		}
		if err := giveBackTry(tx, tries); err != nil {
			return err
		}
		row.PasswordHash = hash
		row.AuthEpoch++
		if err := endResets(tx, row.ID); err != nil {
			return err
		}
		return savePerson(tx, &row)
	})
}

// PersonByEmail finds an account for the command line and for imports.
func (d *Directory) PersonByEmail(ctx context.Context, email string) (Person, error) {
	row, err := loadPersonByEmail(d.db.Read(ctx), email)
	return row.person(), err
}

// PersonByID finds a colleague.
func (d *Directory) PersonByID(ctx context.Context, actor Actor, id string) (Person, error) {
	row, err := loadPerson(d.db.Read(ctx), id)
	if err != nil {
		return Person{}, err
	}
	out := []Person{d.redact(actor, row.person())}
	if id == actor.PersonID {
		return out[0], nil // what a client asks at every start; nobody follows themselves
	}
	if err := markFollowed(d.db.Read(ctx), actor, out); err != nil {
		return Person{}, err
	}
	return out[0], nil
}

// redact leaves out what colleagues need not know of each other.
func (d *Directory) redact(actor Actor, p Person) Person {
	if Can(actor, ReadEmails) || actor.PersonID == p.ID {
		return p
	}
	p.Email, p.Roles, p.TimeZone = "", nil, ""
	return p
}

// ListPersons gives active colleagues (all accounts for an admin) in the order they joined, a page at
// a time. After is the id of the last one of the page before; query matches the beginning of a word of
// the name.
func (d *Directory) ListPersons(ctx context.Context, actor Actor, query, after string, limit int) ([]Person, error) {
	q := d.db.Read(ctx).Model(&personRow{}).Order("id").Limit(limit)
	if !Can(actor, EditDirectory) {
		q = q.Where("active")
	}
	if !storable(after + query) {
		return nil, nil // no name has such characters
	}
	if after != "" {
		q = q.Where("id > ?", after)
	}
	if query = EmailKey(query); query != "" {
		q = q.Where(nameBegins(q, query))
	}
	var rows []personRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]Person, len(rows))
	for i, r := range rows {
		out[i] = d.redact(actor, r.person())
	}
	if err := markFollowed(d.db.Read(ctx), actor, out); err != nil {
		return nil, err
	}
	return out, nil
}

// Names gives the names of persons by id, for lists that mention many.
func (d *Directory) Names(ctx context.Context, ids []string) (map[string]string, error) {
	out := make(map[string]string, len(ids))
	for chunk := range slices.Chunk(ids, 500) {
		var rows []personRow
		if err := d.db.Read(ctx).Select("id", "name").Where("id IN ?", chunk).Find(&rows).Error; err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.ID] = r.Name
		}
	}
	return out, nil
}

// Owners gives the ids of persons by e-mail key and by lower-case name (where a name is one person's
// only): what an import matches deal owners with.
func (d *Directory) Owners(ctx context.Context) (byEmail, byName map[string]string, err error) {
	return owners(d.db.Read(ctx))
}

// OwnersTx is Owners inside another domain's transaction. Until that ends nobody is added: whoever
// comes later finds what it wrote (OnAdded).
func (d *Directory) OwnersTx(tx *db.Tx) (byEmail, byName map[string]string, err error) {
	if err := holdDirectory(tx); err != nil {
		return nil, nil, err
	}
	return owners(tx.Gorm())
}

// OwnerTx finds the one person whom ref names, an e-mail address or a full name, under the rules of
// Owners; it gives "" for nobody.
func (d *Directory) OwnerTx(tx *db.Tx, ref string) (string, error) {
	if err := holdDirectory(tx); err != nil {
		return "", err
	}
	row, err := loadPersonByEmail(tx.Gorm(), ref)
	if err == nil {
		return row.ID, nil
	}
	if !fault.Is(err, fault.NotFound) {
		return "", err
	}
	_, byName, err := owners(tx.Gorm())
	return byName[EmailKey(ref)], err
}
