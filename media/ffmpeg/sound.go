package ffmpeg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// TargetLoudness is what renditions are brought to, in LUFS: what phones' players expect of speech.
const TargetLoudness = -16.0

// Bounds of the gain in dB: a whisper across a room is raised, its noise not without end.
const (
	maxGain = 20.0
	minGain = -20.0
)

// silence is the integrated loudness in LUFS under which there is nothing to hear: the absolute gate of ITU-R BS.1770-4.
const silence = -70.0

// Loudness is what EBU R 128 says of the sound of a source. The zero value means that nothing could be measured.
type Loudness struct {
	// Measured is false for silence, and where there is no sound.
	Measured bool
	// Integrated loudness of the whole in LUFS, true peak in dBTP, and loudness range in LU.
	Integrated, Peak, Range float64
	Usage                   Usage
}

// Gain is by how many dB the sound must be raised to reach [TargetLoudness], within bounds; 0 where nothing was measured.
func (l Loudness) Gain() float64 {
	if !l.Measured {
		return 0
	}
	return max(minGain, min(maxGain, TargetLoudness-l.Integrated))
}

// Loudness measures the sound of the source in one pass (3.7 CPU seconds a minute). [ErrNoAudio] if there is none.
func (t *Tool) Loudness(ctx context.Context, in Input) (Loudness, error) {
	if in.Probe.Audio == nil {
		return Loudness{}, ErrNoAudio
	}
	j, err := t.begin(in, t.config.TempDir)
	if err != nil {
		return Loudness{}, err
	}
	defer j.end()
	// The report is written to standard error and only at this level; -nostats keeps the rest away.
	before := []string{"-v", "info", "-nostats"}
	after := []string{
		"-map", "0:" + strconv.Itoa(in.Probe.Audio.Index), "-af", "loudnorm=print_format=json", "-f", "null", "-",
	}
	o, err := j.ffmpeg(ctx, before, after, nil)
	if err != nil {
		return Loudness{}, err
	}
	l, err := parseLoudness(o.said)
	l.Usage = j.usage
	return l, err
}

// parseLoudness reads the JSON object that loudnorm prints at the very end.
func parseLoudness(said string) (Loudness, error) {
	open := strings.LastIndexByte(said, '{')
	var r struct {
		Integrated string `json:"input_i"`
		Peak       string `json:"input_tp"`
		Range      string `json:"input_lra"`
	}
	if open < 0 {
		return Loudness{}, errors.New("ffmpeg: loudnorm did not report")
	}
	dec := json.NewDecoder(strings.NewReader(said[open:]))
	if err := dec.Decode(&r); err != nil {
		return Loudness{}, fmt.Errorf("ffmpeg: reading loudnorm's report: %w", err)
	}
	var l Loudness
	for _, field := range []struct {
		text string
		to   *float64
	}{{r.Integrated, &l.Integrated}, {r.Peak, &l.Peak}, {r.Range, &l.Range}} {
		f, err := strconv.ParseFloat(field.text, 64)
		if err != nil {
			return Loudness{}, fmt.Errorf("ffmpeg: reading loudnorm's report: %w", err)
		}
		*field.to = f
	}
	if math.IsInf(l.Integrated, 0) || math.IsNaN(l.Integrated) || l.Integrated <= silence || math.IsInf(l.Peak, 0) {
		return Loudness{}, nil
	}
	l.Measured = true
	return l, nil
}

// Sound is the sound of a source for speech recognition.
type Sound struct {
	Path string
	// Duration from the start of the video: a sound that begins later is preceded by silence, so that the times of words are
	// times of the video.
	Duration time.Duration
	Usage    Usage
}

// wavHeader is how long ffmpeg's header of a WAV file without metadata is, and wavRate the bytes of a second.
const (
	wavHeader = 44
	wavRate   = 16000 * 2
)

// Audio16k makes audio.wav in outDir: 16 kHz, mono, 16 bit. [ErrNoAudio] if the source has no sound.
func (t *Tool) Audio16k(ctx context.Context, in Input, outDir string) (Sound, error) {
	if in.Probe.Audio == nil {
		return Sound{}, ErrNoAudio
	}
	j, err := t.begin(in, outDir)
	if err != nil {
		return Sound{}, err
	}
	defer j.end()
	after := []string{
		"-map", "0:" + strconv.Itoa(in.Probe.Audio.Index), "-af", "aresample=16000:async=1:first_pts=0", "-ac", "1",
		"-c:a", "pcm_s16le",
	}
	after = append(after, writing()...)
	after = append(after, "-f", "wav", "-y", AudioName)
	if _, err := j.ffmpeg(ctx, nil, after, nil); err != nil {
		return Sound{}, err
	}
	size, err := j.check(AudioName)
	if err != nil {
		return Sound{}, err
	}
	if size <= wavHeader {
		return Sound{}, refuse(CodeBroken, fmt.Errorf("%w: %s", errEmptyOutput, AudioName))
	}
	if err := j.publish(AudioName); err != nil {
		return Sound{}, err
	}
	return Sound{
		Path:     filepath.Join(j.out, AudioName),
		Duration: time.Duration(float64(size-wavHeader) / wavRate * float64(time.Second)),
		Usage:    j.usage,
	}, nil
}
