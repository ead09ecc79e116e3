package ffmpeg

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Ladder is a video in one or two sizes for adaptive play.
type Ladder struct {
	// Master is the path of the master playlist. It and the playlists name each other and the media by relative names.
	Master string
	// Renditions, largest first.
	Renditions []Rendition
	Usage      Usage
}

// Rendition is one size: a playlist and one file of fragments that it addresses by byte ranges.
type Rendition struct {
	// Name is the shorter side and "p": 720p.
	Name string
	// Playlist and Media are paths.
	Playlist, Media string
	Width, Height   int
	// Bandwidth is the highest of any segment, AverageBandwidth that of the whole, in bits a second.
	Bandwidth, AverageBandwidth int
	// Codecs in the words of RFC 6381, such as avc1.64001f,mp4a.40.2.
	Codecs   string
	Duration time.Duration
}

// Files lists the paths of all files, those that others refer to first.
func (l Ladder) Files() []string {
	var files []string
	for _, r := range l.Renditions {
		files = append(files, r.Media, r.Playlist)
	}
	return append(files, l.Master)
}

// Renditions makes master.m3u8 and, for each size of the ladder, for example 720p.m3u8 and 720p.mp4 in outDir, all in one
// run that decodes the source once: H.264 at a constant rate of at most 30 pictures a second with a key frame every 4
// seconds in all sizes at the same pictures, and AAC brought to [TargetLoudness] by l (its zero value leaves the sound as loud
// as it is). It costs about 80 CPU seconds a minute of 1080p H.264. progress, which may be nil, is called from another
// goroutine, never twice at a time, with the share done.
func (t *Tool) Renditions(ctx context.Context, in Input, l Loudness, outDir string, progress func(share float64)) (Ladder, error) {
	j, err := t.begin(in, outDir)
	if err != nil {
		return Ladder{}, err
	}
	defer j.end()
	rungs := ladder(in.Probe.Video.Width, in.Probe.Video.Height)
	after := append(t.renditionArgs(in.Probe, l, rungs), "-progress", "pipe:1")
	if _, err := j.ffmpeg(ctx, nil, after, j.share(progress)); err != nil {
		return Ladder{}, err
	}
	out := Ladder{Master: filepath.Join(outDir, MasterName), Usage: j.usage}
	var names []string
	for _, r := range rungs {
		rendition, err := j.rendition(r)
		if err != nil {
			return Ladder{}, err
		}
		out.Renditions = append(out.Renditions, rendition)
		names = append(names, r.media(), r.playlist())
	}
	if err := j.write(MasterName, master(out.Renditions)); err != nil {
		return Ladder{}, err
	}
	if err := j.publish(append(names, MasterName)...); err != nil {
		return Ladder{}, err
	}
	whole(progress)
	return out, nil
}

func (r rung) media() string    { return r.name + ".mp4" }
func (r rung) playlist() string { return r.name + ".m3u8" }

// renditionArgs returns all options after the input. Smaller sizes are scaled from the largest, not from the source.
func (t *Tool) renditionArgs(p Probe, l Loudness, rungs []rung) []string {
	r := outputRate(p.Video.FPS)
	graph := fmt.Sprintf("[0:%d]%s", p.Video.Index, t.pictureFilter(p.Video, rungs[0], &r, p.hold()))
	graph += split("split", "v", len(rungs))
	for i, size := range rungs[1:] {
		graph += fmt.Sprintf(";[v%d]scale=%d:%d,setsar=1[s%d]", i+1, size.width, size.height, i+1)
	}
	if p.Audio != nil {
		graph += fmt.Sprintf(";[0:%d]%s", p.Audio.Index, soundFilter(*p.Audio, l)) + split("asplit", "a", len(rungs))
	}
	args := []string{"-filter_complex", graph}
	for i, size := range rungs {
		picture := "[v0]"
		if i > 0 {
			picture = fmt.Sprintf("[s%d]", i)
		}
		args = append(args, "-map", picture)
		args = append(args,
			"-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-profile:v", "high",
			"-g", strconv.Itoa(r.gop()), "-keyint_min", strconv.Itoa(r.gop()), "-sc_threshold", "0",
			"-threads:v", strconv.Itoa(t.cores()))
		args = append(args, size.rateLimit()...)
		if p.Audio != nil {
			args = append(args, "-map", fmt.Sprintf("[a%d]", i))
			args = append(args, soundCodec()...)
		}
		args = append(args, writing()...)
		// Segments end at the first key frame after hls_time; half a second less than their distance, so that rounding never
		// makes one of 8 seconds.
		args = append(args,
			"-f", "hls", "-hls_time", seconds(segmentLength-500*time.Millisecond), "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4",
			"-hls_flags", "single_file+independent_segments", "-hls_segment_filename", size.media(), "-y", size.playlist())
	}
	return args
}

// split ends a filter chain in n labels, name0, name1 and so on.
func split(filter, name string, n int) string {
	s := ""
	if n > 1 {
		s = fmt.Sprintf(",%s=%d", filter, n)
	}
	for i := range n {
		s += fmt.Sprintf("[%s%d]", name, i)
	}
	return s
}

// rendition reads what was made and checks that it is whole.
func (j *job) rendition(r rung) (Rendition, error) {
	size, err := j.check(r.media())
	if err != nil {
		return Rendition{}, err
	}
	if _, err := j.check(r.playlist()); err != nil {
		return Rendition{}, err
	}
	text, err := os.ReadFile(filepath.Join(j.dir, r.playlist()))
	if err != nil {
		return Rendition{}, fmt.Errorf("ffmpeg: reading a playlist: %w", err)
	}
	list, err := parsePlaylist(string(text), r.media(), size)
	if err != nil {
		return Rendition{}, fmt.Errorf("ffmpeg: %s: %w", r.playlist(), err)
	}
	if err := j.near(list.duration, r.playlist()); err != nil {
		return Rendition{}, err
	}
	codecs, err := j.codecs(r.media(), list.header)
	if err != nil {
		return Rendition{}, err
	}
	return Rendition{
		Name: r.name, Playlist: filepath.Join(j.out, r.playlist()), Media: filepath.Join(j.out, r.media()),
		Width: r.width, Height: r.height, Bandwidth: list.peak,
		AverageBandwidth: int(math.Ceil(float64(list.bytes*8) / list.duration.Seconds())),
		Codecs:           codecs, Duration: list.duration,
	}, nil
}

// playlist is what is needed of a media playlist that ffmpeg wrote.
type playlist struct {
	duration time.Duration
	peak     int   // Bits a second of the heaviest segment.
	bytes    int64 // Of all segments.
	header   int64 // Bytes of the initialization section.
}

// parsePlaylist reads a single-file playlist and checks that it is complete and stays within the size bytes of media.
func parsePlaylist(text, media string, size int64) (playlist, error) {
	var p playlist
	var length time.Duration
	var ended bool
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		tag, value, _ := strings.Cut(line, ":")
		switch {
		case tag == "#EXTINF":
			number, _, _ := strings.Cut(value, ",")
			length = parseSeconds(number)
			if length <= 0 {
				return p, errors.New("a segment without length")
			}
			p.duration += length
		case tag == "#EXT-X-MAP":
			_, quoted, _ := strings.Cut(value, `BYTERANGE="`)
			span, _, _ := strings.Cut(quoted, `"`)
			n, err := byteRange(span, size)
			if err != nil {
				return p, err
			}
			p.header = n
		case tag == "#EXT-X-BYTERANGE":
			n, err := byteRange(value, size)
			if err != nil {
				return p, err
			}
			p.bytes += n
			if length > 0 {
				p.peak = max(p.peak, int(math.Ceil(float64(n*8)/length.Seconds())))
			}
		case tag == "#EXT-X-ENDLIST":
			ended = true
		case line != "" && !strings.HasPrefix(line, "#") && line != media:
			return p, fmt.Errorf("refers to %q", line)
		}
	}
	if !ended || p.duration == 0 || p.header == 0 || p.peak == 0 {
		return p, errors.New("incomplete playlist")
	}
	return p, nil
}

// byteRange reads "length@offset" and returns the length.
func byteRange(s string, size int64) (int64, error) {
	a, b, _ := strings.Cut(s, "@")
	n, err1 := parseInt(a)
	at, err2 := parseInt(b)
	if err1 != nil || err2 != nil || n <= 0 || at < 0 || at > size || n > size-at {
		return 0, fmt.Errorf("byte range %q of %d bytes", s, size)
	}
	return n, nil
}

// codecs reads the profile of the encoder's output from the initialization section: the player must know it before it
// chooses, and what was asked of the encoder is not always what it did.
func (j *job) codecs(name string, header int64) (string, error) {
	f, _, err := openInput(filepath.Join(j.dir, name))
	if err != nil {
		return "", err
	}
	defer f.Close()
	b := make([]byte, min(header, 64<<10))
	if err := readAt(f, b, 0); err != nil {
		return "", err
	}
	// Box content of avcC (ISO/IEC 14496-15): version, profile, compatibility, level.
	at := bytes.Index(b, []byte("avcC"))
	if at < 0 || at+8 > len(b) {
		return "", fmt.Errorf("ffmpeg: %s: no avcC", name)
	}
	codecs := fmt.Sprintf("avc1.%06x", binary.BigEndian.Uint32(b[at+4:])&0xffffff)
	if j.probe.Audio != nil {
		codecs += ",mp4a.40.2" // AAC-LC, the only one that ffmpeg's own encoder makes here.
	}
	return codecs, nil
}

// master writes the master playlist.
func master(renditions []Rendition) []byte {
	var b bytes.Buffer
	b.WriteString("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n")
	for _, r := range renditions {
		fmt.Fprintf(&b, "#EXT-X-STREAM-INF:BANDWIDTH=%d,AVERAGE-BANDWIDTH=%d,RESOLUTION=%dx%d,CODECS=\"%s\"\n%s\n",
			r.Bandwidth, r.AverageBandwidth, r.Width, r.Height, r.Codecs, filepath.Base(r.Playlist))
	}
	return b.Bytes()
}
