package digest

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/egress"
	"github.com/fieldreel/fieldreel/app/internal/fault"
)

// ChatKind is whose incoming webhook a person has.
type ChatKind string

// The kinds.
const (
	NoChat ChatKind = "none"
	Slack  ChatKind = "slack"
	Teams  ChatKind = "teams"
)

// Settings is how a person wants to be reminded.
type Settings struct {
	Mail bool
	Chat ChatKind
	// HasURL says that a webhook's address is kept. The address itself is given to nobody.
	HasURL bool
	// At is the time of the morning, as in 08:00, and Days its days (1 is Monday), where the person is.
	At   string
	Days []int
	// Nudges says whether they are reminded of a review that has waited for a day.
	Nudges bool
}

// Default is how somebody is reminded who has said nothing.
func Default() Settings {
	return Settings{Mail: true, Chat: NoChat, At: "08:00", Days: []int{1, 2, 3, 4, 5}, Nudges: true}
}

// NewSettings are settings to be kept.
type NewSettings struct {
	Settings
	// URL is a webhook's address; nil keeps the one that is kept.
	URL *string
}

// check says what is wrong with settings.
func (n NewSettings) check(hadURL bool) error {
	at, err := time.Parse("15:04", n.At)
	if err != nil || at.Format("15:04") != n.At {
		return fault.InvalidField("at", "time_invalid", "Give a time such as 08:00.")
	}
	seen := map[int]bool{}
	for _, d := range n.Days {
		if d < 1 || d > 7 || seen[d] {
			return fault.InvalidField("days", "day_invalid", "Give each day once: 1 is Monday, 7 is Sunday.")
		}
		seen[d] = true
	}
	switch n.Chat {
	case NoChat:
		if n.URL != nil && *n.URL != "" {
			return fault.InvalidField("chat.url", "chat_none", "Say whose webhook this is: slack or teams.")
		}
	case Slack, Teams:
		if n.URL == nil && !hadURL {
			return fault.InvalidField("chat.url", "required", "Give the address of the incoming webhook.")
		}
		if n.URL != nil {
			return checkHook(n.Chat, *n.URL)
		}
	default:
		return fault.InvalidField("chat.kind", "chat_unknown", "Say none, slack or teams.")
	}
	return nil
}

// hosts are the servers of incoming webhooks; one that begins with a dot stands for those below it. Nothing
// else is called: a person's settings must not become a way to make this server call any address.
//
//nolint:gochecknoglobals // a constant table
var hosts = map[ChatKind][]string{
	Slack: {"hooks.slack.com", "hooks.slack-gov.com"},
	Teams: {".api.powerplatform.com", ".logic.azure.com", ".flow.microsoft.com", "flow.microsoft.com"},
}

func checkHook(kind ChatKind, address string) error {
	refuse := fault.InvalidField("chat.url", "webhook_invalid", "This is no address of an incoming webhook. In Slack it begins with https://hooks.slack.com/services/.")
	if kind == Teams {
		refuse = fault.InvalidField("chat.url", "webhook_invalid", "This is no address of a Teams workflow. Make one in Teams: Workflows, “When a Teams webhook request is received”.")
	}
	if egress.Check(address) != nil {
		return refuse
	}
	u, err := url.Parse(address)
	if err != nil || strings.Trim(u.Path, "/") == "" {
		return refuse
	}
	host := strings.ToLower(u.Hostname())
	if !slices.ContainsFunc(hosts[kind], func(h string) bool {
		return host == h || (strings.HasPrefix(h, ".") && strings.HasSuffix(host, h))
	}) {
		return refuse
	}
	return nil
}

func joinDays(days []int) string {
	parts := make([]string, 0, len(days))
	for _, d := range slices.Sorted(slices.Values(days)) {
		parts = append(parts, strconv.Itoa(d))
	}
	return strings.Join(parts, ",")
}

func splitDays(s string) []int {
	out := []int{}
	for _, p := range strings.Split(s, ",") {
		if n, err := strconv.Atoi(p); err == nil {
			out = append(out, n)
		}
	}
	return out
}
