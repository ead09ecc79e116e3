package ffmpeg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Probe is what is known of a source before any of its pictures are made: enough for every later step, so that nothing is
// looked at twice.
type Probe struct {
	Container Container
	// Duration of the longer of picture and sound.
	Duration time.Duration
	Video    Video
	// Audio is nil where there is no sound, or none that we can decode.
	Audio *Audio
	// LeftOut names the codec of a sound that was found but cannot be decoded; usually empty.
	LeftOut string
}

// Video is the picture track that was chosen.
type Video struct {
	// Index is the number of the track in the file.
	Index int
	Codec string
	// Profile and Level are as the codec numbers them; Level is 10 times the usual figure in H.264 (41 = 4.1).
	Profile string
	Level   int
	// PixelFormat is ffmpeg's name, such as yuv420p or yuv420p10le.
	PixelFormat string
	// Width and Height are those of the picture as it is meant to be seen: turned, and with square pixels.
	Width, Height int
	// Rotation is by how many degrees clockwise the stored picture is turned for display: 0, 90, 180 or 270.
	Rotation int
	// FPS is the mean number of pictures a second; 0 if unknown. Never the container's "real" rate, which browsers fill
	// with the clock's rate (1000, 20000).
	FPS float64
	// Transfer is "smpte2084" (PQ) or "arib-std-b67" (HLG) for HDR; anything else, or empty, is ordinary.
	Transfer string
	// Interlaced says that the picture comes in fields.
	Interlaced bool
	// Start is when the first picture is shown, and End when the last one ends, from the start of the file. Phones and
	// browsers often end the sound later. End is 0 if unknown.
	Start, End time.Duration
}

// HDR says whether ordinary screens need the picture converted.
func (v Video) HDR() bool { return v.Transfer == "smpte2084" || v.Transfer == "arib-std-b67" }

// Audio is the sound track that was chosen.
type Audio struct {
	// Index is the number of the track in the file.
	Index      int
	Codec      string
	Profile    string
	Channels   int
	SampleRate int
	// Start is when the sound begins, from the start of the file.
	Start time.Duration
}

// Input is a file that has been looked at: what every step after [Tool.Examine] takes.
type Input struct {
	// Path of the file. It is opened once for each step, never given to a child by name.
	Path  string
	Probe Probe
}

// Examine does all that must be done before a file may be worked on: it sniffs, inspects and probes the file at path.
// A [*Refusal] says what is wrong with the file.
func (t *Tool) Examine(ctx context.Context, path string) (Input, error) {
	f, size, err := openInput(path)
	if err != nil {
		return Input{}, err
	}
	defer f.Close()
	s, err := Inspect(f, size)
	if err != nil {
		return Input{}, err
	}
	if s.Tracks > t.config.MaxStreams {
		return Input{}, refuse(CodeTooManyStreams, fmt.Errorf("%d tracks", s.Tracks))
	}
	p, err := t.Probe(ctx, path, s.Container)
	if err != nil {
		return Input{}, err
	}
	return Input{Path: path, Probe: p}, nil
}

// Probe asks ffprobe what is in the file at path, which [Inspect] has found to be a container of the kind c. It chooses
// the tracks and checks the limits of [Config]. Where the header has no duration, or is not to be trusted with it
// (Matroska, whose writers leave it out or wrong when a recording breaks off), the file is demuxed to its end, which reads
// it once. A [*Refusal] says what is wrong with the source.
func (t *Tool) Probe(ctx context.Context, path string, c Container) (Probe, error) {
	f, _, err := openInput(path)
	if err != nil {
		return Probe{}, err
	}
	defer f.Close()
	report, err := t.ask(ctx, f, c)
	if err != nil {
		return Probe{}, err
	}
	p, err := t.choose(c, report)
	if err != nil {
		return Probe{}, err
	}
	if c == Matroska || p.Duration == 0 {
		if err := t.demux(ctx, f, &p); err != nil {
			return Probe{}, err
		}
	}
	switch {
	case p.Duration <= 0:
		return Probe{}, refuse(CodeBroken, errors.New("no duration"))
	case p.Duration > t.config.MaxDuration:
		return Probe{}, refusef(CodeTooLong, "This video is longer than %s. Cut it to the part that matters and send that.",
			spell(t.config.MaxDuration))
	case p.Video.FPS > t.config.MaxFPS:
		return Probe{}, refuse(CodeTooManyFrames, fmt.Errorf("%.0f a second", p.Video.FPS))
	}
	return p, nil
}

// openInput opens a regular file for reading. The name may be anything: no child ever sees it.
func openInput(path string) (*os.File, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, fmt.Errorf("ffmpeg: opening the input: %w", err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("ffmpeg: opening the input: %w", err), f.Close())
	}
	return f, info.Size(), nil
}

// report is the part of ffprobe's JSON that is used.
type report struct {
	Streams []stream `json:"streams"`
	Format  struct {
		Duration string `json:"duration"`
		Start    string `json:"start_time"`
	} `json:"format"`
}

type stream struct {
	Index       int    `json:"index"`
	Kind        string `json:"codec_type"`
	Codec       string `json:"codec_name"`
	Profile     string `json:"profile"`
	Level       int    `json:"level"`
	PixelFormat string `json:"pix_fmt"`
	Width       int    `json:"width"`
	Height      int    `json:"height"`
	Aspect      string `json:"sample_aspect_ratio"`
	Transfer    string `json:"color_transfer"`
	FieldOrder  string `json:"field_order"`
	MeanRate    string `json:"avg_frame_rate"`
	Duration    string `json:"duration"`
	Start       string `json:"start_time"`
	Frames      string `json:"nb_frames"`
	SampleRate  string `json:"sample_rate"`
	Channels    int    `json:"channels"`
	Disposition struct {
		Default  int `json:"default"`
		Attached int `json:"attached_pic"`
		Still    int `json:"still_image"`
		Timed    int `json:"timed_thumbnails"`
	} `json:"disposition"`
	SideData []struct {
		Rotation *float64 `json:"rotation"`
	} `json:"side_data_list"`
}

// entries names what report wants, so that tags of any size that a file may hold are not printed at all.
const entries = "format=duration,start_time:stream=index,codec_type,codec_name,profile,level,pix_fmt,width,height," +
	"sample_aspect_ratio,color_transfer,field_order,avg_frame_rate,duration,start_time,nb_frames,sample_rate,channels:" +
	"stream_disposition=default,attached_pic,still_image,timed_thumbnails:stream_tags=:format_tags=:stream_side_data=rotation"

// ask runs ffprobe, a second time if it stumbled over a bystander.
func (t *Tool) ask(ctx context.Context, f *os.File, c Container) (report, error) {
	o, err := t.ffprobe(ctx, f, c)
	var refused *Refusal
	if errors.As(err, &refused) && refused.Code == CodeBroken {
		if strings.Contains(o.said, "exceeds specified max pixel count") {
			return report{}, refuse(CodeTooManyPixels, refused.cause)
		}
		if denied := deniedDecoders(o.said); len(denied) > 0 {
			for _, name := range denied {
				if !bystanders[name] {
					return report{}, refuse(CodeCodecUnsupported, refused.cause)
				}
			}
			o, err = t.ffprobe(ctx, f, c, denied...)
		}
	}
	if err != nil {
		return report{}, err
	}
	var r report
	if err := json.Unmarshal(o.stdout, &r); err != nil {
		return report{}, refuse(CodeBroken, fmt.Errorf("reading what ffprobe said: %w", err))
	}
	return r, nil
}

func (t *Tool) ffprobe(ctx context.Context, f *os.File, c Container, more ...string) (outcome, error) {
	args := append(general(t.config.FFprobe), t.guard(c, more...)...)
	args = append(args, "-show_entries", entries, "-of", "json", "-i", inputURL)
	return t.run(ctx, command{program: t.config.FFprobe, args: args, input: f, limits: t.shortLimits()})
}

// deniedDecoders reads the names out of ffprobe's complaints, "Codec (png) not on whitelist 'h264,…'". A wrong reading,
// should those words change, costs a better word for the author and nothing else: the file is refused as broken.
func deniedDecoders(said string) []string {
	var names []string
	for part := range strings.SplitSeq(said, "Codec (") {
		if name, _, ok := strings.Cut(part, ") not on whitelist"); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// The codecs whose decoders are on the white list, by the names of ffprobe.
var (
	pictureCodecs = map[string]bool{"h264": true, "hevc": true, "vp8": true, "vp9": true, "av1": true, "mpeg4": true, "h263": true}
	soundCodecs   = map[string]bool{
		"aac": true, "opus": true, "vorbis": true, "mp3": true, "amr_nb": true, "amr_wb": true,
		"pcm_s16le": true, "pcm_s16be": true, "pcm_s24le": true, "pcm_f32le": true,
	}
)

// choose picks one picture and one sound and reads what is needed of them.
func (t *Tool) choose(c Container, r report) (Probe, error) {
	if len(r.Streams) > t.config.MaxStreams {
		return Probe{}, refuse(CodeTooManyStreams, nil)
	}
	p := Probe{Container: c}
	origin := parseSeconds(r.Format.Start)
	var picture, sound, unknownPicture *stream
	for i := range r.Streams {
		s := &r.Streams[i]
		switch s.Kind {
		case "video":
			if s.Disposition.Attached+s.Disposition.Still+s.Disposition.Timed > 0 {
				continue // A cover, not the recording.
			}
			// Checked before the codec, so that a bomb is called one.
			if int64(s.Width)*int64(s.Height) > t.config.MaxPixels {
				return Probe{}, refuse(CodeTooManyPixels, fmt.Errorf("%d x %d", s.Width, s.Height))
			}
			if !pictureCodecs[s.Codec] {
				unknownPicture = s
				continue
			}
			if s.Width > 0 && s.Height > 0 && better(s, picture) {
				picture = s
			}
		case "audio":
			rate, err := parseInt(s.SampleRate)
			if !soundCodecs[s.Codec] || s.Channels <= 0 || err != nil || rate <= 0 {
				p.LeftOut = s.Codec // A track without a codec has made ffmpeg fail when it was mapped by kind.
				continue
			}
			if better(s, sound) {
				sound = s
			}
		}
	}
	if picture == nil {
		if unknownPicture != nil {
			return Probe{}, refuse(CodeCodecUnsupported, fmt.Errorf("codec %q", unknownPicture.Codec))
		}
		return Probe{}, refuse(CodeNoPicture, nil)
	}
	p.Video = video(picture, origin)
	if int64(p.Video.Width)*int64(p.Video.Height) > 4*t.config.MaxPixels {
		return Probe{}, refuse(CodeTooManyPixels, fmt.Errorf("%d x %d after its pixels are made square", p.Video.Width, p.Video.Height))
	}
	if sound != nil {
		rate, _ := parseInt(sound.SampleRate) // Checked above.
		p.Audio = &Audio{
			Index: sound.Index, Codec: sound.Codec, Profile: sound.Profile, Channels: sound.Channels,
			SampleRate: int(rate), Start: parseSeconds(sound.Start) - origin,
		}
		p.LeftOut = ""
		if d := parseSeconds(sound.Duration); d > 0 {
			p.Duration = p.Audio.Start + d
		}
	}
	// The file's own figure also counts tracks of data, which may be longer.
	if p.Duration = max(p.Duration, p.Video.End); p.Duration == 0 {
		p.Duration = parseSeconds(r.Format.Duration)
	}
	return p, nil
}

// better says whether to choose s over the one chosen so far: the first that is marked as default, or else the first.
func better(s, chosen *stream) bool {
	return chosen == nil || chosen.Disposition.Default == 0 && s.Disposition.Default != 0
}

func video(s *stream, origin time.Duration) Video {
	v := Video{
		Index: s.Index, Codec: s.Codec, Profile: s.Profile, Level: s.Level, PixelFormat: s.PixelFormat,
		Width: s.Width, Height: s.Height, Transfer: s.Transfer, Start: parseSeconds(s.Start) - origin,
	}
	if d := parseSeconds(s.Duration); d > 0 {
		v.End = v.Start + d
	}
	switch s.FieldOrder {
	case "tt", "bb", "tb", "bt":
		v.Interlaced = true
	}
	if num, den, ok := parseRatio(s.Aspect, ":"); ok && num != den {
		// As players do: keep the height and stretch the width.
		v.Width = int(max(1, math.Round(float64(v.Width)*num/den)))
	}
	for _, side := range s.SideData {
		if side.Rotation != nil {
			v.Rotation = turn(*side.Rotation)
		}
	}
	if v.Rotation%180 != 0 {
		v.Width, v.Height = v.Height, v.Width
	}
	if num, den, ok := parseRatio(s.MeanRate, "/"); ok {
		v.FPS = num / den
	}
	return v
}

// turn converts ffprobe's angle (counterclockwise, -180..180) to ours. Angles that no camera writes are left to ffmpeg,
// which turns such a picture inside its frame.
func turn(degrees float64) int {
	quarters := math.Round(-degrees / 90)
	if math.IsNaN(degrees) || math.Abs(-degrees-90*quarters) > 1 {
		return 0
	}
	return ((int(quarters)%4 + 4) % 4) * 90
}

// demux reads the source to its end without decoding and sets the duration and the mean rate from what is there.
func (t *Tool) demux(ctx context.Context, f *os.File, p *Probe) error {
	limits := t.shortLimits()
	limits.wall = min(5*time.Minute, t.config.Timeout) // The disk's time, not ours.
	// One track at a time: what ffmpeg reports is the end of the longest.
	end := func(index int) (*progress, error) {
		args := append(t.reading(p.Container), "-map", "0:"+strconv.Itoa(index), "-c", "copy", "-progress", "pipe:1", "-f", "null", "-")
		read := &progress{}
		_, err := t.run(ctx, command{program: t.config.FFmpeg, args: args, input: f, limits: limits, stdout: read})
		return read, err
	}
	picture, err := end(p.Video.Index)
	if err != nil {
		return err
	}
	p.Duration, p.Video.End = picture.out, picture.out
	if p.Audio != nil {
		sound, err := end(p.Audio.Index)
		if err != nil {
			return err
		}
		p.Duration = max(p.Duration, sound.out)
	}
	// The last picture's own length is often unknown, so the mean is over the steps between pictures; the header's mean is
	// more exact where the two agree.
	if picture.out > 0 && picture.frames > 1 {
		mean := float64(picture.frames-1) / picture.out.Seconds()
		if p.Video.FPS < mean*0.9 || p.Video.FPS > mean*1.1 {
			p.Video.FPS = mean
		}
	}
	return nil
}

// parseSeconds reads ffprobe's decimal seconds; 0 for "N/A", for nothing, and for what is no time.
func parseSeconds(s string) time.Duration {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.Abs(f) > maxHeaderSeconds {
		return 0
	}
	return time.Duration(f * float64(time.Second))
}

func parseInt(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }

// parseRatio reads "num<sep>den" of two positive numbers.
func parseRatio(s, sep string) (num, den float64, ok bool) {
	a, b, found := strings.Cut(s, sep)
	num, err1 := strconv.ParseFloat(a, 64)
	den, err2 := strconv.ParseFloat(b, 64)
	return num, den, found && err1 == nil && err2 == nil && num > 0 && den > 0 && num < 1e9 && den < 1e9
}

// spell writes a limit as a person would.
func spell(d time.Duration) string {
	switch {
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	case d == time.Minute:
		return "one minute"
	}
	return fmt.Sprintf("%d seconds", int(d.Seconds()))
}
