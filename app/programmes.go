package app

import (
	"github.com/fieldreel/fieldreel/app/calibration"
	"github.com/fieldreel/fieldreel/app/certificate"
	"github.com/fieldreel/fieldreel/app/coach"
	"github.com/fieldreel/fieldreel/app/digest"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
	"github.com/fieldreel/fieldreel/media/ffmpeg"
)

// openProgrammes builds certification and coaching, and has each domain told of what another decides.
func (a *App) openProgrammes(tool *ffmpeg.Tool) {
	a.Programmes = programme.New(programme.Config{DB: a.DB, Videos: a.Videos, People: a.People, Notices: a.Notices, Jobs: a.Jobs, Log: a.Log})
	a.Videos.MayDelete = a.Programmes.MayDelete
	a.Certificates = certificate.New(certificate.Config{DB: a.DB, People: a.People, Notices: a.Notices, Log: a.Log})
	a.Certificates.Register(a.Jobs)
	a.Reviews = review.New(review.Config{DB: a.DB, Programmes: a.Programmes, Certificates: a.Certificates, Videos: a.Videos, People: a.People,
		Notices: a.Notices, Store: a.Store, FFmpeg: tool, WorkDir: a.path("work"), Jobs: a.Jobs, Log: a.Log})
	a.Calibration = calibration.New(calibration.Config{DB: a.DB, Programmes: a.Programmes, Videos: a.Videos, People: a.People, Notices: a.Notices, Log: a.Log})
	a.Coaching = coach.New(coach.Config{DB: a.DB, Videos: a.Videos, People: a.People, Notices: a.Notices, Log: a.Log})
	a.Digests = digest.New(digest.Config{DB: a.DB, People: a.People, Reviews: a.Reviews, Notices: a.Notices, Jobs: a.Jobs, Log: a.Log})
}
