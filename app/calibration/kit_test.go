package calibration_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/calibration"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/rubric"
	"github.com/fieldreel/fieldreel/app/rubric/score"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/app/vocabulary"
)

// TestMain runs everything in a zone that no time may be kept or compared in.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("Nowhere", 5*3600+45*60)
	apptest.Main(m)
}

type kit struct {
	*apptest.Env
	dir     *people.Directory
	notices *notice.Service
	videos  *video.Service
	s       *calibration.Service
	// tom is a trainer, pia and pol make up the panel, mia reviews, ana is a rep whom mia manages.
	tom, pia, pol, mia, ana people.Actor
	programme, version      string
	// criteria are two, of five levels each.
	criteria []string
}

func newKit(t *testing.T, e *apptest.Env) *kit {
	t.Helper()
	k := &kit{Env: e, dir: people.NewDirectory(e.DB), notices: notice.New(e.DB)}
	k.videos = video.New(video.Config{Node: "test", Log: e.Log}, e.DB, nil, k.dir, vocabulary.NewBook(e.DB), nil)
	k.dir.OnMoved = k.videos.AuthorsMoved
	k.s = calibration.New(calibration.Config{DB: e.DB, Rubrics: rubric.New(e.DB), Videos: k.videos, People: k.dir, Notices: k.notices, Log: e.Log})
	team, err := k.dir.AddTeam(t.Context(), people.System(), "North", nil)
	if err != nil {
		t.Fatal(err)
	}
	k.tom, k.pia, k.pol = k.person(t, people.Trainer), k.person(t, people.Rep), k.person(t, people.Rep)
	k.mia, k.ana = k.person(t, people.Manager), k.person(t, people.Rep)
	for id, seat := range map[string]people.Seat{k.mia.PersonID: people.AsManager, k.ana.PersonID: people.AsMember} {
		if err := k.dir.Place(t.Context(), people.System(), team.ID, id, seat); err != nil {
			t.Fatal(err)
		}
	}
	k.mia, k.ana = k.actor(t, k.mia.PersonID), k.actor(t, k.ana.PersonID)
	now := e.Clock.Now()
	r := k.row(t, "rubrics", map[string]any{"name": "R", "created_at": now, "updated_at": now})
	k.version = k.row(t, "rubric_versions", map[string]any{"rubric_id": r, "number": 1, "created_at": now})
	levels := `[` + strings.TrimSuffix(strings.Repeat(`{"points":1,"name":"L","description":"D"},`, 5), ",") + `]`
	for i := range 2 {
		k.criteria = append(k.criteria, k.row(t, "criteria", map[string]any{"version_id": k.version, "position": i, "name": "C", "description": "", "weight": 1, "levels": levels, "lineage_id": ident.New()}))
	}
	k.programme = k.row(t, "programmes", map[string]any{"name": "P", "brief": "", "state": "open", "rubric_version_id": k.version, "model_start_ms": 0, "model_end_ms": 0, "target_ms": 0, "answer_types": "camera",
		"due_kind": "none", "due_date": "", "due_days": 0, "attempts_max": 0, "wait_hours": 0, "pass_kind": "total", "pass_percent": 50, "pass_level": 1, "reviewer_kind": "manager", "second_share": 0, "second_distance": 10,
		"valid_days": 0, "renew_days": 0, "peers": "never", "must_say": "[]", "must_not_say": "[]", "version": 1, "created_at": now, "updated_at": now})
	k.enrol(t, k.ana)
	return k
}

func (k *kit) enrol(t *testing.T, a people.Actor) string {
	t.Helper()
	now := k.Clock.Now()
	return k.row(t, "enrolments", map[string]any{"programme_id": k.programme, "person_id": a.PersonID, "state": "open", "by_hand": false, "extra_attempts": 0, "attempts": 0, "retry_criteria": "[]", "started_at": now,
		"created_at": now, "updated_at": now})
}

func (k *kit) person(t *testing.T, roles ...people.Role) people.Actor {
	t.Helper()
	p, err := k.dir.AddPerson(t.Context(), people.System(), people.NewPerson{Email: ident.New() + "@example.com", Name: "Somebody", Roles: roles})
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

// row writes a row, with an id of its own where none is said.
func (k *kit) row(t *testing.T, table string, values map[string]any) string {
	t.Helper()
	if _, ok := values["id"]; !ok {
		values["id"] = ident.New()
	}
	k.bare(t, table, values)
	return values["id"].(string)
}

// bare writes a row of a table without ids.
func (k *kit) bare(t *testing.T, table string, values map[string]any) {
	t.Helper()
	columns := slices.Sorted(maps.Keys(values))
	args := make([]any, len(columns))
	for i, c := range columns {
		args[i] = values[c]
	}
	k.exec(t, `INSERT INTO `+table+` (`+strings.Join(columns, ", ")+`) VALUES (`+strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ")+`)`, args...)
}

func (k *kit) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if err := k.DB.Tx(t.Context(), func(tx *db.Tx) error { return tx.Gorm().Exec(query, args...).Error }); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// film makes a video of a minute.
func (k *kit) film(t *testing.T, author people.Actor, audience people.Audience, kind string) string {
	t.Helper()
	now := k.Clock.Now()
	id := k.row(t, "videos", map[string]any{"author_id": author.PersonID, "title": "T", "description": "", "state": "ready", "failure_code": "", "failure": "", "audience": string(audience), "complete_share": 90, "kind": kind,
		"filename": "", "content_type": "video/mp4", "size": 1, "sha256": "", "duration_ms": 60000, "width": 1, "height": 1, "media_original": true, "media_progressive": true, "media_hls": true, "media_poster": true,
		"media_storyboard": true, "media_audio": true, "transcript_state": "ready", "transcript_note": "", "media_note": "", "situation_text": "", "stage": "", "industry": "", "persona": "", "competitor": "", "product": "",
		"objection": "", "tags": "[]", "version": 1, "created_at": now, "updated_at": now})
	err := k.DB.Tx(t.Context(), func(tx *db.Tx) error {
		place, err := k.dir.PlaceTx(tx, author.PersonID)
		if err != nil {
			return err
		}
		for _, key := range people.AudienceKeys(audience, place, nil) {
			if err := tx.Gorm().Exec(`INSERT INTO video_audience (video_id, key) VALUES (?, ?)`, id, key).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// levels gives one level for each criterion.
func (k *kit) levels(levels ...int) score.Levels {
	out := score.Levels{}
	for i, l := range levels {
		out[k.criteria[i]] = l
	}
	return out
}

// gold makes a gold take of pia's and pol's levels.
func (k *kit) gold(t *testing.T, videoID string, pia, pol score.Levels) string {
	t.Helper()
	g, err := k.s.AddGold(t.Context(), k.tom, calibration.NewGold{Title: "Gold", VideoID: videoID, RubricVersionID: k.version, Panel: []calibration.Panelist{{k.pia.PersonID, pia}, {k.pol.PersonID, pol}}})
	if err != nil {
		t.Fatal(err)
	}
	return g.ID
}

func (k *kit) this(t *testing.T, a people.Actor) calibration.Month {
	t.Helper()
	m, err := k.s.This(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// ids gives the gold takes of a month in their order.
func ids(m calibration.Month) []string {
	out := []string{}
	for _, t := range m.Takes {
		out = append(out, t.GoldID)
	}
	return out
}

// nextMonth moves the clock to the first day of the next month.
func (k *kit) nextMonth() {
	now := k.Clock.Now()
	k.Clock.Advance(time.Date(now.Year(), now.Month()+1, 1, 9, 0, 0, 0, time.UTC).Sub(now))
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Errorf("error %v, want %s", err, code)
	}
}
