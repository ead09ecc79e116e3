package digest_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/certificate"
	"github.com/fieldreel/fieldreel/app/digest"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/egress"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
	"github.com/fieldreel/fieldreel/app/internal/mail"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
	"github.com/fieldreel/fieldreel/app/rubric"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/app/vocabulary"
)

// TestMain runs everything in a zone that no time may be kept or compared in.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("Nowhere", 5*3600+45*60)
	apptest.Main(m)
}

// post is a mail server and a chat that keep what they are given, and answer as they are told.
type post struct {
	mu    sync.Mutex
	mails []mail.Message
	chats []string // the bodies
	at    []time.Time
	clock *apptest.Clock
	// fail is asked before each mail, answer before each post.
	fail   func(m mail.Message) error
	answer func(address string) (egress.Answer, error)
}

// Send implements digest.Mailer.
func (p *post) Send(_ context.Context, m mail.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		if err := p.fail(m); err != nil {
			return err
		}
	}
	p.mails, p.at = append(p.mails, m), append(p.at, p.clock.Now())
	return nil
}

func (p *post) Post(_ context.Context, address, _ string, body []byte) (egress.Answer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.answer != nil {
		if a, err := p.answer(address); err != nil || a.Status != 200 {
			return a, err
		}
	}
	p.chats = append(p.chats, string(body))
	return egress.Answer{Status: 200, Body: []byte("ok")}, nil
}

type kit struct {
	*apptest.Env
	dir     *people.Directory
	notices *notice.Service
	digests *digest.Service
	reviews *review.Service
	jobs    *jobs.Client
	out     *post
	gold    int
	// mia manages ana's team.
	mia, ana people.Actor
	// programme is open, and its rubric has one criterion.
	programme, version, criterion string
}

func newKit(t *testing.T, e *apptest.Env) *kit {
	t.Helper()
	k := &kit{Env: e, dir: people.NewDirectory(e.DB), notices: notice.New(e.DB), out: &post{clock: e.Clock}}
	var err error
	if k.jobs, err = jobs.New(e.DB, jobs.Config{Node: "test", Logger: e.Log}); err != nil {
		t.Fatal(err)
	}
	k.digests = k.service(t, func(*digest.Config) {})
	team, err := k.dir.AddTeam(t.Context(), people.System(), "North", nil)
	if err != nil {
		t.Fatal(err)
	}
	k.mia, k.ana = k.person(t, "mia", "Europe/Berlin"), k.person(t, "ana", "America/New_York")
	for a, seat := range map[string]people.Seat{k.mia.PersonID: people.AsManager, k.ana.PersonID: people.AsMember} {
		if err := k.dir.Place(t.Context(), people.System(), team.ID, a, seat); err != nil {
			t.Fatal(err)
		}
	}
	k.mia, k.ana = k.actor(t, k.mia.PersonID), k.actor(t, k.ana.PersonID)
	k.makeProgramme(t)
	return k
}

// service makes another node over the same database.
func (k *kit) service(t *testing.T, change func(*digest.Config)) *digest.Service {
	t.Helper()
	videos := video.New(video.Config{Node: "test", Log: k.Log}, k.DB, nil, k.dir, vocabulary.NewBook(k.DB), k.jobs)
	rubrics := rubric.New(k.DB)
	programmes := programme.New(programme.Config{DB: k.DB, Rubrics: rubrics, Videos: videos, People: k.dir, Notices: k.notices, Jobs: k.jobs, Log: k.Log})
	certificates := certificate.New(certificate.Config{DB: k.DB, People: k.dir, Notices: k.notices, Log: k.Log})
	k.reviews = review.New(review.Config{DB: k.DB, Rubrics: rubrics, Programmes: programmes, Certificates: certificates, Videos: videos, People: k.dir, Notices: k.notices, Jobs: k.jobs, Log: k.Log})
	c := digest.Config{DB: k.DB, People: k.dir, Programmes: programmes, Reviews: k.reviews, Notices: k.notices, Mail: k.out, Post: k.out.Post, PublicURL: "https://reel.example.com/", Jobs: k.jobs, Log: k.Log,
		Coaching: func(context.Context, people.Actor) (digest.Coaching, error) { return digest.Coaching{}, nil },
		Gold:     func(context.Context, people.Actor) (int, string, error) { return k.gold, "2026-03-31", nil },
		Pause: func(ctx context.Context, d time.Duration) error {
			k.Clock.Advance(d)
			return ctx.Err()
		}}
	change(&c)
	return digest.New(c)
}

func (k *kit) person(t *testing.T, name, zone string) people.Actor {
	t.Helper()
	p, err := k.dir.AddPerson(t.Context(), people.System(), people.NewPerson{Email: name + "@example.com", Name: name, Roles: []people.Role{people.Rep}, TimeZone: zone})
	if err != nil {
		t.Fatal(err)
	}
	return k.actor(t, p.ID)
}

func (k *kit) actor(t *testing.T, id string) people.Actor {
	t.Helper()
	a, err := k.dir.ActorFor(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// row writes a row; what is left out takes the table's zero values below.
func (k *kit) row(t *testing.T, table string, values ...map[string]any) string {
	t.Helper()
	all := map[string]any{}
	for _, v := range append([]map[string]any{k.zero(table)}, values...) {
		maps.Copy(all, v)
	}
	if _, ok := all["id"]; !ok && all["-id"] == nil {
		all["id"] = ident.New()
	}
	delete(all, "-id")
	columns := slices.Sorted(maps.Keys(all))
	args := make([]any, len(columns))
	for i, c := range columns {
		args[i] = all[c]
	}
	q := `INSERT INTO ` + table + ` (` + strings.Join(columns, ", ") + `) VALUES (` + strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ") + `)`
	if err := k.DB.Tx(t.Context(), func(tx *db.Tx) error { return tx.Gorm().Exec(q, args...).Error }); err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	id, _ := all["id"].(string)
	return id
}

func (k *kit) zero(table string) map[string]any {
	now := k.Clock.Now()
	return map[string]map[string]any{
		"rubrics":         {"name": "R", "created_at": now, "updated_at": now},
		"rubric_versions": {"number": 1, "created_at": now},
		"criteria":        {"position": 0, "name": "C", "description": "", "weight": 1, "levels": `[{"points":0,"name":"Low","description":""},{"points":1,"name":"High","description":""}]`, "lineage_id": "l"},
		"programmes": {"name": "Cold calls", "brief": "", "state": "open", "model_start_ms": 0, "model_end_ms": 0, "target_ms": 0, "answer_types": "camera", "due_kind": "none", "due_date": "", "due_days": 0,
			"attempts_max": 0, "wait_hours": 0, "pass_kind": "total", "pass_percent": 50, "pass_level": 1, "reviewer_kind": "manager", "second_share": 0, "second_distance": 10, "valid_days": 0, "renew_days": 0,
			"peers": "never", "must_say": "[]", "must_not_say": "[]", "version": 1, "created_at": now, "updated_at": now, "opened_at": now},
		"enrolments": {"state": "open", "by_hand": false, "extra_attempts": 0, "attempts": 0, "retry_criteria": "[]", "started_at": now, "created_at": now, "updated_at": now},
		"attempts": {"number": 1, "only_criteria": "[]", "carried": "{}", "note_at_ms": 0, "note": "", "second": false, "state": "waiting", "decision": "", "levels": "{}", "retry_criteria": "[]",
			"submitted_at": now, "swap_until": now},
		"reviews": {"role": "first", "state": "waiting", "draft": "", "draft_version": 0, "decision": "", "retry_criteria": "[]", "message": "", "created_at": now, "assigned_at": now},
		"videos": {"title": "T", "description": "", "state": "ready", "failure_code": "", "failure": "", "audience": "private", "complete_share": 90, "kind": "attempt", "filename": "", "content_type": "video/mp4", "size": 1,
			"sha256": "", "duration_ms": 100000, "width": 1, "height": 1, "media_original": true, "media_progressive": true, "media_hls": true, "media_poster": true, "media_storyboard": true, "media_audio": true,
			"transcript_state": "ready", "transcript_note": "", "media_note": "", "situation_text": "", "stage": "", "industry": "", "persona": "", "competitor": "", "product": "", "objection": "", "tags": "[]",
			"version": 1, "created_at": now, "updated_at": now},
	}[table]
}

func (k *kit) makeProgramme(t *testing.T) {
	t.Helper()
	r := k.row(t, "rubrics")
	k.version = k.row(t, "rubric_versions", map[string]any{"rubric_id": r})
	k.criterion = k.row(t, "criteria", map[string]any{"version_id": k.version})
	k.programme = k.row(t, "programmes", map[string]any{"rubric_version_id": k.version})
}

// enrol puts a person into the programme.
func (k *kit) enrol(t *testing.T, who people.Actor, values map[string]any) string {
	t.Helper()
	return k.row(t, "enrolments", map[string]any{"programme_id": k.programme, "person_id": who.PersonID}, values)
}

// submit makes an attempt of a minute and 40 seconds that waits for a reviewer.
func (k *kit) submit(t *testing.T, enrolment string, who, reviewer people.Actor, due *time.Time) (attempt, rev string) {
	t.Helper()
	v := k.row(t, "videos", map[string]any{"author_id": who.PersonID})
	attempt = k.row(t, "attempts", map[string]any{"enrolment_id": enrolment, "programme_id": k.programme, "person_id": who.PersonID, "video_id": v, "rubric_version_id": k.version, "due_at": due})
	rev = k.row(t, "reviews", map[string]any{"attempt_id": attempt, "programme_id": k.programme, "reviewer_id": reviewer.PersonID, "rubric_version_id": k.version, "due_at": due})
	return attempt, rev
}

func (k *kit) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if err := k.DB.Tx(t.Context(), func(tx *db.Tx) error { return tx.Gorm().Exec(query, args...).Error }); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// to sets the clock; it never goes back.
func (k *kit) to(t *testing.T, at string) {
	t.Helper()
	want, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	k.Clock.Advance(want.Sub(k.Clock.Now()))
}

// states gives the states of all deliveries, oldest first.
func (k *kit) states(t *testing.T) []string {
	t.Helper()
	var out []string
	if err := k.DB.Read(t.Context()).Raw(`SELECT channel || ' ' || state || CASE WHEN trouble = '' THEN '' ELSE ' ' || trouble END FROM deliveries ORDER BY created_at, id`).Scan(&out).Error; err != nil {
		t.Fatal(err)
	}
	return out
}

// run plans and sends on both channels, and gives how many mails have left in all.
func (k *kit) run(t *testing.T, s *digest.Service) int {
	t.Helper()
	if _, err := s.Plan(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []digest.Channel{digest.ByMail, digest.ByChat} {
		if _, err := s.Send(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	return len(k.out.mails)
}

// told gives the kinds of somebody's notices, newest first.
func (k *kit) told(t *testing.T, a people.Actor) []notice.Kind {
	t.Helper()
	list, err := k.notices.List(t.Context(), a, notice.Filter{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	out := []notice.Kind{}
	for _, n := range list {
		out = append(out, n.Kind)
	}
	return out
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Errorf("error %v, want %s", err, code)
	}
}
