package digest

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"

	"github.com/fieldreel/fieldreel/app/people"
)

// sealPurpose names the keys that webhooks' addresses, and what browsers gave, are sealed with.
const sealPurpose = "webhook"

// once keeps keys of the installation in memory: they are made once and do not change, and asking for them writes
// to the database. What failed is tried again.
type once[T any] struct {
	mu   sync.Mutex
	kept *T
}

func (o *once[T]) get(load func() (T, error)) (T, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.kept == nil {
		v, err := load()
		if err != nil {
			return v, err
		}
		o.kept = &v
	}
	return *o.kept, nil
}

func (s *Service) sealKeys(ctx context.Context) ([]people.SigningKey, error) {
	return s.sealed.get(func() ([]people.SigningKey, error) { return s.People.SigningKeys(ctx, sealPurpose) })
}

// seal makes an address unreadable but for who holds the key, and binds it to its owner: it is of no use in
// another person's row. The keys stand in the database too, so this protects what is read over a shoulder, in
// a log of queries or in a copy of one table, and not a copy of the whole.
func (s *Service) seal(ctx context.Context, person, address string) (string, error) {
	keys, err := s.People.SigningKeys(ctx, sealPurpose)
	if err != nil {
		return "", err
	}
	gcm, err := cipherOf(keys[0].Secret)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, gcm.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return "", fmt.Errorf("random nonce: %w", err)
	}
	return keys[0].ID + "." + base64.RawStdEncoding.EncodeToString(gcm.Seal(nonce, nonce, []byte(address), []byte(person))), nil
}

var errSealed = errors.New("the address cannot be read any more; it must be given again")

// unseal gives the address back, to send to it.
func (s *Service) unseal(ctx context.Context, person, sealed string) (string, error) {
	keys, err := s.sealKeys(ctx)
	if err != nil {
		return "", err
	}
	for _, k := range keys {
		if len(sealed) <= len(k.ID) || sealed[:len(k.ID)+1] != k.ID+"." {
			continue
		}
		raw, err := base64.RawStdEncoding.DecodeString(sealed[len(k.ID)+1:])
		if err != nil {
			return "", errSealed
		}
		gcm, err := cipherOf(k.Secret)
		if err != nil {
			return "", err
		}
		if len(raw) < gcm.NonceSize() {
			return "", errSealed
		}
		plain, err := gcm.Open(nil, raw[:gcm.NonceSize()], raw[gcm.NonceSize():], []byte(person))
		if err != nil {
			return "", errSealed
		}
		return string(plain), nil
	}
	return "", errSealed
}

func cipherOf(secret []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
