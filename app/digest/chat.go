package digest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/app/internal/egress"
)

const (
	// slackSection and slackBlocks are what Slack takes: characters of a section, blocks of a message.
	slackSection = 3000
	slackBlocks  = 50
	// mostLines keeps a message short, whatever waits.
	mostLines = 20
)

// payload is a digest as a chat's incoming webhook takes it.
func payload(kind ChatKind, d Digest, base string) ([]byte, error) {
	if kind == Slack {
		return slackPayload(d, base)
	}
	return teamsPayload(d, base)
}

type slackText struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type slackBlock struct {
	Type     string      `json:"type"`
	Text     *slackText  `json:"text,omitempty"`
	Elements []slackText `json:"elements,omitempty"`
}

// slackPayload writes a section for each item, with its link, and the settings below.
func slackPayload(d Digest, base string) ([]byte, error) {
	var blocks []slackBlock
	for _, i := range shown(d) {
		words := escapeSlack(i.Words)
		if base != "" {
			words = "<" + escapeSlack(base+i.Link) + "|" + words + ">"
		}
		blocks = append(blocks, slackBlock{Type: "section", Text: &slackText{"mrkdwn", cut(words, slackSection)}})
	}
	foot := "One such message a day, and none when nothing waits."
	if base != "" {
		foot += " <" + escapeSlack(base+settingsPath) + "|When, and whether>"
	}
	blocks = append(blocks, slackBlock{Type: "context", Elements: []slackText{{"mrkdwn", foot}}})
	return encode(struct {
		Text   string       `json:"text"`
		Blocks []slackBlock `json:"blocks"`
	}{escapeSlack(d.Subject), blocks[:min(len(blocks), slackBlocks)]})
}

// escapeSlack takes the meaning from the three characters that have one: what people wrote can neither make a
// link nor call a channel.
func escapeSlack(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "|", "¦").Replace(s)
}

type cardText struct {
	Type   string `json:"type"`
	Text   string `json:"text"`
	Wrap   bool   `json:"wrap"`
	Weight string `json:"weight,omitempty"`
}

type cardAction struct {
	Type  string `json:"type"`
	Title string `json:"title"`
	URL   string `json:"url"`
}

// teamsPayload writes an Adaptive Card, as a Teams workflow takes it.
func teamsPayload(d Digest, base string) ([]byte, error) {
	type card struct {
		Type    string       `json:"type"`
		Schema  string       `json:"$schema"`
		Version string       `json:"version"`
		Body    []cardText   `json:"body"`
		Actions []cardAction `json:"actions,omitempty"`
	}
	type attachment struct {
		ContentType string `json:"contentType"`
		Content     card   `json:"content"`
	}
	c := card{Type: "AdaptiveCard", Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Version: "1.4",
		Body: []cardText{{Type: "TextBlock", Text: escapeCard(d.Subject), Wrap: true, Weight: "Bolder"}}}
	items := shown(d)
	for _, i := range items {
		c.Body = append(c.Body, cardText{Type: "TextBlock", Text: escapeCard(i.Words), Wrap: true})
	}
	if base != "" {
		link := ""
		if len(items) > 0 {
			link = items[0].Link
		}
		c.Actions = []cardAction{{"Action.OpenUrl", "Open", base + link}, {"Action.OpenUrl", "When, and whether", base + settingsPath}}
	}
	return encode(struct {
		Type        string       `json:"type"`
		Attachments []attachment `json:"attachments"`
	}{"message", []attachment{{"application/vnd.microsoft.card.adaptive", c}}})
}

// escapeCard takes the meaning from the characters of the Markdown that a TextBlock understands.
func escapeCard(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\\`*_[]()#+-!~>|{}", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// shown gives the items that a chat is shown.
func shown(d Digest) []Item {
	if len(d.Items) == 0 {
		return []Item{{Words: "Nothing waits for you"}}
	}
	return d.Items[:min(len(d.Items), mostLines)]
}

// cut keeps a text within so many characters.
func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // it is no page
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("chat message: %w", err)
	}
	return b.Bytes(), nil
}

// chatOutcome reads what a webhook answered. Slack says 200 and "ok"; a workflow of Teams 202, or 200.
func chatOutcome(kind ChatKind, a egress.Answer, err error) outcome {
	if err != nil {
		switch {
		case egress.Sent(err):
			return outcome{state: Unsure, trouble: "no_answer", detail: err.Error()}
		case refused(err):
			return outcome{state: Failed, trouble: "refused", detail: err.Error()}
		}
		return outcome{state: Waiting, trouble: "unreachable", detail: err.Error()}
	}
	said := cut(oneLine(string(a.Body)), 200)
	detail := fmt.Sprintf("%d %s", a.Status, said)
	switch {
	case a.Status == 200 && kind == Slack && strings.TrimSpace(string(a.Body)) != "ok":
		return outcome{state: Failed, trouble: "webhook", detail: detail}
	case a.Status == 200, a.Status == 202 && kind == Teams:
		return outcome{state: Sent}
	case a.Status == 429:
		return outcome{state: Waiting, trouble: "slow_down", detail: detail, after: max(a.RetryAfter, 30*time.Second)}
	case a.Status == 503:
		return outcome{state: Waiting, trouble: "unreachable", detail: detail, after: a.RetryAfter}
	case a.Status >= 500:
		return outcome{state: Unsure, trouble: "no_answer", detail: detail}
	}
	return outcome{state: Failed, trouble: "webhook", detail: detail}
}
