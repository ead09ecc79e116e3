package mail_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http/httptest"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/fieldreel/fieldreel/app/internal/mail"
)

// sink is a mail server that keeps what it is given, and fails as it is told.
type sink struct {
	mu         sync.Mutex
	got        []string
	rcpt, data error
	secure     bool // the line was private when the message came
}

type session struct {
	*sink
	c *smtp.Conn
}

func (s *sink) NewSession(c *smtp.Conn) (smtp.Session, error) { return &session{s, c}, nil }
func (s *session) Reset()                                     {}
func (s *session) Logout() error                              { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error       { return nil }
func (s *session) Rcpt(string, *smtp.RcptOptions) error       { return s.rcpt }
func (s *session) AuthMechanisms() []string                   { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "reel" || password != "secret" {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.data != nil {
		return s.data
	}
	_, s.secure = s.c.TLSConnectionState()
	s.got = append(s.got, string(b))
	return nil
}

// certificate gives one for 127.0.0.1, and who trusts it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return s.TLS.Certificates[0], roots
}

// serve starts a sink and gives a configuration to reach it.
func serve(t *testing.T, way mail.TLS) (*sink, mail.Config) {
	t.Helper()
	s := &sink{}
	cert, roots := certificate(t)
	srv := smtp.NewServer(s)
	srv.Domain, srv.ReadTimeout, srv.WriteTimeout = "127.0.0.1", 10*time.Second, 10*time.Second
	if way != mail.Plain {
		srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if way == mail.Implicit {
		l = tls.NewListener(l, srv.TLSConfig)
	}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	c := mail.Config{Address: l.Addr().String(), From: "Fieldreel <reel@example.com>", TLS: way, Roots: roots}
	if way != mail.Plain {
		c.User, c.Password = "reel", "secret"
	}
	return s, c
}

func send(t *testing.T, c mail.Config, m mail.Message) *mail.Failure {
	t.Helper()
	s, err := mail.New(c)
	if err != nil {
		t.Fatal(err)
	}
	if err = s.Send(t.Context(), m); err == nil {
		return nil
	}
	var f *mail.Failure
	if !errors.As(err, &f) {
		t.Fatalf("%T is no failure", err)
	}
	return f
}

var hello = mail.Message{ID: "0190-1", To: "ana@example.com", Subject: "5 to review, about 18 minutes", Text: "5 to review, about 18 minutes.\nÀ bientôt.\n", Settings: "https://reel.example.com/account"}

// TestSend is a message that arrives, by each way of keeping the line private.
func TestSend(t *testing.T) {
	for _, way := range []mail.TLS{mail.StartTLS, mail.Implicit, mail.Plain} {
		s, c := serve(t, way)
		if f := send(t, c, hello); f != nil {
			t.Fatalf("%s: %v", way, f)
		}
		if len(s.got) != 1 || s.secure != (way != mail.Plain) {
			t.Fatalf("%s: %d messages, private %v", way, len(s.got), s.secure)
		}
		m, err := netmail.ReadMessage(strings.NewReader(s.got[0]))
		if err != nil {
			t.Fatal(err)
		}
		for k, want := range map[string]string{"Message-Id": "<0190-1@example.com>", "From": `"Fieldreel" <reel@example.com>`, "To": "<ana@example.com>", "Auto-Submitted": "auto-generated",
			"List-Unsubscribe": "<https://reel.example.com/account>", "Subject": hello.Subject} {
			got, _ := new(mime.WordDecoder).DecodeHeader(m.Header.Get(k))
			if got != want {
				t.Errorf("%s: %q, want %q", k, got, want)
			}
		}
	}
}

// TestHostileWords: what people wrote cannot become a header.
func TestHostileWords(t *testing.T) {
	s, c := serve(t, mail.Plain)
	m := hello
	m.Subject, m.Settings = "Hi\r\nBcc: all@example.com", "https://x\r\nBcc: all@example.com"
	if f := send(t, c, m); f != nil {
		t.Fatal(f)
	}
	got, err := netmail.ReadMessage(strings.NewReader(s.got[0]))
	if err != nil || got.Header.Get("Bcc") != "" || got.Header.Get("Subject") != "Hi Bcc: all@example.com" {
		t.Errorf("%v, %v", got.Header, err)
	}
	for _, to := range []string{"", "nobody", "a@example.com\r\nBcc: b@example.com", "a@example.com, b@example.com"} {
		m := hello
		m.To = to
		if f := send(t, c, m); f == nil || !f.Permanent || f.Unsure {
			t.Errorf("to %q: %+v", to, f)
		}
	}
}

// TestRefusals: what a server says is told apart.
func TestRefusals(t *testing.T) {
	for _, tc := range []struct {
		rcpt, data error
		want       mail.Failure
	}{
		{rcpt: &smtp.SMTPError{Code: 550, Message: "no such user"}, want: mail.Failure{Permanent: true, Code: 550}},
		{rcpt: &smtp.SMTPError{Code: 451, Message: "try later"}, want: mail.Failure{Code: 451}},
		{rcpt: &smtp.SMTPError{Code: 421, Message: "closing"}, want: mail.Failure{Code: 421, Unreachable: true}},
		{data: &smtp.SMTPError{Code: 554, Message: "spam"}, want: mail.Failure{Permanent: true, Code: 554}},
		{data: &smtp.SMTPError{Code: 452, Message: "full"}, want: mail.Failure{Code: 452}},
	} {
		s, c := serve(t, mail.Plain)
		s.rcpt, s.data = tc.rcpt, tc.data
		f := send(t, c, hello)
		if f == nil {
			t.Errorf("%+v: sent", tc)
			continue
		}
		if got := (mail.Failure{Unsure: f.Unsure, Unreachable: f.Unreachable, Permanent: f.Permanent, Code: f.Code}); got != tc.want {
			t.Errorf("%+v, want %+v: %v", got, tc.want, f)
		}
	}
}

// TestLine: a server that is not there, one that does not offer a private line, wrong passwords and
// certificates, a line that breaks before and after the message, and one that says nothing.
func TestLine(t *testing.T) {
	_, plain := serve(t, mail.Plain)
	_, secure := serve(t, mail.StartTLS)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := plain
	gone.Address = l.Addr().String()
	l.Close()
	bare := plain
	bare.TLS = mail.StartTLS
	wrong := secure
	wrong.Password = "guess"
	strange := secure
	strange.Roots = nil
	for name, c := range map[string]mail.Config{"nobody there": gone, "no private line": bare, "wrong password": wrong, "strange certificate": strange} {
		if f := send(t, c, hello); f == nil || !f.Unreachable || f.Unsure || f.Permanent {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if f := send(t, wrong, hello); f == nil || f.Code != 535 {
		t.Errorf("wrong password: %+v", f)
	}
	// Where the line breaks decides what is known.
	for at, want := range map[string]mail.Failure{"MAIL": {Unreachable: true}, "RCPT": {Unreachable: true}, "DATA": {Unreachable: true}, ".": {Unsure: true}} {
		c := plain
		c.Address = breaking(t, at)
		f := send(t, c, hello)
		if f == nil || f.Unsure != want.Unsure || f.Unreachable != want.Unreachable || f.Permanent {
			t.Errorf("broken at %s: %+v", at, f)
		}
	}
	// One that stops in the middle of it ends with the caller.
	c := plain
	c.Address = breaking(t, "never")
	s, err := mail.New(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if err := s.Send(ctx, hello); err == nil || time.Since(begun) > 5*time.Second {
		t.Errorf("%v after %s", err, time.Since(begun))
	}
}

// breaking is a server that ends the line when a command comes ("." is the end of the message), or answers
// nothing any more after the sender ("never").
func breaking(t *testing.T, at string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go talk(c, at)
		}
	}()
	return l.Addr().String()
}

func talk(c net.Conn, at string) {
	defer c.Close()
	fmt.Fprint(c, "220 hello\r\n")
	in := bufio.NewScanner(c)
	body := false
	for in.Scan() {
		cmd, _, _ := strings.Cut(strings.ToUpper(in.Text()), " ")
		if body {
			if cmd != "." {
				continue
			}
			body = false
		}
		if cmd == at {
			return
		}
		switch cmd {
		case "DATA":
			body = true
			fmt.Fprint(c, "354 go\r\n")
		case "MAIL":
			if at != "never" {
				fmt.Fprint(c, "250 ok\r\n")
			}
		default:
			fmt.Fprint(c, "250 ok\r\n")
		}
	}
}

// TestCheck names what is wrong with a configuration.
func TestCheck(t *testing.T) {
	good := mail.Config{Address: "mail.example.com:587", From: "reel@example.com", TLS: mail.StartTLS, User: "u", Password: "p"}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*mail.Config){
		"no port": func(c *mail.Config) { c.Address = "mail.example.com" }, "no host": func(c *mail.Config) { c.Address = ":25" }, "port": func(c *mail.Config) { c.Address = "x:0" },
		"sender": func(c *mail.Config) { c.From = "reel" }, "user alone": func(c *mail.Config) { c.Password = "" }, "tls": func(c *mail.Config) { c.TLS = "ssl" },
		"password in the open": func(c *mail.Config) { c.TLS = mail.Plain },
	} {
		c := good
		change(&c)
		if c.Check() == nil {
			t.Errorf("%s is taken", name)
		}
		if _, err := mail.New(c); err == nil {
			t.Errorf("%s makes a sender", name)
		}
	}
}
