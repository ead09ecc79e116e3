package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/fieldreel/fieldreel/app/certificate"
	"github.com/fieldreel/fieldreel/app/people"
)

type certificateDTO struct {
	ID           string     `json:"id"`
	Number       string     `json:"number" example:"FR-2026-7K3M9Q"`
	Programme    authorDTO  `json:"programme" doc:"With its name as it was then."`
	Person       authorDTO  `json:"person" doc:"With their name as it was then."`
	AttemptID    string     `json:"attempt_id"`
	IssuedAt     time.Time  `json:"issued_at"`
	ExpiresAt    *time.Time `json:"expires_at,omitempty" doc:"Absent where it has no end."`
	State        string     `json:"state" enum:"valid,expiring,expired,revoked,replaced" doc:"expiring: valid, and to be renewed; replaced: by a renewal."`
	NamePublic   bool       `json:"name_public" doc:"The public page says the holder's name."`
	CheckPath    string     `json:"check_path" doc:"Whoever has this address may check it."`
	RevokedAt    *time.Time `json:"revoked_at,omitempty"`
	RevokeReason string     `json:"revoke_reason,omitempty"`
	ReplacedBy   string     `json:"replaced_by,omitempty" doc:"The certificate of the renewal."`
	May          struct {
		SetName bool `json:"set_name"`
		Revoke  bool `json:"revoke"`
	} `json:"may"`
}

func (s *Server) certificateOf(a people.Actor, c certificate.Certificate) certificateDTO {
	d := certificateDTO{ID: c.ID, Number: c.Number, Programme: authorDTO{c.ProgrammeID, c.Programme}, Person: authorDTO{c.PersonID, c.Holder}, AttemptID: c.AttemptID,
		IssuedAt: c.IssuedAt, ExpiresAt: c.ExpiresAt, State: string(c.StateAt(s.Now())), NamePublic: c.NamePublic, CheckPath: c.CheckPath(), RevokedAt: c.RevokedAt, RevokeReason: c.RevokeReason}
	if c.ReplacedBy != nil {
		d.ReplacedBy = *c.ReplacedBy
	}
	place := people.Place{PersonID: c.PersonID}
	d.May.SetName, d.May.Revoke = certificate.Can(a, certificate.Name, place), c.RevokedAt == nil && certificate.Can(a, certificate.Revoke, place)
	return d
}

func (s *Server) certificateAnswer(a people.Actor, c certificate.Certificate, err error) (*body[certificateDTO], error) {
	if err != nil {
		return nil, err
	}
	return answer(s.certificateOf(a, c)), nil
}

// checkDTO is what a public address says. It has no id: nothing leads from it into the installation.
type checkDTO struct {
	Number    string     `json:"number"`
	Programme string     `json:"programme"`
	State     string     `json:"state" enum:"valid,expired,revoked,replaced"`
	IssuedAt  time.Time  `json:"issued_at"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
	Holder    string     `json:"holder,omitempty" doc:"Only if the holder allows."`
}

func checkOf(c certificate.Certificate, now time.Time) checkDTO {
	d := checkDTO{Number: c.Number, Programme: c.Programme, State: string(c.StateAt(now)), IssuedAt: c.IssuedAt, ExpiresAt: c.ExpiresAt}
	if d.State == string(certificate.Expiring) { // that it is to be renewed is the holder's business
		d.State = string(certificate.Valid)
	}
	if c.NamePublic {
		d.Holder = c.Holder
	}
	return d
}

func (s *Server) certificateRoutes() {
	const tag = "certificates"
	type listCertificatesRequest struct {
		Paging
		OfWhom
	}
	route(s, op{method: "GET", path: "/api/v1/certificates", tag: tag, summary: "Certificates: one's own, those of one's line, to trainers all; newest first"},
		func(ctx context.Context, a people.Actor, in *listCertificatesRequest) (*body[page[certificateDTO]], error) {
			cs, err := s.Certificates.List(ctx, a, certificate.Filter{PersonID: in.person(a), ProgrammeID: in.Programme, Before: in.Cursor, Limit: in.Limit + 1})
			if err != nil {
				return nil, err
			}
			return answer(pageOf(cs, in.Limit, func(c certificate.Certificate) string { return c.ID }, func(c certificate.Certificate) certificateDTO { return s.certificateOf(a, c) })), nil
		})
	route(s, op{method: "GET", path: "/api/v1/certificates/{id}", tag: tag, summary: "One certificate"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*body[certificateDTO], error) {
			c, err := s.Certificates.Get(ctx, a, in.ID)
			return s.certificateAnswer(a, c, err)
		})
	type nameCertificateRequest struct {
		IDPath
		Body struct {
			NamePublic bool `json:"name_public"`
		}
	}
	route(s, op{method: "PATCH", path: "/api/v1/certificates/{id}", tag: tag, summary: "Say whether the public page has one's name (holder)"},
		func(ctx context.Context, a people.Actor, in *nameCertificateRequest) (*body[certificateDTO], error) {
			c, err := s.Certificates.SetNamePublic(ctx, a, in.ID, in.Body.NamePublic)
			return s.certificateAnswer(a, c, err)
		})
	type revokeCertificateRequest struct {
		IDPath
		Body struct {
			Reason string `json:"reason" minLength:"1" maxLength:"500" doc:"Its holder reads it."`
		}
	}
	route(s, op{method: "POST", path: "/api/v1/certificates/{id}/revoke", tag: tag, summary: "Take a certificate back (trainer)", codes: "certificate_revoked, required"},
		func(ctx context.Context, a people.Actor, in *revokeCertificateRequest) (*body[certificateDTO], error) {
			c, err := s.Certificates.Revoke(ctx, a, in.ID, in.Body.Reason)
			return s.certificateAnswer(a, c, err)
		})
	type checkRequest struct {
		Code string `path:"code" maxLength:"100" doc:"From the certificate; spaces, dashes and small letters do not matter."`
	}
	route(s, op{method: "GET", path: "/api/v1/certificates/check/{code}", tag: tag, summary: "Check a certificate, for whoever has its address", public: true, codes: "certificate_not_found, too_many_tries"},
		func(ctx context.Context, _ people.Actor, in *checkRequest) (*body[checkDTO], error) {
			r, _ := ctx.Value(requestKey).(*http.Request)
			c, err := s.Certificates.Check(ctx, in.Code, s.address(r))
			if err != nil {
				return nil, err
			}
			return answer(checkOf(c, s.Now())), nil
		})
	type pdf struct {
		ContentType string `header:"Content-Type"`
		Disposition string `header:"Content-Disposition"`
		Body        []byte
	}
	route(s, op{method: "GET", path: "/api/v1/certificates/{id}/pdf", tag: tag, summary: "The certificate as a PDF"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*pdf, error) {
			c, err := s.Certificates.Get(ctx, a, in.ID)
			if err != nil {
				return nil, err
			}
			r, _ := ctx.Value(requestKey).(*http.Request)
			file, err := certificate.PDF(c, s.publicAddress(r)+c.CheckPath(), s.Now())
			if err != nil {
				return nil, err
			}
			return &pdf{"application/pdf", `attachment; filename="` + c.Number + `.pdf"`, file}, nil
		})
}

// publicAddress is the address that people use, as far as it is known.
func (s *Server) publicAddress(r *http.Request) string {
	if s.PublicURL != "" {
		return strings.TrimSuffix(s.PublicURL, "/")
	}
	scheme := "http"
	if s.overTLS(r) {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}
