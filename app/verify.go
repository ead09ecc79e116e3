package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
	"github.com/fieldreel/fieldreel/app/video"
	"github.com/fieldreel/fieldreel/media"
	"github.com/fieldreel/fieldreel/search"
)

// Verify checks what was promised: each recording's bytes are those that were acknowledged, files and
// rows belong to each other, attached files and spoken notes have their bytes, the index says what the
// database says, what was decided about people hangs together, and the audit trail is whole. It reports to out, and says how many things are wrong.
func (a *App) Verify(ctx context.Context, out io.Writer) (int, error) {
	wrong := 0
	say := func(format string, args ...any) {
		wrong++
		fmt.Fprintf(out, format+"\n", args...)
	}
	videos := map[string]bool{}
	for v, err := range a.Videos.All(ctx) {
		if err != nil {
			return wrong, err
		}
		videos[v.ID] = true
		if err := a.verifyVideo(ctx, v, say); err != nil {
			return wrong, err
		}
	}
	for info, err := range a.Store.List(ctx, "v/") {
		if err != nil {
			return wrong, fmt.Errorf("list the media store: %w", err)
		}
		if parts := strings.Split(string(info.Key), "/"); len(parts) < 2 || !videos[parts[1]] {
			say("%s belongs to no video", info.Key)
		}
	}
	lib, err := a.OpenIndex()
	switch {
	case errors.Is(err, search.ErrLocked):
		fmt.Fprintln(out, "The search index was not checked: the server is using it.")
	case err != nil:
		return wrong, err
	default:
		differences, err := lib.Verify(ctx)
		if err != nil {
			return wrong, err
		}
		for _, d := range differences {
			say("video %s %s", d.VideoID, d.What)
		}
	}
	files, voices, err := a.verifyFiles(ctx, say)
	if err != nil {
		return wrong, err
	}
	fmt.Fprintf(out, "%d attached files and %d spoken notes checked.\n", files, voices)
	entries, err := a.verifyDecisions(ctx, say)
	if err != nil {
		return wrong, err
	}
	fmt.Fprintf(out, "%d entries of the audit trail checked.\n", entries)
	fmt.Fprintf(out, "%d videos checked, %d things wrong.\n", len(videos), wrong)
	return wrong, nil
}

// verifyFiles checks that what was attached to programmes, and said in reviews, has its bytes; it says how much
// there is of each.
func (a *App) verifyFiles(ctx context.Context, say func(string, ...any)) (files, voices int, err error) {
	lost, files, err := programme.VerifyFiles(ctx, a.DB, a.Store)
	if err != nil {
		return files, 0, err
	}
	mute, voices, err := review.VerifyVoices(ctx, a.DB, a.Store)
	if err != nil {
		return files, voices, err
	}
	for _, what := range slices.Concat(lost, mute) {
		say("%s", what)
	}
	return files, voices, nil
}

// verifyDecisions checks what was decided about people, and that the trail of it is whole; it says how many
// entries that has.
func (a *App) verifyDecisions(ctx context.Context, say func(string, ...any)) (int64, error) {
	found, err := programme.Verify(ctx, a.DB)
	if err != nil {
		return 0, err
	}
	for _, what := range found {
		say("%s", what)
	}
	entries, err := audit.Verify(ctx, a.DB)
	if err != nil && ctx.Err() == nil {
		say("%s", err)
		err = nil
	}
	return entries, err
}

func (a *App) verifyVideo(ctx context.Context, v video.Video, say func(string, ...any)) error {
	has := map[string]bool{}
	for info, err := range a.Store.List(ctx, video.Prefix(v.ID)) {
		if err != nil {
			return fmt.Errorf("list the media store: %w", err)
		}
		has[info.Key.Base()] = true
	}
	want := map[string]bool{}
	for _, name := range v.Files() {
		want[name] = true
	}
	// What these refer to must be there, too.
	for _, name := range v.Files() {
		if !has[name] || (path.Ext(name) != ".m3u8" && path.Ext(name) != ".vtt") {
			continue
		}
		if err := a.references(ctx, v.ID, name, want); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if !has[name] {
			say("video %s: %s is missing", v.ID, name)
		}
	}
	if v.State == video.Ready || v.State == video.Failed { // else a job may just be putting it there
		for _, name := range slices.Sorted(maps.Keys(has)) {
			if !want[name] {
				say("video %s: %s belongs to nothing", v.ID, name)
			}
		}
	}
	if !v.Media.Original || !has[video.OriginalKey(v.ID).Base()] {
		return nil
	}
	return a.verifyOriginal(ctx, v, say)
}

// maxPlaylist bounds what is read of a playlist: an hour in pieces of four seconds is 100 KiB.
const maxPlaylist = 4 << 20

// uriAttribute finds the files that a playlist names beside those on lines of their own.
var uriAttribute = regexp.MustCompile(`URI="([^"]+)"`)

// references adds to want what a playlist or a storyboard of ours refers to, and what that refers to.
func (a *App) references(ctx context.Context, id, name string, want map[string]bool) error {
	body, _, err := a.Store.OpenRange(ctx, video.Key(id, name), 0, -1)
	if errors.Is(err, media.ErrNotFound) {
		return nil // said by the caller
	}
	if err != nil {
		return err
	}
	text, err := io.ReadAll(io.LimitReader(body, maxPlaylist))
	if err := errors.Join(err, body.Close()); err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		file := ""
		switch {
		case path.Ext(name) == ".vtt":
			if sheet, _, ok := strings.Cut(line, "#xywh="); ok {
				file = sheet
			}
		case strings.HasPrefix(line, "#"):
			if m := uriAttribute.FindStringSubmatch(line); m != nil {
				file = m[1]
			}
		default:
			file = line
		}
		if file == "" || want[file] || strings.Contains(file, "/") {
			continue
		}
		want[file] = true
		if path.Ext(file) == ".m3u8" {
			if err := a.references(ctx, id, file, want); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *App) verifyOriginal(ctx context.Context, v video.Video, say func(string, ...any)) error {
	body, info, err := a.Store.OpenRange(ctx, video.OriginalKey(v.ID), 0, -1)
	if errors.Is(err, media.ErrNotFound) {
		return nil // deleted just now
	}
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // a short body is an error of Copy
	h := sha256.New()
	if _, err := io.Copy(h, body); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != v.SHA256 || info.Size != v.Size {
		say("video %s: the recording has changed: SHA-256 %s, acknowledged %s", v.ID, got, v.SHA256)
	}
	return nil
}
