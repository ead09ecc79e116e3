package review_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
	"github.com/fieldreel/fieldreel/app/video"
)

// TestOneReview is the whole way of a review: it comes, is drafted, sent once, and settles the attempt.
func TestOneReview(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		p := k.open(t, nil)
		a := k.submit(t, p, k.ana)
		if got := k.roles(t, a); !slices.Equal(got, []string{"first"}) {
			t.Fatalf("reviews %v", got)
		}
		r := k.of(t, a, review.First)
		if !r.By(k.mia.PersonID) || r.ForID != nil || !r.CreatedAt.Equal(e.Clock.Now()) {
			t.Fatalf("%+v", r)
		}
		if !k.sees(t, k.mia, *a.VideoID) || k.sees(t, k.eve, *a.VideoID) || k.sees(t, k.tom, *a.VideoID) {
			t.Error("only its reviewer sees the attempt")
		}
		if got := k.told(t, k.mia); !slices.Equal(got, []notice.Kind{notice.Review}) {
			t.Errorf("mia was told %v", got)
		}
		c := k.says(t, r, programme.Pass, 3)
		note := review.Note{ID: ident.New(), AtMS: 12_000, Kind: review.Good, Text: " A clear opening. "}
		c.Notes = []review.Note{note}
		kept, err := k.reviews.Keep(t.Context(), k.mia, r.ID, 0, c)
		if err != nil || kept.DraftVersion != 1 {
			t.Fatalf("%+v, %v", kept, err)
		}
		if got := k.told(t, k.ana); len(got) != 0 {
			t.Errorf("a draft told ana %v", got)
		}
		base := 1
		for range 2 { // the answer was lost: sent again
			sent, err := k.reviews.Send(t.Context(), k.mia, r.ID, &base, c)
			if err != nil || sent.State != review.Sent || *sent.Score != 6667 || sent.Decision != programme.Pass {
				t.Fatalf("%+v, %v", sent, err)
			}
		}
		c.Message = "Other words."
		_, err = k.reviews.Send(t.Context(), k.mia, r.ID, nil, c)
		apptest.WantCode(t, err, "review_sent", "")
		_, err = k.reviews.Keep(t.Context(), k.mia, r.ID, 2, c)
		apptest.WantCode(t, err, "review_sent", "")

		a = k.attempt(t, a.ID)
		if a.State != programme.Settled || a.Decision != programme.Pass || *a.Score != 6667 || *a.ResultReviewID != r.ID || len(a.Levels) != 3 {
			t.Errorf("settled %+v", a)
		}
		if n := k.Count(t, `SELECT COUNT(*) FROM certificates WHERE attempt_id = ?`, a.ID); n != 1 {
			t.Errorf("%d certificates", n)
		}
		if n := k.Count(t, `SELECT COUNT(*) FROM review_scores WHERE review_id = ? AND NOT carried`, r.ID); n != 3 {
			t.Errorf("%d scores", n)
		}
		if got := k.told(t, k.ana); !slices.Equal(got, []notice.Kind{notice.Result}) {
			t.Errorf("ana was told %v", got)
		}
		if got := k.told(t, k.mia); len(got) != 0 {
			t.Errorf("mia is still told %v", got)
		}
		if got, want := k.trail(t, a), []string{"review.assigned", "attempt.submitted", "attempt.settled", "certificate.issued", "review.sent"}; !slices.Equal(got, want) {
			t.Errorf("trail %v, want %v", got, want)
		}
		res, ok, err := k.reviews.ResultOf(t.Context(), k.ana, a)
		if err != nil || !ok || res.Reviewer != k.mia.PersonID || len(res.Scores) != 3 || len(res.Notes) != 1 || res.Notes[0].Body != "A clear opening." || res.Notes[0].By != k.mia.PersonID {
			t.Errorf("%+v, %v, %v", res, ok, err)
		}
		if got := k.box(t, k.mia, review.Done); !slices.Equal(got, []string{"ana"}) {
			t.Errorf("done %v", got)
		}
		if !k.sees(t, k.mia, *a.VideoID) {
			t.Error("who reviewed it cannot look again")
		}
		k.verifyTrail(t)
	})
}

// TestWhatCannotBeSent is refused and changes nothing.
func TestWhatCannotBeSent(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		a := k.submit(t, k.open(t, nil), k.ana)
		r := k.of(t, a, review.First)
		good := k.says(t, r, programme.Pass, 3)
		ids := make([]string, 0, 3)
		for id := range good.Levels {
			ids = append(ids, id)
		}
		theirs := k.film(t, k.ana, video.VideoReply, r.ID)
		elsewhere := k.film(t, k.mia, video.VideoReply, ident.New())
		note := func(n review.Note) func(*review.Content) {
			return func(c *review.Content) {
				if n.ID == "" {
					n.ID = ident.New()
				}
				if n.Kind == "" {
					n.Kind = review.Plain
				}
				c.Notes = []review.Note{n}
			}
		}
		twin := review.Note{ID: ident.New(), Kind: review.Good, Text: "x"}
		for name, c := range map[string]struct {
			change      func(*review.Content)
			code, field string
		}{
			"a level is missing":     {func(c *review.Content) { delete(c.Levels, ids[0]) }, "levels_missing", "levels"},
			"no such level":          {func(c *review.Content) { c.Levels[ids[0]] = 5 }, "level_unknown", "levels." + ids[0]},
			"level 0":                {func(c *review.Content) { c.Levels[ids[0]] = 0 }, "level_unknown", "levels." + ids[0]},
			"no such criterion":      {func(c *review.Content) { c.Levels[ident.New()] = 1 }, "criterion_unknown", "levels"},
			"no decision":            {func(c *review.Content) { c.Decision = "" }, "decision_missing", "decision"},
			"an unknown decision":    {func(c *review.Content) { c.Decision = "maybe" }, "decision_unknown", "decision"},
			"a pass that is none":    {func(c *review.Content) { c.Levels[ids[0]], c.Levels[ids[1]] = 1, 1 }, "pass_rule", "decision"},
			"a retry of nothing":     {func(c *review.Content) { c.Decision = programme.TryAgain }, "retry_nothing", "retry_criteria"},
			"a retry of what is not": {func(c *review.Content) { c.Decision, c.RetryCriteria = programme.TryAgain, []string{ident.New()} }, "criterion_unknown", "retry_criteria"},
			"an empty note":          {note(review.Note{Text: " "}), "note_empty", "notes.text"},
			"a note without an id":   {note(review.Note{ID: "x", Text: "x"}), "id_invalid", "notes.id"},
			"a note after the end":   {note(review.Note{Text: "x", AtMS: 60_001}), "time_outside", "notes.at_ms"},
			"a note before it":       {note(review.Note{Text: "x", AtMS: -1}), "time_outside", "notes.at_ms"},
			"a note of no kind":      {note(review.Note{Text: "x", Kind: "praise"}), "kind_unknown", "notes.kind"},
			"control characters":     {note(review.Note{Text: "a\x00b"}), "text_invalid", "notes.text"},
			"broken text":            {func(c *review.Content) { c.Message = "a\xff" }, "text_invalid", "message"},
			"a voice not here":       {note(review.Note{Voice: true}), "voice_missing", "notes.voice"},
			"a video of another":     {note(review.Note{ReplyVideoID: theirs}), "reply_unfit", "notes.reply_video_id"},
			"a video for another":    {note(review.Note{ReplyVideoID: elsewhere}), "reply_unfit", "notes.reply_video_id"},
			"a video that is not":    {note(review.Note{ReplyVideoID: ident.New()}), "reply_unfit", "notes.reply_video_id"},
			"the same id twice":      {func(c *review.Content) { c.Notes = []review.Note{twin, twin} }, "id_twice", "notes.id"},
			"too many notes":         {func(c *review.Content) { c.Notes = make([]review.Note, review.MaxNotes+1) }, "too_many", "notes"},
		} {
			bad := k.says(t, r, programme.Pass, 3)
			c.change(&bad)
			_, err := k.reviews.Send(t.Context(), k.mia, r.ID, nil, bad)
			t.Run(name, func(t *testing.T) { apptest.WantCode(t, err, c.code, c.field) })
		}
		_, err := k.reviews.Send(t.Context(), k.mia, r.ID, nil, review.Content{Levels: programme.Levels{ids[0]: 4, ids[1]: 1, ids[2]: 1}, Decision: programme.Pass})
		var f *fault.Error
		if !errors.As(err, &f) || f.Extra["score"] != 33.3 || f.Extra["need_score"] != 60.0 {
			t.Errorf("%+v", f)
		}
		for who, code := range map[*people.Actor]string{&k.ana: "review_not_found", &k.ben: "review_not_found", &k.cleo: "review_not_found", &k.eve: "forbidden", &k.tom: "forbidden", &k.ada: "forbidden"} {
			_, err := k.reviews.Send(t.Context(), *who, r.ID, nil, good)
			apptest.WantCode(t, err, code, "")
			_, err = k.reviews.Keep(t.Context(), *who, r.ID, 0, good)
			apptest.WantCode(t, err, code, "")
		}
		for _, id := range []string{ident.New(), "\x00", "x"} {
			_, err := k.reviews.Send(t.Context(), k.mia, id, nil, good)
			apptest.WantCode(t, err, "review_not_found", "")
		}
		if now := k.of(t, a, review.First); now.State != review.Waiting || now.DraftVersion != 0 || now.Score != nil {
			t.Errorf("changed: %+v", now)
		}
		if n := k.Count(t, `SELECT COUNT(*) FROM review_scores`) + k.Count(t, `SELECT COUNT(*) FROM certificates`); n != 0 || k.attempt(t, a.ID).State != programme.Waiting {
			t.Errorf("%d rows", n)
		}
	})
}

// TestRetryLooksAtWhatWasNamed follows a retry into the next attempt: only what was named is looked at.
func TestRetryLooksAtWhatWasNamed(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		p := k.open(t, nil)
		a := k.submit(t, p, k.ana)
		r := k.of(t, a, review.First)
		c := k.says(t, r, programme.TryAgain, 3)
		named := c.RetryCriteria[0]
		c.Levels[named] = 1
		reply := k.film(t, k.mia, video.VideoReply, r.ID)
		c.Notes = []review.Note{{ID: ident.New(), AtMS: 1, Kind: review.Work, ReplyVideoID: reply}}
		if _, err := k.reviews.Send(t.Context(), k.mia, r.ID, nil, c); err != nil {
			t.Fatal(err)
		}
		if !k.sees(t, k.ana, reply) || k.sees(t, k.ben, reply) {
			t.Error("the reply is for ana alone")
		}
		a = k.attempt(t, a.ID)
		if a.Decision != programme.TryAgain || !slices.Equal(a.RetryCriteria, []string{named}) {
			t.Fatalf("%+v", a)
		}
		second := k.submit(t, p, k.ana)
		again := k.of(t, second, review.First)
		full, err := k.reviews.Get(t.Context(), k.mia, again.ID)
		if err != nil || len(full.Carried) != 2 || full.Before.ID != a.ID || !slices.Equal(full.Attempt.OnlyCriteria, []string{named}) {
			t.Fatalf("%+v, %v", full, err)
		}
		if res, ok, err := k.reviews.PreviousOf(t.Context(), k.mia, full); err != nil || !ok || res.Reviewer != k.mia.PersonID || len(res.Notes) != 1 {
			t.Errorf("%+v, %v", res, err)
		}
		if _, ok, err := k.reviews.PreviousOf(t.Context(), k.dan, full); ok || err != nil {
			t.Errorf("a stranger is shown the attempt before, %v", err)
		}
		_, err = k.reviews.Send(t.Context(), k.mia, again.ID, nil, k.says(t, again, programme.Pass, 3))
		if fault.CodeOf(err) != "criterion_carried" {
			t.Errorf("a carried level was given again: %v", err)
		}
		if _, err := k.reviews.Send(t.Context(), k.mia, again.ID, nil, review.Content{Levels: programme.Levels{named: 3}, Decision: programme.Pass}); err != nil {
			t.Fatal(err)
		}
		if n := k.Count(t, `SELECT COUNT(*) FROM review_scores WHERE review_id = ? AND carried`, again.ID); n != 2 || *k.attempt(t, second.ID).Score != 6667 {
			t.Errorf("%d carried", n)
		}
	})
}

// TestDrafts are kept by version; two devices do not overwrite each other unseen.
func TestDrafts(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		r := k.of(t, k.submit(t, k.open(t, nil), k.ana), review.First)
		one, two := review.Content{Message: "One"}, review.Content{Message: "Two", Notes: []review.Note{{ID: ident.New(), AtMS: 5, Kind: review.Question, Text: "Why?"}}}
		keep := func(base int, c review.Content) (review.Review, error) {
			return k.reviews.Keep(t.Context(), k.mia, r.ID, base, c)
		}
		for range 3 { // sent again and again without having heard the answer
			if got, err := keep(0, one); err != nil || got.DraftVersion != 1 {
				t.Fatalf("%d, %v", got.DraftVersion, err)
			}
		}
		_, err := keep(0, two)
		apptest.WantCode(t, err, "draft_changed", "")
		var changed *review.ChangedError
		if !errors.As(err, &changed) || changed.Kept.DraftVersion != 1 || changed.Kept.Draft.Message != "One" {
			t.Errorf("%+v", changed)
		}
		if got, err := keep(1, two); err != nil || got.DraftVersion != 2 {
			t.Fatalf("%+v, %v", got, err)
		}
		_, err = keep(9, one)
		apptest.WantCode(t, err, "draft_changed", "")
		base := 1
		_, err = k.reviews.Send(t.Context(), k.mia, r.ID, &base, k.says(t, r, programme.Pass, 4))
		apptest.WantCode(t, err, "draft_changed", "")
		full, err := k.reviews.Get(t.Context(), k.mia, r.ID)
		if err != nil || full.Draft.Message != "Two" || len(full.Draft.Notes) != 1 || full.DraftAt == nil {
			t.Errorf("%+v, %v", full.Draft, err)
		}
		if _, err := keep(2, review.Content{}); err != nil {
			t.Errorf("an emptied draft: %v", err)
		}
	})
}

// TestSwappedTake takes back what a draft said of another take, and shows the new one instead.
func TestSwappedTake(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		p := k.open(t, both(twice))
		a := k.submit(t, p, k.ana)
		r := k.of(t, a, review.First)
		if _, err := k.reviews.Keep(t.Context(), k.mia, r.ID, 0, review.Content{Message: "One"}); err != nil {
			t.Fatal(err)
		}
		old, fresh := *a.VideoID, k.practice(t, p, k.ana)
		if _, err := k.programmes.Swap(t.Context(), k.ana, a.ID, fresh, programme.OwnNote{}); err != nil {
			t.Fatal(err)
		}
		if k.sees(t, k.mia, old) || k.sees(t, k.eve, old) || !k.sees(t, k.mia, fresh) || !k.sees(t, k.eve, fresh) {
			t.Error("the wrong take is seen")
		}
		if got := k.of(t, a, review.First); !got.Draft.Empty() || got.DraftVersion != 2 {
			t.Errorf("%+v", got)
		}
		_, err := k.reviews.Keep(t.Context(), k.mia, r.ID, 1, review.Content{Message: "Of the old take"})
		apptest.WantCode(t, err, "draft_changed", "")
		k.send(t, k.mia, r, programme.Pass, 4)
		_, err = k.programmes.Swap(t.Context(), k.ana, a.ID, k.practice(t, p, k.ana), programme.OwnNote{})
		apptest.WantCode(t, err, "attempt_reviewed", "")
		if k.sees(t, k.mia, old) {
			t.Error("a practice is seen")
		}
	})
}
