package review

import (
	"testing"

	"github.com/fieldreel/fieldreel/app/people"
)

// TestCan tries every case: it holds the rules that must never break, whatever else is allowed.
func TestCan(t *testing.T) {
	actions := []Action{See, Read, Write, Claim, Release, Reassign}
	me, other := "me", "other"
	var allowed [6]int
	for mask := range 1 << 10 {
		bit := func(i int) bool { return mask>>i&1 == 1 }
		for _, roles := range [][]people.Role{{people.Rep}, {people.Manager}, {people.Trainer}, {people.Admin}} {
			for _, state := range []State{Waiting, Sent, Dropped} {
				for _, role := range []Role{First, Second, Disputed} {
					a := people.Actor{PersonID: me, Roles: roles}
					r := Review{Role: role, State: state}
					switch {
					case bit(0):
						r.ReviewerID = &me
					case bit(1):
						r.ReviewerID = &other
					}
					if bit(2) {
						r.OfferedTo = &me
					}
					if bit(3) {
						r.ClaimedAt = &r.AssignedAt
					}
					c := Case{Review: r, ParticipantID: other, InLine: bit(4), InPool: bit(5), StandsIn: bit(6), Other: bit(7), Blind: bit(8), Settled: bit(9)}
					for i, action := range actions {
						can := Can(a, action, c)
						if can {
							allowed[i]++
						}
						own := c
						own.ParticipantID = me
						switch {
						case Can(a, action, own):
							t.Fatalf("%s of one's own attempt: %+v", action, own)
						case Can(people.System(), action, c):
							t.Fatalf("the server may %s", action)
						case !can:
						case state == Dropped:
							t.Fatalf("%s of a dropped review", action)
						case action != See && action != Read && state != Waiting:
							t.Fatalf("%s of a review that is %s", action, state)
						case !Can(a, See, c):
							t.Fatalf("%s without seeing it: %+v", action, c)
						case (action == Write || action == Release) && !r.By(me):
							t.Fatalf("%s of another's: %+v", action, c)
						case (action == Claim || action == Reassign) && c.Other:
							t.Fatalf("%s by who reviews the same attempt: %+v", action, c)
						case action == Read && !r.By(me) && (c.Blind || !c.Settled || state != Sent):
							t.Fatalf("what another found is read: %+v", c)
						}
					}
				}
			}
		}
	}
	for i, n := range allowed {
		if n == 0 {
			t.Errorf("nobody may ever %s", actions[i])
		}
	}
}

// TestMaySeeResult and of disputes: who is blind sees nothing, nobody judges their own.
func TestMaySeeResult(t *testing.T) {
	rep, trainer, admin := people.Actor{PersonID: "me", Roles: []people.Role{people.Rep}}, people.Actor{PersonID: "me", Roles: []people.Role{people.Trainer}}, people.Actor{PersonID: "me", Roles: []people.Role{people.Admin}}
	for i, c := range []struct {
		a                     people.Actor
		participant           string
		line, reviewed, blind bool
		want                  bool
	}{
		{rep, "me", false, false, false, true}, {rep, "ana", false, false, false, false}, {rep, "ana", true, false, false, true}, {rep, "ana", false, true, false, true},
		{rep, "ana", true, true, true, false}, {trainer, "ana", false, false, false, true}, {trainer, "ana", false, false, true, false}, {admin, "ana", false, false, false, true},
		{admin, "ana", true, true, true, false}, {people.Actor{}, "", false, false, false, false},
	} {
		if got := MaySeeResult(c.a, c.participant, c.line, c.reviewed, c.blind); got != c.want {
			t.Errorf("%d: %v", i, got)
		}
	}
	for i, c := range []struct {
		a           people.Actor
		action      DisputeAction
		participant string
		reviewed    bool
		want        bool
	}{
		{rep, SeeDispute, "me", false, true}, {rep, WeighDispute, "me", false, false}, {rep, Withdraw, "me", false, true}, {rep, SeeDispute, "ana", false, false}, {rep, SeeDispute, "ana", true, false},
		{trainer, SeeDispute, "ana", true, true}, {trainer, WeighDispute, "ana", false, true}, {trainer, WeighDispute, "ana", true, false}, {trainer, Withdraw, "ana", false, false},
		{trainer, WeighDispute, "me", false, false}, {trainer, Withdraw, "me", false, true}, {admin, WeighDispute, "ana", false, true}, {admin, "dispute.burn", "ana", false, false},
	} {
		if got := CanDispute(c.a, c.action, c.participant, c.reviewed); got != c.want {
			t.Errorf("dispute %d: %v", i, got)
		}
	}
}
