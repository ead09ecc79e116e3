package app

import (
	"context"

	"github.com/fieldreel/fieldreel/app/calibration"
	"github.com/fieldreel/fieldreel/app/certificate"
	"github.com/fieldreel/fieldreel/app/coach"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
	"github.com/fieldreel/fieldreel/app/rubric"
	"github.com/fieldreel/fieldreel/media/ffmpeg"
	"github.com/fieldreel/fieldreel/media/upload"
)

// openProgrammes builds certification and coaching, and has each domain told of what another decides.
func (a *App) openProgrammes(tool *ffmpeg.Tool) {
	a.Rubrics = rubric.New(a.DB)
	a.Programmes = programme.New(programme.Config{DB: a.DB, Rubrics: a.Rubrics, Videos: a.Videos, People: a.People, Notices: a.Notices, Jobs: a.Jobs, Log: a.Log,
		Store: a.Store, WorkDir: a.path("work"), Room: a.room})
	a.Videos.MayDelete = a.Programmes.MayDelete
	a.Certificates = certificate.New(certificate.Config{DB: a.DB, People: a.People, Notices: a.Notices, Log: a.Log})
	a.Certificates.Register(a.Jobs)
	a.Reviews = review.New(review.Config{DB: a.DB, Rubrics: a.Rubrics, Programmes: a.Programmes, Certificates: a.Certificates, Videos: a.Videos, People: a.People,
		Notices: a.Notices, Store: a.Store, FFmpeg: tool, WorkDir: a.path("work"), Jobs: a.Jobs, Log: a.Log})
	a.Programmes.OnSubmitted, a.Programmes.OnSwapped, a.Programmes.OnRescore = a.Reviews.Submitted, a.Reviews.Swapped, a.Reviews.AskAgain
	a.Reviews.Register(a.Jobs)
	a.Calibration = calibration.New(calibration.Config{DB: a.DB, Rubrics: a.Rubrics, Videos: a.Videos, People: a.People, Notices: a.Notices, Log: a.Log})
	a.Coaching = coach.New(coach.Config{DB: a.DB, Videos: a.Videos, People: a.People, Notices: a.Notices, Log: a.Log})
}

// room refuses what would leave less free space than uploads have to, too.
func (a *App) room(bytes int64) error {
	free, total, err := upload.DiskSpace(a.Config.Data)
	if err != nil {
		return err
	}
	if free-bytes < max(a.Config.Reserve, total/20) {
		return fault.New(fault.NoSpace, "storage_full", "The server has too little space left. Tell your admin.")
	}
	return nil
}

// followPeople has programmes' rules asked again whenever somebody comes, goes, moves or changes.
func (a *App) followPeople() {
	moved, added := a.People.OnMoved, a.People.OnAdded
	a.People.OnMoved = func(ctx context.Context, tx *db.Tx, ids []string) error {
		if err := moved(ctx, tx, ids); err != nil {
			return err
		}
		return a.Programmes.PersonsMoved(ctx, tx, ids)
	}
	a.People.OnAdded = func(ctx context.Context, tx *db.Tx, p people.Person) error {
		if err := added(ctx, tx, p); err != nil {
			return err
		}
		return a.Programmes.PersonAdded(ctx, tx, p)
	}
	a.People.OnChanged, a.People.OnTree = a.Programmes.PersonChanged, a.Programmes.TreeChanged
}
