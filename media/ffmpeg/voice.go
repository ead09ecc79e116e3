package ffmpeg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"
)

// VoiceName is what [Tool.Voice] makes in the caller's folder.
const VoiceName = "voice.m4a"

// ogg is the container that Firefox may write spoken notes into. It is read for them alone, never for videos.
const ogg Container = "ogg"

// oggMagic begins every page of an Ogg file.
var oggMagic = []byte("OggS")

// sniffVoice tells the container of a spoken note from its first bytes: WebM, MP4 or Ogg.
func sniffVoice(head []byte) (Container, error) {
	if bytes.HasPrefix(head, oggMagic) {
		return ogg, nil
	}
	return Sniff(head)
}

// Voice makes voice.m4a in outDir, one channel of AAC, out of a recording of somebody speaking: WebM or Ogg (Opus, Vorbis)
// or MP4 (AAC), as browsers record it. A picture in the file is passed over. What plays longer than longest is refused with
// CodeTooLong, not cut. A [*Refusal] says what is wrong with the recording, in words about videos for the codes that they
// share; [ErrNoAudio] if there is no sound that we can decode.
func (t *Tool) Voice(ctx context.Context, path, outDir string, longest time.Duration) (Sound, error) {
	f, size, err := openInput(path)
	if err != nil {
		return Sound{}, err
	}
	defer f.Close()
	head := make([]byte, min(size, SniffLen))
	if err := readAt(f, head, 0); err != nil {
		return Sound{}, err
	}
	container, err := sniffVoice(head)
	if err != nil {
		return Sound{}, err
	}
	if container != ogg { // Ogg has no index that could contradict the rest: it is read from its beginning.
		if _, err := Inspect(f, size); err != nil {
			return Sound{}, err
		}
	}
	r, err := t.ask(ctx, f, container)
	if err != nil {
		return Sound{}, err
	}
	if len(r.Streams) > t.config.MaxStreams {
		return Sound{}, refuse(CodeTooManyStreams, nil)
	}
	var sound *stream
	for i := range r.Streams {
		if s := &r.Streams[i]; s.Kind == "audio" && soundCodecs[s.Codec] && s.Channels > 0 && better(s, sound) {
			sound = s
		}
	}
	if sound == nil {
		return Sound{}, ErrNoAudio
	}
	// The header's length is not to be trusted: so much is decoded at most, and the result tells.
	p := Probe{Container: container, Duration: longest + time.Second}
	return t.voice(ctx, Input{Path: path, Probe: p}, sound.Index, outDir, longest)
}

func (t *Tool) voice(ctx context.Context, in Input, index int, outDir string, longest time.Duration) (Sound, error) {
	j, err := t.begin(in, outDir)
	if err != nil {
		return Sound{}, err
	}
	defer j.end()
	after := []string{
		"-map", "0:" + strconv.Itoa(index), "-t", seconds(in.Probe.Duration), "-vn",
		"-af", "aresample=48000:async=1:first_pts=0", "-ac", "1", "-c:a", "aac", "-b:a", "64k",
	}
	after = append(after, writing()...)
	after = append(after, "-movflags", "+faststart", "-f", "mp4", "-y", VoiceName)
	if _, err := j.ffmpeg(ctx, nil, after, nil); err != nil {
		return Sound{}, err
	}
	s, err := j.inspect(VoiceName)
	switch {
	case err != nil:
		return Sound{}, err
	case s.Duration <= 0:
		return Sound{}, refuse(CodeBroken, fmt.Errorf("%w: %s", errEmptyOutput, VoiceName))
	case s.Duration > longest+voiceSlack:
		return Sound{}, refuse(CodeTooLong, errors.New("longer than a spoken note may be"))
	}
	if err := j.publish(VoiceName); err != nil {
		return Sound{}, err
	}
	return Sound{Path: filepath.Join(j.out, VoiceName), Duration: s.Duration, Usage: j.usage}, nil
}

// voiceSlack lets a recording that a clock ended at the limit pass: encoders add up to some frames.
const voiceSlack = 500 * time.Millisecond
