package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app"
	"github.com/fieldreel/fieldreel/internal/apitest"
	"github.com/fieldreel/fieldreel/internal/pgtest"
)

// bothEngines runs a test on a server over SQLite and on one over PostgreSQL.
func bothEngines(t *testing.T, fn func(t *testing.T, w *world, engine string)) {
	t.Run("sqlite", func(t *testing.T) { fn(t, newWorld(t), "sqlite") })
	t.Run("postgres", func(t *testing.T) {
		address := pgtest.Database(t)
		fn(t, newWorld(t, func(c *app.Config, _ *app.ServeConfig) { c.DatabaseURL = address }), "postgres")
	})
}

func TestStorage(t *testing.T) {
	bothEngines(t, func(t *testing.T, w *world, engine string) {
		id := w.video(t, clip(t), "For the line", "line")
		size := w.ana.Video(t, id).Size
		var st struct {
			Files []struct {
				Kind  string
				Files int
				Bytes int64
			}
			MeasuredAt *time.Time `json:"measured_at"`
			Videos     struct {
				Total          int
				ByState        map[string]int `json:"by_state"`
				RecordingBytes int64          `json:"recording_bytes"`
			}
			Top []struct {
				Person struct{ Name string }
				Bytes  int64
			}
			Disk struct {
				Free     int64  `json:"free_bytes"`
				Total    int64  `json:"total_bytes"`
				Reserve  int64  `json:"reserve_bytes"`
				Store    *int64 `json:"store_free_bytes"`
				Database int64  `json:"database_bytes"`
				Index    int64  `json:"index_bytes"`
			}
			Quota   int64 `json:"quota_bytes"`
			Engines struct{ Database, Media string }
			Search  struct {
				Videos, Moments int
				Lag             *int64
			}
			SpeechModel bool `json:"speech_model"`
			MediaTools  bool `json:"media_tools"`
			Version     string
			StartedAt   time.Time `json:"started_at"`
			Uptime      int64     `json:"uptime_s"`
		}
		apitest.Eventually(t, 20*time.Second, func() (bool, string) {
			w.ada.Get(t, "/api/v1/storage", &st)
			return st.MeasuredAt != nil && st.Search.Moments == 1, fmt.Sprintf("%+v", st)
		})
		bytes := map[string]int64{}
		for _, f := range st.Files {
			bytes[f.Kind] = f.Bytes
			if (f.Files == 0) != (f.Bytes == 0) {
				t.Errorf("%+v", f)
			}
		}
		if bytes["originals"] != size || bytes["playable"] == 0 || bytes["renditions"] == 0 || bytes["posters"] == 0 || bytes["storyboards"] == 0 || bytes["other"] != 0 || len(bytes) != 7 {
			t.Errorf("%v; the recording has %d", bytes, size)
		}
		if st.Videos.Total != 1 || st.Videos.ByState["ready"] != 1 || st.Videos.ByState["failed"] != 0 || len(st.Videos.ByState) != 4 || st.Videos.RecordingBytes != size {
			t.Errorf("%+v", st.Videos)
		}
		if len(st.Top) != 1 || st.Top[0].Person.Name != "Ana Silva" || st.Top[0].Bytes != size {
			t.Errorf("%+v", st.Top)
		}
		d := st.Disk
		if d.Free <= 0 || d.Total < d.Free || d.Reserve < d.Total/20 || d.Store == nil || d.Database < 10_000 || d.Index == 0 {
			t.Errorf("%+v", d)
		}
		if st.Engines.Database != engine || st.Engines.Media != "disk" || st.Search.Videos != 1 || st.Search.Lag == nil || st.Quota != 1<<30 || !st.MediaTools || st.SpeechModel ||
			st.Version != "test" || time.Since(st.StartedAt) > time.Hour || st.Uptime < 0 {
			t.Errorf("%+v", st)
		}
	})
}

// TestFailedJobs shows an admin work that failed, tells of the video only who must be told where they may not
// see it, and has it tried again.
func TestFailedJobs(t *testing.T) {
	bothEngines(t, func(t *testing.T, w *world, _ string) {
		file := clip(t)
		open, line := w.video(t, file, "For everyone", "everyone"), w.video(t, file, "For the line", "line")
		for i, id := range []string{open, line} { // as the queue keeps a job that was given up
			q := `INSERT INTO river_job (kind, queue, state, priority, attempt, max_attempts, args, metadata, tags, errors, scheduled_at, attempted_at, finalized_at)
				VALUES ('video_process', 'nobody', 'discarded', 1, 5, 5, '{"video_id":"%s"}', '{}', '[]', '[{"at":"2026-01-02T03:04:05Z","attempt":5,"error":"keep x: write: no space left on device\ntrace","trace":""}]', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)`
			if strings.HasPrefix(fmt.Sprint(w.app.DB.Kind()), "postgres") {
				q = `INSERT INTO river_job (kind, queue, state, priority, attempt, max_attempts, args, metadata, tags, errors, scheduled_at, attempted_at, finalized_at)
					VALUES ('video_process', 'nobody', 'discarded', 1, 5, 5, '{"video_id":"%s"}', '{}', '{}', ARRAY['{"at":"2026-01-02T03:04:05Z","attempt":5,"error":"keep x: write: no space left on device\ntrace","trace":""}'::jsonb], now(), now(), now())`
			}
			if _, err := w.app.DB.SQL().ExecContext(t.Context(), fmt.Sprintf(q, id)); err != nil {
				t.Fatal(i, err)
			}
		}
		type item struct {
			ID                                int64
			Kind, Words, State, Error, Detail string
			Attempt, Max                      int
			VideoID                           string `json:"video_id"`
			VideoTitle                        string `json:"video_title"`
			Author                            struct{ Name string }
			At                                time.Time
			NextAt                            *time.Time `json:"next_at"`
		}
		var jobs struct {
			Pending, Counts map[string]int
			Items           []item
		}
		w.ada.Get(t, "/api/v1/jobs?state=failed", &jobs)
		if len(jobs.Items) != 2 || jobs.Counts["failed"] != 2 || len(jobs.Counts) != 4 {
			t.Fatalf("%+v", jobs)
		}
		hidden, shown := jobs.Items[0], jobs.Items[1]
		for _, j := range jobs.Items {
			if j.Kind != "video_process" || j.Words == "" || j.State != "failed" || j.Attempt != 5 || j.Max != 5 || j.Error != "A disk is full." ||
				j.Detail != "keep x: write: no space left on device" || j.Author.Name != "Ana Silva" || j.At.IsZero() || j.NextAt != nil {
				t.Errorf("%+v", j)
			}
		}
		if shown.VideoID != open || shown.VideoTitle != "For everyone" {
			t.Errorf("%+v", shown)
		}
		if hidden.VideoID != "" || hidden.VideoTitle != "" {
			t.Errorf("an admin sees the title of what they may not see: %+v", hidden)
		}
		if a := w.ada.Do(t, http.MethodGet, "/api/v1/jobs", nil); strings.Contains(string(a.Body), line) || strings.Contains(string(a.Body), "For the line") {
			t.Errorf("%s", a.Body)
		}
		w.ada.Do(t, http.MethodPost, fmt.Sprintf("/api/v1/jobs/%d/retry", shown.ID), nil).Into(t, http.StatusNoContent, nil)
		w.ada.Do(t, http.MethodPost, fmt.Sprintf("/api/v1/jobs/%d/retry", shown.ID), nil).WantProblem(t, http.StatusConflict, "job_not_failed")
		w.ada.Get(t, "/api/v1/jobs?state=waiting", &jobs)
		if len(jobs.Items) != 1 || jobs.Items[0].ID != shown.ID || jobs.Items[0].NextAt == nil || jobs.Items[0].Max != 6 || jobs.Counts["failed"] != 1 || jobs.Pending["nobody"] != 1 {
			t.Errorf("%+v", jobs)
		}
	})
}

// TestVideosByPeople asks the filters of the list through the API, with pages.
func TestVideosByPeople(t *testing.T) {
	bothEngines(t, func(t *testing.T, w *world, _ string) {
		file := clip(t)
		open, line := w.video(t, file, "Half the price", "everyone"), w.video(t, file, "Twice the value", "line")
		ids := func(c *apitest.Client, query string) string {
			t.Helper()
			var got struct {
				Items []struct{ ID string }
				Next  string `json:"next_cursor"`
			}
			out, cursor := "", ""
			for {
				c.Get(t, "/api/v1/videos?limit=1&"+query+"&cursor="+cursor, &got)
				for _, v := range got.Items {
					out += map[string]string{open: "open ", line: "line "}[v.ID]
				}
				if cursor = got.Next; cursor == "" {
					return out
				}
				got.Next = ""
			}
		}
		w.cleo.Do(t, http.MethodPut, "/api/v1/people/"+w.id[w.ana]+"/follow", nil).Into(t, http.StatusNoContent, nil)
		for _, c := range []struct {
			who         *apitest.Client
			query, want string
		}{
			{w.ana, "mine=true", "line open "}, {w.cleo, "mine=true", ""}, {w.cleo, "followed=true", "open "}, {w.mia, "followed=true", ""}, {w.mia, "reports=true", "line open "},
			{w.cleo, "reports=true", ""}, {w.tom, "team=" + w.north, "open "}, {w.tom, "team=" + w.south, ""}, {w.mia, "q=PRICE", "open "}, {w.mia, "q=value&reports=true", "line "}, {w.cleo, "q=value", ""},
		} {
			if got := ids(c.who, c.query); got != c.want {
				t.Errorf("%s: %q, want %q", c.query, got, c.want)
			}
		}
		w.tom.Do(t, http.MethodGet, "/api/v1/videos?team="+absent, nil).WantProblem(t, http.StatusUnprocessableEntity, "team_not_found")
		var following struct {
			Items []struct {
				ID, Name, Email string
				Following       bool
			}
		}
		w.cleo.Get(t, "/api/v1/me/following", &following)
		if len(following.Items) != 1 || following.Items[0].ID != w.id[w.ana] || !following.Items[0].Following || following.Items[0].Email != "" {
			t.Errorf("%+v", following)
		}
	})
}

// TestOwnOpenDeals is what a rep chooses from who says "used it".
func TestOwnOpenDeals(t *testing.T) {
	bothEngines(t, func(t *testing.T, w *world, _ string) {
		const file = "external_id,name,owner,status,amount,currency,stage,opened_at,closed_at\n" +
			"d1,Harbour Foods renewal,ana@example.com,open,12500.50,EUR,Negotiation,2026-01-02,\n" +
			"d2,Harbour Logistics,ana@example.com,won,100,EUR,Closed,2026-01-02,2026-01-09\n" +
			"d3,Harbour Port,cleo@example.com,open,1,EUR,Demo,2026-01-02,\n"
		w.tom.Do(t, http.MethodPost, "/api/v1/deals/import", csv(file)).Into(t, http.StatusOK, nil)
		var deals struct {
			Items []struct {
				Name, Amount, Currency, Stage, Status string
				OpenedAt                              time.Time `json:"opened_at"`
			}
		}
		w.ana.Get(t, "/api/v1/deals?status=open&owner=me&q=harb", &deals)
		if len(deals.Items) != 1 || fmt.Sprint(deals.Items[0]) != "{Harbour Foods renewal 12500.5 EUR Negotiation open 2026-01-02 00:00:00 +0000 UTC}" {
			t.Errorf("%+v", deals)
		}
		w.ana.Get(t, "/api/v1/deals?status=open&owner=me&q=Log", &deals)
		if len(deals.Items) != 0 {
			t.Errorf("%+v", deals)
		}
	})
}

// TestFailedVideos shows an admin the videos that failed, without a title they may not see, and has them worked on again.
func TestFailedVideos(t *testing.T) {
	bothEngines(t, func(t *testing.T, w *world, _ string) {
		data := apitest.ReadFile(t, clip(t))
		half := data[:len(data)/2]
		at := w.ana.Begin(t, int64(len(half)), map[string]string{"title": "For nobody"})
		id := w.ana.Finish(t, at, half).VideoID
		w.ana.Await(t, id, time.Minute, "failed")
		type failure struct {
			ID, Title, Failure, Code string
			Author                   struct{ Name string }
		}
		var jobs struct{ Failures []failure }
		w.ada.Get(t, "/api/v1/jobs", &jobs)
		if len(jobs.Failures) != 1 || jobs.Failures[0].ID != id || jobs.Failures[0].Title != "" || jobs.Failures[0].Failure == "" || jobs.Failures[0].Author.Name != "Ana Silva" {
			t.Fatalf("%+v", jobs.Failures)
		}
		w.ada.Get(t, "/api/v1/jobs?state=waiting", &jobs)
		if len(jobs.Failures) != 0 {
			t.Errorf("failures among what waits: %+v", jobs.Failures)
		}
		w.ada.Do(t, http.MethodPost, "/api/v1/failures/"+id+"/retry", nil).Into(t, http.StatusNoContent, nil)
		w.ana.Await(t, id, time.Minute, "failed") // it is still half a video
		ready := w.video(t, clip(t), "For everyone", "everyone")
		w.ada.Do(t, http.MethodPost, "/api/v1/failures/"+ready+"/retry", nil).WantProblem(t, http.StatusConflict, "nothing_failed")
		w.ana.Do(t, http.MethodPost, "/api/v1/failures/"+id+"/retry", nil).WantProblem(t, http.StatusForbidden, "forbidden")
	})
}
