package digest

import (
	"fmt"
	"strings"
	"time"

	"github.com/fieldreel/fieldreel/app/programme"
)

// Kind says what an item of a digest is about.
type Kind string

// The kinds.
const (
	Reviews     Kind = "reviews"
	Pool        Kind = "pool"
	Due         Kind = "due"
	Result      Kind = "result"
	Promises    Kind = "promises"
	Assignments Kind = "assignments"
	Feedback    Kind = "feedback"
	Promotions  Kind = "promotions"
	Calibration Kind = "calibration"
)

// Item is one thing that waits for a person.
type Item struct {
	Kind  Kind
	Words string
	// Link is a path in the web client.
	Link string
	// quiet items are said beside others, and are no reason for a message by themselves.
	quiet bool
}

// Digest is what there is to say to a person.
type Digest struct {
	Subject string
	Items   []Item
	// Empty says that there is no reason for a message.
	Empty bool
}

// Todo is what waits for a person, from all domains.
type Todo struct {
	Reviews ReviewsWaiting
	Parts   []programme.Part
	Coaching
	// Gold is how many gold takes of this month are not scored, and GoldDueOn their day, as in 2026-11-30.
	Gold      int
	GoldDueOn string
}

// ReviewsWaiting is what waits to be reviewed.
type ReviewsWaiting struct {
	Count, Minutes, DueToday, Overdue, Pool int
	// Oldest is since when the first has waited; nil for none.
	Oldest *time.Time
}

// Coaching is what waits outside programmes.
type Coaching struct {
	Feedback, Assignments, Promotions, PromisesDue int
}

const (
	// dueWithin is how many days before its due time an attempt is said to be due.
	dueWithin = 3
	// resultFor is for how many days an unread result is a reason for a message.
	resultFor = 3
	// mostParts is how many programmes of one's own are named, of each sort.
	mostParts = 5
)

// compose says what waits, as of now where the person is.
func compose(w Todo, at *time.Location, now time.Time) Digest {
	var d Digest
	add := func(k Kind, link, words string, quiet bool) { d.Items = append(d.Items, Item{k, words, link, quiet}) }
	if r := w.Reviews; r.Count > 0 {
		add(Reviews, "/reviews", reviewWords(r, now), false)
	}
	if n := w.Reviews.Pool; n > 0 {
		add(Pool, "/reviews", fmt.Sprintf("%s to take out of a pool you are in", count(n, "review", "reviews")), true)
	}
	d.Items = append(d.Items, dueItems(w.Parts, at, now)...)
	d.Items = append(d.Items, resultItems(w.Parts, now)...)
	if n := w.PromisesDue; n > 0 {
		add(Promises, "/coaching", count(n, "promise of yours is due", "promises of yours are due"), false)
	}
	if n := w.Assignments; n > 0 {
		add(Assignments, "/coaching", count(n, "practice was assigned to you", "practices were assigned to you"), false)
	}
	if n := w.Feedback; n > 0 {
		add(Feedback, "/coaching", count(n, "colleague asks for your feedback", "colleagues ask for your feedback"), false)
	}
	if n := w.Promotions; n > 0 {
		add(Promotions, "/coaching", count(n, "take of yours is suggested for the library", "takes of yours are suggested for the library"), false)
	}
	if w.Gold > 0 {
		left := daysTo(w.GoldDueOn, now.UTC())
		add(Calibration, "/calibration", fmt.Sprintf("%s to score blind until %s", count(w.Gold, "gold take", "gold takes"), dayWords(w.GoldDueOn)), left > 3)
	}
	d.Empty = true
	for _, i := range d.Items {
		if !i.quiet {
			d.Empty = false
		}
	}
	d.Subject = subject(d, w)
	return d
}

// subject is the first thing to know; further ones are counted.
func subject(d Digest, w Todo) string {
	switch {
	case d.Empty:
		return "Nothing waits for you"
	case w.Reviews.Count > 0:
		return reviewSubject(w.Reviews)
	}
	loud := []Item{}
	for _, i := range d.Items {
		if !i.quiet {
			loud = append(loud, i)
		}
	}
	if len(loud) == 1 {
		return loud[0].Words
	}
	return fmt.Sprintf("%s, and %d more", loud[0].Words, len(loud)-1)
}

// reviewWords is "5 to review, about 18 minutes; 1 due today; oldest waits 20 h."
func reviewWords(r ReviewsWaiting, now time.Time) string {
	words := reviewSubject(r)
	if r.Oldest != nil {
		words += "; oldest waits " + waits(now.Sub(*r.Oldest))
	}
	return words
}

func reviewSubject(r ReviewsWaiting) string {
	words := fmt.Sprintf("%d to review, about %s", r.Count, count(r.Minutes, "minute", "minutes"))
	if r.Overdue > 0 {
		words += fmt.Sprintf("; %d overdue", r.Overdue)
	}
	if r.DueToday > 0 {
		words += fmt.Sprintf("; %d due today", r.DueToday)
	}
	return words
}

// waits says a time of waiting in hours, and in days from two on.
func waits(d time.Duration) string {
	hours := int(d / time.Hour)
	switch {
	case hours < 1:
		return "less than an hour"
	case hours < 48:
		return fmt.Sprintf("%d h", hours)
	}
	return fmt.Sprintf("%d days", hours/24)
}

// dueItems are one's own attempts that are due or overdue.
func dueItems(parts []programme.Part, at *time.Location, now time.Time) []Item {
	var out []Item
	for _, p := range parts {
		if p.LeftAt != nil || p.Programme.State != programme.Open || p.DueAt == nil || (p.State != programme.Started && p.State != programme.Retry) {
			continue
		}
		days := daysBetween(now, *p.DueAt, at)
		if days > dueWithin {
			continue
		}
		if len(out) == mostParts {
			return append(out, Item{Due, "More of your programmes are due", "/certify", false})
		}
		out = append(out, Item{Due, oneLine(p.Programme.Name) + ": " + dueWords(*p.DueAt, days, now, at), "/certify/" + p.ID, false})
	}
	return out
}

func dueWords(due time.Time, days int, now time.Time, at *time.Location) string {
	switch {
	case due.Before(now):
		return "overdue since " + due.In(at).Format("Monday, 2 January")
	case days <= 0:
		return "due today"
	case days == 1:
		return "due tomorrow"
	}
	return "due on " + due.In(at).Format("Monday, 2 January")
}

// resultItems are results that one has not acknowledged.
func resultItems(parts []programme.Part, now time.Time) []Item {
	var out []Item
	for _, p := range parts {
		last, ok := p.Last()
		if !ok || last.AcknowledgedAt != nil || last.SettledAt == nil || p.LeftAt != nil {
			continue
		}
		if len(out) == mostParts {
			return append(out, Item{Result, "More results wait to be read", "/certify", true})
		}
		old := now.Sub(*last.SettledAt) > resultFor*24*time.Hour
		out = append(out, Item{Result, oneLine(p.Programme.Name) + ": your result is there", "/attempts/" + last.ID, old})
	}
	return out
}

// daysBetween counts midnights from one time to another where somebody is.
func daysBetween(from, to time.Time, at *time.Location) int {
	y, m, d := from.In(at).Date()
	y2, m2, d2 := to.In(at).Date()
	return int(time.Date(y2, m2, d2, 0, 0, 0, 0, time.UTC).Sub(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)) / (24 * time.Hour))
}

func daysTo(day string, now time.Time) int {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0
	}
	return daysBetween(now, t, time.UTC)
}

func dayWords(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return "the end of the month"
	}
	return t.Format("2 January")
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// oneLine keeps what people wrote on one line.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// Text is the digest as plain text. base is the address people use, such as https://reel.example.com; where it
// is empty there are no links, and the reader knows their way.
func (d Digest) Text(base string) string {
	var b strings.Builder
	for _, i := range d.Items {
		b.WriteString(i.Words + ".\n")
		if base != "" {
			b.WriteString(base + i.Link + "\n")
		}
		b.WriteString("\n")
	}
	if len(d.Items) == 0 {
		b.WriteString("Nothing waits for you.\n\n")
	}
	b.WriteString("You get one such message a day, and none when nothing waits.")
	if base != "" {
		b.WriteString(" When, and whether: " + base + settingsPath)
	}
	return b.String() + "\n"
}

// settingsPath is where a person says how they want to be reminded.
const settingsPath = "/settings"
