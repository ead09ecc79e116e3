package api_test

import (
	"net/http"
	"testing"
)

// TestKeptWithVideos proves that lists of saves, uses and shares carry the video as far as one may see it now, and
// names for who sent it to whom.
func TestKeptWithVideos(t *testing.T) {
	w := newWorld(t)
	open := w.video(t, clip(t), "For everyone", "everyone")
	on := map[string]any{"video_id": open, "start_ms": 100, "end_ms": 900}
	w.mia.Do(t, http.MethodPost, "/api/v1/saves", on).Into(t, http.StatusCreated, nil)
	w.mia.Do(t, http.MethodPost, "/api/v1/uses", on).Into(t, http.StatusCreated, nil)
	on["to_person_id"] = w.id[w.cleo]
	w.mia.Do(t, http.MethodPost, "/api/v1/shares", on).Into(t, http.StatusCreated, nil)
	delete(on, "to_person_id")
	on["to_team_id"] = w.north
	w.mia.Do(t, http.MethodPost, "/api/v1/shares", on).Into(t, http.StatusCreated, nil)

	type list struct {
		Items []struct {
			VideoID  string `json:"video_id"`
			From, To string
			Video    *shownVideo
		}
	}
	read := func(path string) list {
		var l list
		w.mia.Do(t, http.MethodGet, path, nil).Into(t, http.StatusOK, &l)
		return l
	}
	paths := map[string]int{"/api/v1/saves": 1, "/api/v1/uses": 1, "/api/v1/shares?box=sent": 2}
	for path, n := range paths {
		l := read(path)
		if len(l.Items) != n {
			t.Fatalf("%s has %d items", path, len(l.Items))
		}
		for _, item := range l.Items {
			if item.Video == nil || item.Video.ID != open || item.Video.Title != "For everyone" || item.Video.Author.Name == "" {
				t.Errorf("%s: %+v", path, item)
			}
		}
	}
	for _, x := range read("/api/v1/shares?box=sent").Items {
		if x.From != "Mia Wolf" || (x.To != "Cleo Marin" && x.To == "") {
			t.Errorf("sent from %q to %q", x.From, x.To)
		}
	}

	// What is hidden meanwhile stays in the list as an id alone.
	w.ana.Do(t, http.MethodPatch, "/api/v1/videos/"+open, map[string]any{"audience": "private"}).Into(t, http.StatusOK, nil)
	for path := range paths {
		for _, item := range read(path).Items {
			if item.Video != nil || item.VideoID != open {
				t.Errorf("%s shows a hidden video: %+v", path, item.Video)
			}
		}
	}
}
