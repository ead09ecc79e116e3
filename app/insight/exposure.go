package insight

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/fieldreel/fieldreel/app/insight/measure"
	"github.com/fieldreel/fieldreel/app/internal/db"
)

// firsts finds when reps were first exposed to tactics, by times that are compared as texts.
type firsts struct {
	tactics int
	reps    map[string]bool
	at      map[string][]string // by rep, by number of the tactic
}

func newFirsts(terms []term, reps map[string]bool) *firsts {
	return &firsts{tactics: len(terms), reps: reps, at: map[string][]string{}}
}

// add takes "person time" pairs, separated by commas, of people who have watched what is tagged so.
func (f *firsts) add(t *tags, text string) {
	if t == nil || text == "" {
		return
	}
	for pair := range strings.SplitSeq(text, ",") {
		person, at, _ := strings.Cut(pair, " ")
		if !f.reps[person] || person == t.author {
			continue
		}
		had := f.of(person)
		for _, i := range t.tactics {
			if had[i] == "" || at < had[i] {
				had[i] = at
			}
		}
	}
}

// of gives the times of a rep.
func (f *firsts) of(rep string) []string {
	had := f.at[rep]
	if had == nil {
		had = make([]string, f.tactics)
		f.at[strings.Clone(rep)] = had
	}
	return had
}

// merge takes over what others have found earlier.
func (f *firsts) merge(o *firsts) {
	for rep, all := range o.at {
		had := f.of(rep)
		for i, at := range all {
			if had[i] == "" || at != "" && at < had[i] {
				had[i] = at
			}
		}
	}
}

// exposures gives what was found by tactic.
func (f *firsts) exposures(d *db.DB, terms []term) (map[string][]measure.Exposure, error) {
	out := make(map[string][]measure.Exposure, len(terms))
	for rep, all := range f.at {
		for i, text := range all {
			if text == "" {
				continue
			}
			at, err := parseSortable(d, text)
			if err != nil {
				return nil, err
			}
			key := terms[i].Key
			out[key] = append(out[key], measure.Exposure{Rep: rep, Tactic: key, First: at})
		}
	}
	return out, nil
}

// parseSortable reads what the expression sortable gave.
func parseSortable(d *db.DB, text string) (time.Time, error) {
	if d.Kind() == db.Postgres {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return time.Time{}, fmt.Errorf("time of the database: %w", err)
		}
		return time.UnixMicro(n).UTC(), nil
	}
	at, err := time.Parse("2006-01-02 15:04:05.999999999-07:00", text)
	if err != nil {
		return time.Time{}, fmt.Errorf("time of the database: %w", err)
	}
	return at.UTC(), nil
}
