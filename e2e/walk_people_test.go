package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/internal/apitest"
)

// The same two deals of ben's, as three CRMs export them, and one of nobody's.
const (
	salesforce = "Opportunity ID,Opportunity Name,Opportunity Owner,Amount,Opportunity Currency,Stage,Created Date,Close Date,Closed,Won,Next Step\n" +
		"006A0000001AbCd,Müller & Söhne,ben@example.com,12345.50,EUR,Closed Won,2026-01-20,2026-03-31,true,true,\"call, then write\"\n" +
		"006A0000001AbCe,Café à la carte,ben@example.com,900.00,EUR,Prospecting,2026-02-25,2026-09-30,false,false,\n" +
		"006A0000001AbCf,Line GmbH,someone@example.org,1.00,EUR,Closed Lost,2026-02-25,2026-03-30,true,false,\n"
	hubspot = "Record ID;Deal Name;Deal owner;Amount;Currency;Deal Stage;Create Date;Close Date;Is Closed Won;Is closed lost\r\n" +
		"9001;Contoso;ben@example.com;2500,00;EUR;closedwon;2026-02-01 09:30;2026-02-28 17:00;true;false\r\n" +
		"9002;Fabrikam;ben@example.com;100,00;EUR;qualifiedtobuy;2026-02-02 09:30;;false;false\r\n"
	pipedrive = "Deal - ID,Deal - Title,Deal - Owner,Deal - Value,Deal - Currency of value,Deal - Stage,Deal - Status,Deal - Deal created,Deal - Won time,Deal - Lost time\n" +
		"77,Tailspin,ben@example.com,50,USD,Proposal,Lost,2026-01-05 10:00:00,,2026-02-05 10:00:00\n" +
		"78,Wingtip,ben@example.com,not a number,USD,Proposal,Open,2026-01-05 10:00:00,,\n"
)

type importReport struct {
	DryRun  bool `json:"dry_run"`
	Preset  string
	Rows    int
	Created int
	Updated int

	Unchanged int
	Failed    int
	Errors    []struct {
		Line         int
		Column, Code string
	}
	UnknownColumns  []string `json:"unknown_columns"`
	UnmatchedOwners []struct {
		Owner string
		Deals int
	} `json:"unmatched_owners"`
}

func (w *trip) deals(t *testing.T) {
	tom := w.as(w.co.tom)
	load := func(csv, query string) (r importReport) {
		t.Helper()
		tom.Do(t, http.MethodPost, "/api/v1/deals/import"+query, apitest.Raw{ContentType: "text/csv", Body: csv}).Into(t, http.StatusOK, &r)
		return r
	}
	for _, file := range []struct {
		preset, csv      string
		good, failed     int
		owners, unmapped int
	}{{"salesforce", salesforce, 3, 0, 1, 1}, {"hubspot", hubspot, 2, 0, 0, 0}, {"pipedrive", pipedrive, 1, 1, 0, 0}} {
		dry := load(file.csv, "?dry_run=true")
		if !dry.DryRun || dry.Preset != file.preset || dry.Created != file.good || dry.Failed != file.failed || len(dry.Errors) != file.failed ||
			len(dry.UnmatchedOwners) != file.owners || len(dry.UnknownColumns) != file.unmapped {
			t.Errorf("%s, dry run: %+v", file.preset, dry)
		}
		first := load(file.csv, "")
		if first.DryRun || first.Created != file.good || first.Updated != 0 || first.Failed != file.failed {
			t.Errorf("%s: %+v", file.preset, first)
		}
		if second := load(file.csv, "?preset="+file.preset); second.Created != 0 || second.Updated != 0 || second.Unchanged != file.good {
			t.Errorf("%s again: %+v", file.preset, second)
		}
	}
	changed := load(strings.Replace(salesforce, "900.00", "950.00", 1), "")
	if changed.Updated != 1 || changed.Created != 0 || changed.Unchanged != 2 {
		t.Errorf("with one change: %+v", changed)
	}
	w.as(w.co.ben).Do(t, http.MethodPost, "/api/v1/deals/import", apitest.Raw{ContentType: "text/csv", Body: salesforce}).WantProblem(t, http.StatusForbidden, "forbidden")
	var mine struct {
		Items []struct {
			ID         string
			ExternalID string `json:"external_id"`
			Name       string
			Status     string
			Amount     string
			Extra      map[string]string
			OwnerID    string `json:"owner_id"`
		}
	}
	w.as(w.co.ben).Get(t, "/api/v1/deals?owner=me", &mine)
	if len(mine.Items) != 5 {
		t.Fatalf("ben's deals: %+v", mine.Items)
	}
	for _, d := range mine.Items {
		if d.OwnerID != w.co.ben.id {
			t.Errorf("not ben's: %+v", d)
		}
		if d.Name == "Müller & Söhne" {
			w.deal = d.ID
			if d.Status != "won" || d.Amount != "12345.5" || d.Extra["Next Step"] != "call, then write" {
				t.Errorf("deal: %+v", d)
			}
		}
	}
	w.as(w.co.cleo).Get(t, "/api/v1/deals", &mine)
	if len(mine.Items) != 0 {
		t.Errorf("cleo sees deals of others: %+v", mine.Items)
	}
}

func (w *trip) act(t *testing.T) {
	ben := w.as(w.co.ben)
	moment := func(more map[string]any) map[string]any {
		m := map[string]any{"video_id": w.id, "start_ms": w.start, "end_ms": w.end}
		for k, v := range more {
			m[k] = v
		}
		return m
	}
	var first, second struct{ ID string }
	ben.Do(t, http.MethodPost, "/api/v1/saves", moment(nil)).Into(t, http.StatusCreated, &first)
	ben.Do(t, http.MethodPost, "/api/v1/saves", moment(nil)).Into(t, http.StatusCreated, &second)
	if first.ID != second.ID {
		t.Error("saving twice made two saves")
	}
	ben.Do(t, http.MethodPost, "/api/v1/shares", moment(map[string]any{"to_person_id": w.co.mia.id, "message": "This one, for Northwind."})).Into(t, http.StatusCreated, nil)
	var toTeam struct {
		Blind int `json:"may_not_see"`
	}
	ben.Do(t, http.MethodPost, "/api/v1/shares", moment(map[string]any{"to_team_id": w.co.south})).Into(t, http.StatusCreated, &toTeam)
	if toTeam.Blind != 1 {
		t.Errorf("of the other team's one member %d may not see the video", toTeam.Blind)
	}
	ben.Do(t, http.MethodPost, "/api/v1/shares", moment(map[string]any{"to_person_id": w.co.cleo.id})).WantProblem(t, http.StatusConflict, "share_not_visible")
	box := func(who account) int {
		var shares struct{ Items []struct{ Message string } }
		w.as(who).Get(t, "/api/v1/shares", &shares)
		return len(shares.Items)
	}
	if n := box(w.co.mia); n != 1 {
		t.Errorf("mia received %d shares", n)
	}
	if n := box(w.co.cleo); n != 0 {
		t.Errorf("cleo received %d shares of a video that is hidden from her", n)
	}
	use := moment(map[string]any{"id": "0190a6c5-7d1e-7cc3-98c4-dc0c0c07398f", "deal_id": w.deal, "comment": "It turned the talk."})
	for range 2 { // the same id twice is the same use
		ben.Do(t, http.MethodPost, "/api/v1/uses", use).Into(t, http.StatusCreated, nil)
	}
	var uses struct {
		Items []struct {
			DealID string `json:"deal_id"`
		}
	}
	ben.Get(t, "/api/v1/uses", &uses)
	if len(uses.Items) != 1 || uses.Items[0].DealID != w.deal {
		t.Errorf("uses: %+v", uses.Items)
	}
	ben.Do(t, http.MethodPost, "/api/v1/videos/"+w.id+"/notes", map[string]any{"at_ms": 2500, "text": "Ask this before the price."}).Into(t, http.StatusCreated, nil)
	var notes struct {
		Items []struct {
			AtMS   int64 `json:"at_ms"`
			Text   string
			Author struct{ Name string }
		}
	}
	w.as(w.co.ana).Get(t, "/api/v1/videos/"+w.id+"/notes", &notes)
	if len(notes.Items) != 1 || notes.Items[0].AtMS != 2500 || notes.Items[0].Author.Name != "Ben Okoye" {
		t.Errorf("notes: %+v", notes.Items)
	}
}

func (w *trip) reports(t *testing.T) {
	type counts struct {
		Saw, Shared, Saved, Used int
		Rate                     *float64 `json:"used_rate"`
	}
	want := counts{1, 1, 1, 1, nil}
	var modeled struct {
		Definition string
		AsOf       time.Time `json:"as_of"`
		Filters    map[string]string
		People     []struct {
			Person struct{ ID string }
			Videos int
			counts
		}
		Videos []struct {
			VideoID string `json:"video_id"`
			counts
		}
		Moments []struct {
			VideoID string `json:"video_id"`
			StartMS int64  `json:"start_ms"`
			EndMS   int64  `json:"end_ms"`
			counts
		}
	}
	w.as(w.co.tom).Get(t, "/api/v1/insights/modeled?tactic="+anchor, &modeled)
	if modeled.Definition == "" || time.Since(modeled.AsOf) > time.Minute || modeled.Filters["tactic"] != anchor {
		t.Errorf("frame of the report: %q, %s, %v", modeled.Definition, modeled.AsOf, modeled.Filters)
	}
	if len(modeled.People) != 1 || modeled.People[0].Person.ID != w.co.ana.id || modeled.People[0].Videos != 1 || modeled.People[0].counts != want {
		t.Errorf("people: %+v", modeled.People)
	}
	// The video is for a team that the trainer is not in; its numbers are in the rows of people only.
	if len(modeled.Videos) != 0 || len(modeled.Moments) != 0 {
		t.Errorf("rows of videos that the trainer may not see: %+v, %+v", modeled.Videos, modeled.Moments)
	}
	w.as(w.co.mia).Get(t, "/api/v1/insights/modeled", &modeled)
	if len(modeled.Videos) != 1 || modeled.Videos[0].VideoID != w.id || modeled.Videos[0].counts != want {
		t.Errorf("videos: %+v", modeled.Videos)
	}
	var evidence struct {
		Definition, Method string
		AsOf               time.Time `json:"as_of"`
		Tactics            []struct {
			Tactic, State, Wording string
			Exposed, Unexposed     struct {
				N    int
				Rate *float64
				More int `json:"more_deals_needed"`
			}
			Difference any
		}
	}
	w.as(w.co.tom).Get(t, "/api/v1/insights/tactics?tactic="+anchor, &evidence)
	if evidence.Definition == "" || evidence.Method != "association" || time.Since(evidence.AsOf) > time.Minute || len(evidence.Tactics) != 1 {
		t.Fatalf("evidence: %+v", evidence)
	}
	if row := evidence.Tactics[0]; row.State != "not_enough_data" || row.Wording == "" || row.Exposed.Rate != nil || row.Difference != nil || row.Exposed.More == 0 {
		t.Errorf("evidence: %+v", row)
	}
	w.as(w.co.ben).Do(t, http.MethodGet, "/api/v1/insights/tactics", nil).WantProblem(t, http.StatusForbidden, "forbidden")
}

func (w *trip) remove(t *testing.T) {
	ana, ben, nobody := w.as(w.co.ana), w.as(w.co.ben), w.srv.as("")
	mine, address := ana.Video(t, w.id).Media.Progressive, ben.Video(t, w.id).Media.Progressive
	for _, path := range []string{mine, address} {
		nobody.Get(t, path, nil)
	}
	ana.Do(t, http.MethodDelete, "/api/v1/videos/"+w.id, nil).Into(t, http.StatusNoContent, nil)
	gone := time.Now()
	for _, who := range []*apitest.Client{ana, ben} {
		for _, rest := range []string{"", "/transcript", "/notes", "/moments", "/progress", "/captions", "/heat", "/suggestions", "/viewers", "/original"} {
			who.Do(t, http.MethodGet, "/api/v1/videos/"+w.id+rest, nil).WantProblem(t, http.StatusNotFound, "video_not_found")
		}
		for _, list := range []string{"/api/v1/videos", "/api/v1/saves", "/api/v1/uses", "/api/v1/shares"} {
			var items struct{ Items []any }
			who.Get(t, list, &items)
			if len(items.Items) != 0 {
				t.Errorf("%s still shows %v", list, items.Items)
			}
		}
	}
	if found := w.search(t, w.co.ben, "half the price"); len(found) != 0 {
		t.Errorf("search still finds %+v", found)
	}
	for _, path := range []string{mine, address, beside(mine, "captions.vtt"), beside(address, "master.m3u8")} {
		apitest.Eventually(t, time.Until(gone.Add(3*time.Second)), func() (bool, string) {
			return nobody.Do(t, http.MethodGet, path, nil).Status == http.StatusNotFound, "still served"
		})
	}
	if took := time.Since(gone); took > 2*time.Second {
		t.Errorf("media were served for %s after the deletion", took)
	}
	var deleted struct{ Items []struct{ ID string } }
	ana.Get(t, "/api/v1/videos?deleted=true", &deleted)
	if len(deleted.Items) != 1 || deleted.Items[0].ID != w.id {
		t.Errorf("deleted videos: %+v", deleted.Items)
	}
	ben.Do(t, http.MethodPost, "/api/v1/videos/"+w.id+"/restore", nil).WantProblem(t, http.StatusNotFound, "video_not_found")
	ana.Do(t, http.MethodPost, "/api/v1/videos/"+w.id+"/restore", nil).Into(t, http.StatusOK, nil)
	nobody.Get(t, ben.Video(t, w.id).Media.Progressive, nil)
	apitest.Eventually(t, 10*time.Second, func() (bool, string) {
		return len(w.search(t, w.co.ben, "half the price")) == 1, "not found again"
	})
}
