package programme

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/rubric"
	"github.com/fieldreel/fieldreel/app/rubric/score"
)

// The bounds of a programme's set-up.
const (
	MaxTarget      = 10 * time.Minute
	MaxAttempts    = 50
	MaxWaitHours   = 30 * 24
	MaxDueDays     = 730
	MaxValidDays   = 3650
	MaxRules       = 50
	MaxReviewers   = 100
	MaxPhrases     = 30
	MaxAttachments = 20

	maxName   = 120
	maxBrief  = 5000
	maxPhrase = 80
	maxURL    = 2000
)

// Blank is a programme with nothing decided: the defaults of a draft.
func Blank() Programme {
	return Programme{State: Draft, AnswerTypes: []string{Camera, Screen, File}, Due: Due{Kind: NoDue}, Pass: score.PassRule{Kind: score.Total, Percent: 70, Level: 3},
		Reviewers: ByManager, SecondDistance: 15, Peers: PeersNever, Version: 1}
}

// Missing names what a programme must still have before it can be opened, in the words of its fields.
func (p Programme) Missing() []string {
	var out []string
	for field, has := range map[string]bool{"name": p.Name != "", "brief": p.Brief != "", "rubric_version_id": p.RubricVersionID != "", "rules": len(p.Rules) > 0} {
		if !has {
			out = append(out, field)
		}
	}
	slices.Sort(out)
	return out
}

// clean checks a set-up as far as it can be without the database, and brings it into the form in which it is
// kept: what does not apply is emptied.
func (p *Programme) clean() error {
	var err error
	if p.Name, err = people.CleanLine("name", p.Name, maxName); err != nil {
		return err
	}
	if p.Brief, err = people.CleanText("brief", p.Brief, maxBrief); err != nil {
		return err
	}
	for _, n := range []struct {
		field         string
		n, low, upper int
	}{
		{"target_ms", int(p.TargetMS), 0, int(MaxTarget.Milliseconds())},
		{"attempts_max", p.AttemptsMax, 0, MaxAttempts},
		{"wait_hours", p.WaitHours, 0, MaxWaitHours},
		{"pass.percent", p.Pass.Percent, 0, 100},
		{"pass.level", p.Pass.Level, 1, rubric.MaxLevels},
		{"second_share", p.SecondShare, 0, 100},
		{"second_distance", p.SecondDistance, 0, 100},
		{"valid_days", p.ValidDays, 0, MaxValidDays},
		{"renew_days", p.RenewDays, 0, MaxValidDays},
	} {
		if err := fault.Between(n.field, n.n, n.low, n.upper); err != nil {
			return err
		}
	}
	if p.Pass.Kind != score.Total && p.Pass.Kind != score.Each {
		return fault.InvalidField("pass.kind", "kind_unknown", "A pass is by total or by each criterion.")
	}
	if p.ValidDays > 0 && p.RenewDays > p.ValidDays {
		return fault.InvalidField("renew_days", "renewal_too_long", "A certificate cannot be renewed before it begins.")
	}
	if !slices.Contains([]Peers{PeersNever, PeersBefore, PeersAfter}, p.Peers) {
		return fault.InvalidField("peers", "kind_unknown", "Others' takes are watched never, before or after one's own.")
	}
	for _, check := range []func() error{p.cleanAnswers, p.cleanDue, p.cleanRules, p.cleanReviewers, p.cleanAttachments, p.cleanPhrases} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (p *Programme) cleanAnswers() error {
	types := slices.Compact(slices.Sorted(slices.Values(p.AnswerTypes)))
	if len(types) == 0 {
		return fault.InvalidField("answer_types", "required", "Say how people may answer: camera, screen or file.")
	}
	for _, t := range types {
		if t != Camera && t != Screen && t != File {
			return fault.InvalidField("answer_types", "kind_unknown", "People answer by camera, screen or file.")
		}
	}
	p.AnswerTypes = types
	return nil
}

func (p *Programme) cleanDue() error {
	switch p.Due.Kind {
	case NoDue:
		p.Due = Due{Kind: NoDue}
	case DueDate:
		day, err := time.Parse(time.DateOnly, p.Due.Date)
		if err != nil || day.Year() < 2000 || day.Year() > 2200 {
			return fault.InvalidField("due.date", "date_invalid", "Give a date such as 2026-11-30.")
		}
		p.Due.Days = 0
	case DueDays:
		p.Due.Date = ""
		return fault.Between("due.days", p.Due.Days, 1, MaxDueDays)
	default:
		return fault.InvalidField("due.kind", "kind_unknown", "A programme is due never, at a date, or days after the start.")
	}
	return nil
}

func (p *Programme) cleanRules() error {
	if len(p.Rules) > MaxRules {
		return fault.InvalidField("rules", "too_many", fmt.Sprintf("Use at most %d rules. A team is one.", MaxRules))
	}
	rules := make([]Rule, 0, len(p.Rules))
	for i, r := range p.Rules {
		at := fmt.Sprintf("rules[%d]", i)
		if r.Role != "" && !slices.Contains(people.Roles, r.Role) {
			return fault.InvalidField(at+".role", "role_unknown", "The roles are rep, manager, trainer and admin.")
		}
		if err := fault.Between(at+".new_within_days", r.NewWithinDays, 0, MaxDueDays); err != nil {
			return err
		}
		if r.PersonID != "" && (r.TeamID != "" || r.Role != "" || r.NewWithinDays != 0) {
			return fault.InvalidField(at+".person_id", "rule_mixed", "A person is named alone, without a team, a role or a time.")
		}
		same := func(o Rule) bool { o.ID = r.ID; return o == r }
		if slices.ContainsFunc(rules, same) {
			continue
		}
		r.ID = ident.New()
		rules = append(rules, r)
	}
	p.Rules = rules
	return nil
}

func (p *Programme) cleanReviewers() error {
	switch p.Reviewers {
	case ByManager:
		p.ReviewerIDs = nil
		return nil
	case ByNamed, ByPool:
	default:
		return fault.InvalidField("reviewers.kind", "kind_unknown", "Reviews are by the manager, by people named, or by a pool.")
	}
	p.ReviewerIDs = slices.Compact(slices.Sorted(slices.Values(p.ReviewerIDs)))
	if len(p.ReviewerIDs) == 0 || len(p.ReviewerIDs) > MaxReviewers {
		return fault.InvalidField("reviewers.person_ids", "required", fmt.Sprintf("Name 1 to %d reviewers.", MaxReviewers))
	}
	return nil
}

func (p *Programme) cleanAttachments() error {
	if len(p.Attachments) > MaxAttachments {
		return fault.InvalidField("attachments", "too_many", fmt.Sprintf("Use at most %d attachments.", MaxAttachments))
	}
	files := map[string]bool{}
	for i := range p.Attachments {
		a, at := &p.Attachments[i], fmt.Sprintf("attachments[%d]", i)
		var err error
		if a.Title, err = people.CleanLine(at+".title", a.Title, maxName); err != nil {
			return err
		}
		given := 0
		for _, id := range []string{a.URL, a.VideoID, a.File.ID} {
			if id != "" {
				given++
			}
		}
		if given != 1 {
			return fault.InvalidField(at+".url", "required", "Give an address, a video or a file.")
		}
		if a.File.ID != "" {
			if files[a.File.ID] {
				return fault.InvalidField(at+".file_id", "file_twice", "This file is attached already.")
			}
			files[a.File.ID] = true
		}
		if len(files) > MaxFiles {
			return fault.InvalidField(at+".file_id", "too_many", fmt.Sprintf("Attach at most %d files.", MaxFiles))
		}
		if a.URL == "" {
			continue
		}
		u, err := url.Parse(a.URL)
		if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || len(a.URL) > maxURL || strings.ContainsFunc(a.URL, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
			return fault.InvalidField(at+".url", "url_invalid", "Give an address that begins with https://.")
		}
	}
	return nil
}

func (p *Programme) cleanPhrases() error {
	for field, phrases := range map[string]*[]string{"must_say": &p.MustSay, "must_not_say": &p.MustNotSay} {
		if len(*phrases) > MaxPhrases {
			return fault.InvalidField(field, "too_many", fmt.Sprintf("Use at most %d phrases.", MaxPhrases))
		}
		out := make([]string, 0, len(*phrases))
		for i, s := range *phrases {
			s, err := people.CleanLine(fmt.Sprintf("%s[%d]", field, i), s, maxPhrase)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(out, func(o string) bool { return strings.EqualFold(o, s) }) {
				out = append(out, s)
			}
		}
		*phrases = out
	}
	for _, s := range p.MustNotSay {
		if slices.ContainsFunc(p.MustSay, func(o string) bool { return strings.EqualFold(o, s) }) {
			return fault.InvalidField("must_not_say", "phrase_both", fmt.Sprintf("%q cannot be both said and not said.", s))
		}
	}
	return nil
}
