package calibration_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/calibration"
	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/people/peopletest"
	"github.com/fieldreel/fieldreel/app/rubric"
	"github.com/fieldreel/fieldreel/app/rubric/score"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/app/video/videotest"
	"github.com/fieldreel/fieldreel/app/vocabulary"
)

// TestMain runs everything in a zone that no time may be kept or compared in.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("Nowhere", 5*3600+45*60)
	apptest.Main(m)
}

type kit struct {
	*apptest.Env
	peopletest.Company
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
	k := &kit{Env: e, Company: peopletest.Company{People: people.NewDirectory(e.DB)}, notices: notice.New(e.DB)}
	k.videos = video.New(video.Config{Node: "test", Log: e.Log}, e.DB, nil, k.People, vocabulary.NewBook(e.DB), nil)
	k.People.OnMoved = k.videos.AuthorsMoved
	k.s = calibration.New(calibration.Config{DB: e.DB, Rubrics: rubric.New(e.DB), Videos: k.videos, People: k.People, Notices: k.notices, Log: e.Log})
	team := k.Team(t, "North", nil)
	k.tom, k.pia, k.pol = k.Add(t, "Somebody", "", people.Trainer), k.Add(t, "Somebody", "", people.Rep), k.Add(t, "Somebody", "", people.Rep)
	k.mia, k.ana = k.Add(t, "Somebody", "", people.Manager), k.Add(t, "Somebody", "", people.Rep)
	k.Place(t, team, k.mia, people.AsManager)
	k.Place(t, team, k.ana, people.AsMember)
	k.mia, k.ana = k.Actor(t, k.mia.PersonID), k.Actor(t, k.ana.PersonID)
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
	k.Exec(t, `INSERT INTO `+table+` (`+strings.Join(columns, ", ")+`) VALUES (`+strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ")+`)`, args...)
}

// film makes a video of a minute.
func (k *kit) film(t *testing.T, author people.Actor, audience people.Audience, kind string) string {
	t.Helper()
	return videotest.Film{Audience: audience, Kind: kind}.Make(t, k.Env, author)
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
