package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// The peers that are Go run in a process of their own, this program started again, so that their CPU time can be told from
// the client's.
const (
	peerFiles  = "peer-files"  // http.FileServer over a folder
	peerAnswer = "peer-answer" // one constant answer
)

// peerOf says whether this process was started as a peer.
func peerOf(args []string) (func() error, bool) {
	if len(args) != 3 {
		return nil, false
	}
	switch args[1] {
	case peerFiles:
		return func() error { return servePeer(http.FileServer(http.Dir(args[2]))) }, true
	case peerAnswer:
		return func() error {
			body, err := os.ReadFile(args[2])
			if err != nil {
				return err
			}
			return servePeer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write(body) // a client that has gone needs no answer
			}))
		}, true
	}
	return nil, false
}

const addressLine = "listening on "

func servePeer(h http.Handler) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(addressLine + "http://" + l.Addr().String())
	return http.Serve(l, h) //nolint:gosec // a peer on loopback, for the length of a measurement
}

// peer starts one.
func peer(ctx context.Context, kind, argument string) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	address := make(chan string, 1)
	p, err := start(command(ctx, self, kind, argument), func(line string) {
		if url, ok := strings.CutPrefix(line, addressLine); ok {
			address <- url
		}
	})
	if err != nil {
		return nil, err
	}
	select {
	case url := <-address:
		return &server{process: p, url: url}, nil
	case <-p.exited:
		return nil, p.failed()
	}
}

// bucket is a MinIO server with one bucket.
type bucket struct {
	*process
	client *minio.Client
	done   func()
}

const bucketName = "bench"

// minio starts one, on loopback and on the same disk as everything else.
func (k *kit) minio(ctx context.Context) (*bucket, error) {
	program, err := k.program("minio")
	if err != nil {
		return nil, err
	}
	dir, done, err := k.folder("minio")
	if err != nil {
		return nil, err
	}
	addr, err := freeAddr()
	if err != nil {
		done()
		return nil, err
	}
	user, secret := rand.Text(), rand.Text()
	cmd := command(ctx, program, "server", filepath.Join(dir, "data"), "--address", addr, "--certs-dir", filepath.Join(dir, "certs"), "--quiet")
	cmd.Env = append(cmd.Env, "MINIO_ROOT_USER="+user, "MINIO_ROOT_PASSWORD="+secret, "MINIO_BROWSER=off",
		"MINIO_UPDATE=off", // no look for newer versions on the net
		"MINIO_CI_CD=on")   // accept a folder on the system's own disk
	p, err := start(cmd, nil)
	if err != nil {
		done()
		return nil, err
	}
	b := &bucket{process: p, done: done}
	b.client, err = minio.New(addr, &minio.Options{Creds: credentials.NewStaticV4(user, secret, ""), Region: "us-east-1"})
	if err == nil {
		err = b.ready(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, b.stop())
	}
	return b, nil
}

// ready waits until the bucket could be made.
func (b *bucket) ready(ctx context.Context) error {
	var last error
	err := await(ctx, "MinIO", 100*time.Millisecond, func() (bool, error) {
		select {
		case <-b.exited:
			return false, b.failed()
		default:
		}
		last = b.client.MakeBucket(ctx, bucketName, minio.MakeBucketOptions{Region: "us-east-1"})
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("%w: %w", err, last)
	}
	return nil
}

func (b *bucket) stop() error {
	defer b.done()
	return b.end()
}

// freeAddr finds a free port for a program that cannot choose one itself. Another process may be faster; then it fails to
// start, and says so.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	addr := l.Addr().String()
	return addr, l.Close()
}
