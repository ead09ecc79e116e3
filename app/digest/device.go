package digest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/internal/webpush"
	"github.com/fieldreel/fieldreel/app/people"
)

const (
	// MostDevices is how many browsers of one person may show messages.
	MostDevices = 10
	// maxUserAgent is how much of what a browser calls itself is kept, in bytes.
	maxUserAgent = 200
	// maxEndpoint is the longest address at a push service, in bytes.
	maxEndpoint = 1024
)

// PushService is who brings messages to browsers, and where: Hosts are its servers, one that begins with a dot
// stands for those below it.
type PushService struct {
	Name  string
	Hosts []string
}

// pushServices are those of the browsers. Nothing else is called: what a browser says must not become a way to
// make this server call any address.
//
//nolint:gochecknoglobals // a constant table
var pushServices = []PushService{
	{"google", []string{"fcm.googleapis.com", "jmt17.google.com"}}, // Chrome, Edge on Android, Opera, Brave, Samsung
	{"mozilla", []string{".push.services.mozilla.com"}},
	{"apple", []string{".push.apple.com"}},
	{"microsoft", []string{".notify.windows.com"}},
}

// Device is a browser that shows its owner's messages.
type Device struct {
	ID string
	// PersonID is the owner, SessionID the session it was last used with (as in people.Actor.Session).
	PersonID, SessionID string
	// AuthEpoch is the owner's when they subscribed; a later one has ended it, as it has ended their sessions.
	AuthEpoch int64
	// EndpointSum names its address, and Sealed holds that and its keys.
	EndpointSum, Sealed string
	// Service is the name of its PushService.
	Service string
	// UserAgent is what the browser called itself.
	UserAgent string
	CreatedAt time.Time
	// SentAt is when its push service last took a message.
	SentAt *time.Time
}

// Push is what somebody has of messages to their browsers.
type Push struct {
	// Key is what a browser subscribes to; empty where this installation calls no push services.
	Key     string
	Devices []Device
	// Here is the device of the session that asks; empty for none.
	Here string
}

// NewDevice is a browser that subscribed.
type NewDevice struct {
	// Endpoint is its address at its maker's push service, P256DH its public key, Auth its secret; the keys in base64url.
	Endpoint, P256DH, Auth string
	UserAgent              string
	// Renew keeps a device that is the actor's, and takes one that is another's out: the browser has changed hands,
	// and its new owner has not asked for messages.
	Renew bool
}

func (n NewDevice) browser() webpush.Browser {
	return webpush.Browser{Endpoint: n.Endpoint, P256DH: n.P256DH, Auth: n.Auth}
}

// PushOf gives the key to subscribe to and the actor's devices, the newest first.
func (s *Service) PushOf(ctx context.Context, a people.Actor) (Push, error) {
	if !Can(a, OwnReminders) {
		return Push{}, fault.Denied("Only a person can do this.")
	}
	var p Push
	if s.Push != nil {
		k, err := s.pushKeys(ctx)
		if err != nil {
			return p, err
		}
		p.Key = k.Public
	}
	var err error
	if p.Devices, err = devicesOf(s.DB.Read(ctx), a.PersonID); err != nil {
		return p, err
	}
	for _, d := range p.Devices {
		if d.SessionID == a.Session {
			p.Here = d.ID
		}
	}
	return p, nil
}

// Subscribe has a browser show the actor's messages from now on; it is no one else's any more, and the session
// has no other. Errors: Conflict push_off, devices_many; Invalid endpoint_invalid, key_invalid with the field.
func (s *Service) Subscribe(ctx context.Context, a people.Actor, n NewDevice) (Push, error) {
	if !Can(a, OwnReminders) {
		return Push{}, fault.Denied("Only a person can do this.")
	}
	if s.Push == nil {
		return Push{}, fault.New(fault.Conflict, "push_off", "This installation calls no push services. Ask an admin to allow it.")
	}
	service, err := s.checkDevice(n)
	if err != nil {
		return Push{}, err
	}
	plain, err := json.Marshal(n.browser())
	if err != nil {
		return Push{}, err
	}
	sealed, err := s.seal(ctx, a.PersonID, string(plain)) // before the transaction, which it would not be part of
	if err != nil {
		return Push{}, err
	}
	d := Device{PersonID: a.PersonID, SessionID: a.Session, EndpointSum: sumOf(n.Endpoint), Sealed: sealed, Service: service, UserAgent: cutBytes(n.UserAgent, maxUserAgent)}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := holdPerson(tx, a.PersonID); err != nil {
			return err
		}
		return s.keepDevice(tx, d, n.Renew)
	})
	if err != nil {
		return Push{}, err
	}
	return s.PushOf(ctx, a)
}

func (s *Service) keepDevice(tx *db.Tx, d Device, renew bool) error {
	epoch, err := authEpoch(tx.Gorm(), d.PersonID)
	if err != nil {
		return err
	}
	d.AuthEpoch = epoch
	had, found, err := deviceAt(tx.Gorm(), d.EndpointSum)
	if err != nil {
		return err
	}
	mine := found && had.PersonID == d.PersonID
	if found && !mine {
		if err := removeDevice(tx, had.ID); err != nil {
			return err
		}
	}
	if renew && !mine {
		return nil
	}
	// What the session had before, and what signing out everywhere has ended, is no device any more.
	if err := removeOthers(tx, d); err != nil {
		return err
	}
	if mine {
		d.ID, d.CreatedAt, d.SentAt = had.ID, had.CreatedAt, had.SentAt
		return updateDevice(tx, d)
	}
	n, err := countDevices(tx.Gorm(), d.PersonID)
	if err != nil {
		return err
	}
	if n >= MostDevices {
		return fault.New(fault.Conflict, "devices_many", "You have messages on ten devices. Take one out first.")
	}
	d.ID, d.CreatedAt = ident.New(), tx.Now
	return insertDevice(tx, d)
}

// checkDevice says what is wrong with what a browser gave, and whose push service it uses.
func (s *Service) checkDevice(n NewDevice) (string, error) {
	refuse := fault.InvalidField("endpoint", "endpoint_invalid", "This is no address of a browser's push service.")
	if len(n.Endpoint) > maxEndpoint || !utf8.ValidString(n.Endpoint) {
		return "", refuse
	}
	service, ok := s.serviceAt(n.Endpoint)
	if !ok {
		return "", refuse
	}
	if err := n.browser().Check(); err != nil {
		field := "keys.p256dh"
		if errors.Is(err, webpush.ErrAuth) {
			field = "keys.auth"
		}
		return "", fault.InvalidField(field, "key_invalid", "This is no key of a browser.")
	}
	return service, nil
}

// serviceAt gives the push service of an address; false where it is none's. Whether the address may be called
// is checked where it is.
func (s *Service) serviceAt(endpoint string) (string, bool) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "https" || u.User != nil || strings.Trim(u.Path, "/") == "" {
		return "", false
	}
	host := strings.TrimSuffix(strings.ToLower(u.Host), ":443")
	for _, p := range s.PushServices {
		if slices.ContainsFunc(p.Hosts, func(h string) bool { return host == h || (strings.HasPrefix(h, ".") && strings.HasSuffix(host, h)) }) {
			return p.Name, true
		}
	}
	return "", false
}

// RemoveDevice takes one of the actor's devices out. NotFound.
func (s *Service) RemoveDevice(ctx context.Context, a people.Actor, id string) error {
	if !Can(a, OwnReminders) {
		return fault.Denied("Only a person can do this.")
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		d, found, err := deviceByID(tx.Gorm(), id)
		if err != nil {
			return err
		}
		if !found || d.PersonID != a.PersonID {
			return fault.Missing("device")
		}
		return removeDevice(tx, id)
	})
}

// SignedOut takes out the devices of a session that its owner ends, or of all but one of them; it is a
// people.SignedOutFunc.
func (s *Service) SignedOut(tx *db.Tx, person, ended, kept string) error {
	return removeSignedOut(tx, person, ended, kept)
}

// pushKeys gives the installation's pair of keys; the first call makes it. All nodes share it.
func (s *Service) pushKeys(ctx context.Context) (webpush.Keys, error) {
	return s.pushed.get(func() (webpush.Keys, error) { return s.loadPushKeys(ctx) })
}

func (s *Service) loadPushKeys(ctx context.Context) (webpush.Keys, error) {
	sealed, found, err := loadPushKeys(s.DB.Read(ctx))
	if err != nil {
		return webpush.Keys{}, err
	}
	if !found {
		if sealed, err = s.makePushKeys(ctx); err != nil {
			return webpush.Keys{}, err
		}
	}
	private, err := s.unseal(ctx, pushOwner, sealed)
	if err != nil {
		return webpush.Keys{}, err
	}
	k, err := webpush.ParseKeys(private)
	k.Contact = s.PushContact
	return k, err
}

// pushOwner is whom the sealed private key is bound to; it is no person's id.
const pushOwner = "push"

func (s *Service) makePushKeys(ctx context.Context) (sealed string, err error) {
	k, err := webpush.NewKeys()
	if err != nil {
		return "", err
	}
	private, err := k.Private()
	if err != nil {
		return "", err
	}
	if sealed, err = s.seal(ctx, pushOwner, private); err != nil {
		return "", err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := insertPushKeys(tx, sealed); err != nil {
			return err
		}
		// Another node's may have come first.
		sealed, _, err = loadPushKeys(tx.Gorm())
		return err
	})
	return sealed, err
}

func sumOf(endpoint string) string {
	sum := sha256.Sum256([]byte(endpoint))
	return hex.EncodeToString(sum[:])
}

// cutBytes keeps a text within so many bytes, and storable.
func cutBytes(s string, most int) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
	return strings.ToValidUTF8(s[:min(len(s), most)], "")
}
