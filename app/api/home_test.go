package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/internal/apitest"
)

// homeRules are who may do what with asks, and who has a first screen.
func homeRules(open string) []rule {
	// Cleo asks ana; each time the week begins anew.
	asked := func(rest string) func(*testing.T, *world) string {
		return func(t *testing.T, w *world) string {
			if _, err := w.app.DB.SQL().ExecContext(t.Context(), `DELETE FROM asks`); err != nil {
				t.Fatal(err)
			}
			return "/api/v1/asks/" + w.make(t, w.cleo, "/api/v1/asks", map[string]any{"to": w.id[w.ana], "text": "How?"}) + rest
		}
	}
	to := map[string]any{"text": "How?"}
	return []rule{
		{op: "GET /api/v1/home", want: all(200)},
		{op: "GET /api/v1/asks", want: all(200)},
		{op: "POST /api/v1/asks", want: verdicts{401, 201, 422, 201, 201, 201}, path: func(t *testing.T, w *world) string { // ana cannot ask herself
			asked("")(t, w)
			to["to"] = w.id[w.ana]
			return "/api/v1/asks"
		}, body: to},
		{op: "POST /api/v1/asks/{id}/answer", want: verdicts{401, 403, 200, 404, 404, 404}, path: asked("/answer"), body: map[string]any{"video_id": open}},
		{op: "POST /api/v1/asks/{id}/decline", want: verdicts{401, 403, 200, 404, 404, 404}, path: asked("/decline")},
		{op: "DELETE /api/v1/asks/{id}", want: verdicts{401, 204, 403, 404, 404, 404}, path: asked("")},
	}
}

type shownVideo struct {
	ID, Title string
	Author    struct{ ID, Name string }
	Media     struct{ Poster, Progressive string }
}

// TestHome is what the first screen shows whom, in one request.
func TestHome(t *testing.T) {
	w := newWorld(t)
	file := clip(t)
	open, line := w.video(t, file, "For everyone", "everyone"), w.video(t, file, "For the line", "line")
	private := w.ana.Upload(t, file, "For nobody")
	type home struct {
		Continue []struct {
			Video        shownVideo
			ResumeMS     int64   `json:"resume_ms"`
			WatchedShare float64 `json:"watched_share"`
		}
		New []struct {
			Video shownVideo
			Why   string
		}
		Asked []struct {
			ID, Text, State string
			From            struct{ ID, Name string }
			Video           *shownVideo
			VideoID         string `json:"video_id"`
		}
		Shared []struct {
			From    struct{ ID, Name string }
			Message string
			Video   shownVideo
			StartMS int64 `json:"start_ms"`
			EndMS   int64 `json:"end_ms"`
		}
		Processing []shownVideo
		ToWatch    []shownVideo `json:"to_watch"`
	}
	see := func(c *apitest.Client) home {
		t.Helper()
		var h home
		c.Get(t, "/api/v1/home", &h)
		return h
	}

	// Cleo is in another team; mia manages ana's.
	if h := see(w.cleo); len(h.New) != 1 || h.New[0].Video.ID != open || h.New[0].Why != "everyone" || h.New[0].Video.Author.Name != "Ana Silva" || h.New[0].Video.Media.Progressive == "" || h.ToWatch == nil || len(h.ToWatch) != 0 {
		t.Errorf("cleo sees %+v", h)
	}
	h := see(w.mia)
	if len(h.New) != 2 || h.New[0].Video.ID != line || h.New[0].Why != "team" || h.New[1].Video.ID != open {
		t.Errorf("new to mia: %+v", h.New)
	}
	if len(h.ToWatch) != 2 || h.ToWatch[0].ID != line || h.ToWatch[1].ID != open {
		t.Errorf("mia is to watch %+v", h.ToWatch)
	}
	w.mia.Do(t, http.MethodPost, "/api/v1/videos/"+line+"/notes", map[string]any{"at_ms": 100, "text": "Good."}).Into(t, http.StatusCreated, nil)
	w.mia.Do(t, http.MethodPost, "/api/v1/watch", map[string]any{"events": []any{map[string]any{"id": "1", "video_id": line, "from_ms": 0, "to_ms": 800, "at": time.Now().UTC()}}}).Into(t, http.StatusOK, nil)
	h = see(w.mia)
	if len(h.ToWatch) != 1 || h.ToWatch[0].ID != open {
		t.Errorf("after a note mia is to watch %+v", h.ToWatch)
	}
	if len(h.Continue) != 1 || h.Continue[0].Video.ID != line || h.Continue[0].ResumeMS != 800 || h.Continue[0].WatchedShare < 0.3 || h.Continue[0].WatchedShare > 0.5 {
		t.Errorf("mia goes on with %+v", h.Continue)
	}
	if len(h.New) != 1 || h.New[0].Video.ID != open {
		t.Errorf("what she has begun is new to mia: %+v", h.New)
	}

	// What is shared stands there, and not among the new ones too.
	w.mia.Do(t, http.MethodPost, "/api/v1/shares", map[string]any{"video_id": open, "start_ms": 100, "end_ms": 900, "to_person_id": w.id[w.cleo], "message": "Look at this."}).Into(t, http.StatusCreated, nil)
	h = see(w.cleo)
	if len(h.Shared) != 1 || h.Shared[0].Video.ID != open || h.Shared[0].From.Name != "Mia Wolf" || h.Shared[0].Message != "Look at this." || h.Shared[0].StartMS != 100 || h.Shared[0].EndMS != 900 || len(h.New) != 0 {
		t.Errorf("cleo sees %+v", h)
	}
	w.cleo.Do(t, http.MethodPost, "/api/v1/watch", map[string]any{"events": []any{map[string]any{"id": "1", "video_id": open, "from_ms": 100, "to_ms": 900, "at": time.Now().UTC()}}}).Into(t, http.StatusOK, nil)
	if h := see(w.cleo); len(h.Shared) != 0 || len(h.Continue) != 1 {
		t.Errorf("after watching cleo sees %+v", h)
	}

	// An ask, and what only its author sees of a take.
	w.make(t, w.cleo, "/api/v1/asks", map[string]any{"to": w.id[w.ana], "text": "How do you save a renewal?", "video_id": open})
	h = see(w.ana)
	if len(h.Asked) != 1 || h.Asked[0].From.Name != "Cleo Marin" || h.Asked[0].VideoID != open || h.Asked[0].Video == nil || h.Asked[0].State != "open" {
		t.Errorf("ana was asked %+v", h.Asked)
	}
	if len(h.New)+len(h.ToWatch)+len(h.Continue) != 0 {
		t.Errorf("her own videos wait for ana: %+v", h)
	}
	if n := len(see(w.mia).Processing) + len(see(w.ada).New); n != 1 { // ada: the one for everyone
		t.Errorf("%d", n)
	}
	if _, err := w.app.DB.SQL().ExecContext(t.Context(), `UPDATE videos SET state = 'failed', failure = 'No picture.' WHERE id = ?`, private); err != nil {
		t.Fatal(err)
	}
	if h := see(w.ana); len(h.Processing) != 1 || h.Processing[0].ID != private {
		t.Errorf("ana's takes that are not ready: %+v", h.Processing)
	}
}

// TestAsks goes the way of an ask over HTTP, with the notices of both.
func TestAsks(t *testing.T) {
	w := newWorld(t)
	file := clip(t)
	line := w.video(t, file, "For the line", "line")
	type shownAsk struct {
		ID, Text, State string
		From, To        struct{ ID, Name string }
		AnswerVideoID   string `json:"answer_video_id"`
		Answer          *shownVideo
		Mine            bool
		AnsweredAt      *string `json:"answered_at"`
	}
	id := w.make(t, w.cleo, "/api/v1/asks", map[string]any{"to": w.id[w.ana], "text": "How do you open with a CFO?"})
	var list struct{ Items []shownAsk }
	w.ana.Get(t, "/api/v1/asks?state=open", &list)
	if len(list.Items) != 1 || list.Items[0].Mine || list.Items[0].From.Name != "Cleo Marin" || list.Items[0].To.Name != "Ana Silva" {
		t.Errorf("%+v", list)
	}
	refused := w.ana.Do(t, http.MethodPost, "/api/v1/asks/"+id+"/answer", map[string]any{"video_id": line})
	var p struct {
		Code, Field string
		Context     struct{ Audience string }
	}
	refused.Into(t, http.StatusConflict, &p)
	if p.Code != "not_visible_to_asker" || p.Field != "video_id" || p.Context.Audience != "everyone" {
		t.Errorf("%s", refused.Body)
	}
	w.ana.Do(t, http.MethodPatch, "/api/v1/videos/"+line, map[string]any{"audience": p.Context.Audience}).Into(t, http.StatusOK, nil)
	w.ana.Do(t, http.MethodPost, "/api/v1/asks/"+id+"/answer", map[string]any{"video_id": line}).Into(t, http.StatusOK, nil)
	w.cleo.Get(t, "/api/v1/asks?box=sent", &list)
	if len(list.Items) != 1 || list.Items[0].State != "answered" || list.Items[0].AnswerVideoID != line || list.Items[0].Answer == nil || !list.Items[0].Mine || list.Items[0].AnsweredAt == nil {
		t.Errorf("%+v", list)
	}
	// An answer that the asker may not see any more is not there for them.
	w.ana.Do(t, http.MethodPatch, "/api/v1/videos/"+line, map[string]any{"audience": "private"}).Into(t, http.StatusOK, nil)
	list.Items = nil
	a := w.cleo.Get(t, "/api/v1/asks?box=sent", &list)
	if list.Items[0].AnswerVideoID != "" || list.Items[0].Answer != nil {
		t.Errorf("%s", a.Body)
	}
	w.make(t, w.mia, "/api/v1/asks", map[string]any{"to": w.id[w.ana], "text": "And with a CTO?"})
	full := w.tom.Do(t, http.MethodPost, "/api/v1/asks", map[string]any{"to": w.id[w.ana], "text": "And me?"})
	var limit struct {
		Code    string
		Context struct {
			FreeAt string `json:"free_at"`
		}
	}
	full.Into(t, http.StatusConflict, &limit)
	if limit.Code != "ask_limit" || limit.Context.FreeAt == "" {
		t.Errorf("%s", full.Body)
	}
}

// TestWatchScreen is all that the screen of a video shows first, in one request.
func TestWatchScreen(t *testing.T) {
	w := newWorld(t)
	open := w.video(t, clip(t), "For everyone", "everyone")
	type screen struct {
		ID, Title   string
		Author      struct{ ID, Name string }
		TacticNames []string `json:"tactic_names"`
		Progress    struct {
			Ranges   [][2]int64
			ResumeMS int64 `json:"resume_ms"`
		}
		Saves []struct{ ID string }
		May   map[string]bool
		Done  struct{ Saw, Shared, Saved, Used *int }
	}
	w.ana.Do(t, http.MethodPatch, "/api/v1/videos/"+open, map[string]any{"tactics": []string{w.tactic(t)}}).Into(t, http.StatusOK, nil)
	save := w.make(t, w.cleo, "/api/v1/saves", map[string]any{"video_id": open, "start_ms": 0, "end_ms": 1000})
	w.cleo.Do(t, http.MethodPost, "/api/v1/watch", map[string]any{"events": []any{map[string]any{"id": "1", "video_id": open, "from_ms": 0, "to_ms": 700, "at": time.Now().UTC()}}}).Into(t, http.StatusOK, nil)
	for _, c := range []struct {
		who  *apitest.Client
		want map[string]bool
	}{
		{w.cleo, map[string]bool{"edit": false, "curate": false, "note": true, "share": true, "see_viewers": false, "original": false}},
		{w.ana, map[string]bool{"edit": true, "curate": true, "note": true, "share": true, "see_viewers": true, "original": true}},
		{w.tom, map[string]bool{"edit": false, "curate": true, "note": true, "share": true, "see_viewers": false, "original": false}},
	} {
		var s screen
		c.who.Get(t, "/api/v1/videos/"+open, &s)
		if len(s.May) != len(c.want) {
			t.Errorf("may %v", s.May)
		}
		for action, want := range c.want {
			if s.May[action] != want {
				t.Errorf("%s: %v, want %v", action, s.May[action], want)
			}
		}
		if s.Author.Name != "Ana Silva" || len(s.TacticNames) != 1 || s.TacticNames[0] != "Mutual plan" {
			t.Errorf("%+v", s)
		}
		switch c.who {
		case w.cleo:
			if len(s.Saves) != 1 || s.Saves[0].ID != save || s.Progress.ResumeMS != 700 || len(s.Progress.Ranges) != 1 || s.Done.Saved != nil || s.Done.Saw != nil {
				t.Errorf("cleo: %+v", s)
			}
		default: // who sees the counts as they are
			if len(s.Saves) != 0 || len(s.Progress.Ranges) != 0 || s.Done.Saved == nil || *s.Done.Saved != 1 || *s.Done.Used != 0 {
				t.Errorf("%+v", s)
			}
		}
	}

	// The moment that was found says that one keeps it.
	var found struct {
		Results []struct {
			VideoID     string   `json:"video_id"`
			StartMS     int64    `json:"start_ms"`
			EndMS       int64    `json:"end_ms"`
			SaveID      string   `json:"save_id"`
			TacticNames []string `json:"tactic_names"`
			Media       struct{ Poster, Progressive string }
			Mine        bool
		}
	}
	w.cleo.Get(t, "/api/v1/moments?q=renewal+plan", &found)
	if len(found.Results) != 1 || found.Results[0].SaveID != "" || found.Results[0].Media.Progressive == "" || found.Results[0].Mine || len(found.Results[0].TacticNames) != 1 {
		t.Fatalf("%+v", found)
	}
	m := found.Results[0]
	kept := w.make(t, w.cleo, "/api/v1/saves", map[string]any{"video_id": open, "start_ms": m.StartMS, "end_ms": m.EndMS})
	w.cleo.Get(t, "/api/v1/moments?q=renewal+plan", &found)
	if len(found.Results) != 1 || found.Results[0].SaveID != kept {
		t.Errorf("%+v", found)
	}
	var parts struct {
		Items []struct {
			SaveID      string   `json:"save_id"`
			Tactics     []string `json:"tactics"`
			TacticNames []string `json:"tactic_names"`
		}
	}
	w.cleo.Get(t, "/api/v1/videos/"+open+"/moments", &parts)
	if len(parts.Items) != 1 || parts.Items[0].SaveID != kept || len(parts.Items[0].TacticNames) != len(parts.Items[0].Tactics) {
		t.Errorf("%+v", parts)
	}
	found.Results = nil
	w.ana.Get(t, "/api/v1/moments?q=renewal+plan", &found)
	if len(found.Results) != 1 || found.Results[0].SaveID != "" || !found.Results[0].Mine {
		t.Errorf("%+v", found)
	}
}

// tactic adds one and gives its key.
func (w *world) tactic(t *testing.T) string {
	t.Helper()
	var made struct{ Key string }
	w.tom.Do(t, http.MethodPost, "/api/v1/vocabulary", map[string]any{"kind": "tactic", "label": "Mutual plan"}).Into(t, http.StatusCreated, &made)
	return made.Key
}
