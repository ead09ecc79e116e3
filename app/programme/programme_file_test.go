package programme_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/media/disk"
)

const onePager = "%PDF-1.7\n1 0 obj\n"

// stored gives the kit a media store, and says how many objects are in it.
func (k *kit) stored(t *testing.T) (objects func() int) {
	t.Helper()
	store, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	k.programmes.Store, k.programmes.WorkDir = store, t.TempDir()
	return func() int {
		t.Helper()
		n := 0
		for _, err := range store.List(t.Context(), "") {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		return n
	}
}

// send keeps a file for a programme.
func (k *kit) send(t *testing.T, p programme.Programme, name, content string) programme.AttachedFile {
	t.Helper()
	f, err := k.programmes.KeepFile(t.Context(), k.tom, p.ID, ident.New(), name, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// attach makes files all that a programme has attached.
func (k *kit) attach(t *testing.T, p programme.Programme, files ...programme.AttachedFile) programme.Programme {
	t.Helper()
	p, err := k.programmes.Change(t.Context(), k.tom, p.ID, p.Version, func(p *programme.Programme) {
		p.Attachments = nil
		for _, f := range files {
			p.Attachments = append(p.Attachments, programme.Attachment{Title: f.Name, File: programme.AttachedFile{ID: f.ID}})
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (k *kit) sweep(t *testing.T) programme.SweptFiles {
	t.Helper()
	done, err := k.programmes.SweepFiles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func office(t *testing.T, parts ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range parts {
		if _, err := w.Create(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestKeepFile(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		objects := k.stored(t)
		p, ctx := k.draft(t, nil), t.Context()
		id := ident.New()
		f, err := k.programmes.KeepFile(ctx, k.tom, p.ID, id, `C:\Users\Tom\One pager.pdf`, strings.NewReader(onePager))
		if err != nil || f.ID != id || f.Name != "One pager.pdf" || f.Type != "application/pdf" || f.Bytes != int64(len(onePager)) || !f.Shown() || f.LooseSince == nil {
			t.Fatalf("%+v, %v", f, err)
		}
		again, err := k.programmes.KeepFile(ctx, k.tom, p.ID, id, "Another name.pdf", strings.NewReader(onePager))
		if err != nil || again.ObjectID != f.ObjectID || again.Name != f.Name || objects() != 1 {
			t.Errorf("twice is once: %+v, %v, %d objects", again, err, objects())
		}
		_, err = k.programmes.KeepFile(ctx, k.tom, p.ID, id, "x.pdf", strings.NewReader(onePager+"more"))
		apptest.WantCode(t, err, "id_taken", "file_id")
		_, err = k.programmes.KeepFile(ctx, k.tom, k.draft(t, nil).ID, id, "x.pdf", strings.NewReader(onePager))
		apptest.WantCode(t, err, "id_taken", "file_id")
		_, err = k.programmes.KeepFile(ctx, k.tom, p.ID, "1", "x.pdf", strings.NewReader(onePager))
		apptest.WantCode(t, err, "id_invalid", "file_id")
		for content, code := range map[string]string{"": "file_empty", "MZ\x90\x00": "file_type_unfit", office(t, "[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"): "file_macros"} {
			_, err := k.programmes.KeepFile(ctx, k.tom, p.ID, ident.New(), "x.pdf", strings.NewReader(content))
			apptest.WantCode(t, err, code, "file")
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%v", err)
			}
		}
		large := io.MultiReader(strings.NewReader(onePager), io.LimitReader(zeros{}, programme.MaxFileBytes))
		if _, err := k.programmes.KeepFile(ctx, k.tom, p.ID, ident.New(), "x.pdf", large); !fault.Is(err, fault.TooLarge) || fault.CodeOf(err) != "file_too_large" {
			t.Errorf("too large: %v", err)
		}
		_, err = k.programmes.KeepFile(ctx, k.tom, p.ID, ident.New(), "x.pdf", io.MultiReader(strings.NewReader(onePager), broken{}))
		if err == nil || !strings.Contains(err.Error(), "pulled out") {
			t.Errorf("broken off: %v", err)
		}
		k.programmes.Room = func(int64) error { return fault.New(fault.NoSpace, "storage_full", "Full.") }
		if _, err := k.programmes.KeepFile(ctx, k.tom, p.ID, ident.New(), "x.pdf", strings.NewReader(onePager)); !fault.Is(err, fault.NoSpace) {
			t.Errorf("full: %v", err)
		}
		k.programmes.Room = func(int64) error { return nil }
		if left, err := os.ReadDir(k.programmes.WorkDir); err != nil || len(left) != 0 || objects() != 1 {
			t.Errorf("left behind: %v, %v, %d objects", left, err, objects())
		}
		for _, who := range []people.Actor{k.mia, k.ana} {
			if _, err := k.programmes.KeepFile(ctx, who, p.ID, ident.New(), "x.pdf", strings.NewReader(onePager)); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v", who.Name, err)
			}
		}
		opened := k.open(t, nil)
		if _, err := k.programmes.KeepFile(ctx, k.mia, opened.ID, ident.New(), "x.pdf", strings.NewReader(onePager)); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a manager of those in it: %v", err)
		}
		for i := range 39 {
			k.send(t, p, "x.txt", fmt.Sprintf("This is %d.", i))
		}
		_, err = k.programmes.KeepFile(ctx, k.tom, p.ID, ident.New(), "x.pdf", strings.NewReader(onePager))
		apptest.WantCode(t, err, "too_many", "file")
	})
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, fmt.Errorf("the plug was pulled out") }

func TestAttachFiles(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		k.stored(t)
		p := k.draft(t, nil)
		f := k.send(t, p, "One pager.pdf", onePager)
		got := k.attach(t, p, f)
		if len(got.Attachments) != 1 || got.Attachments[0].File.Name != "One pager.pdf" || got.Attachments[0].File.Bytes != f.Bytes || got.Attachments[0].File.LooseSince != nil {
			t.Fatalf("%+v", got.Attachments)
		}
		refuse := func(code, field string, attachments ...programme.Attachment) {
			t.Helper()
			_, err := k.programmes.Change(t.Context(), k.tom, p.ID, got.Version, func(p *programme.Programme) { p.Attachments = attachments })
			apptest.WantCode(t, err, code, field)
		}
		of := func(id string) programme.Attachment {
			return programme.Attachment{Title: "File", File: programme.AttachedFile{ID: id}}
		}
		refuse("file_not_found", "attachments[0].file_id", of(ident.New()))
		refuse("file_not_found", "attachments[0].file_id", of("no id"))
		refuse("file_not_found", "attachments[0].file_id", of(k.send(t, k.draft(t, nil), "x.pdf", onePager).ID)) // another programme's
		refuse("file_twice", "attachments[1].file_id", of(f.ID), of(f.ID))
		refuse("required", "attachments[0].url", programme.Attachment{Title: "Both", URL: "https://example.com", File: programme.AttachedFile{ID: f.ID}})
		var many []programme.Attachment
		for range 11 {
			many = append(many, of(ident.New()))
		}
		refuse("too_many", "attachments[10].file_id", many...)
	})
}

// TestSeeFile: an attached file is for who may see the programme and for who takes part; what is not attached yet,
// or any more, is for who edits it.
func TestSeeFile(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		k.stored(t)
		p := k.open(t, nil)
		f := k.send(t, p, "One pager.pdf", onePager)
		see := func(want bool, what string, persons ...people.Actor) {
			t.Helper()
			for _, who := range persons {
				_, err := k.programmes.File(t.Context(), who, p.ID, f.ID)
				if want && err != nil || !want && fault.CodeOf(err) != fault.CodeOf(fault.Missing("file")) {
					t.Errorf("%s, %s: %v", what, who.Name, err)
				}
			}
		}
		see(true, "sent", k.tom, k.ada)
		see(false, "sent", k.ana, k.mia, k.eve, k.cleo)
		p = k.attach(t, p, f)
		see(true, "attached", k.tom, k.ada, k.ana, k.ben, k.mia, k.eve)
		see(false, "attached", k.cleo, people.Actor{})
		if _, err := k.programmes.File(t.Context(), k.ana, k.open(t, nil).ID, f.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("under another programme: %v", err)
		}
		p, err := k.programmes.Close(t.Context(), k.tom, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		see(true, "closed", k.ana, k.mia)
		if p, err = k.programmes.Launch(t.Context(), k.tom, p.ID); err != nil {
			t.Fatal(err)
		}
		k.unplace(t, k.north, k.ben, people.AsMember)
		k.sync(t, p.ID)
		see(false, "left", k.ben)
		k.attach(t, p)
		see(false, "taken out", k.ana, k.mia)
		see(true, "taken out", k.tom)
	})
}

// TestSweepFiles: what is not attached stays for two days, so that it can be saved late and brought back; bytes
// stay as long as a file of any programme has them.
func TestSweepFiles(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		objects := k.stored(t)
		k.Clock.Advance(time.Since(k.Clock.Now())) // the store has the machine's
		p := k.draft(t, nil)
		never, f := k.send(t, p, "Never attached.txt", "Never."), k.send(t, p, "One pager.pdf", onePager)
		p = k.attach(t, p, f)
		copied, err := k.programmes.Copy(t.Context(), k.tom, p.ID, "")
		if err != nil || len(copied.Attachments) != 1 || copied.Attachments[0].File.ID == f.ID || copied.Attachments[0].File.ObjectID != f.ObjectID || objects() != 2 {
			t.Fatalf("%+v, %v, %d objects", copied.Attachments, err, objects())
		}
		there := func(p programme.Programme, id string) bool {
			t.Helper()
			got, err := k.programmes.File(t.Context(), k.tom, p.ID, id)
			if err == nil {
				_, err = k.programmes.Store.Stat(t.Context(), got.Key())
			}
			if err != nil && !fault.Is(err, fault.NotFound) {
				t.Fatal(err)
			}
			return err == nil
		}
		k.Clock.Advance(47 * time.Hour)
		if done := k.sweep(t); done != (programme.SweptFiles{}) || !there(p, never.ID) {
			t.Errorf("within two days: %+v", done)
		}
		p = k.attach(t, p) // taken out, and brought back a day later
		k.Clock.Advance(24 * time.Hour)
		if done := k.sweep(t); done != (programme.SweptFiles{Files: 1, Objects: 1}) || there(p, never.ID) || !there(p, f.ID) {
			t.Errorf("after two days: %+v", done)
		}
		p = k.attach(t, p, f)
		k.Clock.Advance(72 * time.Hour)
		if done := k.sweep(t); done != (programme.SweptFiles{}) || !there(p, f.ID) {
			t.Errorf("brought back: %+v", done)
		}
		if err := k.programmes.Discard(t.Context(), k.tom, p.ID); err != nil || there(p, f.ID) {
			t.Fatalf("%v; a deleted draft's file is served", err)
		}
		k.Clock.Advance(24 * time.Hour)
		k.sweep(t)
		again, err := k.programmes.Make(t.Context(), k.tom, p.ID, func(anew *programme.Programme) { anew.Name, anew.Attachments = p.Name, p.Attachments })
		if err != nil || !there(again, f.ID) {
			t.Errorf("made anew: %v", err)
		}
		if err := k.programmes.Discard(t.Context(), k.tom, p.ID); err != nil {
			t.Fatal(err)
		}
		k.Clock.Advance(49 * time.Hour)
		if done := k.sweep(t); done != (programme.SweptFiles{Files: 1}) || !there(copied, copied.Attachments[0].File.ID) {
			t.Errorf("the copy has the bytes: %+v", done)
		}
		if err := k.programmes.Discard(t.Context(), k.tom, copied.ID); err != nil {
			t.Fatal(err)
		}
		k.Clock.Advance(49 * time.Hour)
		if done := k.sweep(t); done != (programme.SweptFiles{Files: 1, Objects: 1}) || objects() != 0 {
			t.Errorf("both deleted: %+v, %d objects", done, objects())
		}
	})
}

// TestSweepFilesYoung: bytes whose row is just being written stay.
func TestSweepFilesYoung(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		objects := k.stored(t)
		p := k.draft(t, nil)
		k.send(t, p, "x.pdf", onePager)
		k.Exec(t, `DELETE FROM programme_files`)
		k.Clock.Advance(time.Since(k.Clock.Now())) // the store has the machine's
		if done := k.sweep(t); done.Objects != 0 || objects() != 1 {
			t.Errorf("%+v", done)
		}
		k.Clock.Advance(2 * time.Hour)
		if done := k.sweep(t); done.Objects != 1 || objects() != 0 {
			t.Errorf("%+v", done)
		}
	})
}

func TestVerifyFiles(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		k.stored(t)
		p := k.draft(t, nil)
		whole, gone, cut, other := k.send(t, p, "1.txt", "Whole."), k.send(t, p, "2.txt", "Gone."), k.send(t, p, "3.txt", "Cut short."), k.send(t, p, "4.txt", "Other.")
		k.attach(t, p, whole, gone)
		check := func() []string {
			t.Helper()
			wrong, n, err := programme.VerifyFiles(t.Context(), k.DB, k.programmes.Store)
			if err != nil || n != 4 {
				t.Fatalf("%d files, %v", n, err)
			}
			return wrong
		}
		if wrong := check(); len(wrong) != 0 {
			t.Fatalf("%v", wrong)
		}
		if err := k.programmes.Store.Delete(t.Context(), gone.Key()); err != nil {
			t.Fatal(err)
		}
		for f, now := range map[programme.AttachedFile]string{cut: "Cut", other: "Othar."} {
			if _, err := k.programmes.Store.Put(t.Context(), f.Key(), strings.NewReader(now), -1, media.PutOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		wrong := check()
		slices.Sort(wrong)
		want := []string{"attached file " + gone.ID + ": its bytes are missing", "attached file " + cut.ID + ": its bytes have changed", "attached file " + other.ID + ": its bytes have changed"}
		slices.Sort(want)
		if !slices.Equal(wrong, want) {
			t.Errorf("%q", wrong)
		}
	})
}
