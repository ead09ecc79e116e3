package video

import (
	"strings"

	"github.com/fieldreel/fieldreel/media/ffmpeg"
)

// WorkWords says in plain words what a kind of this domain's jobs does; empty for one that is not ours.
func WorkWords(kind string) string {
	switch kind {
	case ingestArgs{}.Kind():
		return "Take in a recording and make it playable"
	case processArgs{}.Kind():
		return "Make the sizes of a video for slow connections, and its storyboard"
	case transcribeArgs{}.Kind():
		return "Write down what is said in a video"
	case retagArgs{}.Kind():
		return "Find a changed tactic in the moments of all videos"
	case purgeArgs{}.Kind():
		return "Remove videos that were deleted two weeks ago"
	case mendArgs{}.Kind():
		return "Look for videos that stand still, and go on with them"
	}
	return ""
}

// TroubleWords says in plain words what a job of this domain failed with, given the error as the queue has
// kept it; empty where there are none.
func TroubleWords(text string) string {
	for _, t := range []*trouble{errFailed, errBrokenOff, errAway, errNoBytes} {
		if strings.HasPrefix(text, t.code) {
			return t.words
		}
	}
	if strings.Contains(text, string(ffmpeg.CodeToolMissing)) {
		return "ffmpeg is not installed on the machine that took up this work."
	}
	return ""
}
