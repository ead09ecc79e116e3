package app

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/mail"
)

// Config is everything one can set, each a flag and a variable of the environment. It is filled by the
// command line (cmd/fieldreel); nothing else reads the environment.
type Config struct {
	Data        string `help:"Folder of the database, videos and index. Left empty: data, and data-demo for the demo." env:"FIELDREEL_DATA" type:"path"`
	DatabaseURL string `name:"database-url" help:"PostgreSQL, as postgres://user:password@host/name. Empty: SQLite in the data folder." env:"FIELDREEL_DATABASE_URL"`

	S3Endpoint     string `name:"s3-endpoint" help:"MinIO or S3, as https://host:port. Empty: videos in the data folder." env:"FIELDREEL_S3_ENDPOINT" group:"S3"`
	S3Bucket       string `name:"s3-bucket" help:"Bucket for videos. Left empty: fieldreel, made if it is not there." env:"FIELDREEL_S3_BUCKET" group:"S3"`
	S3AccessKey    string `name:"s3-access-key" help:"Access key." env:"FIELDREEL_S3_ACCESS_KEY" group:"S3"`
	S3SecretKey    string `name:"s3-secret-key" help:"Secret key; better given by the environment." env:"FIELDREEL_S3_SECRET_KEY" group:"S3"`
	S3Region       string `name:"s3-region" help:"Region." default:"us-east-1" env:"FIELDREEL_S3_REGION" group:"S3"`
	S3CreateBucket bool   `name:"s3-create-bucket" help:"Make the bucket if it is not there." env:"FIELDREEL_S3_CREATE_BUCKET" group:"S3"`

	Models string `help:"Folder of the speech model. Empty: models in the data folder." env:"FIELDREEL_MODELS" type:"path"`
	FFmpeg string `name:"ffmpeg" help:"The ffmpeg program." default:"ffmpeg" env:"FIELDREEL_FFMPEG"`
	// FFprobe stands beside ffmpeg.
	FFprobe string `name:"ffprobe" help:"The ffprobe program." default:"ffprobe" env:"FIELDREEL_FFPROBE"`

	MaxUpload   int64         `help:"Largest recording, in bytes." default:"4294967296" env:"FIELDREEL_MAX_UPLOAD"`
	MaxDuration time.Duration `help:"Longest recording." default:"30m" env:"FIELDREEL_MAX_DURATION"`
	Quota       int64         `help:"What one person's recordings may take, in bytes; 0: no limit." default:"53687091200" env:"FIELDREEL_QUOTA"`
	Reserve     int64         `help:"Free space below which uploads are refused, in bytes (or 5 percent, whichever is more)." default:"1073741824" env:"FIELDREEL_RESERVE"`

	SMTPAddress  string `name:"smtp-address" help:"Mail server for the daily digest, as mail.example.com:587. Empty: no mail is sent." env:"FIELDREEL_SMTP_ADDRESS" group:"Mail"`
	SMTPUser     string `name:"smtp-user" help:"User of the mail server; empty: none." env:"FIELDREEL_SMTP_USER" group:"Mail"`
	SMTPPassword string `name:"smtp-password" help:"Its password; better given by the environment." env:"FIELDREEL_SMTP_PASSWORD" group:"Mail"`
	SMTPFrom     string `name:"smtp-from" help:"Sender, as Fieldreel <reel@example.com>." env:"FIELDREEL_SMTP_FROM" group:"Mail"`
	SMTPTLS      string `name:"smtp-tls" help:"starttls, tls (from the first byte, as on port 465) or none (a relay on the same machine)." default:"starttls" env:"FIELDREEL_SMTP_TLS" group:"Mail"`
	ChatWebhooks bool   `name:"chat-webhooks" help:"Let people have their daily digest posted to an incoming webhook of Slack or Teams." env:"FIELDREEL_CHAT_WEBHOOKS"`
	WebPush      bool   `name:"web-push" help:"Let people have messages on their devices, by the push services of the browsers' makers, who get to know that there is one and not what it says." env:"FIELDREEL_WEB_PUSH"`

	PersonAnalytics bool `help:"Show who watched what, by name. Switch off where people or their council do not agree to it." default:"true" negatable:"" env:"FIELDREEL_PERSON_ANALYTICS"`
}

// Role says which part of the work a process does.
type Role string

// The roles.
const (
	All    Role = "all"
	Web    Role = "web"
	Worker Role = "worker"
)

// ServeConfig is what `serve` takes besides.
type ServeConfig struct {
	Role        Role          `help:"all, web (requests, uploads, search) or worker (media and speech)." default:"all" enum:"all,web,worker" env:"FIELDREEL_ROLE"`
	Listen      string        `help:"Address to serve on." default:"127.0.0.1:8080" env:"FIELDREEL_LISTEN"`
	AdminListen string        `name:"admin-listen" help:"Address for /metrics, /livez and /readyz; empty: none." env:"FIELDREEL_ADMIN_LISTEN"`
	PublicURL   string        `name:"public-url" help:"The address people use, as https://reel.example.com." env:"FIELDREEL_PUBLIC_URL"`
	TrustProxy  bool          `help:"Believe X-Forwarded-For and -Proto: only behind a proxy that sets them." env:"FIELDREEL_TRUST_PROXY"`
	Drain       time.Duration `help:"How long a stop waits for what is under way; what is broken off then gets 5 s more." default:"20s" env:"FIELDREEL_DRAIN"`
	SpeechIdle  time.Duration `help:"How long the speech model stays loaded when idle." default:"60s" env:"FIELDREEL_SPEECH_IDLE"`
}

const defaultBucket = "fieldreel"

// ModelsDir is where the speech model is.
func (c Config) ModelsDir() string {
	if c.Models != "" {
		return c.Models
	}
	return filepath.Join(c.Data, "models")
}

// Check names all mistakes at once.
func (c Config) Check() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.Data == "" {
		bad("FIELDREEL_DATA must not be empty")
	}
	if c.DatabaseURL != "" {
		u, err := url.Parse(c.DatabaseURL)
		if err != nil || !slices.Contains([]string{"postgres", "postgresql"}, u.Scheme) {
			bad("FIELDREEL_DATABASE_URL must look like postgres://user:password@host:5432/name")
		}
	}
	if c.S3Endpoint != "" {
		if c.S3AccessKey == "" || c.S3SecretKey == "" {
			bad("FIELDREEL_S3_ENDPOINT needs FIELDREEL_S3_ACCESS_KEY and FIELDREEL_S3_SECRET_KEY")
		}
	} else if c.S3Bucket != "" || c.S3AccessKey != "" || c.S3SecretKey != "" {
		bad("FIELDREEL_S3_ENDPOINT is missing: the other S3 settings are of no use without it")
	}
	if c.MaxUpload <= 0 || c.Quota < 0 {
		bad("FIELDREEL_MAX_UPLOAD must be above 0, and FIELDREEL_QUOTA not below")
	}
	if c.MaxDuration < time.Second || c.MaxDuration > 12*time.Hour {
		bad("FIELDREEL_MAX_DURATION must be between 1s and 12h")
	}
	if c.SMTPAddress != "" {
		if err := c.mail().Check(); err != nil {
			bad("FIELDREEL_SMTP_…: %w", err)
		}
	} else if c.SMTPUser != "" || c.SMTPPassword != "" || c.SMTPFrom != "" {
		bad("FIELDREEL_SMTP_ADDRESS is missing: the other mail settings are of no use without it")
	}
	return errors.Join(errs...)
}

// mail is the mail server; its Address is empty where there is none.
func (c Config) mail() mail.Config {
	way := mail.TLS(c.SMTPTLS)
	if way == "" {
		way = mail.StartTLS
	}
	return mail.Config{Address: c.SMTPAddress, User: c.SMTPUser, Password: c.SMTPPassword, From: c.SMTPFrom, TLS: way}
}

// Check names all mistakes at once.
func (c ServeConfig) Check() error {
	if c.PublicURL == "" {
		return nil
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || (u.Path != "" && u.Path != "/") {
		return errors.New("FIELDREEL_PUBLIC_URL must look like https://reel.example.com, without a path")
	}
	return nil
}
