package video_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/media"
)

func TestUsage(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben, ada := k.add(t, "Ana"), k.add(t, "Ben"), k.add(t, "Ada", people.Admin)
		weighing := func(n int) func(*recording) {
			return func(r *recording) { r.body = []byte(strings.Repeat("x", n)) }
		}
		first := k.take(t, ana, weighing(100))
		k.take(t, ana, weighing(20))
		k.take(t, ben, weighing(500))
		gone := k.take(t, ben, weighing(7000))
		if err := k.videos.Delete(t.Context(), ben, gone.ID); err != nil {
			t.Fatal(err)
		}
		k.exec(t, `UPDATE videos SET state = 'failed', transcript_state = 'failed' WHERE id = ?`, first.ID)
		declared := int64(900)
		if _, _, err := k.videos.BeginUpload(t.Context(), ana, video.NewUpload{Filename: "a.mp4", Length: &declared}); err != nil {
			t.Fatal(err)
		}
		u, err := k.videos.UsageOf(t.Context(), ada, 10)
		want := fmt.Sprintf("{map[failed:1 playable:2] 1 7620 900 1 [{%s 1 500} {%s 2 120}]}", ben.PersonID, ana.PersonID)
		if err != nil || fmt.Sprint(u) != want {
			t.Errorf("%v, %v, want %s", u, err, want)
		}
		if u, err := k.videos.UsageOf(t.Context(), ada, 1); err != nil || len(u.Top) != 1 || u.Top[0].PersonID != ben.PersonID {
			t.Errorf("%+v, %v", u.Top, err)
		}
		whose, err := k.videos.Authors(t.Context(), ada, []string{first.ID, gone.ID, "nothing"})
		if err != nil || len(whose) != 2 || whose[first.ID] != ana.PersonID || whose[gone.ID] != ben.PersonID {
			t.Errorf("%v, %v", whose, err)
		}
		for _, a := range []people.Actor{ana, k.add(t, "Mia", people.Manager), k.add(t, "Tom", people.Trainer), {}} {
			_, err := k.videos.UsageOf(t.Context(), a, 10)
			wantCode(t, err, "forbidden")
			_, err = k.videos.Authors(t.Context(), a, []string{first.ID})
			wantCode(t, err, "forbidden")
		}
	})
}

func TestUsageOfNothing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		u, err := k.videos.UsageOf(t.Context(), people.System(), 10)
		if err != nil || fmt.Sprint(u) != "{map[] 0 0 0 0 []}" {
			t.Errorf("%v, %v", u, err)
		}
		sums, err := k.videos.MeasureFiles(t.Context())
		if err != nil || len(sums) != 0 {
			t.Errorf("%v, %v", sums, err)
		}
	})
}

func TestMeasureFiles(t *testing.T) {
	k := newKit(t, apptest.SQLite(t))
	for key, size := range map[media.Key]int{
		"v/a/original": 1000, "v/b/original": 1, "v/a/progressive.mp4": 20, "v/a/audio.wav": 30, "v/a/poster.jpg": 4, "v/a/master.m3u8": 5, "v/a/720p.m3u8": 6, "v/a/720p.mp4": 700,
		"v/a/storyboard.vtt": 8, "v/a/storyboard.jpg": 90, "v/a/strange": 1, "elsewhere": 2, "v/odd": 4,
	} {
		if _, err := k.disk.Put(t.Context(), key, strings.NewReader(strings.Repeat("x", size)), int64(size), media.PutOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := k.videos.MeasureFiles(t.Context())
	want := "map[originals:{2 1001} other:{3 7} playable:{1 20} posters:{1 4} renditions:{3 711} sound:{1 30} storyboards:{2 98}]"
	if err != nil || fmt.Sprint(got) != want {
		t.Errorf("%v, %v, want %s", got, err, want)
	}
}

func TestJobsInWords(t *testing.T) {
	for _, kind := range []string{"video_ingest", "video_process", "video_transcribe", "video_retag", "video_purge", "video_mend"} {
		if video.WorkWords(kind) == "" {
			t.Errorf("%s has no words", kind)
		}
	}
	if words := video.WorkWords("something_else"); words != "" {
		t.Errorf("words for somebody else's work: %q", words)
	}
	for text, has := range map[string]bool{"recording_away": true, "processing_broken_off: x": true, "find: media_tool_missing": true, "no idea": false, "": false} {
		if words := video.TroubleWords(text); (words != "") != has {
			t.Errorf("%q: %q", text, words)
		}
	}
}
