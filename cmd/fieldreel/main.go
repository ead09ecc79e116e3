// Command fieldreel is the whole product: server, worker and upkeep in one program.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/fieldreel/fieldreel/app"
	"github.com/fieldreel/fieldreel/speech/worker"
)

// version is stamped by the build (-ldflags "-X main.version=…").
var version = "unknown" //nolint:gochecknoglobals // the linker writes it

type cli struct {
	app.Config
	LogLevel  string `help:"debug, info, warn or error." default:"info" enum:"debug,info,warn,error" env:"FIELDREEL_LOG_LEVEL"`
	LogFormat string `help:"text or json." default:"text" enum:"text,json" env:"FIELDREEL_LOG_FORMAT"`

	Serve   serveCmd   `cmd:"" help:"Run Fieldreel: the API, the web client and the work behind them."`
	Demo    demoCmd    `cmd:"" help:"Run Fieldreel over a made-up company with videos that play, in ./data-demo."`
	Migrate migrateCmd `cmd:"" help:"Bring the database to this version's schema, and stop."`
	Reindex reindexCmd `cmd:"" help:"Build the search index anew from the database (with the server stopped)."`
	Verify  verifyCmd  `cmd:"" help:"Check that every recording, row and index entry is what it should be."`
	Doctor  doctorCmd  `cmd:"" help:"Say what works here and what does not: database, store, ffmpeg, speech, disk."`
	Person  struct {
		Add personAddCmd `cmd:"" help:"Add a person."`
	} `cmd:"" help:"People."`
	Token struct {
		Create tokenCreateCmd `cmd:"" help:"Make an API token for a person and print it; it is shown this once."`
	} `cmd:"" help:"API tokens."`
	Models struct {
		Install modelsInstallCmd `cmd:"" help:"Fetch the speech model and check it."`
	} `cmd:"" help:"Speech model."`
	Deals struct {
		Import dealsImportCmd `cmd:"" help:"Import the deals of a CRM's CSV export."`
	} `cmd:"" help:"Deals."`
	OpenAPI openapiCmd `cmd:"" name:"openapi" help:"Print the OpenAPI document."`
	Version versionCmd `cmd:"" help:"Print the version."`

	SpeechWorker speechWorkerCmd `cmd:"" name:"speech-worker" hidden:"" help:"The child process of the speech engine."`
}

func main() {
	var c cli
	parser := kong.Must(&c, kong.Name("fieldreel"), kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Description("Sales people learn from each other by short videos. Every flag is also a variable of the environment."))
	kctx, err := parser.Parse(os.Args[1:])
	parser.FatalIfErrorf(err)
	if c.Data == "" {
		parser.FatalIfErrorf(c.defaultData(kctx.Command()))
	}
	// The first signal asks for a graceful stop; a second one ends the process at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		stop()
	}()
	kctx.BindTo(ctx, (*context.Context)(nil))
	kctx.Bind(&c, c.logger())
	if err := kctx.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "fieldreel:", err)
		if errors.Is(err, app.ErrInUse) {
			os.Exit(3)
		}
		os.Exit(1)
	}
}

// defaultData chooses the data folder where none is given: a made-up company never lies in the folder of a
// real one.
func (c *cli) defaultData(command string) (err error) {
	name := "data"
	if command == "demo" {
		name = "data-demo"
	}
	c.Data, err = filepath.Abs(name)
	return err
}

func (c *cli) logger() *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		level = slog.LevelInfo // the enum admits nothing else
	}
	opts := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, opts))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, opts))
}

type serveCmd struct{ app.ServeConfig }

// Run serves until a signal.
func (s *serveCmd) Run(ctx context.Context, c *cli, log *slog.Logger) error {
	return app.Serve(ctx, c.Config, s.ServeConfig, version, log, os.Stdout)
}

type demoCmd struct{ app.DemoConfig }

// Run serves the made-up company until a signal.
func (d *demoCmd) Run(ctx context.Context, c *cli, log *slog.Logger) error {
	return app.Demo(ctx, c.Config, d.DemoConfig, version, log, os.Stdout)
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run() error {
	return say("%s\n", version)
}

type openapiCmd struct{}

// Run prints the OpenAPI document.
func (openapiCmd) Run() error {
	doc, err := app.Spec("0")
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(append(doc, '\n'))
	return err
}

type speechWorkerCmd struct{}

// Run answers transcription requests on standard input and output. Its parent gives it --models.
func (speechWorkerCmd) Run(ctx context.Context, c *cli) error {
	return worker.Run(ctx, os.Stdin, os.Stdout, c.Config.Models)
}
