package api

import (
	"context"
	"net/http"
	"time"

	"github.com/fieldreel/fieldreel/app/digest"
	"github.com/fieldreel/fieldreel/app/people"
)

type pushDeviceDTO struct {
	ID        string     `json:"id"`
	UserAgent string     `json:"user_agent" doc:"What the browser called itself."`
	CreatedAt time.Time  `json:"created_at"`
	SentAt    *time.Time `json:"sent_at,omitempty" doc:"When its push service last took a message for it."`
	Here      bool       `json:"here" doc:"It is the device of this session."`
}

type pushDTO struct {
	Key     string          `json:"key,omitempty" doc:"What a browser subscribes to (applicationServerKey); left out where this installation calls no push services."`
	Devices []pushDeviceDTO `json:"devices"`
	Most    int             `json:"most" doc:"So many devices one person may have."`
}

func pushAnswer(p digest.Push, err error) (*body[pushDTO], error) {
	if err != nil {
		return nil, err
	}
	out := pushDTO{Key: p.Key, Devices: []pushDeviceDTO{}, Most: digest.MostDevices}
	for _, d := range p.Devices {
		out.Devices = append(out.Devices, pushDeviceDTO{d.ID, d.UserAgent, d.CreatedAt, d.SentAt, d.ID == p.Here})
	}
	return answer(out), nil
}

func (s *Server) pushRoutes() {
	route(s, op{method: "GET", path: "/api/v1/me/push", tag: "reminders", summary: "One's devices that show messages, and what another subscribes to"},
		func(ctx context.Context, a people.Actor, _ *nothing) (*body[pushDTO], error) {
			return pushAnswer(s.Digests.PushOf(ctx, a))
		})
	type pushRequest struct {
		Body struct {
			Endpoint string `json:"endpoint" maxLength:"1024" doc:"As the browser's PushSubscription has it."`
			Keys     struct {
				P256DH string `json:"p256dh" maxLength:"200"`
				Auth   string `json:"auth" maxLength:"100"`
			} `json:"keys"`
			Renew bool `json:"renew,omitempty" doc:"Keep it if it is one's own; if it is another's, take it out and put none in its place."`
		}
	}
	route(s, op{method: "PUT", path: "/api/v1/me/push", tag: "reminders", summary: "Have this session's browser show messages", codes: "push_off, endpoint_invalid, key_invalid, devices_many"},
		func(ctx context.Context, a people.Actor, in *pushRequest) (*body[pushDTO], error) {
			b := in.Body
			r, _ := ctx.Value(requestKey).(*http.Request)
			return pushAnswer(s.Digests.Subscribe(ctx, a, digest.NewDevice{Endpoint: b.Endpoint, P256DH: b.Keys.P256DH, Auth: b.Keys.Auth, UserAgent: r.UserAgent(), Renew: b.Renew}))
		})
	route(s, op{method: "DELETE", path: "/api/v1/me/push/devices/{id}", tag: "reminders", summary: "Have a device of one's own show no messages any more", status: http.StatusNoContent},
		func(ctx context.Context, a people.Actor, in *IDPath) (*nothing, error) {
			return nil, s.Digests.RemoveDevice(ctx, a, in.ID)
		})
	type pushMessageDTO struct {
		Title string `json:"title"`
		Body  string `json:"body"`
		Link  string `json:"link" doc:"A path of the web client."`
	}
	route(s, op{method: "GET", path: "/api/v1/me/push/messages/{id}", tag: "reminders", summary: "What a message that has just reached one's device says, as of now"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[pushMessageDTO], error) {
			m, err := s.Digests.MessageOf(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			return answer(pushMessageDTO{m.Title, m.Body, m.Link}), nil
		})
}
