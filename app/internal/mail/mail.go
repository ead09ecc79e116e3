// Package mail sends plain messages through the company's own mail server.
//
// A failure says what is known: that the message was not taken (and whether another try may help), or that it
// may have been, because the line broke between its last byte and the answer.
package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"strconv"
	"strings"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// timeout bounds each step of a conversation with the server.
const timeout = 15 * time.Second

// TLS is how the line to the server is kept private.
type TLS string

// The ways.
const (
	StartTLS TLS = "starttls" // the line becomes private before anything is said; else nothing is sent
	Implicit TLS = "tls"      // it is from the first byte on, as on port 465
	Plain    TLS = "none"     // never: for a relay on the same machine
)

// Config says which server, and who we are to it.
type Config struct {
	// Address is host:port.
	Address        string
	User, Password string
	// From is the sender, as in "Fieldreel <reel@example.com>".
	From string
	TLS  TLS
	// Roots are certificates beyond the system's; nil for none.
	Roots *x509.CertPool
}

// Check says what is wrong with a configuration, or nil.
func (c Config) Check() error {
	host, port, err := net.SplitHostPort(c.Address)
	if err != nil || host == "" {
		return errors.New("the mail server must be given as host:port")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return errors.New("the mail server's port must be a number")
	}
	if _, err := netmail.ParseAddress(c.From); err != nil {
		return errors.New("the sender must be a mail address, such as Fieldreel <reel@example.com>")
	}
	if (c.User == "") != (c.Password == "") {
		return errors.New("the mail server needs both a user and a password, or neither")
	}
	switch c.TLS {
	case StartTLS, Implicit, Plain:
	default:
		return errors.New("the mail server's TLS must be starttls, tls or none")
	}
	if c.TLS == Plain && c.User != "" {
		return errors.New("a password is not sent over a line that all can read: use starttls or tls")
	}
	return nil
}

// Message is one message to one person.
type Message struct {
	// ID is what the Message-ID is made of: the same one for every try.
	ID, To, Subject, Text string
	// Settings is the address where the person can stop such messages; may be empty.
	Settings string
}

// Failure is why a message was not sent.
type Failure struct {
	// Unsure says that the server may have taken it all the same.
	Unsure bool
	// Unreachable says that the server could not be spoken to at all: other messages would fare no better.
	Unreachable bool
	// Permanent says that another try is of no use.
	Permanent bool
	// Code is the server's own, such as 550; 0 where it did not say.
	Code  int
	Cause error
}

// Error says what the server, or the line to it, said.
func (f *Failure) Error() string { return f.Cause.Error() }

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.Cause }

// Sender sends messages, each over a line of its own. It is safe for concurrent use.
type Sender struct {
	cfg  Config
	host string
	port int
	from *netmail.Address
}

// New makes a sender; it does not speak to the server yet.
func New(c Config) (*Sender, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	host, text, err := net.SplitHostPort(c.Address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, err
	}
	from, err := netmail.ParseAddress(c.From)
	if err != nil {
		return nil, err
	}
	return &Sender{cfg: c, host: host, port: port, from: from}, nil
}

// Send sends a message. Its error is a *Failure.
func (s *Sender) Send(ctx context.Context, m Message) error {
	msg, err := s.compose(m)
	if err != nil {
		return &Failure{Permanent: true, Cause: err}
	}
	var held holder
	defer held.Close() // the library leaves the line open where it fails before the end of the greetings
	c, err := s.client(&held)
	if err != nil {
		return &Failure{Permanent: true, Cause: err}
	}
	if err := c.DialWithContext(ctx); err != nil {
		code := codeIn(err)
		// A wrong password is for the admin to mend, and then all messages go.
		return &Failure{Unreachable: true, Code: code, Cause: fmt.Errorf("reach the mail server: %w", err)}
	}
	stop := context.AfterFunc(ctx, held.Close)
	defer stop()
	if err := c.Send(msg); err != nil && !msg.IsDelivered() {
		return failure(err)
	}
	_ = c.Close() // the server has the message, whatever becomes of the goodbye
	return nil
}

// holder keeps a line, so that it can be closed whatever the library does with it.
type holder struct {
	mu   sync.Mutex
	conn net.Conn
}

func (h *holder) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, address)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.conn = conn
	return conn, err
}

// Close ends the line; twice is once.
func (h *holder) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.conn != nil {
		_ = h.conn.Close() // the library may have closed it
	}
}

func (s *Sender) tls() *tls.Config {
	return &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12, RootCAs: s.cfg.Roots}
}

func (s *Sender) compose(m Message) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.FromFormat(s.from.Name, s.from.Address); err != nil {
		return nil, fmt.Errorf("sender: %w", err)
	}
	if err := msg.To(m.To); err != nil {
		return nil, fmt.Errorf("receiver: %w", err)
	}
	msg.Subject(line(m.Subject))
	_, domain, _ := strings.Cut(s.from.Address, "@")
	msg.SetMessageIDWithValue(m.ID + "@" + domain)
	msg.SetDate()
	// No machine is to answer a machine (RFC 3834).
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	if m.Settings != "" {
		msg.SetGenHeader("List-Unsubscribe", "<"+line(m.Settings)+">")
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	return msg, nil
}

// line keeps a value within one header.
func line(s string) string { return strings.Join(strings.Fields(s), " ") }

func (s *Sender) client(held *holder) (*gomail.Client, error) {
	opts := []gomail.Option{gomail.WithPort(s.port), gomail.WithTimeout(timeout), gomail.WithTLSConfig(s.tls()), gomail.WithoutNoop()}
	switch s.cfg.TLS {
	case StartTLS:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory), gomail.WithDialContextFunc(held.dial))
	case Implicit:
		opts = append(opts, gomail.WithSSL()) // with a line of ours the library would not believe that it is private
	case Plain:
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithDialContextFunc(held.dial))
	}
	if s.cfg.User != "" {
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(s.cfg.User), gomail.WithPassword(s.cfg.Password))
	}
	return gomail.NewClient(s.host, opts...)
}

// failure says what is known after a conversation that went wrong. Until the end of the message the server
// has taken nothing; after it, only an answer with a code says that it has not.
func failure(err error) *Failure {
	f := &Failure{Cause: err}
	var e *gomail.SendError
	if !errors.As(err, &e) {
		f.Unsure = true
		return f
	}
	f.Code = e.ErrorCode()
	switch e.Reason {
	case gomail.ErrSMTPDataClose:
		f.Unsure = f.Code == 0
	case gomail.ErrAmbiguous, gomail.ErrSMTPReset:
		f.Unsure = true
	case gomail.ErrGetSender, gomail.ErrGetRcpts, gomail.ErrNoUnencoded:
		f.Permanent = true
	case gomail.ErrSMTPMailFrom, gomail.ErrSMTPRcptTo, gomail.ErrSMTPData, gomail.ErrWriteContent, gomail.ErrConnCheck:
		f.Unreachable = f.Code == 0 || f.Code == 421 // the line broke, or the server closes it
	}
	if f.Code >= 500 {
		f.Permanent = true
	}
	return f
}

// codeIn finds the server's code at the beginning of what an error wraps.
func codeIn(err error) int {
	for ; err != nil; err = errors.Unwrap(err) {
		if text := err.Error(); len(text) > 3 && (text[0] == '4' || text[0] == '5') {
			if n, err := strconv.Atoi(text[:3]); err == nil {
				return n
			}
		}
	}
	return 0
}
