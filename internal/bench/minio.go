package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

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
