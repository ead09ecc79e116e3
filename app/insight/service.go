package insight

import (
	"log/slog"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// Config is what an installation decides.
type Config struct {
	// PersonAnalytics lets authors see who watched, by name.
	PersonAnalytics bool
}

// Service holds the use cases on watching, acting and reporting.
type Service struct {
	db     *db.DB
	videos *video.Service
	dir    *people.Directory
	cfg    Config
	log    *slog.Logger
}

// New makes the service.
func New(d *db.DB, videos *video.Service, dir *people.Directory, cfg Config, log *slog.Logger) *Service {
	return &Service{db: d, videos: videos, dir: dir, cfg: cfg, log: log}
}
