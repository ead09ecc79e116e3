package video

import (
	"context"
	"errors"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/media/ffmpeg"
)

// trouble is a failure of ours with words for the author.
type trouble struct{ code, words string }

// Error gives the code, for logs.
func (t *trouble) Error() string { return t.code }

var (
	errFailed    = &trouble{"processing_failed", "Something went wrong on the server while preparing this video. You can try again."}
	errBrokenOff = &trouble{"processing_broken_off", "The work on this video was broken off. You can try again."}
	errAway      = &trouble{"recording_away", "The server that received this recording is not running. It is kept there until an admin starts that server again."}
	errNoBytes   = &trouble{"recording_lost", "The server no longer has this recording. Send it again if you still have it."}
)

// wordsFailed says why there is no transcript.
const wordsFailed = "The transcript could not be made. You can try again, or upload captions."

// lasting says whether the recording itself is the cause, so that trying again gives the same.
func lasting(err error) bool { return errors.As(err, new(*ffmpeg.Refusal)) }

// toolMissing says that this node has no ffmpeg, which is nobody's fault and may be mended.
func toolMissing(err error) bool {
	var r *ffmpeg.Refusal
	return errors.As(err, &r) && r.Code == ffmpeg.CodeToolMissing
}

// giveUp tells the author of a failure that will not pass: at once when the recording itself is the
// cause, after the last attempt otherwise. Until then, and when the node stops, the error goes to the
// queue, which tries again.
func (s *Service) giveUp(ctx context.Context, id string, last bool, err error) error {
	switch {
	case err == nil || jobs.Interrupted(ctx):
		return err
	case gone(err):
		return s.forget(context.WithoutCancel(ctx), id)
	case !last && !lasting(err):
		return err
	}
	s.cfg.Log.WarnContext(ctx, "work on a video given up", "video", id, "error", err)
	ctx = context.WithoutCancel(ctx) // the job's time may be over
	uerr := s.update(ctx, id, func(_ *db.Tx, v *Video) error {
		refuse(v, err)
		return nil
	})
	if gone(uerr) {
		return s.forget(ctx, id)
	}
	return uerr
}

// gone says that the video was purged while it was worked on.
func gone(err error) bool { return fault.CodeOf(err) == "video_not_found" }

// forget removes what a job put into the media store for a video whose row is gone; no later video has
// its id.
func (s *Service) forget(ctx context.Context, id string) error {
	return s.store.DeletePrefix(ctx, Prefix(id))
}

// refuse writes down why a video is not what it should be. One that plays stays playable.
func refuse(v *Video, err error) {
	code, words := errFailed.code, errFailed.words
	var r *ffmpeg.Refusal
	var t *trouble
	switch {
	case errors.As(err, &r):
		code, words = string(r.Code), r.Detail
	case errors.As(err, &t):
		code, words = t.code, t.words
	}
	if v.Media.Progressive {
		v.MediaNote = words
		return
	}
	v.State, v.FailureCode, v.Failure = Failed, code, words
}

// hope takes a failure back: the video is worked on again.
func (v *Video) hope() {
	v.State, v.FailureCode, v.Failure, v.MediaNote = Processing, "", "", ""
}

// tellOfFailure tells the author that a take cannot be played, once, and takes it back when that is no
// longer so.
func (s *Service) tellOfFailure(tx *db.Tx, v Video, was State) error {
	switch {
	case (v.State == Failed) == (was == Failed):
		return nil
	case v.State == Failed:
		return s.cfg.Notices.TellTx(tx, notice.Notice{PersonID: v.AuthorID, Kind: notice.Failed, VideoID: &v.ID, Body: v.Failure})
	}
	return s.cfg.Notices.ForgetFailureTx(tx, v.ID)
}
