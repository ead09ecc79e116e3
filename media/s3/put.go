package s3

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/fieldreel/fieldreel/media"
)

const (
	// Bodies up to this size go out in one request, from memory: so that their size is known to be right before anything
	// is sent, and a request can be repeated. Larger ones go in parts of this size, for the same reasons.
	partSize = 8 << 20
	// partsAtOnce bounds the memory of one Put to partsAtOnce+1 parts. Two keep the line busy while the next is read.
	partsAtOnce = 2
	// S3 allows 10,000 parts, so a body of unknown size must go in parts that suit the largest one: 16 MiB allow 156 GiB.
	unknownPartSize = 16 << 20
	maxParts        = 10_000
)

// Put implements [media.Store]. Bodies over 8 MiB are sent in parts and become visible when the last one has arrived.
func (s *Store) Put(ctx context.Context, key media.Key, r io.Reader, size int64, opts media.PutOptions) (media.Info, error) {
	if err := media.CheckPut(ctx, key, size); err != nil {
		return media.Info{}, err
	}
	body := media.NewBodyReader(ctx, r, size)
	info, err := s.put(ctx, key, body, size, opts.TypeFor(key))
	if bodyErr := body.Err(); bodyErr != nil {
		err = bodyErr
	}
	if err != nil {
		return media.Info{}, fmt.Errorf("put %s: %w", key, mapError(ctx, err))
	}
	return info, nil
}

// PutFile implements [media.Store].
func (s *Store) PutFile(ctx context.Context, key media.Key, path string, opts media.PutOptions) (_ media.Info, err error) {
	if err := media.CheckPut(ctx, key, -1); err != nil {
		return media.Info{}, err
	}
	f, fi, err := media.OpenSource(path)
	if err != nil {
		return media.Info{}, fmt.Errorf("put %s: %w", key, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return s.Put(ctx, key, f, fi.Size(), opts)
}

func (s *Store) put(ctx context.Context, key media.Key, body *media.BodyReader, size int64, contentType string) (media.Info, error) {
	// The head is the whole body, if that is small.
	var head bytes.Buffer
	if size >= 0 && size <= partSize {
		head.Grow(int(size) + bytes.MinRead)
	}
	if size <= partSize {
		_, err := io.CopyN(&head, body, partSize+1)
		if errors.Is(err, io.EOF) && body.Err() == nil { // A body that failed with an EOF of its own has not ended.
			up, err := s.putBytes(ctx, key.StoredName(), head.Bytes(), contentType)
			if err != nil {
				return media.Info{}, err
			}
			return s.verify(ctx, key, up.ETag, int64(head.Len()), contentType)
		}
		if err != nil {
			return media.Info{}, err
		}
	}
	// The client must see neither ReadAt nor Seek nor Close of what is behind the reader: it would use them.
	up, err := s.core.Client.PutObject(ctx, s.bucket, key.StoredName(), io.MultiReader(&head, body), -1, minio.PutObjectOptions{
		ContentType:           contentType,
		PartSize:              partSizeFor(size),
		ConcurrentStreamParts: true,
		NumThreads:            partsAtOnce,
	})
	if err != nil {
		return media.Info{}, err
	}
	return s.verify(ctx, key, up.ETag, body.N(), contentType)
}

// partSizeFor gives the size of a part for a body of the given size, -1 if unknown.
func partSizeFor(size int64) uint64 {
	if size < 0 {
		return unknownPartSize
	}
	part := uint64(partSize)
	for part*maxParts < uint64(size) {
		part *= 2
	}
	return part
}

// putBytes stores a body that is in memory, in one request. Its checksum goes in the header and not behind the body,
// where the client would get it wrong on a repeated request.
func (s *Store) putBytes(ctx context.Context, name string, data []byte, contentType string) (minio.UploadInfo, error) {
	sum := binary.BigEndian.AppendUint32(nil, crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)))
	return s.core.Client.PutObject(ctx, s.bucket, name, bytes.NewReader(data), int64(len(data)), minio.PutObjectOptions{
		ContentType:      contentType,
		DisableMultipart: true,
		UserMetadata:     map[string]string{"x-amz-checksum-crc32c": base64.StdEncoding.EncodeToString(sum)},
	})
}

// verify looks at what the server made of a Put that it acknowledged.
func (s *Store) verify(ctx context.Context, key media.Key, etag string, size int64, contentType string) (media.Info, error) {
	info, err := s.statSoon(ctx, key)
	if err != nil {
		return media.Info{}, fmt.Errorf("verify: %w", err)
	}
	if info.ETag != etag {
		// Another Put has replaced the object since. Ours was complete when the server took it.
		return media.Info{Key: key, Size: size, ModTime: info.ModTime, ContentType: contentType, ETag: etag}, nil
	}
	if info.Size != size {
		err := fmt.Errorf("verify: the server stored %d of %d bytes: %w", info.Size, size, io.ErrUnexpectedEOF)
		rmErr := s.core.RemoveObject(context.WithoutCancel(ctx), s.bucket, key.StoredName(), minio.RemoveObjectOptions{})
		return media.Info{}, errors.Join(err, rmErr)
	}
	return info, nil
}

// statSoon is Stat that bears with a server on which a new object can be seen only after a moment.
func (s *Store) statSoon(ctx context.Context, key media.Key) (media.Info, error) {
	wait := 50 * time.Millisecond
	for {
		info, err := s.Stat(ctx, key)
		if !errors.Is(err, media.ErrNotFound) || wait > time.Second {
			return info, err
		}
		select {
		case <-ctx.Done():
			return media.Info{}, ctx.Err()
		case <-time.After(wait):
			wait *= 2
		}
	}
}

// Copy implements [media.Store], within the server. S3 copies at most 5 GiB at once, which is more than this product
// takes as one video; a larger object fails with the server's error.
func (s *Store) Copy(ctx context.Context, src, dst media.Key) (media.Info, error) {
	if err := errors.Join(src.Validate(), dst.Validate()); err != nil {
		return media.Info{}, err
	}
	from, err := s.Stat(ctx, src)
	if err != nil || src == dst {
		return from, err
	}
	up, err := s.core.Client.CopyObject(ctx,
		minio.CopyDestOptions{Bucket: s.bucket, Object: dst.StoredName()},
		// If the source is replaced meanwhile this fails, rather than report the size of one and store the other.
		minio.CopySrcOptions{Bucket: s.bucket, Object: src.StoredName(), MatchETag: from.ETag})
	if err != nil {
		return media.Info{}, fmt.Errorf("copy %s to %s: %w", src, dst, mapError(ctx, err))
	}
	info, err := s.verify(ctx, dst, up.ETag, from.Size, from.ContentType)
	if err != nil {
		return media.Info{}, fmt.Errorf("copy %s to %s: %w", src, dst, err)
	}
	return info, nil
}
