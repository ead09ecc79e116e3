package video_test

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/speech"
)

func seg(start, end int64, text string) speech.Segment {
	return speech.Segment{StartMS: start, EndMS: end, Text: text}
}

func TestCorrect(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben, tom := k.add(t, "Ana"), k.add(t, "Ben"), k.add(t, "Tom", people.Trainer)
		v := k.take(t, ana, func(r *recording) { r.audience = people.Everyone; r.tactics = []string{"test-the-champion"} })
		_, err := k.videos.TranscriptOf(t.Context(), ana, v.ID)
		wantCode(t, err, "transcript_not_found")
		_, err = k.videos.Correct(t.Context(), ben, v.ID, video.Correction{})
		wantCode(t, err, "forbidden")

		e.Clock.Advance(time.Minute)
		got, err := k.videos.Correct(t.Context(), tom, v.ID, video.Correction{Language: "en-GB", Segments: []speech.Segment{
			seg(0, 3000, "  They   say it is  half\nthe price. "), seg(3000, 6000, "So would you be willing to introduce me?"),
			{StartMS: 7000, EndMS: 8000, Words: []speech.Word{{Text: "So", StartMS: 7000, EndMS: 7100, Confidence: 0.4}, {Text: "there.", StartMS: 7200, EndMS: 7900, Confidence: 0.9}}},
		}})
		if err != nil || got.Version != 1 || got.Source != video.Edited || *got.EditedBy != tom.PersonID || got.Language != "en-GB" {
			t.Fatalf("%+v, %v", got, err)
		}
		read, err := k.videos.TranscriptOf(t.Context(), ben, v.ID)
		if err != nil || !reflect.DeepEqual(read, got) {
			t.Fatalf("read\n%+v\nwant\n%+v\n%v", read, got, err)
		}
		first := got.Segments[0]
		if first.Text != "They say it is half the price." || len(first.Words) != 7 || first.Words[0].StartMS != 0 || first.Words[6].EndMS != 3000 || first.Words[6].Text != "price." {
			t.Errorf("words are spread over the segment: %+v", first)
		}
		if last := got.Segments[2]; last.Text != "So there." || last.Words[1].StartMS != 7200 || last.Words[0].Confidence != 0.4 {
			t.Errorf("words that came with it stay: %+v", last)
		}
		// The moments and the video follow.
		ms, err := k.videos.MomentsOf(t.Context(), ben, v.ID)
		if err != nil || len(ms) != 1 || ms[0].StartMS != 0 || ms[0].EndMS != 7900 || !strings.Contains(ms[0].Text, "half the price. So would") || strings.Join(ms[0].Tactics, " ") != "test-the-champion" {
			t.Fatalf("%+v, %v", ms, err)
		}
		if now := k.get(t, ana, v.ID); now.Transcript != video.TranscriptReady || now.Version != v.Version+1 || now.State != video.Playable {
			t.Errorf("%+v", now)
		}
		var vtt bytes.Buffer
		if err := k.videos.Captions(t.Context(), ben, v.ID, &vtt); err != nil || !strings.HasPrefix(vtt.String(), "WEBVTT\n") || !strings.Contains(vtt.String(), "half the price.") {
			t.Errorf("%q, %v", vtt.String(), err)
		}
		// A correction of an old version is refused, and changes nothing.
		for _, base := range []int64{0, 2} {
			_, err := k.videos.Correct(t.Context(), ana, v.ID, video.Correction{BaseVersion: &base, Segments: []speech.Segment{seg(0, 1000, "New.")}})
			wantCode(t, err, "transcript_changed")
		}
		if again, err := k.videos.TranscriptOf(t.Context(), ben, v.ID); err != nil || !reflect.DeepEqual(again, read) {
			t.Fatalf("%+v, %v", again, err)
		}
		if got, err = k.videos.Correct(t.Context(), ana, v.ID, video.Correction{BaseVersion: ptr(int64(1)), Segments: []speech.Segment{seg(0, 1000, "New.")}}); err != nil || got.Version != 2 {
			t.Fatalf("%+v, %v", got, err)
		}
		// Deleting all of it is a transcript without words.
		got, err = k.videos.Correct(t.Context(), ana, v.ID, video.Correction{})
		if err != nil || len(got.Segments) != 0 || got.Language != "en-GB" {
			t.Fatalf("%+v, %v", got, err)
		}
		if ms, err := k.videos.MomentsOf(t.Context(), ana, v.ID); err != nil || len(ms) != 0 {
			t.Fatal(ms, err)
		}
		if now := k.get(t, ana, v.ID); now.Transcript != video.TranscriptReady || now.TranscriptNote == "" {
			t.Errorf("%+v", now)
		}
	})
}

func TestCorrectRefused(t *testing.T) {
	k := newKit(t, apptest.SQLite(t))
	ana := k.add(t, "Ana")
	v := k.take(t, ana)
	word := func(text string, start, end int64) []speech.Word {
		return []speech.Word{{Text: text, StartMS: start, EndMS: end, Confidence: 1}}
	}
	one := func(s speech.Segment) []speech.Segment { return []speech.Segment{s} }
	for _, c := range []struct {
		name     string
		segments []speech.Segment
		code, at string
	}{
		{"behind the end", one(seg(0, 10001, "a")), "time_outside", "segments[0]"},
		{"before the beginning", one(seg(-1, 5, "a")), "time_outside", "segments[0]"},
		{"backwards", one(seg(5, 4, "a")), "time_outside", "segments[0]"},
		{"overlapping", []speech.Segment{seg(0, 100, "a"), seg(99, 200, "b")}, "time_outside", "segments[1]"},
		{"out of order", []speech.Segment{seg(500, 600, "a"), seg(0, 100, "b")}, "time_outside", "segments[1]"},
		{"no text", one(seg(0, 100, " ")), "required", "segments[0].text"},
		{"empty words", one(speech.Segment{EndMS: 5, Words: word("", 0, 5)}), "required", "segments[0].text"},
		{"too much text", one(seg(0, 100, strings.Repeat("x", 2001))), "text_invalid", "segments[0].text"},
		{"too many words", one(speech.Segment{EndMS: 5, Words: word(strings.Repeat("x", 2001), 0, 5)}), "text_invalid", "segments[0].text"},
		{"zero in the text", one(seg(0, 100, "a\x00b")), "text_invalid", "segments[0].text"},
		{"zero in a word", one(speech.Segment{EndMS: 5, Words: word("a\x00", 0, 5)}), "text_invalid", "segments[0].text"},
		{"broken text", one(seg(0, 100, "a\xff")), "text_invalid", "segments[0].text"},
		{"a word outside", one(speech.Segment{EndMS: 5, Text: "a", Words: word("a", 0, 6)}), "words_invalid", "segments"},
		{"confidence", one(speech.Segment{EndMS: 5, Text: "a", Words: []speech.Word{{Text: "a", EndMS: 5, Confidence: 2}}}), "words_invalid", "segments"},
		{"too many", make([]speech.Segment, 20001), "too_many", "segments"},
	} {
		_, err := k.videos.Correct(t.Context(), ana, v.ID, video.Correction{Segments: c.segments})
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || f.Code != c.code || f.Field != c.at {
			t.Errorf("%s: %v, want %s at %s", c.name, err, c.code, c.at)
		}
	}
	_, err := k.videos.Correct(t.Context(), ana, v.ID, video.Correction{Language: strings.Repeat("x", 36)})
	wantCode(t, err, "too_long")
	if now := k.get(t, ana, v.ID); now.Version != v.Version {
		t.Errorf("a refused correction changed the video: %+v", now)
	}
	_, unplayable := k.upload(t, ana)
	_, err = k.videos.Correct(t.Context(), ana, unplayable, video.Correction{Segments: one(seg(0, 1, "a"))})
	wantCode(t, err, "video_not_playable")
}

func TestCaptions(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben := k.add(t, "Ana"), k.add(t, "Ben")
		v := k.take(t, ana, func(r *recording) { r.audience = people.Everyone })
		for name, file := range map[string]string{
			"WebVTT": "WEBVTT\n\n00:01.000 --> 00:03.000\nThey say <b>no</b>.\n\n00:09.000 --> 00:12.000\nUntil the end\n\n00:10.000 --> 00:13.000\nbehind it\n",
			"SRT":    "1\r\n00:00:01,000 --> 00:00:03,000\r\nThey say no.\r\n\r\n2\r\n00:00:09,000 --> 00:00:12,000\r\nUntil the end\r\n",
		} {
			got, err := k.videos.SetCaptions(t.Context(), ana, v.ID, []byte(file))
			if err != nil || got.Source != video.FromCaptions || len(got.Segments) != 2 || got.Segments[0].Text != "They say no." || got.Segments[1].EndMS != 10000 {
				t.Fatalf("%s: %+v, %v", name, got, err)
			}
			ms, err := k.videos.MomentsOf(t.Context(), ana, v.ID)
			if err != nil || len(ms) != 2 {
				t.Fatalf("%+v, %v", ms, err)
			}
			for _, m := range ms {
				if err := video.CheckStretch(v, m.StartMS, m.EndMS); err != nil {
					t.Errorf("%s: a moment that cannot be saved: %+v", name, m)
				}
			}
		}
		for name, c := range map[string]struct {
			file string
			kind fault.Kind
			code string
		}{
			"no captions":     {"hello", fault.Invalid, "captions_malformed"},
			"bad time":        {"WEBVTT\n\n00:01.000 --> 00:99.000\nx\n", fault.Invalid, "captions_malformed"},
			"another video's": {"WEBVTT\n\n01:00.000 --> 01:02.000\nx\n", fault.Invalid, "captions_outside"},
			"too large":       {"WEBVTT\n\n" + strings.Repeat("NOTE x\n\n", 300000), fault.TooLarge, "captions_too_large"},
		} {
			_, err := k.videos.SetCaptions(t.Context(), ana, v.ID, []byte(c.file))
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != c.kind || f.Code != c.code || f.Field != "file" {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := k.videos.SetCaptions(t.Context(), ben, v.ID, []byte("WEBVTT\n"))
		wantCode(t, err, "forbidden")
		// The engine comes too late: people's words win.
		k.store(t, v.ID, "audio.wav")
		k.speech.says = speech.Transcript{Segments: []speech.Segment{speech.NewSegment(speech.Spread("machine words", 0, 1000))}}
		if err := k.videos.Transcribe(t.Context(), v.ID, false); err != nil || k.speech.calls != 0 {
			t.Fatal(err, k.speech.calls)
		}
		second := k.take(t, ana)
		k.store(t, second.ID, "audio.wav")
		k.speech.while = func() {
			if _, err := k.videos.SetCaptions(context.Background(), ana, second.ID, []byte("WEBVTT\n\n00:01.000 --> 00:03.000\nPeople's words\n")); err != nil {
				t.Error(err)
			}
		}
		if err := k.videos.Transcribe(t.Context(), second.ID, false); err != nil {
			t.Fatal(err)
		}
		if got, err := k.videos.TranscriptOf(t.Context(), ana, second.ID); err != nil || got.Source != video.FromCaptions || got.Segments[0].Text != "People's words" {
			t.Fatalf("%+v, %v", got, err)
		}
	})
}

// TestTranscribe: what the engine heard becomes words, corrected by the glossary and held to the video's
// length; what it cannot do is said in words.
func TestTranscribe(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, tom := k.add(t, "Ana"), k.add(t, "Tom", people.Trainer)
		if _, err := k.words.SetGlossary(t.Context(), tom, nil); err != nil {
			t.Fatal(err)
		}
		// One entry that no transcript can use, as an older version let it in.
		k.exec(t, `INSERT INTO glossary (id, heard, heard_key, written, created_at) VALUES ('1', 'north wind', 'north-wind', 'Northwind', ?), ('2', ?, 'x', 'y', ?)`, e.DB.Now(), strings.Repeat("word ", 20), e.DB.Now())
		waiting := func() video.Video {
			v := k.take(t, ana, func(r *recording) { r.tactics = []string{"test-the-champion"} })
			k.store(t, v.ID, "audio.wav")
			return v
		}
		v := waiting()
		k.speech.says = speech.Transcript{Language: "en", Engine: "fake", Segments: []speech.Segment{
			speech.NewSegment(speech.Spread("I asked north wind to introduce me.", 500, 4000)), speech.NewSegment(speech.Spread("And so on.", 9000, 11000)), speech.NewSegment(speech.Spread("Gone.", 12000, 13000))}}
		if err := k.videos.Transcribe(t.Context(), v.ID, false); err != nil {
			t.Fatal(err)
		}
		got, err := k.videos.TranscriptOf(t.Context(), ana, v.ID)
		if err != nil || got.Source != video.FromSpeech || got.Engine != "fake" || len(got.Segments) != 2 || got.Segments[0].Text != "I asked Northwind to introduce me." || got.Segments[1].EndMS != 10000 {
			t.Fatalf("%+v, %v", got, err)
		}
		ms, err := k.videos.MomentsOf(t.Context(), ana, v.ID)
		if err != nil || len(ms) != 2 || len(ms[0].Tactics) != 1 || ms[1].EndMS != 10000 {
			t.Fatalf("%+v, %v", ms, err)
		}
		said, err := k.videos.Suggestions(t.Context(), ana, v.ID)
		if err != nil || len(said) == 0 {
			t.Fatalf("%+v, %v", said, err)
		}
		calls := k.speech.calls
		if err := k.videos.Transcribe(t.Context(), v.ID, false); err != nil || k.speech.calls != calls {
			t.Fatal("worked twice", err)
		}
		for _, c := range []struct {
			name  string
			err   error
			last  bool
			state video.TranscriptState
			again bool
		}{
			{"no model", speech.ErrNoModel, false, video.TranscriptNoModel, false},
			{"no sound file", speech.ErrBadAudio, false, video.TranscriptFailed, false},
			{"a crash", speech.ErrWorker, false, video.TranscriptWaiting, true},
			{"a crash at the last try", speech.ErrWorker, true, video.TranscriptFailed, false},
		} {
			v := waiting()
			k.speech.err = c.err
			err := k.videos.Transcribe(t.Context(), v.ID, c.last)
			if (err != nil) != c.again {
				t.Errorf("%s: %v", c.name, err)
			}
			now := k.get(t, ana, v.ID)
			if now.Transcript != c.state || (now.TranscriptNote == "") != (c.state == video.TranscriptWaiting) {
				t.Errorf("%s: %s %q", c.name, now.Transcript, now.TranscriptNote)
			}
			if c.state != video.TranscriptWaiting { // and it can be tried again
				k.speech.err = nil
				if now, err = k.videos.Retry(t.Context(), ana, v.ID); err != nil || now.Transcript != video.TranscriptWaiting {
					t.Fatalf("%s: %+v, %v", c.name, now, err)
				}
				if err := k.videos.Transcribe(t.Context(), v.ID, false); err != nil || k.get(t, ana, v.ID).Transcript != video.TranscriptReady {
					t.Fatalf("%s: %v", c.name, err)
				}
			}
		}
		// Silence is a transcript, too.
		v = waiting()
		k.speech.says = speech.Transcript{}
		if err := k.videos.Transcribe(t.Context(), v.ID, false); err != nil {
			t.Fatal(err)
		}
		if now := k.get(t, ana, v.ID); now.Transcript != video.TranscriptReady || !strings.Contains(now.TranscriptNote, "No speech") {
			t.Errorf("%+v", now)
		}
		// The sound is gone from the store: after the last try its author is told.
		v = k.take(t, ana)
		if err := k.videos.Transcribe(t.Context(), v.ID, false); err == nil {
			t.Error("no sound, no error")
		}
		if err := k.videos.Transcribe(t.Context(), v.ID, true); err != nil || k.get(t, ana, v.ID).Transcript != video.TranscriptFailed {
			t.Error(err)
		}
		// A node that stops says nothing about the recording, not even at the last try.
		v = waiting()
		ctx, cancel := context.WithCancel(t.Context())
		k.speech.while = cancel
		if err := k.videos.Transcribe(ctx, v.ID, true); err == nil {
			t.Error("a broken-off job was taken for done")
		}
		k.speech.while = nil
		if now := k.get(t, ana, v.ID); now.Transcript != video.TranscriptWaiting {
			t.Errorf("%+v", now)
		}
		// A video that is purged meanwhile is nobody's trouble.
		k.speech.while = func() { k.exec(t, `DELETE FROM videos WHERE id = ?`, v.ID) }
		if err := k.videos.Transcribe(t.Context(), v.ID, false); err != nil {
			t.Error(err)
		}
	})
}

func TestNotes(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana, ben, cid := k.add(t, "Ana"), k.add(t, "Ben"), k.add(t, "Cid")
		v := k.take(t, ana, func(r *recording) { r.audience = people.Everyone })
		other := k.take(t, ana)
		id := "019B0000-0000-7000-8000-00000000000A"
		n, err := k.videos.WriteNote(t.Context(), ben, v.ID, id, 5000, " Look at this ")
		if err != nil || n.ID != strings.ToLower(id) || n.Body != "Look at this" || n.AtMS != 5000 || n.AuthorID != ben.PersonID {
			t.Fatalf("%+v, %v", n, err)
		}
		// Sent again, and many times at once, it is the same note, as it was first written.
		e.Clock.Advance(time.Minute)
		var work sync.WaitGroup
		for range 5 {
			work.Go(func() {
				again, err := k.videos.WriteNote(context.Background(), ben, v.ID, id, 7000, "Other words")
				if err != nil || again.Body != n.Body || again.AtMS != n.AtMS || !again.CreatedAt.Equal(n.CreatedAt) {
					t.Errorf("%+v, %v", again, err)
				}
			})
		}
		for range 5 {
			work.Go(func() {
				if _, err := k.videos.WriteNote(context.Background(), ben, v.ID, "019b0000-0000-7000-8000-00000000000b", 100, "At once"); err != nil {
					t.Error(err)
				}
			})
		}
		work.Wait()
		if ns, err := k.videos.Notes(t.Context(), cid, v.ID, "", 50); err != nil || len(ns) != 2 || ns[0].AtMS != 100 {
			t.Fatalf("%+v, %v", ns, err)
		}
		_, err = k.videos.WriteNote(t.Context(), cid, v.ID, id, 0, "Mine") // somebody else's id
		wantCode(t, err, "note_exists")
		_, err = k.videos.WriteNote(t.Context(), ana, other.ID, id, 0, "Mine")
		wantCode(t, err, "note_exists")
		for _, c := range []struct {
			who        people.Actor
			video, id  string
			at         int64
			text, code string
		}{
			{ben, other.ID, "", 0, "x", "video_not_found"}, {ben, v.ID, "", -1, "x", "time_outside"}, {ben, v.ID, "", 10001, "x", "time_outside"}, {ben, v.ID, "", 0, " ", "required"},
			{ben, v.ID, "", 0, strings.Repeat("x", 4001), "too_long"}, {ben, v.ID, "", 0, "a\x00", "text_invalid"}, {ben, v.ID, "x", 0, "a", "id_invalid"},
		} {
			_, err := k.videos.WriteNote(t.Context(), c.who, c.video, c.id, c.at, c.text)
			wantCode(t, err, c.code)
		}
		if n, err := k.videos.WriteNote(t.Context(), ben, v.ID, "", 10000, "At the very end"); err != nil || n.ID == "" {
			t.Fatal(err)
		}
		edited, err := k.videos.EditNote(t.Context(), ben, v.ID, n.ID, "Better words")
		if err != nil || edited.Body != "Better words" || !edited.UpdatedAt.After(edited.CreatedAt) || edited.AtMS != 5000 {
			t.Fatalf("%+v, %v", edited, err)
		}
		_, err = k.videos.EditNote(t.Context(), ana, v.ID, n.ID, "x")
		wantCode(t, err, "forbidden")
		_, err = k.videos.EditNote(t.Context(), ben, v.ID, n.ID, "")
		wantCode(t, err, "required")
		_, err = k.videos.EditNote(t.Context(), ben, other.ID, n.ID, "x")
		wantCode(t, err, "video_not_found")
		wantCode(t, k.videos.DeleteNote(t.Context(), ana, other.ID, n.ID), "note_not_found")
		wantCode(t, k.videos.DeleteNote(t.Context(), cid, v.ID, n.ID), "forbidden")
		if err := k.videos.DeleteNote(t.Context(), ana, v.ID, n.ID); err != nil {
			t.Fatal("the author of the video may:", err)
		}
		wantCode(t, k.videos.DeleteNote(t.Context(), ben, v.ID, n.ID), "note_not_found")
	})
}

// TestMomentsAreTold proves that who counts watched moments is told of new ones in the transaction that
// cuts them, and can refuse it.
func TestMomentsAreTold(t *testing.T) {
	boom := errors.New("boom")
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		ana := k.add(t, "Ana")
		v := k.take(t, ana)
		var told []string
		k.videos.OnMoments = func(_ context.Context, _ *db.Tx, id string) error {
			told = append(told, id)
			return nil
		}
		fix := video.Correction{Segments: []speech.Segment{seg(0, 900, "We cut the price in half.")}}
		if _, err := k.videos.Correct(t.Context(), ana, v.ID, fix); err != nil || !slices.Equal(told, []string{v.ID}) {
			t.Fatalf("told %v, %v", told, err)
		}
		k.videos.OnMoments = func(context.Context, *db.Tx, string) error { return boom }
		fix.Segments[0].Text = "Never."
		if _, err := k.videos.Correct(t.Context(), ana, v.ID, fix); !errors.Is(err, boom) {
			t.Fatalf("refused: %v", err)
		}
		if tr, err := k.videos.TranscriptOf(t.Context(), ana, v.ID); err != nil || tr.Segments[0].Text == "Never." {
			t.Fatalf("%+v, %v", tr.Segments, err)
		}
	})
}
