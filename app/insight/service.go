package insight

import (
	"log/slog"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// Config is what an installation decides.
type Config struct {
	// PersonAnalytics lets authors see who watched, by name.
	PersonAnalytics bool
	// Notices tells people of shares; nil makes one that wakes nobody.
	Notices *notice.Service
}

// Service holds the use cases on watching, acting and reporting.
type Service struct {
	db     *db.DB
	videos *video.Service
	dir    *people.Directory
	cfg    Config
	log    *slog.Logger
	orgs   orgs
}

// New makes the service.
func New(d *db.DB, videos *video.Service, dir *people.Directory, cfg Config, log *slog.Logger) *Service {
	if cfg.Notices == nil {
		cfg.Notices = notice.New(d)
	}
	return &Service{db: d, videos: videos, dir: dir, cfg: cfg, log: log}
}
