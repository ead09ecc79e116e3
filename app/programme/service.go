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
	"github.com/fieldreel/fieldreel/media"
)

// Config is what the service is made of; all fields are required, but for Store, WorkDir and Room where no file
// is attached.
type Config struct {
	DB      *db.DB
	Rubrics *rubric.Service
	Videos  *video.Service
	People  *people.Directory
	Notices *notice.Service
	Jobs    *jobs.Client
	Log     *slog.Logger
	// Store keeps attached files.
	Store media.Store
	// WorkDir is a folder for them while they come in; empty for the system's own.
	WorkDir string
	// Room refuses with NoSpace where so many more bytes would leave too little space to work with.
	Room func(bytes int64) error
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
	if c.Room == nil {
		c.Room = func(int64) error { return nil }
	}
	return &Service{Config: c, Hooks: nobodyListens(), OnRescore: func(context.Context, *db.Tx, []string) error { return nil }}
}
