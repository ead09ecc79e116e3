package upload

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

const benchSize = 64 << 20

// cpu gives the CPU time of this process so far.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func report(b *testing.B, before time.Duration) {
	b.Helper()
	b.ReportMetric(float64(b.N)*benchSize/(1<<20)/b.Elapsed().Seconds(), "MiB/s")
	b.ReportMetric((cpu(b)-before).Seconds()/float64(b.N)*(1<<30)/benchSize, "cpu-s/GiB")
}

// BenchmarkUpload sends 64 MiB in one PATCH over loopback; the CPU includes the client's.
func BenchmarkUpload(b *testing.B) {
	dir := b.TempDir()
	reg := newRegistry("")
	store, err := Open(Options{Dir: dir, BasePath: testBase, Registry: reg, Space: endless})
	if err != nil {
		b.Fatal(err)
	}
	c, stop := benchServer(store)
	defer stop()
	want := content(90, benchSize)
	b.SetBytes(benchSize)
	before := cpu(b)
	b.ResetTimer()
	for range b.N {
		a, err := c.try("POST", testBase, headers{"Upload-Length": "67108864"}, nil)
		if err != nil || a.status != 201 {
			b.Fatal(a, err)
		}
		path := a.header.Get("Location")
		if a, err = c.try("PATCH", path, patchHeaders(0, nil), bytes.NewReader(want)); err != nil || a.status != 204 {
			b.Fatal(a, err)
		}
		if err := store.Release(b.Context(), idOfPath(path)); err != nil {
			b.Fatal(err)
		}
	}
	report(b, before)
}

// BenchmarkFile is the floor: the same bytes from memory into a file with the same syncs, without network and hash.
func BenchmarkFile(b *testing.B) { benchFile(b, false) }

// BenchmarkFileHashed is the floor with SHA-256.
func BenchmarkFileHashed(b *testing.B) { benchFile(b, true) }

func benchFile(b *testing.B, hashed bool) {
	dir := b.TempDir()
	want := content(90, benchSize)
	b.SetBytes(benchSize)
	before := cpu(b)
	b.ResetTimer()
	for range b.N {
		if err := plainFile(filepath.Join(dir, "f"), want, hashed); err != nil {
			b.Fatal(err)
		}
	}
	report(b, before)
}

func plainFile(path string, want []byte, hashed bool) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	slot, err := os.Create(path + ".slot")
	if err != nil {
		return err
	}
	h := sha256.New()
	for at := 0; at < len(want); at += bufferSize {
		p := want[at:min(at+bufferSize, len(want))]
		if _, err := f.Write(p); err != nil {
			return err
		}
		if hashed {
			h.Write(p)
		}
		if (at+bufferSize)%checkpointBytes == 0 {
			if err := syncData(f); err != nil {
				return err
			}
			if _, err := slot.WriteAt(make([]byte, slotSize), 0); err != nil {
				return err
			}
			if err := syncData(slot); err != nil {
				return err
			}
		}
	}
	return errors.Join(f.Close(), slot.Close(), os.Remove(path), os.Remove(path+".slot"))
}
