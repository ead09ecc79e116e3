package video

import (
	"context"
	"path"
	"strings"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
)

// FileKind says what the files of videos are for.
type FileKind string

// The kinds of files.
const (
	OriginalFiles   FileKind = "originals"  // as they were recorded
	PlayableFiles   FileKind = "playable"   // MP4 that plays at once
	RenditionFiles  FileKind = "renditions" // HLS
	SoundFiles      FileKind = "sound"      // for the speech engine
	PosterFiles     FileKind = "posters"
	StoryboardFiles FileKind = "storyboards"
	OtherFiles      FileKind = "other" // of no video, or unknown
)

// FileKinds lists the kinds in the order of reading.
var FileKinds = []FileKind{OriginalFiles, PlayableFiles, RenditionFiles, SoundFiles, PosterFiles, StoryboardFiles, OtherFiles} //nolint:gochecknoglobals // a constant list

// kindOf tells the kind of a file from its key in the media store.
func kindOf(key string) FileKind {
	rest, ok := strings.CutPrefix(key, "v/")
	if !ok {
		return OtherFiles
	}
	_, name, ok := strings.Cut(rest, "/")
	if !ok {
		return OtherFiles
	}
	switch {
	case name == fileOriginal:
		return OriginalFiles
	case name == fileProgressive:
		return PlayableFiles
	case name == fileAudio:
		return SoundFiles
	case name == filePoster:
		return PosterFiles
	case strings.HasPrefix(name, "storyboard"):
		return StoryboardFiles
	}
	switch path.Ext(name) {
	case ".m3u8", ".mp4", ".m4s", ".ts":
		return RenditionFiles
	}
	return OtherFiles
}

// FileSum is how much files of a kind take.
type FileSum struct {
	Files int
	Bytes int64
}

// MeasureFiles adds up the media store by kind. It looks at every object's name and size, which takes
// seconds for many videos: do it in the background, and keep the answer.
func (s *Service) MeasureFiles(ctx context.Context) (map[FileKind]FileSum, error) {
	out := map[FileKind]FileSum{}
	for info, err := range s.store.List(ctx, "") {
		if err != nil {
			return nil, err
		}
		kind := kindOf(string(info.Key))
		sum := out[kind]
		sum.Files++
		sum.Bytes += info.Size
		out[kind] = sum
	}
	return out, nil
}

// AuthorBytes is what the recordings of a person take.
type AuthorBytes struct {
	PersonID string
	Videos   int
	Bytes    int64
}

// Usage is what the rows say of the videos of the installation. Bytes are those of the recordings, without
// what is made out of them.
type Usage struct {
	// States counts the videos that are not deleted by state, Deleted those that can still be brought back.
	States  map[State]int
	Deleted int
	Bytes   int64
	// Receiving are the bytes that unfinished uploads have declared.
	Receiving int64
	// NoWords counts videos whose transcript failed, or waits for a speech model that is not installed.
	NoWords int
	// Top are the people whose recordings take most, without deleted ones.
	Top []AuthorBytes
}

// UsageOf tells how much the videos of the installation take, and whose the most are. Only an admin may ask.
func (s *Service) UsageOf(ctx context.Context, a people.Actor, top int) (Usage, error) {
	if !people.Can(a, people.ReadInstallation) {
		return Usage{}, fault.Denied("Only an admin may see what the installation holds.")
	}
	return usage(s.db.Read(ctx), top)
}

// Authors gives the author of each of these videos, whoever may see them: for an admin who must know whom
// to tell of work that failed.
func (s *Service) Authors(ctx context.Context, a people.Actor, ids []string) (map[string]string, error) {
	if !people.Can(a, people.ReadJobs) {
		return nil, fault.Denied("Only an admin may see whose work failed.")
	}
	return authors(s.db.Read(ctx), ids)
}
