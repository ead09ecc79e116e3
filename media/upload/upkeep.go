package upload

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"time"
)

// unknownGrace is how long a folder without a row is left alone: a database that is being restored, or a row that is
// about to be committed by code outside this package's contract, should not cost anybody their bytes at once.
const unknownGrace = time.Hour

// Status says how far an upload has come, for whomever: the caller decides who may ask. It returns ErrNotFound for an
// upload that neither the spool nor, as finished, the Registry knows.
func (s *Store) Status(ctx context.Context, id string) (State, error) {
	snap, err := s.spool.load(id)
	if validID(id) && (errors.Is(err, ErrNotFound) || snap.mended) {
		rec, lookupErr := s.opts.Registry.Lookup(ctx, id)
		if lookupErr != nil {
			return State{}, fmt.Errorf("upload status: %w", lookupErr)
		}
		if rec.Finished {
			return State{Offset: rec.Size, Length: &rec.Size, Finished: true, SHA256: rec.SHA256}, nil
		}
	}
	if err != nil {
		return State{}, err
	}
	st := State{Offset: snap.state.offset, Length: snap.state.lengthOrNil(), Finished: snap.state.recorded}
	if snap.state.complete() {
		if st.SHA256, err = s.sum(id, snap); err != nil {
			return State{}, err
		}
	}
	return st, nil
}

// sum gives the hash of a complete upload from its kept hash state.
func (s *Store) sum(id string, snap snapshot) (string, error) {
	data, err := os.Open(s.spool.path(id, dataName))
	if err != nil {
		return "", fmt.Errorf("upload status: %w", notFoundIfGone(err))
	}
	defer func() { _ = data.Close() }() // Only read from.
	h, err := (&session{snapshot: snap, data: data}).hasher()
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Path gives the absolute path of an upload's bytes. Before the upload is finished they may still change. It returns
// ErrNotFound for an upload without a folder.
func (s *Store) Path(id string) (string, error) {
	if _, err := s.spool.load(id); err != nil {
		return "", err
	}
	return s.spool.path(id, dataName), nil
}

// Release removes the folder of a finished upload, after the app has moved the bytes on. Senders are answered from
// Registry.Lookup from then on. It returns ErrNotRecorded for an unfinished upload; one without a folder is no error.
func (s *Store) Release(ctx context.Context, id string) error {
	return s.locked(ctx, id, func() error {
		snap, err := s.spool.load(id)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if !snap.state.recorded {
			rec, err := s.opts.Registry.Lookup(ctx, id)
			if err != nil {
				return fmt.Errorf("release upload: %w", err)
			}
			// A crash can come between the Registry's commit and our own mark.
			if !rec.Finished {
				return fmt.Errorf("release %s: %w", id, ErrNotRecorded)
			}
		}
		return s.spool.remove(id)
	})
}

// Recover records uploads that are complete but were not recorded when the process ended. It goes on after an error and
// returns all of them joined; an upload that failed is tried again when its sender asks, and by the next Recover.
func (s *Store) Recover(ctx context.Context) error {
	return s.each(ctx, func(id string, snap snapshot) error {
		if !snap.state.complete() || snap.state.recorded {
			return nil
		}
		err := s.locked(ctx, id, func() error { return s.finish(ctx, id) })
		if err == nil {
			s.log.Info("upload recorded after restart", "upload", id)
		}
		var p *Problem
		if errors.As(err, &p) || errors.Is(err, ErrNotFound) {
			// A refusal is an answer for the sender, who will ask; it does not trouble the start.
			s.log.Warn("upload refused after restart", "upload", id, "reason", err)
			return nil
		}
		return err
	})
}

// Sweep drops unfinished uploads that had no progress for olderThan, and folders without a row. Complete uploads with a
// row stay: they are recorded sooner or later, and then the app's to Release. It returns how many were dropped.
func (s *Store) Sweep(ctx context.Context, olderThan time.Duration) (dropped int, err error) {
	now := s.now()
	err = s.each(ctx, func(id string, snap snapshot) error {
		rec, err := s.opts.Registry.Lookup(ctx, id)
		if err != nil {
			return fmt.Errorf("look up upload: %w", err)
		}
		stale := func(sn snapshot) bool {
			if !rec.Known {
				return now.Sub(sn.touched) >= min(unknownGrace, olderThan)
			}
			return !rec.Finished && !sn.state.complete() && now.Sub(sn.touched) >= olderThan
		}
		if !stale(snap) {
			return nil
		}
		return s.locked(ctx, id, func() error {
			snap, err := s.spool.load(id)
			if err != nil || !stale(snap) {
				return err
			}
			dropped++
			return s.drop(ctx, id)
		})
	})
	return dropped, err
}

// each visits every upload in the spool, past errors.
func (s *Store) each(ctx context.Context, visit func(id string, snap snapshot) error) error {
	ids, err := s.spool.ids()
	if err != nil {
		return err
	}
	var failed error
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return errors.Join(failed, err)
		}
		snap, err := s.spool.load(id)
		if err == nil {
			err = visit(id, snap)
		}
		if err != nil && !errors.Is(err, ErrNotFound) {
			failed = errors.Join(failed, fmt.Errorf("upload %s: %w", id, err))
		}
	}
	return failed
}
