package video

import (
	"context"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
)

// UploadState is how far an upload has come.
type UploadState string

// The states of an upload.
const (
	Receiving  UploadState = "receiving"
	Finished   UploadState = "finished"
	Terminated UploadState = "terminated"
)

// NewUpload is what a sender says of a recording before sending it. Texts are already plain.
type NewUpload struct {
	ClientID, Filename, Title, Kind string
	// For is the id of what it is recorded for (see Video.ForID), or empty.
	For    string
	Length *int64
}

// BeginUpload records an upload of the actor. The same client id twice is the same upload (existing);
// one that was given up, or had expired, begins again under its id. A quota that does not suffice is
// NoSpace quota_exceeded.
func (s *Service) BeginUpload(ctx context.Context, a people.Actor, n NewUpload) (id string, existing bool, err error) {
	u := Upload{ID: ident.New(), OwnerID: a.PersonID, Filename: n.Filename, Title: n.Title, Kind: n.Kind, Length: n.Length, State: Receiving, Node: s.cfg.Node}
	if n.ClientID != "" {
		u.ClientID = &n.ClientID
	}
	if n.For != "" {
		u.ForID = &n.For
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		id, existing = u.ID, false
		u.CreatedAt = tx.Now
		before, err := before(tx, u)
		if err == nil {
			id, existing = before.ID, true
			if before.State != Terminated {
				return nil
			}
			if err := s.checkQuota(tx, a.PersonID, n.Length); err != nil {
				return err
			}
			again := u
			again.ID = before.ID
			return saveUpload(tx, again)
		}
		if !fault.Is(err, fault.NotFound) {
			return err
		}
		if err := s.checkQuota(tx, a.PersonID, n.Length); err != nil {
			return err
		}
		inserted, err := insertUpload(tx, u)
		if err != nil || inserted {
			return db.Fault(err, "upload")
		}
		// The same sender's other request was faster by a moment.
		if before, err = uploadByClient(tx.Gorm(), u.OwnerID, n.ClientID); err != nil {
			return err
		}
		id, existing = before.ID, true
		return nil
	})
	if err != nil {
		return "", false, err
	}
	return id, existing, nil
}

// before gives the upload that the sender has under this client id already; NotFound for none.
func before(tx *db.Tx, u Upload) (Upload, error) {
	if u.ClientID == nil {
		return Upload{}, fault.Missing("upload")
	}
	return uploadByClient(tx.Gorm(), u.OwnerID, *u.ClientID)
}

func (s *Service) checkQuota(tx *db.Tx, person string, length *int64) error {
	if s.cfg.QuotaBytes <= 0 {
		return nil
	}
	used, err := bytesOf(tx, person)
	if err != nil {
		return err
	}
	var more int64
	if length != nil {
		more = *length
	}
	if used+more > s.cfg.QuotaBytes || (length == nil && used >= s.cfg.QuotaBytes) {
		return fault.New(fault.NoSpace, "quota_exceeded", "Your videos have used up the space you have. Delete some you no longer need, or ask your admin.")
	}
	return nil
}

// OwnUpload gives an upload to its owner; to everybody else it does not exist.
func (s *Service) OwnUpload(ctx context.Context, a people.Actor, id string) (Upload, error) {
	u, err := loadUpload(s.db.Read(ctx), id)
	if err != nil {
		return Upload{}, err
	}
	if u.OwnerID != a.PersonID || u.State == Terminated {
		return Upload{}, fault.Missing("upload")
	}
	return u, nil
}

// UploadFilter narrows a list of uploads.
type UploadFilter struct {
	// ClientID is the sender's own id of one upload, unfinished or finished; empty lists the unfinished.
	ClientID string
	// Before is the id of the last upload of the page before.
	Before string
	Limit  int
}

// OwnUploads gives the actor's uploads, newest first, a page at a time: how a sender that has lost the
// address of an upload finds it again.
func (s *Service) OwnUploads(ctx context.Context, a people.Actor, f UploadFilter) ([]Upload, error) {
	for _, text := range []string{f.ClientID, f.Before} {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return nil, nil // nothing is named so, and PostgreSQL fails at being asked
		}
	}
	return listUploads(s.db.Read(ctx), a.PersonID, f)
}

// LookupUpload tells the spool what is recorded of an upload.
func (s *Service) LookupUpload(ctx context.Context, id string) (Upload, bool, error) {
	u, err := loadUpload(s.db.Read(ctx), id)
	if fault.Is(err, fault.NotFound) {
		return Upload{}, false, nil
	}
	return u, err == nil && u.State != Terminated, err
}

// FinishUpload records, in one transaction, that an upload is whole: the video and the job that works
// on it. It has no second effect when called again.
func (s *Service) FinishUpload(ctx context.Context, id string, size int64, sha256 string) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		u, err := lockUpload(tx, id)
		if err != nil {
			return err
		}
		switch u.State {
		case Finished:
			return nil
		case Terminated:
			return fault.Missing("upload")
		case Receiving:
		}
		if u.Length == nil { // declared lengths were counted at the beginning
			if err := s.checkQuota(tx, u.OwnerID, &size); err != nil {
				return err
			}
		}
		v := Video{
			ID: ident.At(tx.Now), AuthorID: u.OwnerID, Title: titleOf(u, tx), State: Processing, Audience: people.Private, CompleteShare: 90,
			Kind: u.Kind, ForID: u.ForID, Filename: u.Filename, Size: size, SHA256: sha256, Transcript: TranscriptNone, Version: 1, CreatedAt: tx.Now, UpdatedAt: tx.Now,
		}
		place, err := s.dir.PlaceTx(tx, v.AuthorID)
		if err != nil {
			return err
		}
		v.Keys = people.AudienceKeys(v.Audience, place, nil)
		if err := insert(tx, v); err != nil {
			return err
		}
		if err := searchChanged(tx, v.ID); err != nil {
			return err
		}
		u.State, u.Size, u.SHA256, u.VideoID, u.FinishedAt = Finished, size, sha256, &v.ID, &tx.Now
		if err := saveUpload(tx, u); err != nil {
			return err
		}
		tx.AfterCommit(s.OnChanged)
		return s.queue.ingest(ctx, tx, v.ID, u.ID, u.Node)
	})
}

// titleOf gives a video its first name: what the sender said, the file's name, or the day.
func titleOf(u Upload, tx *db.Tx) string {
	if t, err := people.CleanLine("title", u.Title, maxTitle); err == nil {
		return t
	}
	name := path.Base(strings.ReplaceAll(u.Filename, `\`, "/"))
	name = strings.TrimSuffix(name, path.Ext(name))
	if t, err := people.CleanLine("title", name, maxTitle); err == nil && t != "." && t != "/" {
		return t
	}
	return "Take of " + tx.Now.Format("2 January 2006, 15:04")
}

// TerminateUpload records that an unfinished upload is no more.
func (s *Service) TerminateUpload(ctx context.Context, id string) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error { return endUpload(tx, id) })
}

// ForgottenUploads gives this node's unfinished uploads that began before the time: those of them that
// have left the spool (a crash between the row and its folder) are for the caller to terminate, since
// what they declared counts towards their owner's quota.
func (s *Service) ForgottenUploads(ctx context.Context, before time.Time) ([]string, error) {
	return receivingSince(s.db.Read(ctx), s.cfg.Node, before)
}
