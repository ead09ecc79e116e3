package upload

import (
	"context"
	"encoding"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"syscall"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
)

const (
	bufferSize = 256 << 10
	// sniffLen is how much of the head Sniff is shown.
	sniffLen = 4 << 10

	// A long request records its offset this often, so that a killed server has little to receive again.
	checkpointBytes = 8 << 20
	checkpointEvery = 2 * time.Second
)

// contentError marks a refusal by content: the upload is to be dropped.
type contentError struct{ reason error }

// Error implements error.
func (e contentError) Error() string { return "content refused: " + e.reason.Error() }

// Unwrap gives the reason.
func (e contentError) Unwrap() error { return e.reason }

// receive appends the body to the upload and returns how many bytes of it are durable. The caller holds the lock.
//
// A body that breaks off is no error here: what arrived is kept, and tusd reports the broken body itself. Nothing of the
// body is kept if it does not match its checksum, breaks off before the checksum can be verified, or is longer than
// what remains of the upload.
func (s *Store) receive(ctx context.Context, id string, offset int64, src io.Reader) (int64, error) {
	req := requestOf(ctx)
	w, err := s.spool.open(id)
	if err != nil {
		return 0, err
	}
	defer w.close()
	if w.mended {
		s.log.Error("upload state unreadable, starting again", "upload", id)
	}
	if w.state.offset != offset {
		return 0, handler.ErrMismatchOffset
	}
	if err := s.checkSpace(0); err != nil {
		return 0, err
	}
	h, err := w.hasher()
	if err != nil {
		return 0, err
	}
	r := &receiver{store: s, session: w, start: w.state, at: offset, hash: h, saved: time.Now()}
	if req.checksum != nil {
		r.body, r.promise = req.checksum.new(), req.checksum
	}
	err = r.run(src)
	switch {
	case err == nil && req.overlong(r.at-offset):
		// Whoever sends more than was declared means another file: keep none of it. tusd answers 413.
		return 0, w.rewind(r.start)
	case r.promise != nil && (err != nil || !req.bodyEnded()):
		return 0, errors.Join(noSpaceOr(err), w.data.Truncate(offset))
	case r.promise != nil && !r.promise.matches(r.body):
		return 0, errors.Join(problemChecksumMismatch(), w.data.Truncate(offset))
	}
	var refused contentError
	if err == nil && r.promise != nil {
		err = r.sniff()
	}
	if !errors.As(err, &refused) {
		// Also after a failed write: what did reach the disk is kept.
		if commitErr := r.commit(); commitErr != nil {
			err = errors.Join(err, commitErr)
		}
	}
	if errors.As(err, &refused) {
		return 0, s.refuse(ctx, id, refused)
	}
	if !w.state.complete() {
		req.expires = s.now().Add(s.opts.ExpireAfter)
	}
	return w.state.offset - offset, noSpaceOr(err)
}

// receiver is one body on its way to the disk.
type receiver struct {
	store   *Store
	session *session
	start   state
	// at is the end of what was written, recorded or not.
	at   int64
	hash hash.Hash
	// body hashes this request's bytes for promise; both nil without an Upload-Checksum.
	body    hash.Hash
	promise *checksum
	saved   time.Time
}

// run copies until the body ends, recording the offset now and then.
func (r *receiver) run(src io.Reader) error {
	pooled := r.store.buffers.Get().(*[bufferSize]byte)
	defer r.store.buffers.Put(pooled)
	for {
		n, readErr := src.Read(pooled[:])
		if n > 0 {
			if err := r.write(pooled[:n]); err != nil {
				return err
			}
		}
		if readErr != nil {
			// io.EOF, or a body that broke off: tusd's reader keeps the reason and reports it after us.
			return nil
		}
		if r.promise != nil {
			continue
		}
		if err := r.sniff(); err != nil {
			return err
		}
		if pending := r.at - r.session.state.offset; pending >= checkpointBytes ||
			pending > 0 && time.Since(r.saved) >= checkpointEvery {
			if err := r.commit(); err != nil {
				return err
			}
			if err := r.store.checkSpace(0); err != nil {
				return err
			}
		}
	}
}

func (r *receiver) write(p []byte) error {
	n, err := r.session.disk.writeAt(r.session.data, p, r.at)
	r.at += int64(n)
	r.hash.Write(p[:n])
	if r.body != nil {
		r.body.Write(p[:n])
	}
	if err != nil {
		return fmt.Errorf("write upload: %w", err)
	}
	return nil
}

// sniff shows the head to the app once enough of it is there.
func (r *receiver) sniff() error {
	if r.session.state.sniffed || r.at < sniffLen {
		return nil
	}
	if err := r.store.sniff(r.session, r.at); err != nil {
		return err
	}
	// Recorded with the next commit; asked again if a crash comes first.
	r.session.state.sniffed = true
	return nil
}

// commit makes everything written so far durable and records it.
func (r *receiver) commit() error {
	if r.at == r.session.state.offset {
		return nil
	}
	hashed, err := r.hash.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		return fmt.Errorf("keep hash: %w", err)
	}
	if err := r.session.disk.sync(r.session.data); err != nil {
		return err
	}
	next := r.session.state
	next.offset, next.hash = r.at, hashed
	if err := r.session.save(next); err != nil {
		return err
	}
	r.saved = time.Now()
	return nil
}

// sniff asks the app about the head of an upload that has size bytes.
func (s *Store) sniff(w *session, size int64) error {
	if s.opts.Sniff == nil {
		return nil
	}
	head, err := w.head(size)
	if err != nil {
		return err
	}
	if err := s.opts.Sniff(head); err != nil {
		return contentError{err}
	}
	return nil
}

// refuse drops an upload whose content the app does not want.
func (s *Store) refuse(ctx context.Context, id string, refused contentError) error {
	var p *Problem
	if !errors.As(refused.reason, &p) {
		s.log.Info("upload refused by content", "upload", id, "reason", refused.reason)
		p = &Problem{Status: 415, Code: "upload_type_unsupported", Detail: "The content is not of a kind that is accepted here.", Field: "body"}
	}
	if err := s.drop(ctx, id); err != nil {
		return err
	}
	return p
}

// drop tells the Registry that the upload is no more, then removes it. In that order: a folder without a row is swept,
// a row without a folder would count against a quota for ever.
func (s *Store) drop(ctx context.Context, id string) error {
	ctx, cancel := s.detached(ctx)
	defer cancel()
	if err := s.opts.Registry.Terminated(ctx, id); err != nil {
		return fmt.Errorf("terminate upload: %w", err)
	}
	return s.spool.remove(id)
}

// finish has the Registry record a complete upload, unless it did so before. The caller holds the lock.
func (s *Store) finish(ctx context.Context, id string) error {
	if snap, err := s.spool.load(id); err == nil && snap.mended {
		// Opening would cut the bytes off; the Registry may have them on record all the same.
		if rec, err := s.opts.Registry.Lookup(ctx, id); err != nil || rec.Finished {
			return err
		}
	}
	w, err := s.spool.open(id)
	if err != nil {
		return err
	}
	defer w.close()
	if w.state.recorded {
		return nil
	}
	if !w.state.complete() {
		return fmt.Errorf("finish upload %s: only %d bytes are there", id, w.state.offset)
	}
	if !w.state.sniffed {
		if err := s.sniff(w, w.state.offset); err != nil {
			var refused contentError
			if errors.As(err, &refused) {
				return s.refuse(ctx, id, refused)
			}
			return err
		}
	}
	h, err := w.hasher()
	if err != nil {
		return err
	}
	sum := hex.EncodeToString(h.Sum(nil))
	if w.facts.SHA256 != "" && w.facts.SHA256 != sum {
		return errors.Join(problemHashMismatch(), w.rewind(state{length: w.state.length}))
	}
	recordCtx, cancel := s.detached(ctx)
	defer cancel()
	if err := s.opts.Registry.Finish(recordCtx, Finished{ID: id, Size: w.state.offset, SHA256: sum, Path: s.spool.path(id, dataName)}); err != nil {
		return fmt.Errorf("record upload: %w", err)
	}
	next := w.state
	next.recorded, next.sniffed = true, true
	if err := w.save(next); err != nil {
		// The Registry has it, and Finish is idempotent: the next look at the upload sets the flag.
		s.log.Error("finished upload not marked", "upload", id, "error", err)
	}
	return nil
}

// detached gives a context for work that must not end with the sender's connection.
func (s *Store) detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), s.opts.FinishTimeout)
}

// checkSpace refuses to go on when writing more bytes would reach into the reserve.
func (s *Store) checkSpace(more int64) error {
	free, total, err := s.opts.Space(s.spool.dir)
	if err != nil {
		return err
	}
	reserve := max(int64(float64(total)*s.opts.ReserveShare), s.opts.ReserveBytes)
	if free-more < reserve {
		return problemNoSpace()
	}
	return nil
}

// noSpaceOr makes the refusal of a full disk, or of a full disk quota, a problem.
func noSpaceOr(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return errors.Join(problemNoSpace(), err)
	}
	return err
}
