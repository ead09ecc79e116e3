package video

import (
	"slices"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/people"
)

// GrantTx lets a person see a video beyond its audience, for as long as a subject (a review, an ask for
// feedback, a reply) gives the reason. Twice is once.
func (s *Service) GrantTx(tx *db.Tx, videoID, personID, subjectID string) error {
	v, err := loadForUpdate(tx, videoID)
	if err != nil {
		return err
	}
	if err := insertGrant(tx, videoID, personID, subjectID); err != nil {
		return err
	}
	return s.regrant(tx, v)
}

// RevokeTx takes back what a subject granted on a video: from everybody, at once.
func (s *Service) RevokeTx(tx *db.Tx, videoID, subjectID string) error {
	v, err := loadForUpdate(tx, videoID)
	if err != nil {
		return err
	}
	if err := deleteGrants(tx, videoID, subjectID); err != nil {
		return err
	}
	return s.regrant(tx, v)
}

// RevokeAllTx takes back what a subject granted on any video.
func (s *Service) RevokeAllTx(tx *db.Tx, subjectID string) error {
	ids, err := grantedBy(tx, subjectID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.RevokeTx(tx, id, subjectID); err != nil {
			return err
		}
	}
	return nil
}

// regrant works out the keys of a video whose grants changed.
func (s *Service) regrant(tx *db.Tx, v Video) error {
	place, err := s.dir.PlaceTx(tx, v.AuthorID)
	if err != nil {
		return err
	}
	keys, err := withGrants(tx, v.ID, people.AudienceKeys(v.Audience, place, v.TeamIDs))
	if err != nil || slices.Equal(keys, v.Keys) {
		return err
	}
	if err := setKeys(tx, v.ID, keys); err != nil {
		return err
	}
	tx.AfterCommit(s.OnChanged)
	return touch(tx, v.ID)
}

// SetKindTx changes what a video counts as: a practice that is submitted becomes an attempt, and one that
// is exchanged for another a practice again. A practice is for its author's eyes only, whatever it was before:
// an audience that was widened, and what was granted on it, goes.
func (s *Service) SetKindTx(tx *db.Tx, videoID, kind string) error {
	v, err := loadForUpdate(tx, videoID)
	if err != nil {
		return err
	}
	v.Kind = kind
	if kind == Practice {
		if err := deleteAllGrants(tx, videoID); err != nil {
			return err
		}
		if err := setTeams(tx, videoID, nil); err != nil {
			return err
		}
		v.Audience, v.TeamIDs, v.PublishedAt = people.Private, nil, nil
		v.Keys = []string{people.PersonKey(v.AuthorID)}
		if err := setKeys(tx, videoID, v.Keys); err != nil {
			return err
		}
	}
	tx.AfterCommit(s.OnChanged)
	return save(tx, &v)
}

// LoadTx gives a video to another domain, in its transaction and whoever asks: who may is decided there.
func (s *Service) LoadTx(tx *db.Tx, id string) (Video, error) { return loadForUpdate(tx, id) }
