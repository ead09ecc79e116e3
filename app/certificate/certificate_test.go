package certificate_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/certificate"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
)

// TestMain runs everything in a zone that no time may be kept or compared in.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("Nowhere", 5*3600+45*60)
	apptest.Main(m)
}

const day = 24 * time.Hour

// kit is a programme with ana, who mia manages; ben is of another team, tom a trainer, ada an admin.
type kit struct {
	*apptest.Env
	dir                      *people.Directory
	notices                  *notice.Service
	certificates             *certificate.Service
	ana, ben, mia, tom, ada  people.Actor
	programme, rubricVersion string
	attempts                 int
}

func newKit(t *testing.T, e *apptest.Env) *kit {
	t.Helper()
	k := &kit{Env: e, dir: people.NewDirectory(e.DB), notices: notice.New(e.DB), programme: ident.New(), rubricVersion: ident.New()}
	k.certificates = certificate.New(certificate.Config{DB: e.DB, People: k.dir, Notices: k.notices, Log: e.Log})
	team, err := k.dir.AddTeam(t.Context(), people.System(), "North", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []struct {
		who  *people.Actor
		name string
		role people.Role
	}{{&k.ana, "Ana Silva", people.Rep}, {&k.ben, "Ben", people.Rep}, {&k.mia, "Mia", people.Manager}, {&k.tom, "Tom", people.Trainer}, {&k.ada, "Ada", people.Admin}} {
		made, err := k.dir.AddPerson(t.Context(), people.System(), people.NewPerson{Email: ident.New() + "@example.com", Name: p.name, Roles: []people.Role{p.role}, TimeZone: "Pacific/Honolulu"})
		if err != nil {
			t.Fatal(err)
		}
		*p.who = people.Actor{PersonID: made.ID}
	}
	for who, seat := range map[*people.Actor]people.Seat{&k.ana: people.AsMember, &k.mia: people.AsManager} {
		if err := k.dir.Place(t.Context(), people.System(), team.ID, who.PersonID, seat); err != nil {
			t.Fatal(err)
		}
	}
	for _, who := range []*people.Actor{&k.ana, &k.ben, &k.mia, &k.tom, &k.ada} {
		if *who, err = k.dir.ActorFor(t.Context(), who.PersonID); err != nil {
			t.Fatal(err)
		}
	}
	now, rubric := e.Clock.Now(), ident.New()
	k.exec(t, `INSERT INTO rubrics (id, name, created_at, updated_at) VALUES (?, 'Pitch', ?, ?)`, rubric, now, now)
	k.exec(t, `INSERT INTO rubric_versions (id, rubric_id, number, created_at) VALUES (?, ?, 1, ?)`, k.rubricVersion, rubric, now)
	k.exec(t, `INSERT INTO programmes (id, name, brief, state, rubric_version_id, model_start_ms, model_end_ms, target_ms, answer_types, due_kind, due_date, due_days, attempts_max, wait_hours,
		pass_kind, pass_percent, pass_level, reviewer_kind, second_share, second_distance, valid_days, renew_days, peers, must_say, must_not_say, version, created_at, updated_at)
		VALUES (?, 'Discovery call', '', 'open', ?, 0, 0, 0, 'camera', 'none', '', 0, 0, 0, 'total', 80, 0, 'manager', 0, 0, 365, 30, 'never', '[]', '[]', 1, ?, ?)`, k.programme, k.rubricVersion, now, now)
	for _, who := range []people.Actor{k.ana, k.ben} {
		k.exec(t, `INSERT INTO enrolments (id, programme_id, person_id, state, by_hand, extra_attempts, attempts, retry_criteria, started_at, created_at, updated_at)
			VALUES (?, ?, ?, 'open', ?, 0, 0, '[]', ?, ?, ?)`, "e-"+who.PersonID, k.programme, who.PersonID, false, now, now, now)
	}
	return k
}

func (k *kit) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if err := k.DB.Tx(t.Context(), func(tx *db.Tx) error { return tx.Gorm().Exec(query, args...).Error }); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// attempt is one with a result; an empty decision leaves it waiting.
func (k *kit) attempt(t *testing.T, who people.Actor, decision string) string {
	t.Helper()
	k.attempts++
	id, now := ident.New(), k.Clock.Now()
	state, score, settled := "settled", any(90_00), any(now)
	if decision == "" {
		state, score, settled = "waiting", nil, nil
	}
	k.exec(t, `INSERT INTO attempts (id, enrolment_id, programme_id, person_id, number, rubric_version_id, only_criteria, carried, note_at_ms, note, second, state, decision, score, levels,
		retry_criteria, submitted_at, swap_until, settled_at) VALUES (?, ?, ?, ?, ?, ?, '[]', '{}', 0, '', ?, ?, ?, ?, '{}', '[]', ?, ?, ?)`,
		id, "e-"+who.PersonID, k.programme, who.PersonID, k.attempts, k.rubricVersion, false, state, decision, score, now, now, settled)
	if decision == "pass" {
		k.exec(t, `UPDATE enrolments SET state = 'passed' WHERE id = ?`, "e-"+who.PersonID)
	}
	return id
}

func (k *kit) issue(t *testing.T, attempt string) (c certificate.Certificate, err error) {
	t.Helper()
	err = k.DB.Tx(t.Context(), func(tx *db.Tx) (err error) { c, err = k.certificates.IssueTx(tx, attempt); return err })
	return c, err
}

func (k *kit) issued(t *testing.T, who people.Actor) certificate.Certificate {
	t.Helper()
	c, err := k.issue(t, k.attempt(t, who, "pass"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (k *kit) told(t *testing.T, who people.Actor) []notice.Notice {
	t.Helper()
	out, err := k.notices.List(t.Context(), who, notice.Filter{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Errorf("error %v, want %s", err, code)
	}
}

// TestIssue: for a pass, once, with a number that nobody else has and a code that nobody guesses.
func TestIssue(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		for _, decision := range []string{"", "retry", "fail"} {
			_, err := k.issue(t, k.attempt(t, k.ben, decision))
			wantCode(t, err, "attempt_not_passed")
		}
		for _, id := range []string{ident.New(), "", "\x00"} {
			_, err := k.issue(t, id)
			wantCode(t, err, "attempt_not_found")
		}
		attempt := k.attempt(t, k.ana, "pass")
		c, err := k.issue(t, attempt)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^FR-2026-[0-9A-HJKMNP-TV-Z]{6}$`).MatchString(c.Number) || !regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{24}$`).MatchString(c.Code) {
			t.Errorf("number %s, code %s", c.Number, c.Code)
		}
		if c.Programme != "Discovery call" || c.Holder != "Ana Silva" || c.NamePublic || !c.IssuedAt.Equal(e.Clock.Now()) || !c.ExpiresAt.Equal(e.Clock.Now().AddDate(1, 0, 0)) || c.CheckPath() != "/check/"+c.Code {
			t.Errorf("%+v", c)
		}
		e.Clock.Advance(day)
		again, err := k.issue(t, attempt)
		if err != nil || again.ID != c.ID || again.Number != c.Number || !again.IssuedAt.Equal(c.IssuedAt) {
			t.Errorf("again: %+v, %v", again, err)
		}
		// It carries the names of its day.
		k.exec(t, `UPDATE programmes SET name = 'Another', valid_days = 0`)
		k.exec(t, `UPDATE persons SET name = 'Ana Maria' WHERE id = ?`, k.ana.PersonID)
		got, err := k.certificates.Get(t.Context(), k.ana, c.ID)
		if err != nil || got.Programme != "Discovery call" || got.Holder != "Ana Silva" || got.RenewDays != 30 {
			t.Errorf("%+v, %v", got, err)
		}
		// A renewal replaces it, and has no end where the programme now gives none.
		later := k.issued(t, k.ana)
		if later.ExpiresAt != nil || later.Number == c.Number || later.Code == c.Code {
			t.Errorf("%+v", later)
		}
		got, err = k.certificates.Get(t.Context(), k.ana, c.ID)
		if err != nil || got.StateAt(e.Clock.Now()) != certificate.Replaced || *got.ReplacedBy != later.ID {
			t.Errorf("%+v, %v", got, err)
		}
		entries, err := audit.Of(e.DB.Read(t.Context()), attempt)
		if err != nil || len(entries) != 1 || entries[0].Action != "certificate.issued" || !strings.Contains(entries[0].Detail, c.Number) || strings.Contains(entries[0].Detail, "Ana") {
			t.Errorf("%+v, %v", entries, err)
		}
	})
}

// TestStates goes through the life of one.
func TestStates(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	end := at.AddDate(1, 0, 0)
	c := certificate.Certificate{IssuedAt: at, ExpiresAt: &end, RenewDays: 30}
	for _, x := range []struct {
		after time.Duration
		want  certificate.State
	}{{0, certificate.Valid}, {335*day - 1, certificate.Valid}, {335 * day, certificate.Expiring}, {365*day - 1, certificate.Expiring}, {365 * day, certificate.Expired}, {999 * day, certificate.Expired}} {
		if got := c.StateAt(at.Add(x.after)); got != x.want {
			t.Errorf("after %v: %s, want %s", x.after, got, x.want)
		}
	}
	forever := certificate.Certificate{IssuedAt: at}
	if got := forever.StateAt(at.AddDate(90, 0, 0)); got != certificate.Valid {
		t.Errorf("without an end: %s", got)
	}
	by := "x"
	c.ReplacedBy = &by
	if got := c.StateAt(at.AddDate(9, 0, 0)); got != certificate.Replaced {
		t.Errorf("replaced: %s", got)
	}
	c.RevokedAt = &at
	if got := c.StateAt(at); got != certificate.Revoked {
		t.Errorf("revoked: %s", got)
	}
}

// TestSight compares the rule in words with the question to the database, for everybody.
func TestSight(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		c := k.issued(t, k.ana)
		var place people.Place
		if err := e.DB.Tx(t.Context(), func(tx *db.Tx) (err error) { place, err = k.dir.PlaceTx(tx, k.ana.PersonID); return err }); err != nil {
			t.Fatal(err)
		}
		for name, who := range map[string]people.Actor{"ana": k.ana, "ben": k.ben, "mia": k.mia, "tom": k.tom, "ada": k.ada} {
			sees := certificate.Can(who, certificate.Read, place)
			if want := name != "ben" && name != "ada"; sees != want {
				t.Errorf("%s reads it: %v", name, sees)
			}
			_, err := k.certificates.Get(t.Context(), who, c.ID)
			if (err == nil) != sees || (err != nil && fault.CodeOf(err) != "certificate_not_found") {
				t.Errorf("%s: %v", name, err)
			}
			for _, f := range []certificate.Filter{{}, {PersonID: k.ana.PersonID}, {ProgrammeID: k.programme}, {PersonID: k.ana.PersonID, ProgrammeID: k.programme}} {
				f.Limit = 9
				list, err := k.certificates.List(t.Context(), who, f)
				if err != nil || (len(list) == 1) != sees {
					t.Errorf("%s, %+v: %d, %v", name, f, len(list), err)
				}
			}
			code := func(action certificate.Action) string {
				switch {
				case !sees:
					return "certificate_not_found"
				case !certificate.Can(who, action, place):
					return "forbidden"
				}
				return ""
			}
			if want := code(certificate.Name); want != "" {
				_, err := k.certificates.SetNamePublic(t.Context(), who, c.ID, true)
				wantCode(t, err, want)
			}
			if want := code(certificate.Revoke); want != "" {
				_, err := k.certificates.Revoke(t.Context(), who, c.ID, "Because.")
				wantCode(t, err, want)
			}
		}
		if certificate.Can(people.Actor{}, certificate.Read, people.Place{}) || certificate.Can(k.tom, "certificate.unknown", place) {
			t.Error("what is not allowed is allowed")
		}
		for _, f := range []certificate.Filter{{PersonID: k.ben.PersonID}, {ProgrammeID: ident.New()}, {PersonID: "\x00"}} {
			if list, err := k.certificates.List(t.Context(), k.tom, f); err != nil || len(list) != 0 {
				t.Errorf("%+v: %d, %v", f, len(list), err)
			}
		}
		_, err := k.certificates.List(t.Context(), k.tom, certificate.Filter{Before: "x", Limit: 1})
		wantCode(t, err, "cursor_unknown")
		e.Clock.Advance(time.Hour)
		later := k.issued(t, k.ben)
		first, err := k.certificates.List(t.Context(), k.tom, certificate.Filter{Limit: 1})
		if err != nil || len(first) != 1 || first[0].ID != later.ID {
			t.Fatal(first, err)
		}
		if second, err := k.certificates.List(t.Context(), k.tom, certificate.Filter{Before: later.ID, Limit: 5}); err != nil || len(second) != 1 || second[0].ID != c.ID {
			t.Errorf("%+v, %v", second, err)
		}
	})
}

// TestCheck: by the code as people type it; all that is none answers alike, and too often is too often.
func TestCheck(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		c := k.issued(t, k.ana)
		look := strings.NewReplacer("0", "o", "1", "l")
		for _, code := range []string{c.Code, strings.ToLower(c.Code), look.Replace(c.Code), c.Code[:6] + "-" + c.Code[6:12] + " " + c.Code[12:]} {
			if got, err := k.certificates.Check(t.Context(), code, "198.51.100.1"); err != nil || got.ID != c.ID {
				t.Errorf("%s: %v", code, err)
			}
		}
		var text string
		for _, code := range []string{"", c.Number, c.ID, c.Code[:23], c.Code + "0", strings.Repeat("A", 24), strings.Repeat("é", 24), "\x00", strings.Repeat("A", 9999), "%", "\xff"} {
			_, err := k.certificates.Check(t.Context(), code, "198.51.100.2")
			wantCode(t, err, "certificate_not_found")
			if text == "" {
				text = err.Error()
			}
			if err == nil || err.Error() != text {
				t.Errorf("%q answers %v, another %s", code, err, text)
			}
		}
		// Sixty that are none, and the address has to wait, whatever it comes with; others need not.
		refused := 0
		for range 60 {
			if _, err := k.certificates.Check(t.Context(), strings.Repeat("B", 24), "198.51.100.2"); fault.CodeOf(err) == "too_many_tries" {
				refused++
			}
		}
		if refused != 11 {
			t.Errorf("%d of 71 guesses were refused", refused)
		}
		_, err := k.certificates.Check(t.Context(), c.Code, "198.51.100.2")
		wantCode(t, err, "too_many_tries")
		if _, err := k.certificates.Check(t.Context(), c.Code, "198.51.100.1"); err != nil {
			t.Error(err)
		}
		e.Clock.Advance(20 * time.Minute)
		if _, err := k.certificates.Check(t.Context(), c.Code, "198.51.100.2"); err != nil {
			t.Errorf("after a while: %v", err)
		}
		// What is right is no guess, however often.
		for range 100 {
			if _, err := k.certificates.Check(t.Context(), c.Code, "198.51.100.3"); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestRevoking is with a reason, once, and its holder hears of it.
func TestRevoking(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		c := k.issued(t, k.ana)
		for reason, code := range map[string]string{"": "required", "  \n": "required", "a\x00b": "text_invalid", strings.Repeat("é", 501): "too_long"} {
			_, err := k.certificates.Revoke(t.Context(), k.tom, c.ID, reason)
			wantCode(t, err, code)
		}
		got, err := k.certificates.Revoke(t.Context(), k.tom, c.ID, " It was\nanother's voice. ")
		if err != nil || got.RevokeReason != "It was another's voice." || *got.RevokedBy != k.tom.PersonID || got.StateAt(e.Clock.Now()) != certificate.Revoked {
			t.Errorf("%+v, %v", got, err)
		}
		told := k.told(t, k.ana)
		if len(told) != 1 || told[0].Kind != notice.Certificate || *told[0].SubjectID != c.ID || told[0].Body != "It was another's voice." || *told[0].ActorID != k.tom.PersonID {
			t.Errorf("%+v", told)
		}
		_, err = k.certificates.Revoke(t.Context(), k.tom, c.ID, "Again.")
		wantCode(t, err, "certificate_revoked")
		entries, err := audit.Of(e.DB.Read(t.Context()), c.AttemptID)
		if err != nil || len(entries) != 2 || entries[1].Action != "certificate.revoked" || *entries[1].ActorID != k.tom.PersonID || strings.Contains(entries[1].Detail, "voice") {
			t.Errorf("%+v, %v", entries, err)
		}
		// By what a dispute decided: of an attempt that has one, once.
		other := k.issued(t, k.ben)
		for range 2 {
			for _, attempt := range []string{other.AttemptID, ident.New()} {
				if err := e.DB.Tx(t.Context(), func(tx *db.Tx) error { return k.certificates.RevokeTx(tx, k.tom.PersonID, attempt, "Disputed.") }); err != nil {
					t.Error(err)
				}
			}
		}
		if n := len(k.told(t, k.ben)); n != 1 {
			t.Errorf("ben was told %d times", n)
		}
	})
}

// TestName: the holder's own decision, kept in the trail.
func TestName(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		c := k.issued(t, k.ana)
		for _, public := range []bool{true, true, false} {
			got, err := k.certificates.SetNamePublic(t.Context(), k.ana, c.ID, public)
			if err != nil || got.NamePublic != public {
				t.Errorf("%+v, %v", got, err)
			}
		}
		entries, err := audit.Of(e.DB.Read(t.Context()), c.AttemptID)
		if err != nil || len(entries) != 3 { // issued, on, off
			t.Errorf("%+v, %v", entries, err)
		}
	})
}

// TestReminders: when the window begins, again in the last week, and to nobody who could not renew.
func TestReminders(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		k.issued(t, k.ana)
		step := func(after time.Duration, want int) {
			t.Helper()
			e.Clock.Advance(after)
			if n, err := k.certificates.Remind(t.Context()); err != nil || n != want {
				t.Errorf("%d told, %v, want %d", n, err, want)
			}
		}
		step(0, 0)
		step(335*day-time.Second, 0)
		step(time.Second, 1)
		told := k.told(t, k.ana)
		if len(told) != 1 || told[0].Kind != notice.Due || *told[0].SubjectID != "e-"+k.ana.PersonID || told[0].Body != "Your certificate for Discovery call ends on 1 March 2027." {
			t.Errorf("%+v", told)
		}
		step(0, 0)
		step(22*day, 0)
		step(day, 1)
		if n := len(k.told(t, k.ana)); n != 1 {
			t.Errorf("%d notices stand: the second replaces the first", n)
		}
		step(day, 0)
		step(30*day, 0) // it has ended
		// Ben's, in its window: not while he could not renew it.
		k.issued(t, k.ben)
		e.Clock.Advance(340 * day)
		for _, x := range [][2]string{
			{`UPDATE enrolments SET left_at = created_at`, `UPDATE enrolments SET left_at = NULL`}, {`UPDATE programmes SET state = 'closed'`, `UPDATE programmes SET state = 'open'`},
			{`UPDATE enrolments SET state = 'submitted'`, `UPDATE enrolments SET state = 'passed'`}, {`UPDATE persons SET active = false`, `UPDATE persons SET active = true`},
			{`UPDATE certificates SET revoked_at = issued_at`, `UPDATE certificates SET revoked_at = NULL`},
		} {
			k.exec(t, x[0])
			step(0, 0)
			k.exec(t, x[1])
		}
		step(0, 1)
	})
}
