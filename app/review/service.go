package review

import (
	"log/slog"

	"github.com/fieldreel/fieldreel/app/certificate"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/jobs"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/rubric"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/ffmpeg"
)

// Config is what the service is made of; all fields are required.
type Config struct {
	DB           *db.DB
	Rubrics      *rubric.Service
	Programmes   *programme.Service
	Certificates *certificate.Service
	Videos       *video.Service
	People       *people.Directory
	Notices      *notice.Service
	Store        media.Store
	FFmpeg       *ffmpeg.Tool
	WorkDir      string
	Jobs         *jobs.Client
	Log          *slog.Logger
}

// Service holds the use cases.
type Service struct{ Config }

// New makes the service.
func New(c Config) *Service { return &Service{c} }
