package ffmpeg

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"time"
)

// Names of the results in the caller's folder. They are the same for every video, and what refers to another result does
// so by these names alone, so the folder can be copied and served from anywhere.
const (
	ProgressiveName   = "progressive.mp4"
	PosterName        = "poster.jpg"
	MasterName        = "master.m3u8"
	StoryboardName    = "storyboard.jpg"
	StoryboardVTTName = "storyboard.vtt"
	AudioName         = "audio.wav"
)

// Output is a video that can be played while it arrives.
type Output struct {
	Path string
	// Width and Height as seen.
	Width, Height int
	Duration      time.Duration
	// Direct says that picture and sound are those of the source, packed anew, and not encoded again.
	Direct bool
	Usage  Usage
}

// Playable makes progressive.mp4 in outDir as fast as is safe: a source that is [Direct] is packed anew (about 0.2 CPU
// seconds whatever its length), without the metadata of its container and of its picture, where dashboard and action
// cameras hide places; anything else is encoded at up to 480p (about half a CPU second a second of 1080p H.264).
func (t *Tool) Playable(ctx context.Context, in Input, outDir string, progress func(share float64)) (Output, error) {
	j, err := t.begin(in, outDir)
	if err != nil {
		return Output{}, err
	}
	defer j.end()
	if Direct(in.Probe) {
		out, err := j.repack(ctx, progress)
		var refused *Refusal
		if err == nil || !errors.As(err, &refused) || refused.Code == CodeTimeout {
			return out, err
		}
		// It cannot be copied as it is (a stream that its own headers contradict, timestamps that MP4 cannot hold); what can
		// be decoded can still be encoded.
	}
	return j.encode(ctx, progress)
}

func (j *job) repack(ctx context.Context, progress func(float64)) (Output, error) {
	after := []string{"-map", "0:" + strconv.Itoa(j.probe.Video.Index)}
	if j.probe.Audio != nil {
		after = append(after, "-map", "0:"+strconv.Itoa(j.probe.Audio.Index))
	}
	// Units of type 6 are supplemental information: captions, makers' notes, places; nothing that decoding needs.
	after = append(after, "-c", "copy", "-bsf:v", "filter_units=remove_types=6")
	v := j.probe.Video
	return j.progressive(ctx, after, Output{Width: v.Width, Height: v.Height, Direct: true}, progress)
}

func (j *job) encode(ctx context.Context, progress func(float64)) (Output, error) {
	v := j.probe.Video
	size, r := fit(v.Width, v.Height, firstRung), outputRate(v.FPS)
	after := []string{
		"-map", "0:" + strconv.Itoa(v.Index), "-vf", j.tool.pictureFilter(v, size, &r, j.probe.hold()),
		"-c:v", "libx264", "-preset", "superfast", "-crf", "25", "-profile:v", "high",
		"-g", strconv.Itoa(r.gop()), "-threads:v", strconv.Itoa(j.tool.cores()),
	}
	after = append(after, size.rateLimit()...)
	if a := j.probe.Audio; a != nil {
		after = append(after, "-map", "0:"+strconv.Itoa(a.Index), "-af", soundFilter(*a, Loudness{}))
		after = append(after, soundCodec()...)
	}
	return j.progressive(ctx, after, Output{Width: size.width, Height: size.height}, progress)
}

// progressive runs ffmpeg with the output options given and checks and publishes the result.
func (j *job) progressive(ctx context.Context, after []string, out Output, progress func(float64)) (Output, error) {
	after = append(after, writing()...)
	after = append(after, "-progress", "pipe:1", "-movflags", "+faststart", "-f", "mp4", "-y", ProgressiveName)
	if _, err := j.ffmpeg(ctx, nil, after, j.share(progress)); err != nil {
		return Output{}, err
	}
	s, err := j.inspect(ProgressiveName)
	if err != nil {
		return Output{}, err
	}
	if err := j.near(s.Duration, ProgressiveName); err != nil {
		return Output{}, err
	}
	if err := j.publish(ProgressiveName); err != nil {
		return Output{}, err
	}
	whole(progress)
	out.Path, out.Duration, out.Usage = filepath.Join(j.out, ProgressiveName), s.Duration, j.usage
	return out, nil
}

// rateLimit bounds the bit rate over two seconds of buffer.
func (r rung) rateLimit() []string {
	return []string{"-maxrate", strconv.Itoa(r.maxRate()), "-bufsize", strconv.Itoa(2 * r.maxRate())}
}

// soundFilter brings sound to 48 kHz, fills its gaps (browsers leave them) and the time before it, and makes it at most
// stereo. Where loudness was measured, it is brought to [TargetLoudness] by one gain for the whole, with a limiter for the
// few peaks above; automatic levels, which breathe, are off.
func soundFilter(a Audio, l Loudness) string {
	chain := "aresample=48000:async=1:first_pts=0"
	if a.Channels > 2 {
		chain += ",aformat=channel_layouts=stereo"
	}
	if l.Measured {
		chain += fmt.Sprintf(",volume=%.2fdB,alimiter=limit=0.84:level=disabled", l.Gain())
	}
	return chain
}

func soundCodec() []string { return []string{"-c:a", "aac", "-b:a", "96k"} }

// Poster is one picture that stands for the video.
type Poster struct {
	Path          string
	Width, Height int
	Usage         Usage
}

// posterWidth is the most that a poster is wide.
const posterWidth = 720

// Poster makes poster.jpg in outDir: the picture at one second, or in the middle of a source shorter than two.
func (t *Tool) Poster(ctx context.Context, in Input, outDir string) (Poster, error) {
	j, err := t.begin(in, outDir)
	if err != nil {
		return Poster{}, err
	}
	defer j.end()
	v := in.Probe.Video
	size := rung{width: max(2, v.Width&^1), height: max(2, v.Height&^1)}
	if v.Width > posterWidth {
		size = rung{width: posterWidth, height: max(2, v.Height*posterWidth/v.Width&^1)}
	}
	after := []string{
		"-map", "0:" + strconv.Itoa(v.Index), "-frames:v", "1", "-vf", j.tool.pictureFilter(v, size, nil, 0) + ",format=yuvj420p",
		"-c:v", "mjpeg", "-q:v", "4",
	}
	after = append(after, writing()...)
	after = append(after, "-f", "image2", "-update", "1", "-y", PosterName)
	// Past the end of a picture track that is shorter than its sound there is no frame; at the start there is.
	for _, at := range []time.Duration{min(time.Second, in.Probe.Duration/2), 0} {
		_, err = j.ffmpeg(ctx, []string{"-ss", seconds(at)}, after, nil)
		if err == nil {
			_, err = j.check(PosterName)
		}
		if err == nil || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return Poster{}, err
	}
	if err := j.publish(PosterName); err != nil {
		return Poster{}, err
	}
	return Poster{Path: filepath.Join(j.out, PosterName), Width: size.width, Height: size.height, Usage: j.usage}, nil
}
