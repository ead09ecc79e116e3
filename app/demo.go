package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/fieldreel/fieldreel/app/api"
	"github.com/fieldreel/fieldreel/app/demo"
)

// DemoConfig is what `demo` takes besides.
type DemoConfig struct {
	ServeConfig
	// Videos makes only so many of them; 0 makes all. For tests.
	Videos int `hidden:"" help:"Make only so many videos." env:"FIELDREEL_DEMO_VIDEOS"`
}

// Demo serves over a made-up company, which it makes while it serves: people at once, videos one after the
// other. The folder and the database hold nothing else: those with people of somebody's own are refused
// (demo.ErrForeign).
func Demo(ctx context.Context, cfg Config, dc DemoConfig, version string, log *slog.Logger, out io.Writer) error {
	if dc.Role != All {
		return fmt.Errorf("the demo does all the work itself: --role %s is for serve", dc.Role)
	}
	return serveOver(ctx, cfg, dc.ServeConfig, &dc, version, log, out)
}

// openCompany makes the people of the made-up company, or goes on with it.
func (a *App) openCompany(ctx context.Context, d DemoConfig) (*demo.Company, error) {
	p := demo.Parts{Node: a.Node, DB: a.DB, Store: a.Store, Jobs: a.Jobs, People: a.People, Videos: a.Videos, Notices: a.Notices, Uploads: a.Uploads,
		UploadPath: api.UploadPath, TellOfAsks: tellOfAsks, WorkDir: a.path("work"), Takes: d.Videos, Log: a.Log}
	if a.FFmpegMissing == nil {
		program, err := exec.LookPath(a.Config.FFmpeg)
		if err != nil {
			return nil, fmt.Errorf("find ffmpeg: %w", err)
		}
		if p.FFmpeg, err = filepath.Abs(program); err != nil {
			return nil, err
		}
	}
	return demo.Open(ctx, p)
}

func demoSignIns() []api.DemoSignIn {
	var out []api.DemoSignIn
	for _, s := range demo.SignIns() {
		out = append(out, api.DemoSignIn(s))
	}
	return out
}

// greetDemo prints as whom one can sign in.
func greetDemo(out io.Writer, listen string) {
	var b strings.Builder
	b.WriteString("\nThis is Halyard, a company that does not exist. Its videos are made while you look.\n" + demo.Truth() + "\nSign in as:\n\n")
	for _, s := range demo.SignIns() {
		fmt.Fprintf(&b, "  %-8s %-14s %s\n", s.Role, s.Name, s.Email)
	}
	fmt.Fprintf(&b, "\nPassword of all four: %s\n\n", demo.Password)
	if !loopback(listen) {
		fmt.Fprintf(&b, "WARNING: %s can be reached from other machines, and everybody knows these passwords.\nWhoever reaches it can sign in as admin. Leave --listen away to keep the demo on this machine.\n\n", listen)
	}
	fmt.Fprint(out, b.String())
}

// loopback says whether an address can be reached from this machine only.
func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
