package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func good() Config {
	return Config{Data: "data", MaxUpload: 1, MaxDuration: time.Minute}
}

func TestConfigCheck(t *testing.T) {
	with := func(change func(c *Config)) Config {
		c := good()
		change(&c)
		return c
	}
	s3 := func(c *Config) { c.S3Endpoint, c.S3AccessKey, c.S3SecretKey = "https://s3", "a", "b" }
	for name, c := range map[string]struct {
		c    Config
		want []string // what the error names; none: fine
	}{
		"plain":              {good(), nil},
		"PostgreSQL":         {with(func(c *Config) { c.DatabaseURL = "postgres://u:p@h/n" }), nil},
		"PostgreSQL, long":   {with(func(c *Config) { c.DatabaseURL = "postgresql://h/n?sslmode=disable" }), nil},
		"S3":                 {with(s3), nil},
		"no quota":           {with(func(c *Config) { c.Quota = 0 }), nil},
		"no data":            {with(func(c *Config) { c.Data = "" }), []string{"FIELDREEL_DATA"}},
		"MySQL":              {with(func(c *Config) { c.DatabaseURL = "mysql://h/n" }), []string{"FIELDREEL_DATABASE_URL"}},
		"no address":         {with(func(c *Config) { c.DatabaseURL = "::" }), []string{"FIELDREEL_DATABASE_URL"}},
		"no keys":            {with(func(c *Config) { c.S3Endpoint = "https://s3"; c.S3AccessKey = "a" }), []string{"FIELDREEL_S3_SECRET_KEY"}},
		"bucket of nothing":  {with(func(c *Config) { c.S3Bucket = "b" }), []string{"FIELDREEL_S3_ENDPOINT"}},
		"negative quota":     {with(func(c *Config) { c.Quota = -1 }), []string{"FIELDREEL_QUOTA"}},
		"nothing may come":   {with(func(c *Config) { c.MaxUpload = 0 }), []string{"FIELDREEL_MAX_UPLOAD"}},
		"no time":            {with(func(c *Config) { c.MaxDuration = 0 }), []string{"FIELDREEL_MAX_DURATION"}},
		"a day":              {with(func(c *Config) { c.MaxDuration = 24 * time.Hour }), []string{"FIELDREEL_MAX_DURATION"}},
		"mail":               {with(func(c *Config) { c.SMTPAddress, c.SMTPFrom = "mail:587", "reel@example.com" }), nil},
		"mail of nobody":     {with(func(c *Config) { c.SMTPAddress = "mail:587" }), []string{"FIELDREEL_SMTP_", "sender"}},
		"mail from nowhere":  {with(func(c *Config) { c.SMTPPassword = "hunter2" }), []string{"FIELDREEL_SMTP_ADDRESS"}},
		"mail, half a user":  {with(func(c *Config) { c.SMTPAddress, c.SMTPFrom, c.SMTPPassword = "mail:587", "reel@example.com", "hunter2" }), []string{"user and a password"}},
		"all of it at once":  {Config{DatabaseURL: "x", S3Bucket: "b", Quota: -1}, []string{"FIELDREEL_DATA ", "FIELDREEL_DATABASE_URL", "FIELDREEL_S3_ENDPOINT", "FIELDREEL_MAX_UPLOAD", "FIELDREEL_MAX_DURATION"}},
		"secrets stay there": {with(func(c *Config) { c.DatabaseURL = "mysql://user:hunter2@h/n" }), []string{"FIELDREEL_DATABASE_URL"}},
	} {
		err := c.c.Check()
		if (err == nil) != (len(c.want) == 0) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v does not name %s", name, err, w)
			}
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := good().ModelsDir(); got != filepath.Join("data", "models") {
		t.Error(got)
	}
	if got := (Config{Data: "d", Models: "m"}).ModelsDir(); got != "m" {
		t.Error(got)
	}
}

func TestServeConfigCheck(t *testing.T) {
	for address, ok := range map[string]bool{"": true, "https://reel.example.com": true, "http://localhost:8080/": true, "https://h/path": false, "ftp://h": false, "reel.example.com": false, "https://": false, "::": false} {
		if err := (ServeConfig{PublicURL: address}).Check(); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// TestLockFolder: one server a folder, until it ends.
func TestLockFolder(t *testing.T) {
	dir := t.TempDir()
	release, err := lockFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockFolder(dir); !errors.Is(err, ErrInUse) {
		t.Fatalf("a second server: %v", err)
	}
	release()
	release, err = lockFolder(dir)
	if err != nil {
		t.Fatal("after the first has ended:", err)
	}
	release()
	if _, err := lockFolder(filepath.Join(dir, "absent")); err == nil || errors.Is(err, ErrInUse) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// TestNodeNameRace: many that begin at once agree on one name, and leave nothing else behind.
func TestNodeNameRace(t *testing.T) {
	dir := t.TempDir()
	names := make([]string, 16)
	var work sync.WaitGroup
	for i := range names {
		work.Go(func() {
			var err error
			if names[i], err = nodeName(dir); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	for _, n := range names {
		if n != names[0] || n == "" {
			t.Fatal(names)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Fatal(left, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "node"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if n, err := nodeName(dir); err == nil {
		t.Errorf("an empty name was taken for one: %q", n)
	}
}
