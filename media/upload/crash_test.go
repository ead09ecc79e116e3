package upload

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestReopen abandons the store without closing it, damages what a crash can damage, and goes on.
func TestReopen(t *testing.T) {
	want := content(20, 60_000)
	for _, tc := range []struct {
		name string
		// damage is done with 20,000 and then 40,000 bytes acknowledged.
		damage func(t *testing.T, folder string)
		// offset is where the upload must go on.
		offset int64
	}{
		{"nothing", func(*testing.T, string) {}, 40_000},
		{"bytes behind the offset", func(t *testing.T, folder string) {
			appendTo(t, filepath.Join(folder, dataName), bytes.Repeat([]byte("junk"), 20_000))
		}, 40_000},
		{"newer slot torn", func(t *testing.T, folder string) { tearNewest(t, folder) }, 20_000},
		{"newer slot is garbage, bytes behind", func(t *testing.T, folder string) {
			tearNewest(t, folder)
			appendTo(t, filepath.Join(folder, dataName), []byte("junk"))
		}, 20_000},
		{"both slots garbage", func(t *testing.T, folder string) {
			if err := os.WriteFile(filepath.Join(folder, stateName), content(1, stateSize), 0o600); err != nil {
				t.Fatal(err)
			}
		}, 0},
		{"state cut to nothing", func(t *testing.T, folder string) {
			if err := os.Truncate(filepath.Join(folder, stateName), 0); err != nil {
				t.Fatal(err)
			}
		}, 0},
		{"data shorter than the offset", func(t *testing.T, folder string) {
			if err := os.Truncate(filepath.Join(folder, dataName), 39_999); err != nil {
				t.Fatal(err)
			}
		}, 20_000},
		{"hash state of another Go", func(t *testing.T, folder string) {
			rewriteNewest(t, folder, func(s *state) { s.hash = []byte("sha\x09 of the future") })
		}, 40_000},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := newRig(t, nil)
			c := r.client()
			path := c.create(t, int64(len(want)), "title", "kept")
			c.patch(t, path, 0, want[:20_000], nil)
			c.patch(t, path, 20_000, want[20_000:40_000], nil)
			tc.damage(t, filepath.Join(r.dir, idOfPath(path)))
			r.open(nil)
			if err := r.store.Recover(t.Context()); err != nil {
				t.Fatal(err)
			}
			c = r.client()
			a := c.head(t, path)
			if a.status != 200 || a.offset() != tc.offset || decodeMeta(t, a.header.Get("Upload-Metadata"))["title"] != "kept" {
				t.Fatalf("HEAD: %d %v, want offset %d", a.status, a.header, tc.offset)
			}
			if a := c.patch(t, path, tc.offset, want[tc.offset:], nil); a.status != 204 {
				t.Fatalf("PATCH: %d %s", a.status, a.body)
			}
			r.mustBeDone(path, want)
		})
	}
}

func appendTo(t *testing.T, path string, b []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Write(b)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// rewriteNewest changes the newest record in a state file.
func rewriteNewest(t *testing.T, folder string, change func(*state)) {
	t.Helper()
	path := filepath.Join(folder, stateName)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := decodeState(b, 1<<60)
	if err != nil {
		t.Fatal(err)
	}
	change(&s)
	copy(b[int64(s.sequence%2)*slotStride:], slotBytes(t, s))
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// tearNewest overwrites half of the newest record.
func tearNewest(t *testing.T, folder string) {
	t.Helper()
	path := filepath.Join(folder, stateName)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := decodeState(b, 1<<60)
	if err != nil {
		t.Fatal(err)
	}
	at := int64(s.sequence%2) * slotStride
	copy(b[at+10:at+138], content(2, 128))
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestRecover covers a crash between the last byte and the Registry's commit, and between the commit and our mark.
func TestRecover(t *testing.T) {
	want := content(21, 8000)
	t.Run("before the commit", func(t *testing.T) {
		r := newRig(t, nil)
		path := r.client().create(t, 8000, "sha256", hexSum(want))
		r.reg.failFinish = 1
		r.client().patch(t, path, 0, want, nil)
		r.open(nil)
		if err := r.store.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.mustBeDone(path, want)
	})
	t.Run("after the commit", func(t *testing.T) {
		r := newRig(t, nil)
		path := r.client().create(t, 8000)
		r.client().patch(t, path, 0, want, nil)
		rewriteNewest(t, filepath.Join(r.dir, idOfPath(path)), func(s *state) { s.recorded = false })
		r.open(nil)
		if err := r.store.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.mustBeDone(path, want)
		if n := r.reg.calls[idOfPath(path)]; n != 2 {
			t.Fatalf("%d calls of Finish", n)
		}
	})
	t.Run("after the commit, the sender gives up", func(t *testing.T) {
		r := newRig(t, nil)
		c := r.client()
		path := c.create(t, 8000)
		c.patch(t, path, 0, want, nil)
		rewriteNewest(t, filepath.Join(r.dir, idOfPath(path)), func(s *state) { s.recorded = false })
		if a := c.do(t, "DELETE", path, nil, nil); a.status != 409 || a.code(t) != "upload_finished" {
			t.Fatalf("%d %s", a.status, a.body)
		}
		r.mustBeDone(path, want)
	})
	t.Run("our note is destroyed after the finish", func(t *testing.T) {
		now := time.Now()
		r := newRig(t, func(o *Options) { o.Now = func() time.Time { return now } })
		c := r.client()
		path := c.create(t, 8000, "client_id", "c")
		c.patch(t, path, 0, want, nil)
		if err := os.WriteFile(filepath.Join(r.dir, idOfPath(path), stateName), content(1, stateSize), 0o600); err != nil {
			t.Fatal(err)
		}
		now = now.Add(1000 * time.Hour)
		if n, err := r.store.Sweep(t.Context(), 48*time.Hour); err != nil || n != 0 {
			t.Fatalf("swept %d, %v", n, err)
		}
		if a := c.head(t, path); a.status != 200 || a.offset() != 8000 {
			t.Fatalf("HEAD: %d %v", a.status, a.header)
		}
		h := headers{"Upload-Length": "8000", "Content-Type": chunkType, "Upload-Metadata": meta("client_id", "c")}
		if a := c.do(t, "POST", testBase, h, bytes.NewReader(want)); a.status != 201 || a.offset() != 8000 {
			t.Fatalf("POST: %d %s", a.status, a.body)
		}
		if st, err := r.store.Status(t.Context(), idOfPath(path)); err != nil || !st.Finished || st.SHA256 != hexSum(want) {
			t.Fatalf("%+v %v", st, err)
		}
		r.mustBeDone(path, want)
		if err := r.store.Release(t.Context(), idOfPath(path)); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("registry still away", func(t *testing.T) {
		r := newRig(t, nil)
		path := r.client().create(t, 8000)
		r.reg.failFinish = 2
		r.client().patch(t, path, 0, want, nil)
		r.open(nil)
		if err := r.store.Recover(t.Context()); err == nil {
			t.Fatal("the failure is not reported")
		}
		if err := r.store.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.mustBeDone(path, want)
	})
	t.Run("row is gone", func(t *testing.T) {
		r := newRig(t, nil)
		path := r.client().create(t, 8000)
		r.reg.failFinish = 1
		r.client().patch(t, path, 0, want, nil)
		r.reg.Rows[idOfPath(path)].Terminated = true
		r.open(nil)
		if err := r.store.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

// op is one call to the disk, or a moment at which an offset was acknowledged.
type op struct {
	name  string
	at    int64
	bytes []byte // nil for a sync.
	acked int64  // -1 unless this is an acknowledgement.
}

// recorder notes the order of writes and syncs.
type recorder struct {
	mu  sync.Mutex
	ops []op
}

func (r *recorder) add(o op) { r.mu.Lock(); r.ops = append(r.ops, o); r.mu.Unlock() }

func (r *recorder) disk(sync func(*os.File) error) disk {
	return disk{
		writeAt: func(f *os.File, p []byte, at int64) (int, error) {
			r.add(op{name: filepath.Base(f.Name()), at: at, bytes: bytes.Clone(p), acked: -1})
			return f.WriteAt(p, at)
		},
		sync: func(f *os.File) error {
			if sync == nil {
				return nil // A disk that forgets to sync: the negative control.
			}
			r.add(op{name: filepath.Base(f.Name()), acked: -1})
			return sync(f)
		},
	}
}

// TestPowerCut replays an upload's disk traffic up to every point, loses any of the writes that were not synced (or
// parts of them), and checks that what was acknowledged is still there. The same with syncs left out must fail, or the
// test would be blind.
func TestPowerCut(t *testing.T) {
	want := content(22, 200_000)
	run := func(sync func(*os.File) error) *recorder {
		rec := &recorder{}
		r := newRig(t, nil)
		r.store.spool.disk = rec.disk(sync)
		c := r.client()
		path := c.create(t, int64(len(want)))
		for at := int64(0); at < int64(len(want)); {
			to := min(at+30_000, int64(len(want)))
			a := c.patch(t, path, at, want[at:to], nil)
			if a.status != 204 || a.offset() != to {
				t.Fatalf("PATCH: %d %s", a.status, a.body)
			}
			rec.add(op{acked: to})
			at = to
		}
		return rec
	}
	if lost := powerCuts(t, run(syncData), want); lost > 0 {
		t.Fatalf("%d power cuts lost acknowledged bytes", lost)
	}
	if lost := powerCuts(t, run(nil), want); lost == 0 {
		t.Fatal("without syncs nothing is lost either: the test sees nothing")
	}
}

// powerCuts counts the crashes after which an acknowledged offset is not backed by the right bytes and hash.
func powerCuts(t *testing.T, rec *recorder, want []byte) (lost int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, 4))
	dir := t.TempDir()
	sp := &spool{dir: dir}
	info, err := json.Marshal(facts{ID: "u", Length: int64(len(want))})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Mkdir(sp.path("u"), 0o700), os.WriteFile(sp.path("u", infoName), info, 0o600)); err != nil {
		t.Fatal(err)
	}
	for cut := range len(rec.ops) + 1 {
		for range 6 {
			files := map[string][]byte{dataName: nil, stateName: make([]byte, stateSize)}
			copy(files[stateName], slotBytes(t, state{length: int64(len(want))}))
			var acked int64
			for i, o := range rec.ops[:cut] {
				acked = max(acked, o.acked)
				if o.bytes == nil {
					continue
				}
				b := o.bytes
				if !syncedAfter(rec.ops[i:cut], o.name) {
					switch rng.IntN(3) {
					case 0:
						continue
					case 1:
						b = b[:rng.IntN(len(b)+1)]
					}
				}
				files[o.name] = overlay(files[o.name], b, o.at)
			}
			for name, b := range files {
				if err := os.WriteFile(sp.path("u", name), b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			snap, err := sp.load("u")
			if err != nil {
				t.Fatal(err)
			}
			n := snap.state.offset
			h, err := (&session{snapshot: snap}).hasher()
			if err != nil || snap.mended || n < acked || !bytes.Equal(files[dataName][:n], want[:n]) || fmt.Sprintf("%x", h.Sum(nil)) != hexSum(want[:n]) {
				lost++
			}
		}
	}
	return lost
}

func syncedAfter(ops []op, name string) bool {
	for _, o := range ops {
		if o.bytes == nil && o.acked < 0 && o.name == name {
			return true
		}
	}
	return false
}

func overlay(file, b []byte, at int64) []byte {
	if need := int(at) + len(b); need > len(file) {
		file = append(file, make([]byte, need-len(file))...)
	}
	copy(file[at:], b)
	return file
}

// TestDiskFails makes each call to the disk fail in turn, once: the sender asks where to go on, goes on, and nothing
// that was acknowledged may be missing.
func TestDiskFails(t *testing.T) {
	want := content(23, 100_000)
	for _, fault := range []error{syscall.EIO, syscall.ENOSPC} {
		for nth := 1; ; nth++ {
			calls, failed := 0, false
			count := func() error {
				if calls++; calls == nth {
					failed = true
					return fault
				}
				return nil
			}
			r := newRig(t, nil)
			r.store.spool.disk = disk{
				writeAt: func(f *os.File, p []byte, at int64) (int, error) {
					if err := count(); err != nil {
						n, _ := f.WriteAt(p[:len(p)/2], at)
						return n, err
					}
					return f.WriteAt(p, at)
				},
				sync: func(f *os.File) error {
					if err := count(); err != nil {
						return err
					}
					return syncData(f)
				},
			}
			c := r.client()
			path := c.create(t, int64(len(want)))
			var acked int64
			for try := 0; r.reg.done(idOfPath(path)) == nil; try++ {
				if try > 20 {
					t.Fatalf("%v at call %d: no end", fault, nth)
				}
				a := c.head(t, path)
				if a.status != 200 || a.offset() < acked {
					t.Fatalf("%v at call %d: HEAD %d %v, acknowledged %d", fault, nth, a.status, a.header, acked)
				}
				at := a.offset()
				to := min(at+40_000, int64(len(want)))
				a = c.patch(t, path, at, want[at:to], nil)
				switch {
				case a.status == 204:
					acked = a.offset()
				case errors.Is(fault, syscall.ENOSPC) && (a.status != 507 || a.code(t) != "upload_no_space"),
					errors.Is(fault, syscall.EIO) && (a.status != 500 || a.code(t) != "internal_error"):
					t.Fatalf("%v at call %d: %d %s", fault, nth, a.status, a.body)
				}
			}
			r.mustBeDone(path, want)
			if !failed {
				if nth < 8 {
					t.Fatalf("only %d calls to the disk", nth)
				}
				break
			}
		}
	}
}

// TestFullDiskKeepsWhatFits fills the disk in the middle of a body.
func TestFullDiskKeepsWhatFits(t *testing.T) {
	r := newRig(t, nil)
	want := content(24, 1<<20)
	const room = 300_000
	full := true
	r.store.spool.disk.writeAt = func(f *os.File, p []byte, at int64) (int, error) {
		if full && at+int64(len(p)) > room && filepath.Base(f.Name()) == dataName {
			n, _ := f.WriteAt(p[:max(room-at, 0)], at)
			return n, syscall.ENOSPC
		}
		return f.WriteAt(p, at)
	}
	c := r.client()
	path := c.create(t, int64(len(want)))
	if a := c.patch(t, path, 0, want, nil); a.status != 507 || a.code(t) != "upload_no_space" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if got := c.head(t, path).offset(); got != room {
		t.Fatalf("offset %d, want %d", got, room)
	}
	full = false
	if a := c.patch(t, path, room, want[room:], nil); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	r.mustBeDone(path, want)
}

// TestCreationFails makes a folder that cannot be renamed into place.
func TestCreationFails(t *testing.T) {
	r := newRig(t, nil)
	c := r.client()
	// A file where the folder should go.
	if err := os.WriteFile(filepath.Join(r.dir, "019a-0001"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	a := c.do(t, "POST", testBase, headers{"Upload-Length": "5"}, nil)
	if a.status != 500 || strings.Contains(a.body, r.dir) {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if !r.reg.Rows["019a-0001"].Terminated {
		t.Fatal("a row without a folder stays behind")
	}
}

func TestRowWithoutFolder(t *testing.T) {
	r := newRig(t, nil)
	c := r.client()
	n := int64(5)
	created, err := r.reg.Create(context.Background(), NewUpload{Owner: "ann", ClientID: "c", Length: &n})
	if err != nil {
		t.Fatal(err)
	}
	if a := c.head(t, testBase+"/"+created.ID); a.status != 404 {
		t.Fatalf("HEAD: %d", a.status)
	}
	path := c.create(t, 5, "client_id", "c")
	if idOfPath(path) != created.ID {
		t.Fatal("another upload was made")
	}
	c.patch(t, path, 0, []byte("hello"), nil)
	r.mustBeDone(path, []byte("hello"))
}
