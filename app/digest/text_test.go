package digest

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/egress"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/programme"
)

var monday = time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)

func in(t *testing.T, name string) *time.Location {
	t.Helper()
	at, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestWords is what each sort of thing is said like.
func TestWords(t *testing.T) {
	berlin := in(t, "Europe/Berlin")
	since := func(d time.Duration) *time.Time { at := monday.Add(-d); return &at }
	part := func(change func(p *programme.Part)) programme.Part {
		p := programme.Part{Programme: programme.Programme{Name: "Cold calls", State: programme.Open}}
		p.ID, p.State = "e1", programme.Started
		change(&p)
		return p
	}
	dueAt := func(at time.Time) []programme.Part {
		return []programme.Part{part(func(p *programme.Part) { p.DueAt = &at })}
	}
	result := func(ago time.Duration, read bool) []programme.Part {
		return []programme.Part{part(func(p *programme.Part) {
			at := programme.Attempt{ID: "a1", State: programme.Settled, SettledAt: since(ago)}
			if read {
				at.AcknowledgedAt = since(0)
			}
			p.All = []programme.Attempt{at}
		})}
	}
	for name, c := range map[string]struct {
		w       Todo
		subject string
		words   []string
		empty   bool
	}{
		"nothing": {Todo{}, "Nothing waits for you", nil, true},
		"the example": {Todo{Reviews: ReviewsWaiting{Count: 5, Minutes: 18, DueToday: 1, Oldest: since(20 * time.Hour)}}, "5 to review, about 18 minutes; 1 due today",
			[]string{"5 to review, about 18 minutes; 1 due today; oldest waits 20 h"}, false},
		"overdue": {Todo{Reviews: ReviewsWaiting{Count: 1, Minutes: 1, Overdue: 1, Oldest: since(50 * time.Hour)}}, "1 to review, about 1 minute; 1 overdue",
			[]string{"1 to review, about 1 minute; 1 overdue; oldest waits 2 days"}, false},
		"a pool alone":       {Todo{Reviews: ReviewsWaiting{Pool: 2}}, "Nothing waits for you", []string{"2 reviews to take out of a pool you are in"}, true},
		"due tonight":        {Todo{Parts: dueAt(monday.Add(15*time.Hour + 59*time.Minute))}, "Cold calls: due today", []string{"Cold calls: due today"}, false},
		"due after midnight": {Todo{Parts: dueAt(monday.Add(17 * time.Hour))}, "Cold calls: due tomorrow", []string{"Cold calls: due tomorrow"}, false},
		"due on Thursday":    {Todo{Parts: dueAt(monday.Add(72 * time.Hour))}, "Cold calls: due on Thursday, 26 November", []string{"Cold calls: due on Thursday, 26 November"}, false},
		"due on Friday":      {Todo{Parts: dueAt(monday.Add(96 * time.Hour))}, "Nothing waits for you", nil, true},
		"late":               {Todo{Parts: dueAt(monday.Add(-time.Hour))}, "Cold calls: overdue since Monday, 23 November", []string{"Cold calls: overdue since Monday, 23 November"}, false},
		"closed":             {Todo{Parts: []programme.Part{part(func(p *programme.Part) { p.DueAt = since(0); p.Programme.State = programme.Closed })}}, "Nothing waits for you", nil, true},
		"left":               {Todo{Parts: []programme.Part{part(func(p *programme.Part) { p.DueAt, p.LeftAt = since(0), since(0) })}}, "Nothing waits for you", nil, true},
		"submitted":          {Todo{Parts: []programme.Part{part(func(p *programme.Part) { p.DueAt = since(0); p.State = programme.Submitted })}}, "Nothing waits for you", nil, true},
		"a result":           {Todo{Parts: result(time.Hour, false)}, "Cold calls: your result is there", []string{"Cold calls: your result is there"}, false},
		"an old one":         {Todo{Parts: result(100*time.Hour, false)}, "Nothing waits for you", []string{"Cold calls: your result is there"}, true},
		"a read one":         {Todo{Parts: result(time.Hour, true)}, "Nothing waits for you", nil, true},
		"coaching": {Todo{Coaching: Coaching{Feedback: 1, Assignments: 2, Promotions: 1, PromisesDue: 3}}, "3 promises of yours are due, and 3 more",
			[]string{"3 promises of yours are due", "2 practices were assigned to you", "1 colleague asks for your feedback", "1 take of yours is suggested for the library"}, false},
		"gold, early": {Todo{Gold: 3, GoldDueOn: "2026-11-30"}, "Nothing waits for you", []string{"3 gold takes to score blind until 30 November"}, true},
		"gold, late":  {Todo{Gold: 1, GoldDueOn: "2026-11-26"}, "1 gold take to score blind until 26 November", []string{"1 gold take to score blind until 26 November"}, false},
	} {
		d := compose(c.w, berlin, monday)
		words := []string{}
		for _, i := range d.Items {
			words = append(words, i.Words)
			if !strings.HasPrefix(i.Link, "/") {
				t.Errorf("%s: link %q", name, i.Link)
			}
		}
		if d.Subject != c.subject || !slices.Equal(words, append([]string{}, c.words...)) || d.Empty != c.empty {
			t.Errorf("%s: %q, %q, %v", name, d.Subject, words, d.Empty)
		}
	}
	many := make([]programme.Part, 30)
	for i := range many {
		many[i] = dueAt(monday)[0]
	}
	if d := compose(Todo{Parts: many}, berlin, monday); len(d.Items) != mostParts+1 {
		t.Errorf("%d items", len(d.Items))
	}
}

// TestMorningOf is when a morning begins and ends, across zones, days and changes of the clock.
func TestMorningOf(t *testing.T) {
	weekdays := Default()
	late := Default()
	late.At, late.Days = "20:30", []int{7}
	gap := Default()
	gap.At, gap.Days = "02:30", []int{1, 2, 3, 4, 5, 6, 7}
	for _, c := range []struct {
		s        Settings
		zone, at string
		day      string
		ok       bool
	}{
		{weekdays, "Europe/Berlin", "2026-11-23T06:59:59Z", "2026-11-23", false},
		{weekdays, "Europe/Berlin", "2026-11-23T07:00:00Z", "2026-11-23", true},
		{weekdays, "Europe/Berlin", "2026-11-23T12:59:59Z", "2026-11-23", true},
		{weekdays, "Europe/Berlin", "2026-11-23T13:00:00Z", "2026-11-23", false},
		{weekdays, "Europe/Berlin", "2026-11-22T08:00:00Z", "2026-11-22", false}, // Sunday
		{weekdays, "Pacific/Auckland", "2026-11-22T19:00:00Z", "2026-11-23", true},
		{weekdays, "America/Los_Angeles", "2026-11-28T00:30:00Z", "2026-11-27", false},
		{late, "Europe/Berlin", "2026-11-22T20:00:00Z", "2026-11-22", true},
		{late, "Europe/Berlin", "2026-11-22T23:30:00Z", "2026-11-23", false},    // Monday has begun
		{gap, "Europe/Berlin", "2026-03-29T01:30:00Z", "2026-03-29", true},      // 03:30, and 02:30 never was
		{weekdays, "Europe/Berlin", "2026-03-30T06:00:00Z", "2026-03-30", true}, // summer
	} {
		now, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		day, _, until, ok := morning(c.s, in(t, c.zone), now)
		if day != c.day || ok != c.ok || (ok && !until.After(now)) {
			t.Errorf("%s %s at %s: %s %v until %s", c.s.At, c.zone, c.at, day, ok, until)
		}
	}
	for _, name := range []string{"", "Nowhere/Land", "Local"} {
		if zone(name) != time.UTC {
			t.Errorf("zone %q", name)
		}
	}
}

const hostile = `<!channel> <https://evil.example|click> [click](https://evil.example) *b* & "q" _i_`

// TestPayloads is the shape that each chat takes, and that people's words stay words.
func TestPayloads(t *testing.T) {
	d := Digest{Subject: hostile, Items: []Item{{Kind: Due, Words: hostile, Link: "/certify/1"}, {Kind: Reviews, Words: strings.Repeat("ä<", 4000), Link: "/reviews"}}}
	for range 100 {
		d.Items = append(d.Items, Item{Kind: Due, Words: "x", Link: "/x"})
	}
	b, err := payload(Slack, d, "https://reel.example.com")
	if err != nil {
		t.Fatal(err)
	}
	var slack struct {
		Text   string
		Blocks []struct {
			Type string
			Text struct{ Type, Text string }
		}
	}
	if err := json.Unmarshal(b, &slack); err != nil {
		t.Fatal(err)
	}
	if slack.Text == "" || strings.ContainsAny(slack.Text, "<>") || len(slack.Blocks) > slackBlocks || slack.Blocks[0].Type != "section" || slack.Blocks[0].Text.Type != "mrkdwn" {
		t.Errorf("%s", b)
	}
	if got := slack.Blocks[0].Text.Text; !strings.HasPrefix(got, "<https://reel.example.com/certify/1|&lt;!channel&gt; ") || strings.Count(got, "<") != 1 || strings.Count(got, ">") != 1 || strings.Count(got, "|") != 1 {
		t.Errorf("%q", got)
	}
	if n := len([]rune(slack.Blocks[1].Text.Text)); n > slackSection {
		t.Errorf("a section of %d characters", n)
	}
	if b, err = payload(Teams, d, "https://reel.example.com"); err != nil {
		t.Fatal(err)
	}
	var teams struct {
		Type        string
		Attachments []struct {
			ContentType string `json:"contentType"`
			Content     struct {
				Type, Version string
				Body          []struct {
					Type, Text string
					Wrap       bool
				}
				Actions []struct{ Type, Title, URL string }
			}
		}
	}
	if err := json.Unmarshal(b, &teams); err != nil {
		t.Fatal(err)
	}
	c := teams.Attachments[0].Content
	if teams.Type != "message" || teams.Attachments[0].ContentType != "application/vnd.microsoft.card.adaptive" || c.Type != "AdaptiveCard" || c.Version != "1.4" || !c.Body[0].Wrap ||
		c.Actions[0].Type != "Action.OpenUrl" || c.Actions[0].URL != "https://reel.example.com/certify/1" {
		t.Errorf("%s", b)
	}
	if got := c.Body[1].Text; strings.Contains(got, "[click](") || strings.Contains(got, " *b*") {
		t.Errorf("%q", got)
	}
	if b, err = payload(Slack, Digest{}, ""); err != nil || !json.Valid(b) || strings.Contains(string(b), "http") {
		t.Errorf("%s, %v", b, err)
	}
	if got := (Digest{Items: []Item{{Words: "A", Link: "/a"}}}).Text(""); strings.Contains(got, "/a") || !strings.HasPrefix(got, "A.\n") {
		t.Errorf("%q", got)
	}
}

// TestChatOutcome reads what each chat answers.
func TestChatOutcome(t *testing.T) {
	for _, c := range []struct {
		kind  ChatKind
		a     egress.Answer
		err   error
		state State
		after time.Duration
	}{
		{Slack, egress.Answer{Status: 200, Body: []byte("ok")}, nil, Sent, 0},
		{Slack, egress.Answer{Status: 200, Body: []byte("<html>")}, nil, Failed, 0},
		{Slack, egress.Answer{Status: 202}, nil, Failed, 0},
		{Teams, egress.Answer{Status: 202}, nil, Sent, 0},
		{Teams, egress.Answer{Status: 200}, nil, Sent, 0},
		{Slack, egress.Answer{Status: 302}, nil, Failed, 0},
		{Slack, egress.Answer{Status: 400, Body: []byte("invalid_payload")}, nil, Failed, 0},
		{Slack, egress.Answer{Status: 404, Body: []byte("no_service")}, nil, Failed, 0},
		{Slack, egress.Answer{Status: 410, Body: []byte("channel_is_archived")}, nil, Failed, 0},
		{Slack, egress.Answer{Status: 429, RetryAfter: 2 * time.Minute}, nil, Waiting, 2 * time.Minute},
		{Slack, egress.Answer{Status: 429}, nil, Waiting, 30 * time.Second},
		{Teams, egress.Answer{Status: 503}, nil, Waiting, 0},
		{Teams, egress.Answer{Status: 500}, nil, Unsure, 0},
		{Teams, egress.Answer{}, errors.New("no route"), Waiting, 0},
		{Teams, egress.Answer{}, egress.ErrRefused, Failed, 0},
	} {
		o := chatOutcome(c.kind, c.a, c.err)
		if o.state != c.state || o.after != c.after || (o.state == Sent) != (o.trouble == "") {
			t.Errorf("%s %+v %v: %+v", c.kind, c.a, c.err, o)
		}
		if w := (Delivery{State: o.state, Trouble: o.trouble, Channel: ByChat}).Words(); w == "" || w == "It could not be sent." {
			t.Errorf("%s: %q", o.trouble, w)
		}
	}
	if o := mailOutcome(errors.New("odd")); o.state != Unsure {
		t.Errorf("%+v", o)
	}
}

// TestSettings is what may be asked for.
func TestSettings(t *testing.T) {
	url := func(s string) *string { return &s }
	for _, c := range []struct {
		change func(n *NewSettings)
		code   string
	}{
		{func(*NewSettings) {}, ""},
		{func(n *NewSettings) { n.At = "8:00" }, "time_invalid"},
		{func(n *NewSettings) { n.At = "24:00" }, "time_invalid"},
		{func(n *NewSettings) { n.Days = []int{0} }, "day_invalid"},
		{func(n *NewSettings) { n.Days = []int{1, 1} }, "day_invalid"},
		{func(n *NewSettings) { n.Days = nil }, ""},
		{func(n *NewSettings) { n.Chat = "irc" }, "chat_unknown"},
		{func(n *NewSettings) { n.URL = url("https://hooks.slack.com/services/x") }, "chat_none"},
		{func(n *NewSettings) { n.Chat = Slack }, "required"},
		{func(n *NewSettings) { n.Chat, n.URL = Slack, url("https://hooks.slack.com/services/T/B/x") }, ""},
		{func(n *NewSettings) {
			n.Chat, n.URL = Teams, url("https://prod-12.westeurope.logic.azure.com:443/workflows/x?sig=y")
		}, ""},
		{func(n *NewSettings) {
			n.Chat, n.URL = Teams, url("https://default1.a1.environment.api.powerplatform.com:443/powerautomate/x")
		}, ""},
	} {
		n := NewSettings{Settings: Default()}
		c.change(&n)
		err := n.check(false)
		if (err == nil) != (c.code == "") || (err != nil && fault.CodeOf(err) != c.code) {
			t.Errorf("%+v: %v, want %q", n, err, c.code)
		}
	}
	for _, address := range []string{"", "http://hooks.slack.com/services/x", "https://hooks.slack.com", "https://hooks.slack.com/", "https://hooks.slack.com.evil.example/services/x", "https://evilhooks.slack.com/x",
		"https://127.0.0.1/x", "https://user@hooks.slack.com/x", "https://hooks.slack.com:8443/x", "https://prod.logic.azure.com/x", "https://logic.azure.com.evil.example/x"} {
		if err := checkHook(Slack, address); fault.CodeOf(err) != "webhook_invalid" {
			t.Errorf("%q: %v", address, err)
		}
	}
	if err := checkHook(Teams, "https://logic.azure.com/x"); err == nil {
		t.Error("the bare domain is taken")
	}
}

// TestWaits: each failure waits longer, and none for ever.
func TestWaits(t *testing.T) {
	last := time.Duration(0)
	for n := range 50 {
		d := downFor(n + 1)
		if d < last || d > 5*time.Minute {
			t.Errorf("%d: %s after %s", n, d, last)
		}
		last = d
		if r := retryIn(n); r < 5*time.Minute || r > 30*time.Minute {
			t.Errorf("%d: %s", n, r)
		}
	}
}

// TestDaytime is when somebody may be nudged: within twelve hours of a morning of theirs.
func TestDaytime(t *testing.T) {
	weekdays, night, never := Default(), Default(), Default()
	night.At, night.Days = "22:00", []int{5}
	never.Days = nil
	for _, c := range []struct {
		s        Settings
		zone, at string
		want     string
	}{
		{weekdays, "Europe/Berlin", "2026-11-23T06:59:59Z", "2026-11-23T07:00:00Z"},
		{weekdays, "Europe/Berlin", "2026-11-23T07:00:00Z", "2026-11-23T07:00:00Z"},
		{weekdays, "Europe/Berlin", "2026-11-23T18:59:59Z", "2026-11-23T18:59:59Z"},
		{weekdays, "Europe/Berlin", "2026-11-23T19:00:00Z", "2026-11-24T07:00:00Z"},
		{weekdays, "Europe/Berlin", "2026-11-27T20:00:00Z", "2026-11-30T07:00:00Z"}, // Friday evening
		{weekdays, "Asia/Tokyo", "2026-11-22T23:00:00Z", "2026-11-22T23:00:00Z"},    // Monday there
		{weekdays, "Europe/Berlin", "2026-03-27T20:00:00Z", "2026-03-30T06:00:00Z"}, // the clock is put forward between
		{night, "Europe/Berlin", "2026-11-28T08:59:59Z", "2026-11-28T08:59:59Z"},    // Saturday, still of Friday's night
		{night, "Europe/Berlin", "2026-11-28T09:00:00Z", "2026-12-04T21:00:00Z"},
		{never, "Europe/Berlin", "2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z"},
		{never, "Europe/Berlin", "2026-11-22T21:00:00Z", "2026-11-23T07:00:00Z"},
	} {
		now, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := daytime(c.s, in(t, c.zone), now).Format(time.RFC3339); got != c.want {
			t.Errorf("%s at %s: %s, want %s", c.s.At, c.at, got, c.want)
		}
	}
}
