package api_test

import (
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
	"github.com/fieldreel/fieldreel/app/rubric"
	"github.com/fieldreel/fieldreel/app/rubric/score"
	"github.com/fieldreel/fieldreel/internal/apitest"
)

// part is how far ana has come in a programme of her own team and cleo's, which mia reviews.
type part struct {
	programme, enrolment, practice, attempt, take, certificate string
}

func (w *world) actor(t *testing.T, c *apitest.Client) people.Actor {
	t.Helper()
	a, err := w.app.People.ActorFor(t.Context(), w.id[c])
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// enrol opens a programme that ana and cleo take part in, and records a practice of ana's for it.
func (w *world) enrol(t *testing.T) part {
	t.Helper()
	tom := w.actor(t, w.tom)
	levels := []score.Level{{Points: 0, Name: "Not yet", Description: "It is not there."}, {Points: 10, Name: "Done", Description: "It is there."}}
	r, err := w.app.Rubrics.Make(t.Context(), tom, "", "Pitch", []rubric.NewCriterion{{Name: "Opening", Weight: 1, Levels: levels}, {Name: "Close", Weight: 1, Levels: levels}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := w.app.Programmes.Make(t.Context(), tom, "", func(p *programme.Programme) {
		p.Name, p.Brief, p.RubricVersionID, p.Peers, p.ValidDays = "First call", "Open a call.", r.Current().ID, programme.PeersBefore, 365
		p.Rules = []programme.Rule{{TeamID: w.north}, {TeamID: w.south}}
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.app.Programmes.Launch(t.Context(), tom, p.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.app.Programmes.Sync(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	out := part{programme: p.ID}
	g := w.app.DB.Read(t.Context())
	if err := g.Raw(`SELECT id FROM enrolments WHERE programme_id = ? AND person_id = ?`, p.ID, w.id[w.ana]).Scan(&out.enrolment).Error; err != nil || out.enrolment == "" {
		t.Fatalf("ana's enrolment: %q, %v", out.enrolment, err)
	}
	out.practice = w.practice(t, out.enrolment)
	return out
}

// practice is a take of ana's for an enrolment, as it stands once it is ready.
func (w *world) practice(t *testing.T, enrolment string) string {
	t.Helper()
	id, now := ident.New(), w.app.DB.Now()
	g := w.app.DB.Read(t.Context())
	err := g.Exec(`INSERT INTO videos (id, author_id, title, description, state, failure_code, failure, audience, complete_share, kind, for_id, filename, content_type, size, sha256,
		duration_ms, width, height, media_original, media_progressive, media_hls, media_poster, media_storyboard, media_audio, transcript_state, transcript_note,
		media_note, situation_text, stage, industry, persona, competitor, product, objection, tags, version, created_at, updated_at)
		VALUES (?, ?, 'A practice', '', 'ready', '', '', 'private', 90, 'practice', ?, '', 'video/mp4', 1, '', 60000, 1, 1, ?, ?, ?, ?, ?, ?, 'no_sound', '', '', '', '', '', '', '', '', '', '[]', 1, ?, ?)`,
		id, w.id[w.ana], enrolment, false, true, true, false, false, false, now, now).Error
	if err == nil {
		err = g.Exec(`INSERT INTO video_audience (video_id, key) VALUES (?, ?)`, id, people.PersonKey(w.id[w.ana])).Error
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// submit is enrol, and ana's attempt.
func (w *world) submit(t *testing.T) part {
	t.Helper()
	p := w.enrol(t)
	a, err := w.app.Programmes.Submit(t.Context(), w.actor(t, w.ana), p.enrolment, programme.NewAttempt{VideoID: p.practice})
	if err != nil {
		t.Fatal(err)
	}
	p.attempt, p.take = a.ID, p.practice
	return p
}

// pass is submit, and mia's review of it.
func (w *world) pass(t *testing.T) part {
	t.Helper()
	p := w.submit(t)
	w.review(t, p.attempt)
	if err := w.app.DB.Read(t.Context()).Raw(`SELECT id FROM certificates WHERE attempt_id = ?`, p.attempt).Scan(&p.certificate).Error; err != nil || p.certificate == "" {
		t.Fatalf("certificate %q, %v", p.certificate, err)
	}
	return p
}

// review has mia pass an attempt.
func (w *world) review(t *testing.T, attempt string) {
	t.Helper()
	var waiting string
	if err := w.app.DB.Read(t.Context()).Raw(`SELECT id FROM reviews WHERE attempt_id = ? AND state = 'waiting'`, attempt).Scan(&waiting).Error; err != nil {
		t.Fatal(err)
	}
	a, err := w.app.Programmes.Attempt(t.Context(), attempt)
	if err != nil {
		t.Fatal(err)
	}
	v, err := w.app.Rubrics.Version(t.Context(), a.RubricVersionID)
	if err != nil {
		t.Fatal(err)
	}
	levels := programme.Levels{}
	for _, c := range v.Criteria {
		levels[c.ID] = 2
	}
	if _, err := w.app.Reviews.Send(t.Context(), w.actor(t, w.mia), waiting, nil, review.Content{Levels: levels, Decision: programme.Pass, Message: "Good."}); err != nil {
		t.Fatal(err)
	}
}

// enrolmentRules: practices and parts are one's own; an attempt is also its reviewer's, its line's and the
// trainer's; the admin reads the trail.
func enrolmentRules() []rule {
	at := func(rest string, made func(*testing.T, *world) string) func(*testing.T, *world) string {
		return func(t *testing.T, w *world) string { return "/api/v1/" + made(t, w) + rest }
	}
	enrolled := func(t *testing.T, w *world) string { return "enrolments/" + w.enrol(t).enrolment }
	waiting := func(t *testing.T, w *world) string { return "attempts/" + w.submit(t).attempt }
	passed := func(t *testing.T, w *world) string { return "attempts/" + w.pass(t).attempt }
	own := func(status int) verdicts { return verdicts{401, 404, status, 404, 404, 404} }
	seen := verdicts{401, 404, 200, 200, 200, 404}
	hers := verdicts{401, 404, 200, 403, 403, 404} // who sees it may know that it is hers alone
	peers := verdicts{401, 200, 200, 404, 404, 404}
	submit, swap := map[string]any{}, map[string]any{}
	return []rule{
		{op: "GET /api/v1/todo", want: all(200)},
		{op: "GET /api/v1/enrolments", want: all(200)},
		{op: "GET /api/v1/enrolments/{id}", want: own(200), path: at("", enrolled)},
		{op: "POST /api/v1/enrolments/{id}/renew", want: own(409), path: at("/renew", enrolled)},
		{op: "POST /api/v1/enrolments/{id}/attempts", want: own(201), body: submit, path: func(t *testing.T, w *world) string {
			p := w.enrol(t)
			submit["video_id"] = p.practice
			return "/api/v1/enrolments/" + p.enrolment + "/attempts"
		}},
		{op: "GET /api/v1/attempts", want: all(200)},
		{op: "GET /api/v1/attempts/{id}", want: seen, path: at("", waiting)},
		{op: "GET /api/v1/attempts/{id}", want: seen, path: at("", passed)},
		{op: "PUT /api/v1/attempts/{id}/take", want: hers, body: swap, path: func(t *testing.T, w *world) string {
			p := w.submit(t)
			swap["video_id"] = w.practice(t, p.enrolment)
			return "/api/v1/attempts/" + p.attempt + "/take"
		}},
		{op: "POST /api/v1/attempts/{id}/acknowledge", want: hers, path: at("/acknowledge", passed)},
		// mia is still to review it: the trail would tell her what others found.
		{op: "GET /api/v1/attempts/{id}/trail", want: verdicts{401, 404, 200, 409, 200, 200}, path: at("/trail", waiting)},
		{op: "GET /api/v1/attempts/{id}/trail", want: verdicts{401, 404, 200, 200, 200, 200}, path: at("/trail", passed)},
		{op: "GET /api/v1/programmes/{id}/takes", want: peers, path: func(t *testing.T, w *world) string { return "/api/v1/programmes/" + w.pass(t).programme + "/takes" }},
		{op: "POST /api/v1/attempts/{id}/open", want: peers, path: at("/open", passed)},
		{op: "POST /api/v1/attempts/{id}/open", want: own(200), path: at("/open", waiting)}, // what has not passed is nobody's example
		{op: "GET /api/v1/videos/{id}/facts", want: own(200), path: func(t *testing.T, w *world) string { return "/api/v1/videos/" + w.enrol(t).practice + "/facts" }},
		{op: "GET /api/v1/videos/{id}/facts", want: verdicts{401, 404, 200, 200, 404, 404}, path: func(t *testing.T, w *world) string { return "/api/v1/videos/" + w.submit(t).take + "/facts" }},
	}
}
