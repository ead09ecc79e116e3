// Package egress is the one door for outgoing HTTP: calls to addresses that people typed in, and that may
// point at what only this server can reach.
//
// A Client speaks https only, to port 443 of public addresses only. The address is checked where the
// connection is made, after the name was resolved: a name whose answer changes between a check and the call
// (rebinding) gains nothing. Redirects are not followed, no proxy of the environment is used, a call takes
// Timeout at most and an answer is read up to MaxAnswer.
package egress

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

const (
	// Timeout is how long a call takes at most, from the look-up of the name to the last byte of the answer.
	Timeout = 5 * time.Second
	// MaxAnswer is how much of an answer is read, in bytes.
	MaxAnswer = 64 << 10
	// maxURL is the longest address, in bytes.
	maxURL = 2048
	// longestWait is the longest that a Retry-After is believed.
	longestWait = time.Hour
)

// ErrRefused says that an address is none that may be called.
var ErrRefused = errors.New("this address may not be called")

// ErrTooLong says that the answer was longer than MaxAnswer.
var ErrTooLong = errors.New("the answer is too long")

// Config is what a client is made of. The zero value is the one of the product.
type Config struct {
	// Allow are addresses beyond the public ones, and Roots certificates beyond the system's: what the server of
	// a test stands on.
	Allow []netip.AddrPort
	Roots *x509.CertPool
	// Resolver looks names up; nil is the system's.
	Resolver *net.Resolver
}

// Client makes outgoing calls. It is safe for concurrent use.
type Client struct {
	http  *http.Client
	allow []netip.AddrPort
}

// New makes a client.
func New(c Config) *Client {
	guard := ssrf.New(ssrf.WithPorts(443))
	dialer := &net.Dialer{Timeout: Timeout, Resolver: c.Resolver, Control: func(network, address string, conn syscall.RawConn) error {
		if at, err := netip.ParseAddrPort(address); err == nil {
			for _, a := range c.Allow {
				if at == a {
					return nil
				}
			}
		}
		if err := guard.Safe(network, address, conn); err != nil {
			return fmt.Errorf("%w: %w", ErrRefused, err)
		}
		return nil
	}}
	return &Client{allow: c.Allow, http: &http.Client{
		Timeout: Timeout,
		Transport: &http.Transport{
			Proxy: nil, DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.Roots}, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: Timeout, ResponseHeaderTimeout: Timeout, MaxResponseHeaderBytes: MaxAnswer, DisableCompression: true, DisableKeepAlives: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Answer is what came of a call.
type Answer struct {
	Status int
	Body   []byte
	// RetryAfter is how long the other side asks to be left alone; 0 where it does not say.
	RetryAfter time.Duration
}

// Check says whether an address looks like one that may be called: https, a name or a public address, port
// 443, no user, no password. What the name stands for is checked where the connection is made. ErrRefused.
func Check(address string) error {
	refuse := func(why string) error { return fmt.Errorf("%w: %s", ErrRefused, why) }
	if len(address) > maxURL {
		return refuse("it is too long")
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Opaque != "":
		return refuse("it is no address")
	case u.Scheme != "https":
		return refuse("only https is called")
	case u.User != nil:
		return refuse("it has a user in it")
	case u.Hostname() == "" || strings.ContainsAny(u.Hostname(), "%"):
		return refuse("it names no server")
	case u.Port() != "" && u.Port() != "443":
		return refuse("only port 443 is called")
	}
	return nil
}

// Post sends a body and reads the answer; any status, a redirect too, is an answer. ErrRefused where the
// address may not be called, ErrTooLong where the answer is longer than MaxAnswer. The error of a call that
// may have arrived satisfies Sent.
func (c *Client) Post(ctx context.Context, address, contentType string, body []byte) (Answer, error) {
	if err := Check(address); err != nil {
		return Answer{}, err
	}
	return c.post(ctx, address, contentType, body)
}

// PostHeader is Post with headers of one's own. It also calls the very addresses of Config.Allow, by https.
func (c *Client) PostHeader(ctx context.Context, address string, header http.Header, body []byte) (Answer, error) {
	if err := Check(address); err != nil && !c.allowed(address) {
		return Answer{}, err
	}
	return c.do(ctx, address, header, body)
}

func (c *Client) allowed(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil {
		return false
	}
	at, err := netip.ParseAddrPort(u.Host)
	return err == nil && slices.Contains(c.allow, at)
}

func (c *Client) post(ctx context.Context, address, contentType string, body []byte) (Answer, error) {
	return c.do(ctx, address, http.Header{"Content-Type": {contentType}}, body)
}

func (c *Client) do(ctx context.Context, address string, header http.Header, body []byte) (Answer, error) {
	trace, sent := watch(ctx)
	req, err := http.NewRequestWithContext(trace, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return Answer{}, fmt.Errorf("%w: it is no address", ErrRefused)
	}
	req.GetBody = nil // nothing is sent a second time
	maps.Copy(req.Header, header)
	req.Header.Set("User-Agent", "Fieldreel")
	res, err := c.http.Do(req)
	if err != nil {
		return Answer{}, &callError{strip(err), sent.Load()}
	}
	defer res.Body.Close()
	a := Answer{Status: res.StatusCode, RetryAfter: retryAfter(res.Header.Get("Retry-After"))}
	a.Body, err = io.ReadAll(io.LimitReader(res.Body, MaxAnswer+1))
	switch {
	case err != nil:
		return a, &callError{strip(err), true}
	case len(a.Body) > MaxAnswer:
		return Answer{Status: a.Status}, &callError{ErrTooLong, true}
	}
	return a, nil
}

// callError is what a call failed with, and whether the request had been written by then.
type callError struct {
	error
	sent bool
}

// Unwrap gives the cause.
func (e *callError) Unwrap() error { return e.error }

// Sent says whether the request of a call that failed may have arrived.
func Sent(err error) bool {
	var e *callError
	return errors.As(err, &e) && e.sent
}

// strip takes the address out of an error: those of webhooks are secrets, and errors are logged.
func strip(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// retryAfter reads the header: seconds or a date. What is beyond reason is cut.
func retryAfter(value string) time.Duration {
	n, err := strconv.Atoi(strings.TrimSpace(value))
	if err != nil {
		at, err := http.ParseTime(value)
		if err != nil {
			return 0
		}
		return min(max(0, time.Until(at)), longestWait)
	}
	return time.Duration(min(max(0, n), int(longestWait/time.Second))) * time.Second
}
