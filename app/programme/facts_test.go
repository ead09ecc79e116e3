package programme_test

import (
	"slices"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/speech"
	"github.com/fieldreel/fieldreel/speech/facts"
)

// TestParts: what is most urgent stands first.
func TestParts(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := newCourse(t, e, func(p *programme.Programme) { p.Name = "waits" })
		c.submit(t, c.ana)
		day := func(n int) func(*programme.Programme) {
			return func(p *programme.Programme) {
				p.Name, p.Due = map[int]string{1: "overdue", 9: "soon", 0: "whenever"}[n], programme.Due{Kind: programme.DueDays, Days: n}
				if n == 0 {
					p.Due = programme.Due{Kind: programme.NoDue}
				}
			}
		}
		whenever := c.open(t, day(0))
		c.open(t, day(9))
		c.open(t, day(1))
		e.Clock.Advance(3 * 24 * time.Hour)
		practice := c.film(t, c.ana, video.Practice, people.Private)
		c.Exec(t, `UPDATE videos SET for_id = ? WHERE id = ?`, c.enrolment(t, whenever.ID, c.ana).ID, practice)
		names := func() (out []string) {
			t.Helper()
			parts, err := c.programmes.Parts(t.Context(), c.ana)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range parts {
				out = append(out, p.Programme.Name+" "+p.Status())
			}
			return out
		}
		if got := names(); !slices.Equal(got, []string{"overdue not_started", "soon not_started", "whenever practising", "waits submitted"}) {
			t.Errorf("%q", got)
		}
		// What was closed without a result is no more.
		if _, err := c.programmes.Close(t.Context(), c.tom, whenever.ID); err != nil {
			t.Fatal(err)
		}
		if got := names(); len(got) != 3 {
			t.Errorf("%q", got)
		}
		if parts, err := c.programmes.Parts(t.Context(), c.tom); err != nil || len(parts) != 0 {
			t.Errorf("tom takes part in %d, %v", len(parts), err)
		}
		_, err := c.programmes.OwnPart(t.Context(), c.mia, c.enrolment(t, c.programme.ID, c.ana).ID)
		apptest.WantCode(t, err, "enrolment_not_found", "")
	})
}

// TestFacts: of one's own takes, of attempts for who sees them, and of nothing else.
func TestFacts(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		c := newCourse(t, e, func(p *programme.Programme) {
			p.TargetMS, p.MustSay, p.MustNotSay = 90_000, []string{"cost of delay"}, []string{"guarantee"}
		})
		practice := c.practice(t, c.ana)
		c.say(t, practice, []speech.Word{{Text: "This", StartMS: 0, EndMS: 300, Confidence: 0.9}, {Text: "is", StartMS: 400, EndMS: 600, Confidence: 0.9},
			{Text: "the", StartMS: 700, EndMS: 800, Confidence: 0.9}, {Text: "cost", StartMS: 900, EndMS: 1200, Confidence: 0.2}, {Text: "of", StartMS: 1300, EndMS: 1400, Confidence: 0.9},
			{Text: "delay.", StartMS: 3400, EndMS: 3900, Confidence: 0.9}})
		f, err := c.programmes.Facts(t.Context(), c.ana, practice, "")
		if err != nil {
			t.Fatal(err)
		}
		if f.State != programme.FactsReady || f.TargetMS != 90_000 || f.DurationMS != 60_000 || f.Words != 6 || len(f.Pauses) != 1 || f.MustSay[0].State != facts.Unclear || f.MustNotSay[0].State != facts.Missing {
			t.Errorf("%+v", f)
		}
		// What a person wrote is sure.
		c.Exec(t, `UPDATE transcripts SET source = 'edited' WHERE video_id = ?`, practice)
		if f, err := c.programmes.Facts(t.Context(), c.ana, practice, ""); err != nil || f.MustSay[0].State != facts.Found || *f.MustSay[0].AtMS != 900 {
			t.Errorf("%+v, %v", f.MustSay, err)
		}
		for _, who := range []people.Actor{c.ben, c.mia, c.tom, c.ada} {
			_, err := c.programmes.Facts(t.Context(), who, practice, "")
			apptest.WantCode(t, err, "video_not_found", "")
		}
		public := c.film(t, c.ana, "take", people.Everyone)
		_, err = c.programmes.Facts(t.Context(), c.ben, public, "")
		apptest.WantCode(t, err, "forbidden", "")
		c.Exec(t, `UPDATE videos SET transcript_state = 'waiting' WHERE id = ?`, public)
		enrolment := c.enrolment(t, c.programme.ID, c.ana).ID
		if f, err := c.programmes.Facts(t.Context(), c.ana, public, enrolment); err != nil || f.State != programme.FactsWaiting || f.TargetMS != 90_000 {
			t.Errorf("%+v, %v", f, err)
		}
		if f, err := c.programmes.Facts(t.Context(), c.ana, public, ""); err != nil || f.TargetMS != 0 {
			t.Errorf("%+v, %v", f, err)
		}
		_, err = c.programmes.Facts(t.Context(), c.ana, public, c.enrolment(t, c.programme.ID, c.ben).ID)
		apptest.WantCode(t, err, "enrolment_not_found", "")
		c.Exec(t, `UPDATE videos SET transcript_state = 'no_sound' WHERE id = ?`, public)
		if f, err := c.programmes.Facts(t.Context(), c.ana, public, ""); err != nil || f.State != programme.FactsNone || f.Note == "" {
			t.Errorf("%+v, %v", f, err)
		}
		// An attempt's are the reviewer's as well.
		a, err := c.programmes.Submit(t.Context(), c.ana, enrolment, programme.NewAttempt{VideoID: practice})
		if err != nil {
			t.Fatal(err)
		}
		if f, err := c.programmes.Facts(t.Context(), c.mia, practice, ""); err != nil || f.MustSay[0].State != facts.Found {
			t.Errorf("%+v, %v", f, err)
		}
		if f, err := c.programmes.FactsOf(t.Context(), a); err != nil || f.Words != 6 {
			t.Errorf("%+v, %v", f, err)
		}
	})
}

// say gives a video of ana's a transcript, as the speech engine does.
func (c *course) say(t *testing.T, videoID string, words []speech.Word) {
	t.Helper()
	if _, err := c.videos.Correct(t.Context(), c.ana, videoID, video.Correction{Segments: speech.Cut(words)}); err != nil {
		t.Fatal(err)
	}
	c.Exec(t, `UPDATE transcripts SET source = 'speech' WHERE video_id = ?`, videoID)
}
