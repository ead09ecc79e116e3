package certificate

import (
	"log/slog"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
)

// Config is what the service is made of; all fields are required.
type Config struct {
	DB      *db.DB
	People  *people.Directory
	Notices *notice.Service
	Log     *slog.Logger
}

// Service holds the use cases.
type Service struct{ Config }

// New makes the service.
func New(c Config) *Service { return &Service{c} }
