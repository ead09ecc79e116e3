package vocabulary

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
)

const (
	maxLabel       = 120
	maxDescription = 2000
	maxKeywords    = 40
	maxGlossary    = 2000
	// What the correction of transcripts can work with (see package speech).
	maxEntryWords = 8
	maxEntryBytes = 200
)

// Can says whether the actor may change the vocabulary and the glossary; everybody may read them.
func Can(actor people.Actor) bool { return actor.Has(people.Trainer) || actor.Has(people.Admin) }

// ChangedFunc is told, in the transaction, that a term was edited: what was found by its label and
// keywords may have to be found anew.
type ChangedFunc func(ctx context.Context, tx *db.Tx, t Term) error

// Book holds the use cases on the vocabulary and the glossary.
type Book struct {
	db *db.DB
	// OnChanged is set by the composition before first use.
	OnChanged ChangedFunc
}

// NewBook makes the book over a database.
func NewBook(d *db.DB) *Book {
	return &Book{db: d, OnChanged: func(context.Context, *db.Tx, Term) error { return nil }}
}

// Begin writes the starting vocabulary into a new installation; later calls change nothing.
func (b *Book) Begin(ctx context.Context) error {
	return b.db.Tx(ctx, func(tx *db.Tx) error {
		if has, err := anyTerm(tx); err != nil || has {
			return err
		}
		for _, t := range start() {
			t.ID, t.CreatedAt, t.UpdatedAt = ident.New(), tx.Now, tx.Now
			if err := insertTerm(tx, t); err != nil {
				return fmt.Errorf("start vocabulary, %s: %w", t.Key, err)
			}
		}
		return nil
	})
}

// List gives the terms of a kind ("" for all), retired ones too if asked.
func (b *Book) List(ctx context.Context, kind Kind, retired bool) ([]Term, error) {
	terms, err := loadTerms(b.db.Read(ctx), kind)
	if err != nil || retired {
		return terms, err
	}
	return slices.DeleteFunc(terms, func(t Term) bool { return t.RetiredAt != nil }), nil
}

// Draft is a term as somebody wants it.
type Draft struct {
	Kind                    Kind
	Label, Key, Description string
	Keywords                []string
}

func (d Draft) clean() (Draft, error) {
	if !slices.Contains(Kinds, d.Kind) {
		return d, fault.InvalidField("kind", "kind_unknown", "The kinds are tactic, stage, objection, persona, industry, competitor and product.")
	}
	var err error
	if d.Label, err = people.CleanLine("label", d.Label, maxLabel); err != nil {
		return d, err
	}
	if d.Key == "" {
		d.Key = d.Label
	}
	if d.Key = Key(d.Key); d.Key == "" {
		return d, fault.InvalidField("label", "label_invalid", "Use at least one letter or digit.")
	}
	if utf8.RuneCountInString(d.Description) > maxDescription || !utf8.ValidString(d.Description) || strings.ContainsRune(d.Description, 0) {
		return d, fault.InvalidField("description", "too_long", "Use at most 2,000 characters of plain text.")
	}
	if len(d.Keywords) > maxKeywords {
		return d, fault.InvalidField("keywords", "too_many", "Use at most 40 keywords.")
	}
	kw := make([]string, 0, len(d.Keywords))
	for i, k := range d.Keywords {
		k, err := people.CleanLine(fmt.Sprintf("keywords[%d]", i), k, maxLabel)
		if err != nil {
			return d, err
		}
		kw = append(kw, k)
	}
	d.Keywords = kw
	return d, nil
}

// Add makes a term. Only trainers and admins may.
func (b *Book) Add(ctx context.Context, actor people.Actor, d Draft) (Term, error) {
	if !Can(actor) {
		return Term{}, fault.Denied("Only a trainer may change the vocabulary.")
	}
	d, err := d.clean()
	if err != nil {
		return Term{}, err
	}
	t := Term{ID: ident.New(), Kind: d.Kind, Key: d.Key, Label: d.Label, Description: d.Description, Keywords: d.Keywords}
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		t.CreatedAt, t.UpdatedAt = tx.Now, tx.Now
		return insertTerm(tx, t)
	})
	if err != nil {
		return Term{}, err
	}
	return t, nil
}

// Edit holds what is to change of a term; nil leaves a part as it is. The key and kind never change.
type Edit struct {
	Label, Description *string
	Keywords           *[]string
	Retired            *bool
}

// Change edits a term, retires it or brings it back.
func (b *Book) Change(ctx context.Context, actor people.Actor, id string, e Edit) (Term, error) {
	if !Can(actor) {
		return Term{}, fault.Denied("Only a trainer may change the vocabulary.")
	}
	var t Term
	err := b.db.Tx(ctx, func(tx *db.Tx) error {
		var err error
		if t, err = loadTerm(tx.Gorm(), id); err != nil {
			return err
		}
		d := Draft{Kind: t.Kind, Key: t.Key, Label: t.Label, Description: t.Description, Keywords: t.Keywords}
		if e.Label != nil {
			d.Label = *e.Label
		}
		if e.Description != nil {
			d.Description = *e.Description
		}
		if e.Keywords != nil {
			d.Keywords = *e.Keywords
		}
		if d, err = d.clean(); err != nil {
			return err
		}
		t.Label, t.Description, t.Keywords, t.UpdatedAt = d.Label, d.Description, d.Keywords, tx.Now
		if e.Retired != nil {
			switch {
			case !*e.Retired:
				t.RetiredAt = nil
			case t.RetiredAt == nil:
				t.RetiredAt = &tx.Now
			}
		}
		if err := saveTerm(tx, t); err != nil {
			return err
		}
		return b.OnChanged(ctx, tx, t)
	})
	if err != nil {
		return Term{}, err
	}
	return t, nil
}

// ResolveTacticsTx turns keys, labels or ids of tactics into terms. One that does not exist, or is
// retired and not among kept (keys of what a video has already), is Invalid, with the field of its
// position.
func (b *Book) ResolveTacticsTx(tx *db.Tx, names, kept []string) ([]Term, error) {
	terms, err := loadTerms(tx.Gorm(), Tactic)
	if err != nil {
		return nil, err
	}
	terms = slices.DeleteFunc(terms, func(t Term) bool { return t.RetiredAt != nil && !slices.Contains(kept, t.Key) })
	var out []Term
	for i, n := range names {
		at := slices.IndexFunc(terms, func(t Term) bool { return t.ID == n })
		if at < 0 {
			at = named(terms, Tactic, Key(n))
		}
		if at < 0 {
			return nil, fault.InvalidField(fmt.Sprintf("tactics[%d]", i), "tactic_unknown", "There is no such tactic in the vocabulary. A trainer can add it.")
		}
		if !slices.ContainsFunc(out, func(t Term) bool { return t.ID == terms[at].ID }) {
			out = append(out, terms[at])
		}
	}
	return out, nil
}

// named finds a term by its key, or else by its label; -1 for none. Keys come first: a label may have
// been changed into what is another term's key.
func named(terms []Term, kind Kind, key string) int {
	at := slices.IndexFunc(terms, func(t Term) bool { return t.Kind == kind && t.Key == key })
	if at < 0 {
		at = slices.IndexFunc(terms, func(t Term) bool { return t.Kind == kind && Key(t.Label) == key })
	}
	return at
}

// Terms gives all active terms, for suggestions.
func (b *Book) Terms(ctx context.Context) ([]Term, error) { return b.List(ctx, "", false) }

// TermsTx gives the terms of a kind ("" for all), retired ones too, inside another domain's transaction.
func (b *Book) TermsTx(tx *db.Tx, kind Kind) ([]Term, error) { return loadTerms(tx.Gorm(), kind) }

// Settle gives the canonical form of a facet's value: the key of the term it names, or the key of the
// text itself. Empty stays empty.
func Settle(terms []Term, kind Kind, value string) string {
	k := Key(value)
	if at := named(terms, kind, k); at >= 0 {
		return terms[at].Key
	}
	return k
}

// Glossary gives the corrections, by what is heard.
func (b *Book) Glossary(ctx context.Context) ([]Entry, error) { return loadGlossary(ctx, b.db) }

// SetGlossary replaces the glossary as a whole. Only trainers and admins may.
func (b *Book) SetGlossary(ctx context.Context, actor people.Actor, entries []Entry) ([]Entry, error) {
	if !Can(actor) {
		return nil, fault.Denied("Only a trainer may change the glossary.")
	}
	if len(entries) > maxGlossary {
		return nil, fault.InvalidField("entries", "too_many", "Use at most 2,000 entries.")
	}
	seen := map[string]bool{}
	for i := range entries {
		e := &entries[i]
		var err error
		if e.Heard, err = people.CleanLine(fmt.Sprintf("entries[%d].heard", i), e.Heard, maxLabel); err != nil {
			return nil, err
		}
		if e.Written, err = people.CleanLine(fmt.Sprintf("entries[%d].written", i), e.Written, maxLabel); err != nil {
			return nil, err
		}
		for part, text := range map[string]string{"heard": e.Heard, "written": e.Written} {
			if len(text) > maxEntryBytes || len(strings.Fields(text)) > maxEntryWords || len(strings.Split(Key(text), "-")) > maxEntryWords {
				return nil, fault.InvalidField(fmt.Sprintf("entries[%d].%s", i, part), "too_long", "Use at most 8 words and 200 bytes.")
			}
		}
		if e.HeardKey = Key(e.Heard); e.HeardKey == "" || seen[e.HeardKey] {
			return nil, fault.InvalidField(fmt.Sprintf("entries[%d].heard", i), "heard_twice", "Each heard phrase may stand once, and needs a letter.")
		}
		seen[e.HeardKey] = true
		e.ID = ident.New()
	}
	err := b.db.Tx(ctx, func(tx *db.Tx) error {
		for i := range entries {
			entries[i].CreatedAt = tx.Now
		}
		return replaceGlossary(tx, entries)
	})
	if err != nil {
		return nil, err
	}
	return entries, nil
}
