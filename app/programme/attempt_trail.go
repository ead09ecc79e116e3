package programme

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/rubric/score"
)

// Step is one entry of an attempt's trail.
type Step struct {
	At time.Time
	// ActorID is nil for the server's own act.
	ActorID *string
	Action  string
	// Words say what was done.
	Words string
	// Detail has the ids and figures of the entry, for who makes programmes; empty for others.
	Detail map[string]any
}

// Trail gives what was done to an attempt and to what came of it, oldest first: to the participant, their
// line, trainers and admins. Who is still asked for a review of it gets Conflict review_waits: the trail has
// what the others found.
func (s *Service) Trail(ctx context.Context, a people.Actor, attemptID string) ([]Step, error) {
	g := s.DB.Read(ctx)
	at, err := loadAttempt(g, attemptID)
	if err != nil {
		return nil, err
	}
	may, err := trailsFor(g, a, []string{at.ID})
	if err != nil {
		return nil, err
	}
	if !may[at.ID] {
		if _, err := seenAttempt(g, a, attemptID); err != nil {
			return nil, err
		}
		return nil, fault.Denied("The trail is for the participant, their line, trainers and admins.")
	}
	_, blind, err := reviewing(g, a.PersonID, at.ID)
	if err != nil {
		return nil, err
	}
	if blind[at.ID] {
		return nil, fault.New(fault.Conflict, "review_waits", "Send your own review first: the trail has what others found.")
	}
	entries, err := audit.Of(g, at.ID)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(entries, func(x, y audit.Entry) int { return cmp.Or(x.At.Compare(y.At), causal(x.Action)-causal(y.Action)) })
	all := a.Has(people.Trainer) || a.Has(people.Admin)
	out := make([]Step, 0, len(entries))
	for _, e := range entries {
		// What one of several reviewers found is told by the result, and not before; nor is it to who makes
		// programmes, since they may be asked for the other review yet.
		early := at.State == Waiting && e.Action == "review.sent"
		if early && !all {
			continue
		}
		detail := map[string]any{}
		if err := json.Unmarshal([]byte(e.Detail), &detail); err != nil {
			return nil, fmt.Errorf("entry %d of the trail: %w", e.Seq, err)
		}
		st := Step{At: e.At, ActorID: e.ActorID, Action: e.Action, Words: inWords(e.Action, detail), Detail: map[string]any{}}
		if all && !early {
			st.Detail = detail
		}
		out = append(out, st)
	}
	return out, nil
}

// causal orders the entries of one moment, which are of one act: what came in, who was asked or has spoken, what
// came of it. In the trail itself they stand as they were written.
func causal(action string) int {
	switch domain, _, _ := strings.Cut(action, "."); {
	case action == "attempt.submitted":
		return 0
	case action == "attempt.settled", action == "attempt.resettled":
		return 2
	case domain == "certificate":
		return 3
	}
	return 1
}

// inWords says in plain language what an entry of the trail means.
func inWords(action string, detail map[string]any) string {
	switch action {
	case "attempt.submitted":
		return fmt.Sprintf("Attempt %s was submitted.", figure(detail["number"]))
	case "attempt.swapped":
		return "The take was exchanged for another."
	case "attempt.settled":
		return fmt.Sprintf("The result: %s with %s %%.", decided(detail["decision"]), percent(detail["score"]))
	case "attempt.resettled":
		return fmt.Sprintf("The result was changed from %s to %s with %s %%.", decided(detail["before"]), decided(detail["decision"]), percent(detail["score"]))
	case "review.assigned":
		switch {
		case detail["role"] == "third":
			return "The two reviews lie too far apart: a third reviewer was asked."
		case detail["deputy_for"] != nil:
			return "The deputy of a reviewer was asked, who is away."
		case detail["role"] == "second":
			return "A second reviewer was asked, who does not see what the first finds."
		}
		return "A reviewer was asked."
	case "review.counted":
		return fmt.Sprintf("One of the reviews said: %s with %s %%.", decided(detail["decision"]), percent(detail["score"]))
	case "dispute.resolved":
		if detail["outcome"] == "changed" {
			return "The dispute was resolved: the result is changed."
		}
		return "The dispute was resolved: the result stands."
	case "attempt.acknowledged":
		return "The participant has seen the result."
	case "certificate.issued":
		return fmt.Sprintf("Certificate %s was issued.", figure(detail["number"]))
	case "certificate.revoked":
		return fmt.Sprintf("Certificate %s was revoked.", figure(detail["number"]))
	case "certificate.name":
		if detail["public"] == true {
			return "The holder lets the public page say their name."
		}
		return "The holder took their name off the public page."
	}
	if w, ok := otherWords()[action]; ok {
		return w
	}
	// An act that this version does not know yet is shown by its name.
	domain, act, _ := strings.Cut(action, ".")
	return strings.ToUpper(domain[:min(1, len(domain))]) + domain[min(1, len(domain)):] + ": " + strings.ReplaceAll(act, "_", " ") + "."
}

// otherWords are of acts of reviews and disputes.
func otherWords() map[string]string {
	return map[string]string{
		"review.claimed":    "A reviewer took it out of the pool.",
		"review.released":   "The reviewer gave it back to the pool.",
		"review.reassigned": "Another reviewer was asked.",
		"review.offered":    "It was offered to the reviewer's deputy.",
		"review.dropped":    "A review is no longer needed.",
		"review.sent":       "A review was sent.",
		"review.again":      "It is to be scored again under a newer version of the rubric.",
		"dispute.opened":    "The participant disputes the result.",
		"dispute.third":     "A third reviewer was asked because of the dispute.",
		"dispute.withdrawn": "The participant withdrew the dispute.",
	}
}

func decided(v any) string {
	switch v {
	case string(Pass):
		return "passed"
	case string(TryAgain):
		return "retry"
	case string(Fail):
		return "failed"
	}
	return "none"
}

func figure(v any) string {
	switch n := v.(type) {
	case float64:
		return fmt.Sprintf("%.0f", n)
	case string:
		return n
	}
	return "?"
}

// percent writes hundredths of a percent as the result does.
func percent(v any) string {
	n, ok := v.(float64)
	if !ok {
		return "?"
	}
	return fmt.Sprintf("%.1f", score.Percent(int(n)))
}
