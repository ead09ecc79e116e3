package video

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/media"
)

// State is how far a video has come.
type State string

// The states.
const (
	Processing State = "processing" // received; not playable yet
	Playable   State = "playable"   // plays; renditions or transcript are still to come
	Ready      State = "ready"      // all that can be made is made
	Failed     State = "failed"     // cannot be played; Failure says why
)

// TranscriptState is how far the transcript has come.
type TranscriptState string

// The states of a transcript.
const (
	TranscriptNone    TranscriptState = "none"     // not begun
	TranscriptWaiting TranscriptState = "waiting"  // the speech engine will come to it
	TranscriptReady   TranscriptState = "ready"    // there, possibly without words
	TranscriptNoModel TranscriptState = "no_model" // the speech model is not installed
	TranscriptNoSound TranscriptState = "no_sound" // the video has no sound
	TranscriptFailed  TranscriptState = "failed"   // the engine gave up; it can be tried again
)

// Settled says that no transcript is on its way.
func (s TranscriptState) Settled() bool { return s != TranscriptNone && s != TranscriptWaiting }

// Kinds that mean something here; every other is the sender's own word.
const (
	// Practice is a take that nobody but its author ever sees, and that goes after KeepPractice.
	Practice = "practice"
	// Attempt is a practice that was submitted to a programme. Reviewers see it, by a grant.
	Attempt = "attempt"
	// VideoReply is a reviewer's answer to an attempt; its author sees it, by a grant.
	VideoReply = "reply"
)

// KeepPractice is how long a practice is kept.
const KeepPractice = 30 * 24 * time.Hour

// Findable says whether search may know of the video. What was recorded for one person's eyes, or for a
// reviewer's, is not found by those who may see it until its author widens the audience. findable is the
// same rule for the database.
func (v Video) Findable() bool {
	if v.DeletedAt != nil || (v.State != Playable && v.State != Ready) {
		return false
	}
	switch v.Kind {
	case Practice:
		return false
	case Attempt, VideoReply:
		return v.Audience != people.Private
	}
	return true
}

// Situation is what a rep faces: free text and facets. Facets are in canonical form (see
// vocabulary.Settle); empty means not said.
type Situation struct {
	Text, Stage, Industry, Persona, Competitor, Product, Objection string
}

// Media says which files of a video exist.
type Media struct {
	Original, Progressive, HLS, Poster, Storyboard, Audio bool
}

// Video is a recording with its author and audience.
type Video struct {
	ID, AuthorID       string
	Title, Description string
	State              State
	FailureCode        string
	Failure            string
	Audience           people.Audience
	TeamIDs            []string // of the audience "teams"
	CompleteShare      int      // percent that counts as completed
	Kind, Filename     string
	// ForID is the id of what it was recorded for: an enrolment, an assigned practice, a review.
	ForID          *string
	ContentType    string
	Size           int64
	SHA256         string
	DurationMS     int64
	Width, Height  int
	LoudnessLUFS   *float64
	Media          Media
	MediaNote      string
	Transcript     TranscriptState
	TranscriptNote string
	Situation      Situation
	Tactics        []string // keys
	Tags           []string
	Version        int64
	PublishedAt    *time.Time
	CreatedAt      time.Time
	UpdatedAt      time.Time
	DeletedAt      *time.Time
	// Keys are the audience's keys; loaded where a decision needs them.
	Keys []string
}

// Moment is a stretch [StartMS, EndMS) of a video with its words.
type Moment struct {
	Ordinal        int
	StartMS, EndMS int64
	Text           string
	Tactics        []string // keys
}

// Limits of what people write.
const (
	maxTitle       = 200
	maxDescription = 5000
	maxSituation   = 1000
	maxFacet       = 120
	maxTags        = 20
	maxTag         = 60
	maxTeams       = 50
	maxTactics     = 10
	maxNote        = 4000
)

// The names of a video's files in the media store, below v/<id>/.
const (
	fileOriginal    = "original"
	fileProgressive = "progressive.mp4"
	filePoster      = "poster.jpg"
	fileAudio       = "audio.wav"
	fileMaster      = "master.m3u8"
	fileStoryboard  = "storyboard.vtt"
)

// Prefix is where a video's files are in the media store.
func Prefix(id string) string { return "v/" + id + "/" }

// Key is where one file of a video is in the media store.
func Key(id, name string) media.Key { return media.Key(Prefix(id) + name) }

func text(field, s string, longest int) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }) {
		return "", fault.InvalidField(field, "text_invalid", "This has characters that cannot be shown.")
	}
	if utf8.RuneCountInString(s) > longest {
		return "", fault.InvalidField(field, "too_long", "This is too long.")
	}
	return s, nil
}

// CheckStretch refuses a stretch that is not inside the video. Whole videos are [0, duration).
func CheckStretch(v Video, startMS, endMS int64) error {
	if startMS < 0 || startMS >= max(v.DurationMS, 1) {
		return fault.InvalidField("start_ms", "time_outside", "This time is not inside the video.")
	}
	if endMS <= startMS || endMS > v.DurationMS {
		return fault.InvalidField("end_ms", "time_outside", "The end must come after the start, and not after the end of the video.")
	}
	return nil
}

// settle works out the state from what exists. A failed video stays failed until somebody tries again.
func (v *Video) settle() {
	switch {
	case v.State == Failed:
	case !v.Media.Progressive:
		v.State = Processing
	case v.Transcript.Settled() && (v.Media.HLS || v.MediaNote != ""):
		v.State = Ready
	default:
		v.State = Playable
	}
}

func cleanTags(in []string) ([]string, error) {
	if len(in) > maxTags {
		return nil, fault.InvalidField("tags", "too_many", "Use at most 20 tags.")
	}
	out := make([]string, 0, len(in))
	for _, t := range in {
		t, err := people.CleanLine("tags", t, maxTag)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out, nil
}

// Files names the files that exist of a video, as far as its row says.
func (v Video) Files() []string {
	var out []string
	for name, has := range map[string]bool{fileOriginal: v.Media.Original, fileProgressive: v.Media.Progressive, filePoster: v.Media.Poster, fileAudio: v.Media.Audio,
		fileMaster: v.Media.HLS, fileStoryboard: v.Media.Storyboard} {
		if has {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// OriginalKey is where a video's recording is in the media store.
func OriginalKey(id string) media.Key { return Key(id, fileOriginal) }
