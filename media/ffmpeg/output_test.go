package ffmpeg

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// near2 says whether two durations are within a fifth of a second.
func near2(a, b time.Duration) bool { return (a - b).Abs() <= 200*time.Millisecond }

// TestPlayable makes the first thing that plays out of every kind of source.
func TestPlayable(t *testing.T) {
	cases := []struct {
		name   string
		path   string
		want   string
		direct bool
	}{
		{"phone", phone(t), "320x240", true},
		{"browser", makeClip(t, "live.webm", []string{"testsrc2=s=320x240:r=30:d=2", tone},
			[]string{"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus", "-live", "1"}), "320x240", false},
		{"odd, 4:4:4", makeClip(t, "odd.mp4", []string{"testsrc=s=321x241:r=10:d=1"}, []string{"-c:v", "libx264", "-pix_fmt", "yuv444p"}),
			"320x240", false},
		{"large, upright", makeClip(t, "large.webm", []string{"testsrc2=s=540x960:r=10:d=1"},
			[]string{"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"}), "480x854", false},
		{"sound later than picture", makeClip(t, "late.mkv", []string{picture, tone}, x264, []string{"-af", "asetpts=PTS+1/TB", "-c:a", "aac"}),
			"320x240", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in, dir := examine(t, c.path), t.TempDir()
			var shares []float64
			out, err := testTool(t).Playable(t.Context(), in, dir, func(s float64) { shares = append(shares, s) })
			if err != nil {
				t.Fatal(err)
			}
			left(t, dir, ProgressiveName)
			if out.Direct != c.direct || fmt.Sprintf("%dx%d", out.Width, out.Height) != c.want {
				t.Errorf("%+v, want %s direct %v", out, c.want, c.direct)
			}
			again := examine(t, out.Path)
			s, err := Inspect(bytes.NewReader(read(t, out.Path)), int64(len(read(t, out.Path))))
			if err != nil || !s.HeaderFirst {
				t.Errorf("not ready to be streamed: %+v, %v", s, err)
			}
			if !Direct(again.Probe) || !near2(again.Probe.Duration, in.Probe.Duration) ||
				again.Probe.Video.Width != out.Width || again.Probe.Video.Height != out.Height {
				t.Errorf("made %+v out of %+v", again.Probe, in.Probe)
			}
			if (again.Probe.Audio == nil) != (in.Probe.Audio == nil) {
				t.Error("the sound is gone")
			}
			if len(shares) == 0 || shares[len(shares)-1] != 1 {
				t.Errorf("progress %v", shares)
			}
			if out.Usage.CPU <= 0 || out.Usage.Wall <= 0 {
				t.Errorf("usage %+v", out.Usage)
			}
		})
	}
}

// TestRotation: what was filmed upright, upside down or mirrored is seen the right way in every output, by its pixels.
func TestRotation(t *testing.T) {
	base := makeClip(t, "base.mp4", []string{quarters}, x264)
	coded := makeClip(t, "base10.mp4", []string{quarters}, []string{"-c:v", "libx264", "-pix_fmt", "yuv420p10le"})
	for how, want := range map[string]string{"0": "RGBW", "90": "BRWG", "180": "WBGR", "270": "GWRB", "mirror": "GRWB"} {
		t.Run(how, func(t *testing.T) {
			tool, dir := testTool(t), t.TempDir()
			width, height := 320, 240
			if how == "90" || how == "270" {
				width, height = height, width
			}
			for _, source := range []string{base, coded} {
				in := examine(t, turned(t, source, how))
				if in.Probe.Video.Width != width || in.Probe.Video.Height != height {
					t.Fatalf("probe says %dx%d", in.Probe.Video.Width, in.Probe.Video.Height)
				}
				out, err := tool.Playable(t.Context(), in, dir, nil)
				if err != nil {
					t.Fatal(err)
				}
				if got := corners(t, out.Path, width, height); got != want || out.Direct != (source == base) {
					t.Errorf("progressive (direct %v) shows %s, want %s", out.Direct, got, want)
				}
			}
			in := examine(t, turned(t, base, how))
			poster, err := tool.Poster(t.Context(), in, dir)
			if err != nil {
				t.Fatal(err)
			}
			if got := corners(t, poster.Path, width, height); got != want {
				t.Errorf("poster shows %s, want %s", got, want)
			}
			l, err := tool.Renditions(t.Context(), in, Loudness{}, dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := corners(t, l.Renditions[0].Media, width, height); got != want {
				t.Errorf("rendition shows %s, want %s", got, want)
			}
			sb, err := tool.Storyboard(t.Context(), in, dir)
			if err != nil {
				t.Fatal(err)
			}
			f, err := os.Open(sb.Sheet)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			sheet, err := jpeg.Decode(f)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, p := range [][2]int{{1, 1}, {3, 1}, {1, 3}, {3, 3}} {
				r, g, b, _ := sheet.At(sb.TileWidth*p[0]/4, sb.TileHeight*p[1]/4).RGBA()
				got += colour([]byte{byte(r >> 8), byte(g >> 8), byte(b >> 8)})
			}
			if got != want {
				t.Errorf("storyboard shows %s, want %s", got, want)
			}
		})
	}
}

// TestRenditions checks the ladder as a player reads it.
func TestRenditions(t *testing.T) {
	cases := []struct {
		name string
		path string
		want string
		rate float64
	}{
		{"small", phone(t), "240p 320x240 avc1.*,mp4a.40.2", 30},
		{"two sizes, upright, 50 a second", makeClip(t, "two.mp4", []string{"testsrc2=s=500x888:r=50:d=5"}, x264),
			"500p 500x888 avc1.*; 360p 360x640 avc1.*", 25},
		{"varying rate", makeClip(t, "varying.mp4", []string{picture}, []string{"-vf", "select='not(mod(n,3))+lt(n,20)'", "-vsync", "vfr"}, x264),
			"240p 320x240 avc1.*", 30},
		{"sound longer than picture", makeClip(t, "longer.mp4", []string{"testsrc2=s=160x120:r=30:d=1", "sine=r=48000:d=4"}, x264, aac),
			"120p 160x120 avc1.*,mp4a.40.2", 30},
		{"six channels", makeClip(t, "six.mkv", []string{picture, "anoisesrc=d=2:r=48000,aformat=channel_layouts=5.1"}, x264, []string{"-c:a", "aac"}),
			"240p 320x240 avc1.*,mp4a.40.2", 30},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in, dir := examine(t, c.path), t.TempDir()
			last := 0.0
			l, err := testTool(t).Renditions(t.Context(), in, Loudness{}, dir, func(s float64) {
				if s <= last || s > 1 {
					t.Errorf("share %v after %v", s, last)
				}
				last = s
			})
			if err != nil {
				t.Fatal(err)
			}
			if last != 1 {
				t.Errorf("progress ended at %v", last)
			}
			var got []string
			names := []string{MasterName}
			for _, r := range l.Renditions {
				got = append(got, fmt.Sprintf("%s %dx%d %s", r.Name, r.Width, r.Height, r.Codecs))
				names = append(names, filepath.Base(r.Media), filepath.Base(r.Playlist))
				checkRendition(t, r, in.Probe, c.rate)
			}
			want := strings.NewReplacer("avc1.*", "avc1\\.6400[0-9a-f]{2}", "mp4a.40.2", "mp4a\\.40\\.2").Replace(c.want)
			if s := strings.Join(got, "; "); !regexp.MustCompile("^" + want + "$").MatchString(s) {
				t.Errorf("got %s, want %s", s, c.want)
			}
			left(t, dir, names...)
			if len(l.Files()) != len(names) {
				t.Errorf("files %v", l.Files())
			}
			text := string(read(t, l.Master))
			if strings.Contains(text, dir) || strings.Count(text, "#EXT-X-STREAM-INF") != len(l.Renditions) {
				t.Errorf("master playlist:\n%s", text)
			}
			// A player reads the whole through the master playlist.
			p := plain(t, "-i", l.Master, "-map", "0:v:0", "-f", "framecrc", "-")
			if frames := bytes.Count(p, []byte("\n0,")); math.Abs(float64(frames)-in.Probe.Duration.Seconds()*c.rate) > 3 {
				t.Errorf("%d pictures", frames)
			}
		})
	}
}

// checkRendition looks at key frames, rate and duration of a rendition.
func checkRendition(t *testing.T, r Rendition, source Probe, wantRate float64) {
	t.Helper()
	if r.Bandwidth < r.AverageBandwidth || r.AverageBandwidth <= 0 {
		t.Errorf("bandwidth %d, average %d", r.Bandwidth, r.AverageBandwidth)
	}
	if !near2(r.Duration, source.Duration) {
		t.Errorf("%s lasts %v, the source %v", r.Name, r.Duration, source.Duration)
	}
	p := examine(t, r.Media).Probe
	if math.Abs(p.Video.FPS-wantRate) > 0.5 || p.Video.PixelFormat != "yuv420p" {
		t.Errorf("%s: %.2f pictures a second, %s", r.Name, p.Video.FPS, p.Video.PixelFormat)
	}
	if p.Audio != nil && (p.Audio.Channels > 2 || p.Audio.SampleRate != 48000) {
		t.Errorf("sound %+v", p.Audio)
	}
	keys := plain(t, "-skip_frame", "nokey", "-i", r.Media, "-map", "0:v", "-vsync", "passthrough", "-f", "framecrc", "-")
	if n, want := bytes.Count(keys, []byte("\n0,")), int(math.Ceil(source.Duration.Seconds()/4-0.01)); n != want {
		t.Errorf("%s: %d key frames, want %d", r.Name, n, want)
	}
}

// TestNoPlace: the place and the name of the phone, wherever a file keeps them, are in no output.
func TestNoPlace(t *testing.T) {
	marks := []string{"+48.2082+016.3738", "CanaryPhone", "canary-title", "CANARY-IN-THE-PICTURE"}
	tags := []string{"-metadata", "location=" + marks[0] + "/", "-metadata", "com.apple.quicktime.location.ISO6709=" + marks[0] + "/",
		"-metadata", "make=" + marks[1], "-metadata", "title=" + marks[2], "-metadata:s:v", "handler_name=" + marks[1],
		"-metadata:s:a", "title=" + marks[2], "-bsf:v", "h264_metadata=sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+" + marks[3]}
	for name, more := range map[string][]string{
		"a.mp4": {"-movflags", "use_metadata_tags"}, "b.mov": nil, "c.mkv": nil,
	} {
		t.Run(name, func(t *testing.T) {
			path := makeClip(t, name, []string{picture, tone}, x264, aac, tags, more)
			source := read(t, path)
			for _, m := range marks {
				if !bytes.Contains(source, []byte(m)) && !strings.HasPrefix(m, "Canary") {
					t.Fatalf("the source does not hold %s", m)
				}
			}
			tool, in, dir := testTool(t), examine(t, path), t.TempDir()
			runAll(t, tool, in, dir, true)
			entries, err := os.ReadDir(dir)
			if err != nil || len(entries) != 8 {
				t.Fatalf("%d results, %v", len(entries), err)
			}
			for _, e := range entries {
				content := read(t, filepath.Join(dir, e.Name()))
				for _, m := range append(marks, "x264 - core") {
					if bytes.Contains(content, []byte(m)) && (m != "x264 - core" || e.Name() == ProgressiveName && Direct(in.Probe)) {
						t.Errorf("%s holds %s", e.Name(), m)
					}
				}
			}
		})
	}
}

// runAll makes every output of in in dir, the renditions only if asked.
func runAll(t testing.TB, tool *Tool, in Input, dir string, renditions bool) Usage {
	t.Helper()
	var sum Usage
	play, err := tool.Playable(t.Context(), in, dir, nil)
	sum.add(play.Usage)
	poster, err2 := tool.Poster(t.Context(), in, dir)
	sum.add(poster.Usage)
	var err3 error
	if renditions {
		var l Ladder
		l, err3 = tool.Renditions(t.Context(), in, Loudness{}, dir, nil)
		sum.add(l.Usage)
	}
	sb, err4 := tool.Storyboard(t.Context(), in, dir)
	sum.add(sb.Usage)
	sound, err5 := tool.Audio16k(t.Context(), in, dir)
	sum.add(sound.Usage)
	if errors.Is(err5, ErrNoAudio) {
		err5 = nil
	}
	if err := errors.Join(err, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	return sum
}

func TestLoudness(t *testing.T) {
	tool := testTool(t)
	quiet := examine(t, makeClip(t, "quiet.mp4", []string{picture, tone + ",volume=-20dB"}, x264, aac))
	l, err := tool.Loudness(t.Context(), quiet)
	if err != nil || !l.Measured || l.Integrated > -35 || l.Integrated < -48 || l.Peak > -30 {
		t.Fatalf("%+v, %v", l, err)
	}
	dir := t.TempDir()
	ladder, err := tool.Renditions(t.Context(), quiet, l, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	after, err := tool.Loudness(t.Context(), examine(t, ladder.Renditions[0].Media))
	if err != nil || math.Abs(after.Integrated-(l.Integrated+l.Gain())) > 1 {
		t.Errorf("raised by %.1f dB from %.1f to %.1f LUFS, %v", l.Gain(), l.Integrated, after.Integrated, err)
	}
	silent := examine(t, makeClip(t, "silent.mp4", []string{picture, "anullsrc=r=48000:d=2"}, x264, aac, []string{"-t", "2"}))
	if l, err := tool.Loudness(t.Context(), silent); err != nil || l.Measured || l.Gain() != 0 {
		t.Errorf("silence: %+v, %v", l, err)
	}
	none := examine(t, makeClip(t, "none.mp4", []string{picture}, x264))
	if _, err := tool.Loudness(t.Context(), none); !errors.Is(err, ErrNoAudio) {
		t.Errorf("no sound: %v", err)
	}
	if _, err := tool.Audio16k(t.Context(), none, dir); !errors.Is(err, ErrNoAudio) {
		t.Errorf("no sound: %v", err)
	}
	loud := Loudness{Measured: true, Integrated: 12}
	if faint := (Loudness{Measured: true, Integrated: -65}); faint.Gain() != maxGain || loud.Gain() != minGain {
		t.Errorf("gains %v, %v", faint.Gain(), loud.Gain())
	}
}

// TestAudio16k: the format is what the recognizer wants, and a second of it is a second of the video.
func TestAudio16k(t *testing.T) {
	late := makeClip(t, "late.mkv", []string{picture, tone}, x264, []string{"-af", "asetpts=PTS+1/TB", "-c:a", "pcm_s16le"})
	dir := t.TempDir()
	sound, err := testTool(t).Audio16k(t.Context(), examine(t, late), dir)
	if err != nil {
		t.Fatal(err)
	}
	left(t, dir, AudioName)
	b := read(t, sound.Path)
	if string(b[:4]) != "RIFF" || string(b[8:16]) != "WAVEfmt " || string(b[36:40]) != "data" ||
		binary.LittleEndian.Uint16(b[22:]) != 1 || binary.LittleEndian.Uint32(b[24:]) != 16000 || binary.LittleEndian.Uint16(b[34:]) != 16 {
		t.Errorf("header % x", b[:wavHeader])
	}
	if !near2(sound.Duration, 3*time.Second) {
		t.Errorf("%v", sound.Duration)
	}
	first := 0
	for i := wavHeader; i+1 < len(b); i += 2 {
		if v := int16(binary.LittleEndian.Uint16(b[i:])); v > 500 || v < -500 {
			first = (i - wavHeader) / 2
			break
		}
	}
	if at := time.Duration(first) * time.Second / 16000; !near2(at, time.Second) {
		t.Errorf("the tone begins at %v, want 1s", at)
	}
}

// TestStoryboard: key frames where there are enough, everything where there are not; every tile at its own time.
func TestStoryboard(t *testing.T) {
	every := makeClip(t, "keys.mp4", []string{"testsrc2=s=320x240:r=10:d=21"}, x264, []string{"-g", "10"})
	one := makeClip(t, "one.mp4", []string{"testsrc2=s=320x240:r=10:d=21"}, x264, []string{"-g", "999", "-sc_threshold", "0"})
	short := makeClip(t, "short.mp4", []string{"testsrc2=s=64x48:r=10:d=0.3"}, x264)
	for _, c := range []struct {
		path  string
		tiles int
	}{{every, 11}, {one, 11}, {short, 3}} {
		t.Run(filepath.Base(c.path), func(t *testing.T) {
			dir := t.TempDir()
			sb, err := testTool(t).Storyboard(t.Context(), examine(t, c.path), dir)
			if err != nil {
				t.Fatal(err)
			}
			left(t, dir, StoryboardName, StoryboardVTTName)
			text := string(read(t, sb.VTT))
			if sb.Tiles != c.tiles || !strings.HasPrefix(text, "WEBVTT\n\n00:00:00.000 --> ") ||
				strings.Count(text, "\nstoryboard.jpg#xywh=") != c.tiles {
				t.Errorf("%+v\n%s", sb, text)
			}
			f, err := os.Open(sb.Sheet)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			size, err := jpeg.DecodeConfig(f)
			last := fmt.Sprintf("#xywh=%d,%d,%d,%d\n", (c.tiles-1)%10*sb.TileWidth, (c.tiles-1)/10*sb.TileHeight, sb.TileWidth, sb.TileHeight)
			if rows := (c.tiles + 9) / 10; err != nil || size.Width < min(10, c.tiles)*sb.TileWidth ||
				size.Height != rows*sb.TileHeight || !strings.HasSuffix(text, last) {
				t.Errorf("sheet %dx%d, %v", size.Width, size.Height, err)
			}
		})
	}
}

func TestPoster(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"testsrc2=s=320x240:r=10:d=3", "320x240"}, {"testsrc2=s=1280x720:r=10:d=0.2", "720x404"}, {"testsrc2=s=64x48:r=1:d=1", "64x48"},
	} {
		dir := t.TempDir()
		p, err := testTool(t).Poster(t.Context(), examine(t, makeClip(t, "p.mp4", []string{c.source}, x264)), dir)
		if err != nil {
			t.Fatal(err)
		}
		left(t, dir, PosterName)
		size, err := jpeg.DecodeConfig(bytes.NewReader(read(t, p.Path)))
		if got := fmt.Sprintf("%dx%d", size.Width, size.Height); err != nil || got != c.want || p.Width != size.Width || p.Height != size.Height {
			t.Errorf("%s, %v, want %s", got, err, c.want)
		}
	}
}

// TestSharedFixtures runs everything on real recordings of phones and browsers.
func TestSharedFixtures(t *testing.T) {
	for name, want := range map[string]string{
		"internal_emulator_transformer_output_270_rotated.mp4": "h264 720x1280 270 aac direct true sdr 4.9s",
		"sample_edit_list.mp4":                                 "hevc 1080x1920 90 aac direct false hdr 2.5s",
		"mr_vp8.webm":                                          "vp8 1280x720 0 opus direct false sdr 11.9s",
		"mr_avc.mp4":                                           "h264 1280x720 0 opus direct false sdr 11.9s",
		"bbb_642x642_768kbps_30fps_vp9.webm":                   "vp9 642x642 0 - direct false sdr 2.9s",
		"sample_audio_only.mp4":                                string(CodeNoPicture),
		"sample_malformed_free_box.mp4":                        string(CodeBroken),
	} {
		t.Run(name, func(t *testing.T) {
			path := shared(t, name)
			in, err := testTool(t).Examine(t.Context(), path)
			if err != nil {
				if codeOf(err) != Code(want) {
					t.Errorf("%v, want %s", err, want)
				}
				return
			}
			p, sound, hdr := in.Probe, "-", "sdr"
			if p.Audio != nil {
				sound = p.Audio.Codec
			}
			if p.Video.HDR() {
				hdr = "hdr"
			}
			got := fmt.Sprintf("%s %dx%d %d %s direct %v %s %.1fs", p.Video.Codec, p.Video.Width, p.Video.Height, p.Video.Rotation, sound,
				Direct(p), hdr, math.Floor(p.Duration.Seconds()*10)/10)
			if got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			// All but the most expensive step, and that one for the recording without duration and for the HDR one.
			runAll(t, testTool(t), in, t.TempDir(), p.Container == Matroska && p.Audio != nil || p.Video.HDR())
		})
	}
}
