package programme

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/media"
)

// verifyAtOnce is how many enrolments are looked at in one go.
const verifyAtOnce = 500

// Verify reads all that was decided about people, and gives in words what cannot be: a score without an
// attempt or a review, a certificate without a pass, a pass without a certificate, an enrolment that stands
// otherwise than its attempts say, a practice that somebody else may see, a result that the trail knows
// nothing of. It changes nothing.
func Verify(ctx context.Context, d *db.DB) ([]string, error) {
	var wrong []string
	for _, c := range contradictions() {
		ids, err := contradicting(d.Read(ctx), c.query)
		if err != nil {
			return wrong, fmt.Errorf("look for what cannot be (%s): %w", c.words, err)
		}
		for _, id := range ids {
			wrong = append(wrong, fmt.Sprintf("%s %s %s", c.thing, id, c.words))
		}
	}
	after := ""
	for {
		es, err := enrolmentsAfter(d.Read(ctx), after, verifyAtOnce)
		if err != nil || len(es) == 0 {
			return wrong, err
		}
		found, err := verifyEnrolments(ctx, d, es)
		if err != nil {
			return wrong, err
		}
		wrong, after = append(wrong, found...), es[len(es)-1].ID
	}
}

// VerifyFiles says in words which attached files have not the bytes that were acknowledged, and how many files
// there are. It changes nothing.
func VerifyFiles(ctx context.Context, d *db.DB, store media.Store) (wrong []string, n int, err error) {
	after := ""
	for {
		files, err := filesAfter(d.Read(ctx), after, verifyAtOnce)
		if err != nil || len(files) == 0 {
			return wrong, n, err
		}
		for _, f := range files {
			n, after = n+1, f.ID
			what, err := f.verify(ctx, store)
			if err != nil {
				return wrong, n, err
			}
			if what != "" {
				wrong = append(wrong, fmt.Sprintf("attached file %s: %s", f.ID, what))
			}
		}
	}
}

func (f AttachedFile) verify(ctx context.Context, store media.Store) (string, error) {
	body, _, err := store.OpenRange(ctx, f.Key(), 0, -1)
	if errors.Is(err, media.ErrNotFound) {
		return "its bytes are missing", nil
	}
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	n, err := io.Copy(sum, body)
	if err := errors.Join(err, body.Close()); err != nil {
		return "", fmt.Errorf("read attached file %s: %w", f.ID, err)
	}
	if n != f.Bytes || hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
		return "its bytes have changed", nil
	}
	return "", nil
}

func verifyEnrolments(ctx context.Context, d *db.DB, es []Enrolment) ([]string, error) {
	ids := make([]string, len(es))
	for i, e := range es {
		ids[i] = e.ID
	}
	all, err := attemptsOf(d.Read(ctx), ids...)
	if err != nil {
		return nil, err
	}
	of := map[string][]Attempt{}
	for _, a := range all {
		of[a.EnrolmentID] = append(of[a.EnrolmentID], a)
	}
	var wrong []string
	for _, e := range es {
		attempts := of[e.ID]
		for i, a := range attempts {
			if a.Number != i+1 || a.PersonID != e.PersonID || a.ProgrammeID != e.ProgrammeID {
				wrong = append(wrong, fmt.Sprintf("enrolment %s: attempt %s is not its number %d", e.ID, a.ID, i+1))
			}
		}
		if e.Attempts < 0 || e.Attempts > len(attempts) {
			wrong = append(wrong, fmt.Sprintf("enrolment %s counts %d attempts and has %d", e.ID, e.Attempts, len(attempts)))
			continue
		}
		should := e
		stand(&should, Programme{}, attempts)
		if should.State != e.State {
			wrong = append(wrong, fmt.Sprintf("enrolment %s is %s, and its attempts say %s", e.ID, e.State, should.State))
		}
	}
	return wrong, nil
}

// contradiction is a question for ids that there must be none of.
type contradiction struct{ thing, words, query string }

func contradictions() []contradiction {
	return []contradiction{
		{"attempt", "has a score without a result", `SELECT id FROM attempts WHERE (state = 'settled') <> (decision IN ('pass', 'retry', 'fail') AND score IS NOT NULL AND settled_at IS NOT NULL AND result_review_id IS NOT NULL)`},
		{"attempt", "has a result that no review gave", `SELECT a.id FROM attempts a WHERE a.state = 'settled' AND NOT EXISTS (SELECT 1 FROM reviews r WHERE r.id = a.result_review_id AND r.attempt_id = a.id AND r.state = 'sent')`},
		{"attempt", "waits for a review, and nobody is to write one", `SELECT a.id FROM attempts a WHERE a.state = 'waiting' AND NOT EXISTS (SELECT 1 FROM reviews r WHERE r.attempt_id = a.id AND r.state = 'waiting')`},
		{"attempt", "waits, and its take is another's, deleted, or no attempt", `SELECT a.id FROM attempts a WHERE a.state = 'waiting' AND NOT EXISTS (SELECT 1 FROM videos v WHERE v.id = a.video_id AND v.kind = 'attempt' AND v.author_id = a.person_id AND v.deleted_at IS NULL)`},
		{"attempt", "has passed, and there is no certificate", `SELECT a.id FROM attempts a WHERE a.decision = 'pass' AND NOT EXISTS (SELECT 1 FROM certificates c WHERE c.attempt_id = a.id)`},
		{"attempt", "was settled, and the trail knows nothing of it", `SELECT a.id FROM attempts a WHERE a.state = 'settled' AND NOT EXISTS (SELECT 1 FROM audit_entries t WHERE t.subject_id = a.id AND t.action = 'attempt.settled')`},
		{"attempt", "was submitted, and the trail knows nothing of it", `SELECT a.id FROM attempts a WHERE NOT EXISTS (SELECT 1 FROM audit_entries t WHERE t.subject_id = a.id AND t.action = 'attempt.submitted')`},
		{"review", "has levels and was not sent", `SELECT r.id FROM reviews r WHERE r.state <> 'sent' AND EXISTS (SELECT 1 FROM review_scores s WHERE s.review_id = r.id)`},
		{"review", "was sent without a score or a decision", `SELECT id FROM reviews WHERE state = 'sent' AND (score IS NULL OR sent_at IS NULL OR (role <> 'again' AND decision = ''))`},
		{"review", "has a level of another rubric version", `SELECT DISTINCT s.review_id FROM review_scores s JOIN reviews r ON r.id = s.review_id JOIN criteria c ON c.id = s.criterion_id WHERE c.version_id <> r.rubric_version_id`},
		{"review", "is by the participant", `SELECT r.id FROM reviews r JOIN attempts a ON a.id = r.attempt_id WHERE r.reviewer_id = a.person_id AND r.state <> 'dropped'`},
		{"certificate", "belongs to an attempt that did not pass, and was not revoked", `SELECT c.id FROM certificates c JOIN attempts a ON a.id = c.attempt_id WHERE a.decision <> 'pass' AND c.revoked_at IS NULL`},
		{"certificate", "belongs to another's attempt", `SELECT c.id FROM certificates c JOIN attempts a ON a.id = c.attempt_id WHERE c.person_id <> a.person_id OR c.programme_id <> a.programme_id OR c.enrolment_id <> a.enrolment_id`},
		{"certificate", "holds beside a later one", `SELECT c.id FROM certificates c WHERE c.replaced_by IS NULL AND c.revoked_at IS NULL AND EXISTS (SELECT 1 FROM certificates l WHERE l.person_id = c.person_id AND l.programme_id = c.programme_id AND l.revoked_at IS NULL AND l.id <> c.id AND l.issued_at > c.issued_at)`},
		{"certificate", "was issued, and the trail knows nothing of it", `SELECT c.id FROM certificates c WHERE NOT EXISTS (SELECT 1 FROM audit_entries t WHERE t.subject_id = c.attempt_id AND t.action = 'certificate.issued')`},
		{"practice", "can be seen by others", `SELECT v.id FROM videos v WHERE v.kind = 'practice' AND (v.audience <> 'private' OR EXISTS (SELECT 1 FROM video_audience k WHERE k.video_id = v.id AND k.key <> 'p:' || v.author_id))`},
		{"practice", "is an attempt", `SELECT v.id FROM videos v JOIN attempts a ON a.video_id = v.id WHERE v.kind = 'practice'`},
	}
}
