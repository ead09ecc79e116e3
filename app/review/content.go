package review

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/rubric/score"
)

// NoteKind is what a note is for.
type NoteKind string

// The kinds of notes.
const (
	Good     NoteKind = "good"
	Work     NoteKind = "work" // to work on
	Question NoteKind = "question"
	Plain    NoteKind = "note"
)

// Note is a note at a time of the take: words, a recording of them, a video, or several of these.
type Note struct {
	// ID is the writer's own.
	ID   string
	AtMS int64
	Kind NoteKind
	Text string
	// Voice says that a recording belongs to it.
	Voice bool
	// ReplyVideoID is a video of the reviewer's; empty for none.
	ReplyVideoID string
}

// Content is what a reviewer says of an attempt: a draft until it is sent.
type Content struct {
	Levels programme.Levels
	Notes  []Note
	// Decision is empty while it is open.
	Decision programme.Decision
	// RetryCriteria are what the next attempt is looked at for, with the decision to retry.
	RetryCriteria []string
	Message       string
}

// Empty says whether there is nothing in it.
func (c Content) Empty() bool {
	return len(c.Levels)+len(c.Notes)+len(c.RetryCriteria) == 0 && c.Decision == "" && c.Message == ""
}

// Limits of what a reviewer writes.
const (
	MaxNotes   = 100
	MaxText    = 2000
	MaxMessage = 4000
)

// endless stands for the length of a take whose length is not known yet.
const endless = 24 * time.Hour

// clean gives the content in the one form in which it is kept and compared, or says what cannot be in it:
// fields are named as in the API. durationMS is the take's length, 0 while it is not known.
func (c Content) clean(r score.Criteria, carried programme.Levels, durationMS int64) (Content, error) {
	out := Content{Levels: programme.Levels{}, Decision: c.Decision}
	maps.Copy(out.Levels, c.Levels)
	for _, id := range slices.Sorted(maps.Keys(c.Levels)) {
		if err := checkLevel(r, carried, id, c.Levels[id]); err != nil {
			return Content{}, err
		}
	}
	var err error
	if out.Message, err = cleanText("message", c.Message, MaxMessage); err != nil {
		return Content{}, err
	}
	switch c.Decision {
	case "", programme.Pass, programme.TryAgain, programme.Fail:
	default:
		return Content{}, fault.InvalidField("decision", "decision_unknown", "The decisions are pass, retry and fail.")
	}
	for _, id := range c.RetryCriteria {
		if _, ok := r.ByID(id); !ok {
			return Content{}, fault.InvalidField("retry_criteria", "criterion_unknown", "One of these criteria is not in the rubric of this review.")
		}
	}
	// In the order of the rubric, each once.
	for _, criterion := range r {
		if slices.Contains(c.RetryCriteria, criterion.ID) {
			out.RetryCriteria = append(out.RetryCriteria, criterion.ID)
		}
	}
	out.Notes, err = cleanNotes(c.Notes, durationMS)
	return out, err
}

func checkLevel(r score.Criteria, carried programme.Levels, id string, level int) error {
	field := "levels." + id
	criterion, ok := r.ByID(id)
	switch {
	case !ok:
		return fault.InvalidField("levels", "criterion_unknown", "One of these criteria is not in the rubric of this review.")
	case !criterion.Has(level):
		return fault.InvalidField(field, "level_unknown", "This criterion has no such level.")
	}
	if _, kept := carried[id]; kept {
		return fault.InvalidField(field, "criterion_carried", "This criterion is not looked at again: its level stands from the attempt before.")
	}
	return nil
}

func cleanNotes(in []Note, durationMS int64) ([]Note, error) {
	if len(in) > MaxNotes {
		return nil, fault.InvalidField("notes", "too_many", "Write at most 100 notes.")
	}
	longest := durationMS
	if longest <= 0 {
		longest = endless.Milliseconds()
	}
	out := slices.Clone(in)
	seen := map[string]bool{}
	for i := range out {
		n := &out[i]
		var err error
		if n.ID, err = ident.Parse(n.ID); err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "id_invalid", "Each note needs an id of its own, a UUID.").At("notes.id")
		}
		if n.ReplyVideoID != "" {
			if n.ReplyVideoID, err = ident.Parse(n.ReplyVideoID); err != nil {
				return nil, fault.Wrap(err, fault.Invalid, "id_invalid", "Name the video by its id.").At("notes.reply_video_id")
			}
		}
		if n.Text, err = cleanText("notes.text", n.Text, MaxText); err != nil {
			return nil, err
		}
		switch {
		case seen[n.ID]:
			return nil, fault.InvalidField("notes.id", "id_twice", "Two notes have the same id.")
		case !slices.Contains([]NoteKind{Good, Work, Question, Plain}, n.Kind):
			return nil, fault.InvalidField("notes.kind", "kind_unknown", "The kinds of notes are good, work, question and note.")
		case n.AtMS < 0 || n.AtMS > longest:
			return nil, fault.InvalidField("notes.at_ms", "time_outside", "This time is not inside the take.")
		}
		seen[n.ID] = true
	}
	slices.SortFunc(out, func(a, b Note) int { return cmp.Or(cmp.Compare(a.AtMS, b.AtMS), cmp.Compare(a.ID, b.ID)) })
	return out, nil
}

// cleanText trims a text, and refuses what cannot be kept or shown.
func cleanText(field, s string, longest int) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	switch {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }):
		return "", fault.InvalidField(field, "text_invalid", "This has characters that cannot be shown.")
	case utf8.RuneCountInString(s) > longest:
		return "", fault.InvalidField(field, "too_long", "This is too long.")
	}
	return s, nil
}

// finish says whether clean content can be sent, and gives all levels with it, the carried ones among them.
//
// Errors: Invalid levels_missing with the criteria in its context; decision_missing; pass_rule with what is
// missing for a pass; retry_nothing; note_empty.
func (c Content) finish(role Role, r score.Criteria, rule score.PassRule, open []string, carried programme.Levels) (score.Levels, score.Verdict, error) {
	all := score.Levels(c.Levels).With(score.Levels(carried))
	var none score.Verdict
	if missing := r.Missing(all, open); len(missing) > 0 {
		f := fault.InvalidField("levels", "levels_missing", "Give every criterion a level: "+names(r, missing)+".")
		f.Extra = map[string]any{"criteria": missing}
		return nil, none, f
	}
	verdict := r.Passes(rule, all)
	if role != Again {
		if err := c.decided(r, verdict); err != nil {
			return nil, none, err
		}
	}
	for _, n := range c.Notes {
		if n.Text == "" && !n.Voice && n.ReplyVideoID == "" {
			return nil, none, fault.InvalidField("notes.text", "note_empty", "A note has no words. Write some, or delete it.")
		}
	}
	return all, verdict, nil
}

func (c Content) decided(r score.Criteria, verdict score.Verdict) error {
	switch c.Decision {
	case programme.Pass:
		if !verdict.Pass {
			return passRule(r, verdict)
		}
	case programme.TryAgain:
		if len(c.RetryCriteria) == 0 {
			return fault.InvalidField("retry_criteria", "retry_nothing", "Name at least one criterion to try again.")
		}
	case programme.Fail:
	default:
		return fault.InvalidField("decision", "decision_missing", "Decide: pass, retry or fail.")
	}
	return nil
}

// passRule says what is missing for a pass.
func passRule(r score.Criteria, v score.Verdict) error {
	short := make([]map[string]any, len(v.Short))
	var ids []string
	for i, s := range v.Short {
		short[i] = map[string]any{"criterion_id": s.CriterionID, "level": s.Level, "need": s.Need}
		ids = append(ids, s.CriterionID)
	}
	detail := "This does not reach the score that a pass needs. Change the levels, or decide retry or fail."
	if len(ids) > 0 {
		detail = "A pass needs a higher level in: " + names(r, ids) + ". Change the levels, or decide retry or fail."
	}
	f := fault.InvalidField("decision", "pass_rule", detail)
	f.Extra = map[string]any{"score": score.Percent(v.Score), "need_score": score.Percent(v.NeedScore), "criteria": short}
	return f
}

func names(r score.Criteria, ids []string) string {
	var out []string
	for _, id := range ids {
		if c, ok := r.ByID(id); ok {
			out = append(out, c.Name)
		}
	}
	return strings.Join(out, ", ")
}
