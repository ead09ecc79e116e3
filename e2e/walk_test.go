package e2e

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/internal/apitest"
	"github.com/fieldreel/fieldreel/internal/pgtest"
	"github.com/fieldreel/fieldreel/media/mediatest"
)

// The main path, end to end, on both columns of engines.

func TestTheContractOnTheEmbeddedEngines(t *testing.T) {
	s := newSite(t)
	walk(t, s.start(t))
}

// TestTheContractOnPostgreSQLAndMinIO runs a web node and a worker, each on a machine of its own but for the
// engines that they share.
func TestTheContractOnPostgreSQLAndMinIO(t *testing.T) {
	m := mediatest.StartMinIO(t)
	env := []string{"FIELDREEL_DATABASE_URL", pgtest.Database(t), "FIELDREEL_S3_ENDPOINT", "http://" + m.Endpoint,
		"FIELDREEL_S3_ACCESS_KEY", m.AccessKey, "FIELDREEL_S3_SECRET_KEY", m.SecretKey}
	web, worker := newSite(t, env...), newSite(t, env...)
	web.env["FIELDREEL_S3_BUCKET"] = "not-there"
	if _, errs, code := web.run(t, "", "serve", "--listen", "127.0.0.1:0"); code != 1 || !strings.Contains(errs, `make the bucket "not-there"`) || !strings.Contains(errs, "FIELDREEL_S3_CREATE_BUCKET") {
		t.Errorf("without its bucket, exit code %d: %s", code, errs)
	}
	delete(web.env, "FIELDREEL_S3_BUCKET")
	srv := web.start(t, "--role", "web")
	hands := worker.launch(t, "--role", "worker")
	walk(t, srv)
	hands.stop(t)
}

// company is who a walk is about: ana, the author, and ben are reps of a team that mia manages; cleo is a
// rep of another team; tom is the trainer, ada the admin.
type company struct {
	ana, ben, cleo, mia, tom, ada account
	north, south                  string
}

// company adds the admin with the command line, and with the admin everybody else and the teams.
func (srv *server) company(t *testing.T) company {
	t.Helper()
	var c company
	c.ada = srv.site.person(t, "ada@example.com", "Ada Berg", "admin")
	admin := srv.as(c.ada.token)
	var tokens sync.WaitGroup
	for _, p := range []struct {
		who               *account
		email, name, role string
	}{
		{&c.ana, "ana@example.com", "Ana Silva", "rep"}, {&c.ben, "ben@example.com", "Ben Okoye", "rep"}, {&c.cleo, "cleo@example.com", "Cleo Marin", "rep"},
		{&c.mia, "mia@example.com", "Mia Wolf", "manager"}, {&c.tom, "tom@example.com", "Tom Reyes", "trainer"},
	} {
		p.who.id = made(t, admin, "/api/v1/people", map[string]any{"email": p.email, "name": p.name, "roles": []string{p.role}})
		// Each opens the product in a process of its own, which takes half a second.
		tokens.Go(func() {
			out, err := srv.site.command("token", "create", "--email", p.email).Output()
			if err != nil {
				t.Errorf("token of %s: %v", p.email, err)
			}
			p.who.token = strings.TrimSpace(string(out))
		})
	}
	c.north, c.south = made(t, admin, "/api/v1/teams", map[string]any{"name": "North"}), made(t, admin, "/api/v1/teams", map[string]any{"name": "South"})
	for _, seat := range []string{c.north + "/members/" + c.ana.id, c.north + "/members/" + c.ben.id, c.north + "/managers/" + c.mia.id, c.south + "/members/" + c.cleo.id} {
		admin.Do(t, http.MethodPut, "/api/v1/teams/"+seat, nil).Into(t, http.StatusNoContent, nil)
	}
	tokens.Wait()
	return c
}

// made posts something that makes a thing, and gives its id.
func made(t *testing.T, c *apitest.Client, path string, body any) string {
	t.Helper()
	var thing struct{ ID string }
	c.Do(t, http.MethodPost, path, body).Into(t, http.StatusCreated, &thing)
	return thing.ID
}

// trip is one walk along the main path.
type trip struct {
	srv *server
	co  company
	// clip is the file that was sent, id its video.
	clip []byte
	id   string
	v    apitest.Video
	// deal is one of ben's.
	deal string
	// start and end are the moment that search gave.
	start, end int64
}

func (w *trip) as(a account) *apitest.Client { return w.srv.as(a.token) }

func walk(t *testing.T, srv *server) {
	w := &trip{srv: srv, clip: apitest.ReadFile(t, apitest.Clip(t, apitest.Sales(root), "320x240"))}
	w.co = w.srv.company(t)
	// Each step needs those before it.
	for _, step := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"upload broken off and resumed", w.upload}, {"media", w.media}, {"transcript", w.transcript}, {"published", w.publish}, {"found", w.find},
		{"watched", w.watch}, {"deals imported", w.deals}, {"saved, shared, used, noted", w.act}, {"reports", w.reports}, {"deleted and brought back", w.remove},
	} {
		if !t.Run(step.name, step.run) {
			return
		}
	}
	w.srv.stop(t)
	if out := srv.site.must(t, "", "verify"); !strings.Contains(out, "1 videos checked, 0 things wrong.") {
		t.Errorf("verify: %s", out)
	}
}

func (w *trip) upload(t *testing.T) {
	ana := w.as(w.co.ana)
	meta := map[string]string{"filename": "take.mp4", "title": "Half the price", "kind": "video/mp4", "client_id": "take-1"}
	location := ana.Begin(t, int64(len(w.clip)), meta)
	half := len(w.clip) / 2
	ana.Hold(t, location, 0, w.clip, half).Break()
	var r apitest.Receipt
	apitest.Eventually(t, 10*time.Second, func() (bool, string) {
		r = ana.Receipt(t, location)
		return r.Size > 0, "the bytes before the break are not kept"
	})
	if at := ana.Offset(t, location); r.State != "receiving" || r.Size != at || r.Size > int64(half) || r.SHA256 != "" || r.VideoID != "" {
		t.Errorf("receipt of an upload that broke off at %d: %+v, offset %d", half, r, at)
	}
	if again := ana.Begin(t, int64(len(w.clip)), meta); again != location {
		t.Errorf("the same client_id gave %s, then %s", location, again)
	}
	began := time.Now()
	w.id = ana.Finish(t, location, w.clip).VideoID
	w.v = ana.Await(t, w.id, 2*time.Minute, "playable", "ready")
	t.Logf("playable %s after the last byte", time.Since(began).Round(time.Millisecond))
	w.v = ana.Await(t, w.id, 5*time.Minute, "ready")
	t.Logf("ready after %s", time.Since(began).Round(time.Millisecond))
	if w.v.TranscriptState != "ready" || w.v.DurationMS < 6000 || w.v.DurationMS > 6400 || w.v.Width != 320 || w.v.Height != 240 ||
		w.v.Title != "Half the price" || w.v.Audience != "private" || w.v.SHA256 != apitest.SHA256(w.clip) || w.v.Size != int64(len(w.clip)) || !w.v.Mine {
		t.Errorf("video: %+v", w.v)
	}
	if again := ana.Receipt(t, location); again.VideoID != w.id {
		t.Errorf("receipt after processing: %+v", again)
	}
}

// transcriptText reads the words of a video, checking their times on the way.
func transcriptText(t *testing.T, c *apitest.Client, v apitest.Video) string {
	t.Helper()
	var tr struct {
		Source   string `json:"source"`
		Segments []struct {
			StartMS int64 `json:"start_ms"`
			EndMS   int64 `json:"end_ms"`
			Words   []struct {
				Text       string  `json:"text"`
				StartMS    int64   `json:"start_ms"`
				EndMS      int64   `json:"end_ms"`
				Confidence float64 `json:"confidence"`
			} `json:"words"`
		} `json:"segments"`
	}
	c.Get(t, "/api/v1/videos/"+v.ID+"/transcript", &tr)
	var words []string
	var last int64
	for _, s := range tr.Segments {
		for _, w := range s.Words {
			if w.StartMS < last || w.EndMS < w.StartMS || w.EndMS > v.DurationMS || w.StartMS < s.StartMS || w.EndMS > s.EndMS {
				t.Errorf("word %q at %d-%d, in segment %d-%d of a video of %d ms", w.Text, w.StartMS, w.EndMS, s.StartMS, s.EndMS, v.DurationMS)
			}
			if w.Confidence <= 0 || w.Confidence > 1 {
				t.Errorf("confidence of %q: %v", w.Text, w.Confidence)
			}
			last = w.StartMS
			words = append(words, w.Text)
		}
	}
	if tr.Source != "speech" || len(words) == 0 {
		t.Fatalf("transcript: source %q, %d words", tr.Source, len(words))
	}
	return strings.ToLower(strings.Join(words, " "))
}

func (w *trip) transcript(t *testing.T) {
	ana := w.as(w.co.ana)
	text := transcriptText(t, ana, w.v)
	for _, word := range []string{"competitor", "half", "price", "week", "delay", "cost"} {
		if !strings.Contains(text, word) {
			t.Errorf("the transcript has no %q: %s", word, text)
		}
	}
	var suggested struct {
		Items []struct {
			Kind string `json:"kind"`
			Key  string `json:"key"`
		} `json:"items"`
	}
	ana.Get(t, "/api/v1/videos/"+w.id+"/suggestions", &suggested)
	found := false
	for _, g := range suggested.Items {
		found = found || g.Kind == "objection" && g.Key == "price"
	}
	if !found {
		t.Errorf("the objection price is not suggested: %+v", suggested.Items)
	}
}

const anchor = "anchor-on-cost-of-delay"

func (w *trip) publish(t *testing.T) {
	w.as(w.co.ben).Do(t, http.MethodGet, "/api/v1/videos/"+w.id, nil).WantProblem(t, http.StatusNotFound, "video_not_found")
	if n := len(w.search(t, w.co.ben, "half the price")); n != 0 {
		t.Errorf("%d results in a private video", n)
	}
	var v apitest.Video
	w.as(w.co.ana).Do(t, http.MethodPatch, "/api/v1/videos/"+w.id, map[string]any{
		"title": "Answering half the price", "audience": "team", "tactics": []string{"Anchor on cost of delay"}, "tags": []string{"northwind"},
		"situation": map[string]string{"stage": "Negotiation", "objection": "Price", "competitor": "Northwind", "text": "They say Northwind is half the price"},
	}).Into(t, http.StatusOK, &v)
	if v.Title != "Answering half the price" || v.Audience != "team" || !slices.Equal(v.Tactics, []string{anchor}) ||
		v.Situation["stage"] != "negotiation" || v.Situation["objection"] != "price" || v.Situation["text"] == "" {
		t.Errorf("after the change: %+v", v)
	}
}

type moment struct {
	VideoID string `json:"video_id"`
	Title   string `json:"title"`
	Author  struct {
		ID, Name string
	} `json:"author"`
	StartMS int64  `json:"start_ms"`
	EndMS   int64  `json:"end_ms"`
	Text    string `json:"text"`
	Marks   []struct {
		Start, End int
	} `json:"marks"`
	Reasons []string `json:"reasons"`
	Score   float64  `json:"score"`
}

func (w *trip) search(t *testing.T, who account, q string) []moment {
	t.Helper()
	var found struct {
		Results []moment `json:"results"`
		Total   int      `json:"total"`
	}
	w.as(who).Get(t, "/api/v1/moments?q="+escape(q), &found)
	if found.Total < len(found.Results) {
		t.Errorf("total %d of %d results", found.Total, len(found.Results))
	}
	return found.Results
}

func (w *trip) find(t *testing.T) {
	var found []moment
	apitest.Eventually(t, 10*time.Second, func() (bool, string) {
		found = w.search(t, w.co.ben, "they say Northwind is half the price")
		return len(found) > 0, "nothing found"
	})
	m := found[0]
	w.start, w.end = m.StartMS, m.EndMS
	if m.VideoID != w.id || m.Author.Name != "Ana Silva" || m.Author.ID != w.co.ana.id || m.StartMS < 0 || m.EndMS <= m.StartMS || m.EndMS > w.v.DurationMS ||
		len(m.Reasons) == 0 || m.Score <= 0 || m.Score > 1 {
		t.Errorf("moment: %+v", m)
	}
	marked := map[string]bool{}
	for _, k := range m.Marks {
		marked[strings.ToLower(strings.Trim(m.Text[k.Start:k.End], ".,?!"))] = true // the text is ASCII here
	}
	if !marked["half"] || !marked["price"] {
		t.Errorf("marked in %q: %v", m.Text, marked)
	}
	for _, q := range []string{"/api/v1/moments?stage=negotiation&objection=price", "/api/v1/moments?q=delay&competitor=Northwind", "/api/v1/moments?tactic=" + anchor} {
		var by struct{ Results []moment }
		w.as(w.co.ben).Get(t, q, &by)
		if len(by.Results) != 1 || by.Results[0].VideoID != w.id {
			t.Errorf("%s: %+v", q, by.Results)
		}
	}
	if n := len(w.search(t, w.co.cleo, "half the price")); n != 0 {
		t.Errorf("%d results for somebody of another team", n)
	}
	if n := len(w.search(t, w.co.mia, "half the price")); n != 1 {
		t.Errorf("%d results for the manager", n)
	}
}

func (w *trip) watch(t *testing.T) {
	ben := w.as(w.co.ben)
	event := func(id string, from, to int64) map[string]any {
		return map[string]any{"id": id, "video_id": w.id, "from_ms": from, "to_ms": to, "at": time.Now().UTC(), "source": "search"}
	}
	send := func(events ...map[string]any) (out struct {
		Accepted, Duplicates int
		Refused              []struct{ ID, Code string }
	},
	) {
		t.Helper()
		ben.Do(t, http.MethodPost, "/api/v1/watch", map[string]any{"events": events}).Into(t, http.StatusOK, &out)
		return out
	}
	if r := send(event("w1", 0, 3000), event("w2", 2000, 5000), event("w3", 0, 60000)); r.Accepted != 2 || r.Duplicates != 0 || len(r.Refused) != 1 || r.Refused[0].Code != "time_outside" {
		t.Errorf("first batch: %+v", r)
	}
	if r := send(event("w1", 0, 3000), event("w2", 2000, 5000)); r.Accepted != 0 || r.Duplicates != 2 {
		t.Errorf("the same batch again: %+v", r)
	}
	type progress struct {
		Ranges    [][2]int64
		Share     float64
		Views     int64
		Completed bool
	}
	var p progress
	ben.Get(t, "/api/v1/videos/"+w.id+"/progress", &p)
	want := 5000 / float64(w.v.DurationMS)
	if len(p.Ranges) != 1 || p.Ranges[0] != [2]int64{0, 5000} || p.Share < want-0.001 || p.Share > want+0.001 || p.Views != 1 || p.Completed {
		t.Errorf("progress: %+v, want a share of %v", p, want)
	}
	send(event("w4", 5000, w.v.DurationMS))
	ben.Get(t, "/api/v1/videos/"+w.id+"/progress", &p)
	if p.Share != 1 || p.Views != 1 || !p.Completed {
		t.Errorf("progress at the end: %+v", p)
	}
	var viewers struct {
		Items []struct {
			Person    struct{ ID, Name string }
			Share     float64
			Views     int64
			Completed bool
		}
	}
	w.as(w.co.ana).Get(t, "/api/v1/videos/"+w.id+"/viewers", &viewers)
	if len(viewers.Items) != 1 || viewers.Items[0].Person.ID != w.co.ben.id || viewers.Items[0].Person.Name != "Ben Okoye" || viewers.Items[0].Share != 1 || !viewers.Items[0].Completed {
		t.Errorf("viewers: %+v", viewers.Items)
	}
	ben.Do(t, http.MethodGet, "/api/v1/videos/"+w.id+"/viewers", nil).WantProblem(t, http.StatusForbidden, "forbidden")
}
