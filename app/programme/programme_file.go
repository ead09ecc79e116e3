package programme

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/media"
)

// Limits of attached files.
const (
	MaxFileBytes = 20 << 20
	MaxFiles     = 10 // of one set-up
	// maxKeptFiles is how many a programme can have at once, those that nothing attaches (any more) too.
	maxKeptFiles = 40
	// looseFor is how long a file stays that no set-up attaches: it may not have been saved yet, and what was taken
	// out can be brought back.
	looseFor = 48 * time.Hour
	// fileSweepAfter is how old bytes without a row must be: those of a file that is just being kept have none yet.
	fileSweepAfter = time.Hour
)

// AttachedFile is a file that is attached to a programme, or is to be.
type AttachedFile struct {
	// ID is the sender's own.
	ID, ProgrammeID string
	// ObjectID names the bytes in the media store. It is made for each file that comes in, and never again, so
	// that sweeping up an old one cannot take a new one along. The files of a copied programme have those of the
	// first one: bytes are never changed, and go when no file names them.
	ObjectID string
	Name     string
	// Type is the media type as the content says.
	Type  string
	Bytes int64
	// SHA256 is of the bytes, in hexadecimal.
	SHA256    string `gorm:"column:sha256"`
	CreatedBy *string
	CreatedAt time.Time
	// LooseSince is when the set-up last stopped attaching it, or when it came; nil while it is attached.
	LooseSince *time.Time
}

// filePrefix is where attached files are in the media store.
const filePrefix = "programme/"

// Key is where the bytes are in the media store.
func (f AttachedFile) Key() media.Key { return media.Key(filePrefix + f.ObjectID) }

// Shown says whether a browser may show it in place of saving it.
func (f AttachedFile) Shown() bool {
	t, _ := typeNamed(f.Type)
	return t.Shown
}

// IsPDF says whether it is a PDF.
func (f AttachedFile) IsPDF() bool { return f.Type == pdfType }

// KeepFile keeps what r gives as a file that the programme's set-up can attach; until it does, it is kept for two
// days. It is durable on return. name is what the sender calls it, and says nothing about what it is. The same id
// with the same bytes twice is once. Errors: NotFound, Forbidden but to trainers and admins, Invalid id_invalid,
// file_empty, file_type_unfit, file_macros and too_many, TooLarge file_too_large, Conflict id_taken, NoSpace
// storage_full; an error of r comes back wrapped.
func (s *Service) KeepFile(ctx context.Context, a people.Actor, programmeID, fileID, name string, r io.Reader) (AttachedFile, error) {
	if err := s.allowEdit(ctx, a, programmeID); err != nil {
		return AttachedFile{}, err
	}
	fileID, err := ident.Parse(fileID)
	if err != nil {
		return AttachedFile{}, fault.Wrap(err, fault.Invalid, "id_invalid", "Each file needs an id of its own, a UUID.").At("file_id")
	}
	if err := s.Room(MaxFileBytes); err != nil {
		return AttachedFile{}, err
	}
	sent, err := os.CreateTemp(s.WorkDir, "attachment-*")
	if err != nil {
		return AttachedFile{}, fmt.Errorf("make a file for what is sent: %w", err)
	}
	defer func() {
		_ = sent.Close() // it is only read by now
		_ = os.Remove(sent.Name())
	}()
	f := AttachedFile{ID: fileID, ProgrammeID: programmeID, CreatedBy: db.Ref(a.PersonID)}
	t, err := f.receive(sent, r)
	if err != nil {
		return AttachedFile{}, err
	}
	f.Type, f.Name = t.MIME, cleanFileName(name, t)
	return s.keepFile(ctx, f, sent.Name())
}

// receive writes what is sent to a file of this node, and finds out what it is.
func (f *AttachedFile) receive(into *os.File, r io.Reader) (FileType, error) {
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(into, sum), io.LimitReader(r, MaxFileBytes+1))
	if err != nil {
		return FileType{}, fmt.Errorf("receive a file: %w", err)
	}
	if n > MaxFileBytes {
		return FileType{}, FileTooLarge()
	}
	f.Bytes, f.SHA256 = n, hex.EncodeToString(sum.Sum(nil))
	return detectType(into, n)
}

func errFileTaken() error {
	return fault.New(fault.Conflict, "id_taken", "This id is taken. Make a fresh one.").At("file_id")
}

// FileTooLarge is the refusal of a file that is too large.
func FileTooLarge() error {
	return fault.New(fault.TooLarge, "file_too_large", "A file can have 20 MB. Save it smaller, or attach a link to it.").At("file")
}

// keepFile puts a received file into the store, and then writes its row.
func (s *Service) keepFile(ctx context.Context, f AttachedFile, path string) (AttachedFile, error) {
	had, err := s.keptBefore(ctx, f, nil)
	if err != nil || had.ID != "" {
		return had, err
	}
	f.ObjectID = ident.New()
	switch _, err := s.Store.PutFile(ctx, f.Key(), path, media.PutOptions{ContentType: f.Type}); {
	case errors.Is(err, media.ErrNoSpace):
		return AttachedFile{}, fault.Wrap(err, fault.NoSpace, "storage_full", "The server has no space left. Tell your admin.")
	case err != nil:
		return AttachedFile{}, err
	}
	had, err = s.keptBefore(ctx, f, func(tx *db.Tx) error {
		f.CreatedAt, f.LooseSince = tx.Now, &tx.Now
		return insertFile(tx, f)
	})
	if err != nil || had.ID != "" {
		return had, err // the bytes that belong to no row are swept up
	}
	return f, nil
}

// keptBefore gives the file if it came before, and else runs what then is to be done in the same transaction.
func (s *Service) keptBefore(ctx context.Context, f AttachedFile, otherwise func(tx *db.Tx) error) (AttachedFile, error) {
	var had AttachedFile
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		had = AttachedFile{}
		if _, err := programmeHeld(tx, f.ProgrammeID); err != nil {
			return err
		}
		switch k, err := db.Take[AttachedFile](tx.Gorm(), "file", f.ID); {
		case err == nil && k.ProgrammeID == f.ProgrammeID && k.SHA256 == f.SHA256:
			had = k
			return nil
		case err == nil:
			return errFileTaken()
		case !fault.Is(err, fault.NotFound):
			return err
		}
		kept, err := filesOf(tx.Gorm(), f.ProgrammeID)
		if err != nil {
			return err
		}
		if len(kept) >= maxKeptFiles {
			return refusedFile("too_many", "This programme has had many files in the last two days. Wait, or use a link.")
		}
		if otherwise == nil {
			return nil
		}
		return otherwise(tx)
	})
	return had, err
}

// File gives an attached file to who may see the programme, and to who takes part in it; one that is not attached
// (yet) to who edits the programme only. NotFound for all others.
func (s *Service) File(ctx context.Context, a people.Actor, programmeID, fileID string) (AttachedFile, error) {
	g := s.DB.Read(ctx)
	f, err := db.Take[AttachedFile](g, "file", fileID)
	if err != nil {
		return AttachedFile{}, err
	}
	if f.ProgrammeID != programmeID {
		return AttachedFile{}, fault.Missing("file")
	}
	if f.LooseSince != nil && !Can(a, Edit, Standing{}) {
		return AttachedFile{}, fault.Missing("file")
	}
	in, err := takesPartNow(g, programmeID, a.PersonID)
	if err != nil || in {
		return f, err
	}
	_, err = s.Programme(ctx, a, programmeID)
	if fault.Is(err, fault.NotFound) { // a deleted draft's, too
		err = fault.Missing("file")
	}
	if err != nil {
		return AttachedFile{}, err
	}
	return f, nil
}

// checkFiles checks that the files of a set-up are this programme's, and gives them what is known of them.
func checkFiles(tx *db.Tx, p *Programme) error {
	kept, err := filesOf(tx.Gorm(), p.ID)
	if err != nil {
		return err
	}
	at := make(map[string]AttachedFile, len(kept))
	for _, f := range kept {
		at[f.ID] = f
	}
	for i := range p.Attachments {
		f := &p.Attachments[i].File
		if f.ID == "" {
			continue
		}
		known, ok := at[f.ID]
		if !ok {
			return fault.InvalidField(fmt.Sprintf("attachments[%d].file_id", i), "file_not_found", "This file is not here (any more). Attach it again.")
		}
		*f = known
	}
	return nil
}

// copyFiles gives a copied programme files of its own, with the same bytes, in place of the first one's.
func copyFiles(tx *db.Tx, p *Programme) error {
	for i := range p.Attachments {
		f := &p.Attachments[i].File
		if f.ID == "" {
			continue
		}
		f.ID, f.ProgrammeID, f.CreatedBy, f.CreatedAt = ident.New(), p.ID, p.CreatedBy, tx.Now
		if err := insertFile(tx, *f); err != nil {
			return err
		}
	}
	return nil
}

// SweptFiles is how many files, and bytes of files, were swept up.
type SweptFiles struct{ Files, Objects int }

// SweepFiles forgets files that nothing has attached for two days, and deletes bytes that belong to no file any
// more: of those, of programmes that were deleted, and of uploads that this node did not live to finish.
func (s *Service) SweepFiles(ctx context.Context) (SweptFiles, error) {
	var done SweptFiles
	before := s.DB.Now().Add(-looseFor)
	programmes, err := withLooseFiles(s.DB.Read(ctx), before)
	if err != nil {
		return done, err
	}
	for _, id := range programmes {
		err := s.DB.Tx(ctx, func(tx *db.Tx) error {
			// Held, so that nobody attaches meanwhile what goes.
			if err := db.Hold(tx, "programmes", id); err != nil {
				return err
			}
			n, err := deleteLooseFiles(tx, id, before)
			done.Files += n
			return err
		})
		if err != nil {
			return done, err
		}
	}
	known, err := fileObjects(s.DB.Read(ctx))
	if err != nil {
		return done, err
	}
	for info, err := range s.Store.List(ctx, filePrefix) {
		if err != nil {
			return done, fmt.Errorf("list attached files: %w", err)
		}
		// A row that was written since known was read has bytes that are young, or it is a copy of one that was there.
		if known[info.Key] || s.DB.Now().Sub(info.ModTime) < fileSweepAfter {
			continue
		}
		if err := s.Store.Delete(ctx, info.Key); err != nil {
			return done, err
		}
		done.Objects++
	}
	return done, nil
}
