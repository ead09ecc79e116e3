package programme

import (
	"context"
	"log/slog"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/rubric"
	"github.com/fieldreel/fieldreel/app/video"
)

// Config is what the service is made of; all fields are required.
type Config struct {
	DB      *db.DB
	Rubrics *rubric.Service
	Videos  *video.Service
	People  *people.Directory
	Notices *notice.Service
	Jobs    *jobs.Client
	Log     *slog.Logger
}

// Service holds the use cases.
type Service struct {
	Config
	Hooks
	// OnRescore makes the reviews of attempts that are to be looked at again under the programme's present
	// rubric version. The composition sets it before first use.
	OnRescore func(ctx context.Context, tx *db.Tx, attemptIDs []string) error
}

// New makes the service.
func New(c Config) *Service {
	return &Service{Config: c, Hooks: nobodyListens(), OnRescore: func(context.Context, *db.Tx, []string) error { return nil }}
}
