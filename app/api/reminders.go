package api

import (
	"context"
	"net/http"
	"time"

	"github.com/fieldreel/fieldreel/app/digest"
	"github.com/fieldreel/fieldreel/app/people"
)

type lastDeliveryDTO struct {
	State string    `json:"state" enum:"waiting,sending,sent,failed,unsure"`
	Words string    `json:"words"`
	At    time.Time `json:"at"`
}

type remindersDTO struct {
	Mail bool `json:"mail"`
	Chat struct {
		Kind   string `json:"kind" enum:"none,slack,teams"`
		HasURL bool   `json:"has_url" doc:"A webhook's address is kept. It is given back to nobody."`
	} `json:"chat"`
	At        string           `json:"at" example:"08:00" doc:"Where one is: see time_zone."`
	Days      []int            `json:"days" doc:"1 is Monday."`
	Nudges    bool             `json:"nudges" doc:"A notice for a review that has waited for a day."`
	MailReady bool             `json:"mail_ready" doc:"This installation has a mail server."`
	ChatReady bool             `json:"chat_ready" doc:"This installation may call webhooks."`
	Email     string           `json:"email"`
	PushReady bool             `json:"push_ready" doc:"This installation may call the push services of browsers: see /me/push."`
	TimeZone  string           `json:"time_zone"`
	LastMail  *lastDeliveryDTO `json:"last_mail,omitempty" doc:"What became of the last message."`
	LastChat  *lastDeliveryDTO `json:"last_chat,omitempty"`
	LastPush  *lastDeliveryDTO `json:"last_push,omitempty"`
}

func lastOf(d *digest.Delivery) *lastDeliveryDTO {
	if d == nil {
		return nil
	}
	at := d.CreatedAt
	if d.StartedAt != nil {
		at = *d.StartedAt
	}
	return &lastDeliveryDTO{string(d.State), d.Words(), at}
}

func remindersAnswer(r digest.Reminders, err error) (*body[remindersDTO], error) {
	if err != nil {
		return nil, err
	}
	d := remindersDTO{Mail: r.Mail, At: r.At, Days: r.Days, Nudges: r.Nudges, MailReady: r.MailReady, ChatReady: r.ChatReady, PushReady: r.PushReady, Email: r.Email, TimeZone: r.Zone, LastMail: lastOf(r.LastMail), LastChat: lastOf(r.LastChat), LastPush: lastOf(r.LastPush)}
	d.Chat.Kind, d.Chat.HasURL = string(r.Chat), r.HasURL
	return answer(d), nil
}

type deliveryDTO struct {
	ID        string    `json:"id"`
	Person    authorDTO `json:"person"`
	Kind      string    `json:"kind" enum:"digest,test,nudge,offer"`
	Channel   string    `json:"channel" enum:"mail,chat,push"`
	State     string    `json:"state" enum:"waiting,sending,sent,failed,unsure"`
	Words     string    `json:"words"`
	Detail    string    `json:"detail,omitempty" doc:"What the other side said."`
	Tries     int       `json:"tries"`
	At        time.Time `json:"at"`
	Retryable bool      `json:"retryable"`
}

func (s *Server) reminderRoutes() {
	route(s, op{method: "GET", path: "/api/v1/me/reminders", tag: "reminders", summary: "How one is reminded, and what this installation can do"},
		func(ctx context.Context, a people.Actor, _ *nothing) (*body[remindersDTO], error) {
			return remindersAnswer(s.Digests.Of(ctx, a))
		})
	type remindersRequest struct {
		Body struct {
			Mail bool `json:"mail"`
			Chat struct {
				Kind string  `json:"kind" enum:"none,slack,teams"`
				URL  *string `json:"url,omitempty" maxLength:"2048" doc:"Of the incoming webhook; left out: the one that is kept."`
			} `json:"chat"`
			At     string `json:"at" pattern:"^[0-2][0-9]:[0-5][0-9]$" example:"08:00"`
			Days   []int  `json:"days" maxItems:"7" doc:"1 is Monday; none: no digest."`
			Nudges bool   `json:"nudges"`
		}
	}
	route(s, op{method: "PUT", path: "/api/v1/me/reminders", tag: "reminders", summary: "Say how one wants to be reminded",
		codes: "time_invalid, day_invalid, webhook_invalid, required, chat_none, chat_off"},
		func(ctx context.Context, a people.Actor, in *remindersRequest) (*body[remindersDTO], error) {
			b := in.Body
			return remindersAnswer(s.Digests.Change(ctx, a, digest.NewSettings{URL: b.Chat.URL,
				Settings: digest.Settings{Mail: b.Mail, Chat: digest.ChatKind(b.Chat.Kind), At: b.At, Days: b.Days, Nudges: b.Nudges}}))
		})
	type remindersTestDTO struct {
		Channel  string `json:"channel" enum:"mail,chat,push"`
		DeviceID string `json:"device_id,omitempty" doc:"Of a push: one of /me/push."`
		Sent     bool   `json:"sent"`
		Words    string `json:"words"`
	}
	type remindersTestAnswer struct {
		Items []remindersTestDTO `json:"items"`
	}
	route(s, op{method: "POST", path: "/api/v1/me/reminders/test", tag: "reminders", summary: "Send oneself a test message now, and hear what came of it", codes: "no_channel, tests_many"},
		func(ctx context.Context, a people.Actor, _ *nothing) (*body[remindersTestAnswer], error) {
			results, err := s.Digests.Test(ctx, a)
			if err != nil {
				return nil, err
			}
			out := remindersTestAnswer{[]remindersTestDTO{}}
			for _, r := range results {
				out.Items = append(out.Items, remindersTestDTO{string(r.Channel), r.DeviceID, r.Sent, r.Words})
			}
			return answer(out), nil
		})
	type digestItemDTO struct {
		Kind  string `json:"kind" enum:"reviews,pool,due,result,promises,assignments,feedback,promotions,calibration"`
		Words string `json:"words"`
		Link  string `json:"link" doc:"A path of the web client."`
	}
	type digestDTO struct {
		Subject string          `json:"subject"`
		Text    string          `json:"text" doc:"As it stands in a mail."`
		Items   []digestItemDTO `json:"items"`
		Empty   bool            `json:"empty" doc:"There is no reason for a message."`
	}
	route(s, op{method: "GET", path: "/api/v1/me/digest", tag: "reminders", summary: "What today's digest would say"},
		func(ctx context.Context, a people.Actor, _ *nothing) (*body[digestDTO], error) {
			d, text, err := s.Digests.Today(ctx, a)
			if err != nil {
				return nil, err
			}
			out := digestDTO{Subject: d.Subject, Text: text, Items: []digestItemDTO{}, Empty: d.Empty}
			for _, i := range d.Items {
				out.Items = append(out.Items, digestItemDTO{string(i.Kind), i.Words, i.Link})
			}
			return answer(out), nil
		})
	type deliveriesAnswer struct {
		Items []deliveryDTO `json:"items"`
	}
	route(s, op{method: "GET", path: "/api/v1/installation/deliveries", tag: "reminders", summary: "The last 100 messages that left the installation, or could not (admin)"},
		func(ctx context.Context, a people.Actor, _ *nothing) (*body[deliveriesAnswer], error) {
			all, err := s.Digests.Deliveries(ctx, a)
			if err != nil {
				return nil, err
			}
			ids := make([]string, len(all))
			for i, d := range all {
				ids[i] = d.PersonID
			}
			names, err := s.names(ctx, ids)
			if err != nil {
				return nil, err
			}
			out := deliveriesAnswer{[]deliveryDTO{}}
			for _, d := range all {
				out.Items = append(out.Items, deliveryDTO{ID: d.ID, Person: authorDTO{d.PersonID, names[d.PersonID]}, Kind: string(d.Kind), Channel: string(d.Channel), State: string(d.State), Words: d.Words(),
					Detail: d.Detail, Tries: d.Tries, At: lastOf(&d).At, Retryable: d.Retryable()})
			}
			return answer(out), nil
		})
	route(s, op{method: "POST", path: "/api/v1/installation/deliveries/{id}/retry", tag: "reminders", summary: "Send a message again that could not be sent, or of which nobody knows (admin)", status: http.StatusNoContent,
		codes: "delivery_settled"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*nothing, error) {
			return nil, s.Digests.RetryNow(ctx, a, in.ID)
		})
}
