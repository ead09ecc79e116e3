package outcome

import (
	"context"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
)

// Service holds the use cases on deals.
type Service struct {
	db     *db.DB
	people *people.Directory
	spool  string
	// slot lets one import at a time hold its rows in memory.
	slot chan struct{}
}

// NewService makes the use cases over a database. spool is the folder in which files that come over
// the network are kept while they are read; empty means the system's for temporary files.
func NewService(d *db.DB, directory *people.Directory, spool string) *Service {
	return &Service{db: d, people: directory, spool: spool, slot: make(chan struct{}, 1)}
}

// Put makes the deal of this external id, or replaces it whole, and says whether it made it. Putting
// the same again changes nothing. Only trainers and admins may. Errors: Invalid with all fields.
func (s *Service) Put(ctx context.Context, actor people.Actor, externalID string, in DealInput) (Deal, bool, error) {
	if !Can(actor, PutDeal, Standing{}) {
		return Deal{}, false, fault.Denied("Only a trainer or an admin may write deals.")
	}
	fresh, err := in.deal(externalID)
	if err != nil {
		return Deal{}, false, err
	}
	var out Deal
	var created bool
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		owner, err := s.people.OwnerTx(tx, fresh.OwnerRef) // before any lock of our own, see lockDeals
		if err != nil {
			return err
		}
		if err := lockDeals(tx, false); err != nil {
			return err
		}
		deal := fresh
		deal.ID, deal.CreatedAt, deal.UpdatedAt = ident.New(), tx.Now, tx.Now
		if owner != "" {
			deal.OwnerID = &owner
		}
		if created, err = insertDeal(tx, deal); err != nil || created {
			out = deal
			return err
		}
		old, err := lockDeal(tx, deal.ExternalID)
		if err != nil {
			return err
		}
		deal.ID, deal.CreatedAt = old.ID, old.CreatedAt
		if deal.OwnerID == nil && deal.OwnerRef == old.OwnerRef {
			deal.OwnerID = old.OwnerID
		}
		if same(deal, old) {
			out = old
			return nil
		}
		out = deal
		return saveDeal(tx, deal)
	})
	if err != nil {
		return Deal{}, false, err
	}
	return out, created, nil
}

// Get gives a deal that the actor may read.
func (s *Service) Get(ctx context.Context, actor people.Actor, id string) (Deal, error) {
	return findDeal(s.db.Read(ctx), actor, id)
}

// FindTx is Get inside another domain's transaction, for those who name a deal ("used it").
func (s *Service) FindTx(tx *db.Tx, actor people.Actor, id string) (Deal, error) {
	return findDeal(tx.Gorm(), actor, id)
}

// Filter narrows a list of deals.
type Filter struct {
	// Owner is the id of a person, or "me"; empty means everybody.
	Owner string
	// Status is one of the states; empty means all but deleted.
	Status Status
	// Query matches the beginning of a word of the name, or the whole external id.
	Query string
	// After is the id of the last deal of the page before.
	After string
	// Limit is the number of deals of a page, 1 to 200; 0 means 50.
	Limit int
}

const (
	defaultPage = 50
	longestPage = 200
)

// List gives the deals that the actor may read, those that came last first, a page at a time.
func (s *Service) List(ctx context.Context, actor people.Actor, f Filter) ([]Deal, error) {
	switch {
	case f.Limit == 0:
		f.Limit = defaultPage
	case f.Limit < 0 || f.Limit > longestPage:
		return nil, fault.InvalidField("limit", "limit_invalid", "Ask for 1 to 200 deals at a time.")
	}
	if f.Owner == "me" {
		if f.Owner = actor.PersonID; f.Owner == "" {
			return nil, nil
		}
	}
	return listDeals(s.db.Read(ctx), actor, f)
}

// Rematch gives a person the deals that the CRM says are theirs by e-mail address and that nobody owns
// yet. It is called in the transaction that makes the account (people.Directory.OnAdded).
func (s *Service) Rematch(_ context.Context, tx *db.Tx, p people.Person) error {
	return adoptDeals(tx, p.ID, people.EmailKey(p.Email))
}
