package ffmpeg

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"time"
)

// codeOf returns the code of a refusal, "" for none, and the text of any other error.
func codeOf(err error) Code {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	if err != nil {
		return Code("not a refusal: " + err.Error())
	}
	return ""
}

func makeBox(kind string, content ...[]byte) []byte {
	body := bytes.Join(content, nil)
	return append(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), append([]byte(kind), body...)...)
}

func makeMvhd(scale, duration uint32) []byte {
	b := make([]byte, 100)
	binary.BigEndian.PutUint32(b[12:], scale)
	binary.BigEndian.PutUint32(b[16:], duration)
	return makeBox("mvhd", b)
}

func makeTrak(chunks ...uint32) []byte {
	table := binary.BigEndian.AppendUint32(make([]byte, 4), uint32(len(chunks)))
	for _, c := range chunks {
		table = binary.BigEndian.AppendUint32(table, c)
	}
	return makeBox("trak", makeBox("mdia", makeBox("minf", makeBox("stbl", makeBox("stco", table)))))
}

func makeElement(id uint32, content ...[]byte) []byte {
	body := bytes.Join(content, nil)
	var b []byte
	for shift := 24; shift >= 0; shift -= 8 {
		if v := byte(id >> shift); v != 0 || len(b) > 0 {
			b = append(b, v)
		}
	}
	b = append(b, 0x01) // A size of eight bytes.
	size := binary.BigEndian.AppendUint64(nil, uint64(len(body)))
	return append(append(b, size[1:]...), body...)
}

func unknownSize(id uint32, content ...[]byte) []byte {
	b := makeElement(id, content...)
	n := len(bytes.Join(content, nil))
	copy(b[len(b)-n-8:], []byte{0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	return b
}

var (
	ftyp      = makeBox("ftyp", []byte("isom\x00\x00\x02\x00isommp41"))
	moov      = makeBox("moov", makeMvhd(1000, 2500), makeTrak(40), makeBox("udta"))
	mdat      = makeBox("mdat", make([]byte, 64))
	fastStart = bytes.Join([][]byte{ftyp, moov, mdat}, nil)

	ebmlHead = makeElement(0x1A45DFA3, makeElement(idDoctype, []byte("webm")))
	info     = makeElement(idInfo, makeElement(idTimestampScale, []byte{0x0f, 0x42, 0x40}),
		makeElement(idDuration, binary.BigEndian.AppendUint64(nil, math.Float64bits(2500))))
	tracks  = makeElement(idTracks, makeElement(idTrackEntry, []byte{0x83, 0x81, 1}), makeElement(idTrackEntry))
	cluster = makeElement(idCluster, make([]byte, 32))
	webm    = append(bytes.Clone(ebmlHead), makeElement(idSegment, info, tracks, cluster)...)
	live    = append(bytes.Clone(ebmlHead), unknownSize(idSegment, tracks, unknownSize(idCluster, make([]byte, 32)))...)
)

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestInspect(t *testing.T) {
	large := binary.BigEndian.AppendUint64([]byte("\x00\x00\x00\x01mdat"), 16+64)
	toEnd := append([]byte("\x00\x00\x00\x00mdat"), make([]byte, 64)...)
	cases := []struct {
		name string
		file []byte
		want Structure
		code Code
	}{
		{name: "index first", file: fastStart,
			want: Structure{Container: MP4, Brand: "isom", Duration: 2500 * time.Millisecond, Tracks: 1, HeaderFirst: true}},
		{name: "index last", file: join(ftyp, mdat, moov),
			want: Structure{Container: MP4, Brand: "isom", Duration: 2500 * time.Millisecond, Tracks: 1}},
		{name: "QuickTime without ftyp", file: join(makeBox("wide"), mdat, moov),
			want: Structure{Container: MP4, Duration: 2500 * time.Millisecond, Tracks: 1}},
		{name: "64-bit size", file: join(ftyp, moov, large, make([]byte, 64)),
			want: Structure{Container: MP4, Brand: "isom", Duration: 2500 * time.Millisecond, Tracks: 1, HeaderFirst: true}},
		{name: "media to the end", file: join(ftyp, moov, toEnd),
			want: Structure{Container: MP4, Brand: "isom", Duration: 2500 * time.Millisecond, Tracks: 1, HeaderFirst: true}},
		{name: "fragments", file: join(ftyp, makeBox("moov", makeMvhd(1000, 0), makeBox("mvex")), makeBox("moof"), mdat),
			want: Structure{Container: MP4, Brand: "isom", Fragmented: true, HeaderFirst: true}},
		{name: "unknown duration", file: join(ftyp, makeBox("moov", makeMvhd(1000, 0xffffffff)), mdat),
			want: Structure{Container: MP4, Brand: "isom", HeaderFirst: true}},
		{name: "no time scale", file: join(ftyp, makeBox("moov", makeMvhd(0, 77)), mdat),
			want: Structure{Container: MP4, Brand: "isom", HeaderFirst: true}},
		{name: "something glued to the end", file: join(fastStart, []byte("SEFHl\x00\x00\x00 whatever a phone maker adds SEFT")),
			want: Structure{Container: MP4, Brand: "isom", Duration: 2500 * time.Millisecond, Tracks: 1, HeaderFirst: true}},
		{name: "zeros at the end", file: join(fastStart, make([]byte, 21)),
			want: Structure{Container: MP4, Brand: "isom", Duration: 2500 * time.Millisecond, Tracks: 1, HeaderFirst: true}},
		{name: "webm", file: webm,
			want: Structure{Container: Matroska, Brand: "webm", Duration: 2500 * time.Millisecond, Tracks: 2, HeaderFirst: true}},
		{name: "webm of a browser", file: live,
			want: Structure{Container: Matroska, Brand: "webm", Tracks: 2, HeaderFirst: true}},
		{name: "webm of a browser that was closed", file: live[:len(live)-20],
			want: Structure{Container: Matroska, Brand: "webm", Tracks: 2, HeaderFirst: true}},

		{name: "empty", file: nil, code: CodeNotVideo},
		{name: "one byte", file: []byte{0}, code: CodeNotVideo},
		{name: "zeros", file: make([]byte, 4096), code: CodeNotVideo},
		{name: "only ftyp", file: ftyp, code: CodeNotVideo},
		{name: "no index", file: join(ftyp, mdat), code: CodeTruncated},
		{name: "no media", file: join(ftyp, moov), code: CodeTruncated},
		{name: "media cut", file: fastStart[:len(fastStart)-1], code: CodeTruncated},
		{name: "header of media cut", file: fastStart[:len(fastStart)-66], code: CodeTruncated},
		{name: "index cut", file: join(ftyp, mdat, moov[:len(moov)-1]), code: CodeTruncated},
		{name: "fragment cut", file: join(ftyp, makeBox("moov", makeMvhd(1000, 0)), makeBox("moof"), mdat, mdat[:30]), code: CodeTruncated},
		{name: "chunk after the end", file: join(ftyp, makeBox("moov", makeMvhd(1000, 1), makeTrak(40, 5000)), toEnd), code: CodeTruncated},
		{name: "64-bit size of all ones", file: join(ftyp, moov, []byte("\x00\x00\x00\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff")), code: CodeTruncated},
		{name: "64-bit size too small", file: join(ftyp, []byte("\x00\x00\x00\x01mdat\x00\x00\x00\x00\x00\x00\x00\x0f"), moov), code: CodeBroken},
		{name: "size of 4", file: join(ftyp, []byte("\x00\x00\x00\x04free"), moov, mdat), code: CodeBroken},
		{name: "child larger than its parent", file: join(ftyp, makeBox("moov", []byte("\x00\x00\xff\xfftrak")), mdat), code: CodeBroken},
		{name: "chunk table larger than its box", file: join(ftyp, makeBox("moov", makeBox("trak", makeBox("mdia",
			makeBox("minf", makeBox("stbl", makeBox("stco", []byte("\x00\x00\x00\x00\xff\xff\xff\xff\x00\x00\x00\x01"))))))), mdat), code: CodeBroken},
		{name: "two indexes", file: join(ftyp, moov, moov, mdat), code: CodeBroken},
		{name: "short mvhd", file: join(ftyp, makeBox("moov", makeBox("mvhd", make([]byte, 8))), mdat), code: CodeBroken},
		{name: "compressed index", file: join(ftyp, makeBox("moov", makeBox("cmov")), mdat), code: CodeCodecUnsupported},
		{name: "HEIC picture", file: join(makeBox("ftyp", []byte("heic\x00\x00\x00\x00mif1heic")), moov, mdat), code: CodeNotVideo},
		{name: "AVIF picture", file: join(makeBox("ftyp", []byte("avif\x00\x00\x00\x00mif1")), moov, mdat), code: CodeNotVideo},
		{name: "webm cut", file: webm[:len(webm)-1], code: CodeTruncated},
		{name: "webm without segment", file: ebmlHead, code: CodeTruncated},
		{name: "webm without media", file: append(bytes.Clone(ebmlHead), makeElement(idSegment, info, tracks)...), code: CodeTruncated},
		{name: "webm with media first", file: append(bytes.Clone(ebmlHead), makeElement(idSegment, cluster, tracks)...), code: CodeBroken},
		{name: "EBML of another kind", file: makeElement(0x1A45DFA3, makeElement(idDoctype, []byte("mka?"))), code: CodeNotVideo},
		{name: "EBML without doctype", file: makeElement(0x1A45DFA3), code: CodeNotVideo},
		{name: "EBML magic alone", file: ebmlMagic, code: CodeNotVideo},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := Inspect(bytes.NewReader(c.file), int64(len(c.file)))
			if codeOf(err) != c.code {
				t.Fatalf("code %q (%v), want %q", codeOf(err), err, c.code)
			}
			if c.code == "" && got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

// Other kinds of files, by their first bytes.
var strangers = map[string]string{
	"playlist":      "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n",
	"ffconcat":      "ffconcat version 1.0\nfile secret.mp4\n",
	"DASH":          `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>`,
	"SDP":           "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=video 5004 RTP/AVP 96\n",
	"SVG":           `<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>`,
	"HTML":          "<!doctype html><script>alert(1)</script>",
	"PNG":           "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
	"JPEG":          "\xff\xd8\xff\xe0\x00\x10JFIF",
	"GIF":           "GIF89a\x01\x00\x01\x00",
	"AVI":           "RIFF\x00\x10\x00\x00AVI LIST",
	"WAV":           "RIFF\x00\x10\x00\x00WAVEfmt ",
	"FLV":           "FLV\x01\x05\x00\x00\x00\x09",
	"MPEG-TS":       "G@\x00\x10" + strings.Repeat("\xff", 184) + "G@",
	"MPEG-PS":       "\x00\x00\x01\xba\x44\x00",
	"Ogg":           "OggS\x00\x02",
	"MP3":           "ID3\x04\x00",
	"ASF":           "\x30\x26\xb2\x75\x8e\x66\xcf\x11",
	"ZIP":           "PK\x03\x04",
	"PDF":           "%PDF-1.7\n",
	"ELF":           "\x7fELF\x02\x01\x01",
	"subtitles":     "1\n00:00:01,000 --> 00:00:02,000\nhello\n",
	"text":          "hello, moov mdat ftyp",
	"space, then 3": " \n#EXTM3U\n",
	"UTF-8 mark":    "\xef\xbb\xbf#EXTM3U\n",
}

func TestSniffRefusesEverythingElse(t *testing.T) {
	for name, content := range strangers {
		if c, err := Sniff([]byte(content)); codeOf(err) != CodeNotVideo {
			t.Errorf("%s: %q, %v", name, c, err)
		}
	}
}

// TestInspectCutAnywhere: of a good MP4 no proper beginning passes.
func TestInspectCutAnywhere(t *testing.T) {
	for _, file := range [][]byte{fastStart, join(ftyp, mdat, moov), webm} {
		for n := range file {
			if s, err := Inspect(bytes.NewReader(file[:n]), int64(n)); codeOf(err) == "" {
				t.Fatalf("%d of %d bytes pass: %+v", n, len(file), s)
			}
		}
	}
}

// TestInspectIsCheap: however many boxes a file claims, little is read and no more than a head is allocated.
func TestInspectIsCheap(t *testing.T) {
	many := bytes.Repeat(makeBox("free"), 400_000)
	if _, err := Inspect(bytes.NewReader(join(ftyp, many)), int64(len(ftyp)+len(many))); codeOf(err) != CodeBroken {
		t.Errorf("400,000 boxes: %v", err)
	}
	inner := join(ftyp, makeBox("moov", many), mdat)
	if _, err := Inspect(bytes.NewReader(inner), int64(len(inner))); codeOf(err) != CodeBroken {
		t.Errorf("400,000 boxes inside: %v", err)
	}
}

type failingReader struct{ after int64 }

var errDisk = errors.New("disk")

func (f failingReader) ReadAt(b []byte, off int64) (int, error) {
	if off+int64(len(b)) > f.after {
		return 0, errDisk
	}
	return bytes.NewReader(join(ftyp, makeBox("free", make([]byte, 600)), moov, mdat)).ReadAt(b, off)
}

// TestInspectReadErrors: a failing disk is not the author's fault.
func TestInspectReadErrors(t *testing.T) {
	for _, after := range []int64{0, 512} {
		if _, err := Inspect(failingReader{after}, 1<<20); !errors.Is(err, errDisk) || codeOf(err) == CodeBroken {
			t.Errorf("after %d: %v", after, err)
		}
	}
	short := bytes.NewReader(fastStart[:100])
	if _, err := Inspect(short, int64(len(fastStart))); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a file shorter than its size: %v", err)
	}
}

func TestFind(t *testing.T) {
	tool := testTool(t)
	if !strings.HasPrefix(tool.Version(), "ffmpeg version ") {
		t.Errorf("version %q", tool.Version())
	}
	for _, c := range []Config{
		{FFmpeg: "no-such-program"}, {FFprobe: "/no/such/path"}, {FFmpeg: "/bin/true"}, {FFmpeg: "/bin/false"},
	} {
		_, err := Find(t.Context(), c)
		if !errors.Is(err, ErrMissing) || codeOf(err) != CodeToolMissing {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if _, err := Find(t.Context(), Config{Isolation: Bubblewrapped, Bubblewrap: "no-such-program"}); err == nil || errors.Is(err, ErrMissing) {
		t.Errorf("isolation that is not there: %v", err)
	}
}

// TestProbe looks at clips of all kinds and says what is in them and whether they play as they are.
func TestProbe(t *testing.T) {
	vfr := []string{"-vf", "select='not(mod(n,3))+lt(n,20)'", "-vsync", "vfr", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"}
	cases := []struct {
		name    string
		sources []string
		options [][]string
		want    string // Codec, size, rotation, sound, direct.
		fps     float64
	}{
		{name: "moov-last.mp4", sources: []string{picture, tone}, options: [][]string{x264, aac},
			want: "h264 320x240 0 aac true", fps: 30},
		{name: "fast.mov", sources: []string{picture, tone}, options: [][]string{x264, aac, {"-movflags", "+faststart"}},
			want: "h264 320x240 0 aac true", fps: 30},
		{name: "fragmented.mp4", sources: []string{picture, tone}, options: [][]string{x264, aac, {"-movflags", "frag_keyframe+empty_moov"}},
			want: "h264 320x240 0 aac true", fps: 30},
		{name: "silent.mp4", sources: []string{picture}, options: [][]string{x264}, want: "h264 320x240 0 - true", fps: 30},
		{name: "varying.mp4", sources: []string{picture}, options: [][]string{vfr}, want: "h264 320x240 0 - true", fps: 16.7},
		{name: "odd.mp4", sources: []string{"testsrc=s=321x241:r=10:d=1"}, options: [][]string{{"-c:v", "libx264", "-pix_fmt", "yuv444p"}},
			want: "h264 321x241 0 - false", fps: 10},
		{name: "ten-bit.mp4", sources: []string{"testsrc2=s=320x240:r=10:d=1"}, options: [][]string{{"-c:v", "libx264", "-pix_fmt", "yuv420p10le"}},
			want: "h264 320x240 0 - false", fps: 10},
		{name: "hevc.mp4", sources: []string{"testsrc2=s=320x240:r=10:d=1", tone}, options: [][]string{
			{"-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-tag:v", "hvc1", "-t", "1"}, aac},
			want: "hevc 320x240 0 aac false", fps: 10},
		{name: "upright.mp4", sources: []string{"testsrc2=s=180x320:r=30:d=1"}, options: [][]string{x264}, want: "h264 180x320 0 - true", fps: 30},
		{name: "wide-pixels.mp4", sources: []string{"testsrc2=s=180x240:r=10:d=1,setsar=16/9"}, options: [][]string{x264},
			want: "h264 320x240 0 - true", fps: 10},
		{name: "vp8.webm", sources: []string{"testsrc2=s=320x240:r=10:d=1", tone},
			options: [][]string{{"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus", "-t", "1"}},
			want:    "vp8 320x240 0 opus false", fps: 10},
		{name: "vp9.webm", sources: []string{"testsrc2=s=320x240:r=10:d=1"},
			options: [][]string{{"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"}}, want: "vp9 320x240 0 - false", fps: 10},
		{name: "live.webm", sources: []string{"testsrc2=s=320x240:r=10:d=1", tone}, options: [][]string{
			{"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus", "-t", "1", "-live", "1"}},
			want: "vp8 320x240 0 opus false", fps: 10},
		{name: "h264.mkv", sources: []string{picture, tone}, options: [][]string{x264, aac}, want: "h264 320x240 0 aac false", fps: 30},
		{name: "sound-first.mov", sources: []string{picture, tone}, options: [][]string{{"-map", "1", "-map", "0"}, x264, {"-c:a", "pcm_s16le"}},
			want: "h264 320x240 0 pcm_s16le false", fps: 30},
		{name: "sixty.mp4", sources: []string{"testsrc2=s=160x120:r=60:d=1"}, options: [][]string{x264}, want: "h264 160x120 0 - true", fps: 60},
		{name: "slow-motion.mp4", sources: []string{"testsrc2=s=160x120:r=240:d=1"}, options: [][]string{x264}, want: "h264 160x120 0 - false", fps: 240},
		{name: "sound-unknown.mov", sources: []string{picture, tone}, options: [][]string{x264, {"-c:a", "alac"}},
			want: "h264 320x240 0 left out: alac false", fps: 30},
		{name: "cover.mp4", sources: []string{picture, tone, "color=s=64x64:d=1:r=1"}, options: [][]string{x264, aac,
			{"-map", "0", "-map", "1", "-map", "2", "-frames:v:1", "1", "-c:v:1", "png", "-disposition:v:1", "attached_pic"}},
			want: "h264 320x240 0 aac true", fps: 30},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := examine(t, makeClip(t, c.name, c.sources, c.options...)).Probe
			sound := "-"
			if p.Audio != nil {
				sound = p.Audio.Codec
			}
			if p.LeftOut != "" {
				sound = "left out: " + p.LeftOut
			}
			v := p.Video
			if got := fmt.Sprintf("%s %dx%d %d %s %v", v.Codec, v.Width, v.Height, v.Rotation, sound, Direct(p)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if math.Abs(v.FPS-c.fps) > 0.04*c.fps {
				t.Errorf("%.2f pictures a second, want %.2f", v.FPS, c.fps)
			}
			if p.Duration < 900*time.Millisecond || p.Duration > 2200*time.Millisecond {
				t.Errorf("duration %v", p.Duration)
			}
		})
	}
}

// TestProbeLimits: what is too much is refused by the probe, before anything is decoded.
func TestProbeLimits(t *testing.T) {
	cases := []struct {
		name string
		path func(t *testing.T) string
		code Code
	}{
		{"ten hours at one picture a second", func(t *testing.T) string {
			return makeClip(t, "long.mp4", []string{"color=s=64x64:r=1:d=36000"}, x264)
		}, CodeTooLong},
		{"ten hours of webm without duration", func(t *testing.T) string {
			return makeClip(t, "long.webm", []string{"color=s=16x16:r=0.02:d=36000"}, []string{"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-live", "1"})
		}, CodeTooLong},
		{"a thousand pictures a second", func(t *testing.T) string {
			return makeClip(t, "fast.mp4", []string{"color=s=64x64:r=1000:d=1"}, x264)
		}, CodeTooManyFrames},
		{"8192 x 4320", func(t *testing.T) string {
			return makeClip(t, "large.mp4", []string{"color=s=8192x4320:r=1:d=1"}, x264)
		}, CodeTooManyPixels},
		{"sound only", func(t *testing.T) string { return makeClip(t, "sound.mp4", []string{tone}, aac) }, CodeNoPicture},
		{"sound and a cover", func(t *testing.T) string {
			return makeClip(t, "cover.mp4", []string{"color=s=64x64:d=1:r=1", tone}, []string{
				"-map", "1", "-map", "0", "-frames:v", "1", "-c:v", "mjpeg", "-disposition:v:0", "attached_pic"}, aac)
		}, CodeNoPicture},
		{"motion JPEG", func(t *testing.T) string {
			return makeClip(t, "mjpeg.mov", []string{"testsrc2=s=64x64:d=1:r=5"}, []string{"-c:v", "mjpeg"})
		}, CodeCodecUnsupported},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := testTool(t).Examine(t.Context(), c.path(t))
			if codeOf(err) != c.code {
				t.Errorf("got %v, want %s", err, c.code)
			}
		})
	}
}

func fuzzInspect(f *testing.F, seeds ...[]byte) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Inspect(bytes.NewReader(b), int64(len(b)))
		var refused *Refusal
		if err != nil && !errors.As(err, &refused) {
			t.Fatalf("an error that is no refusal: %v", err)
		}
		if refused != nil && refused.Detail == "" {
			t.Fatalf("no words for %s", refused.Code)
		}
		if s.Duration < 0 || s.Tracks < 0 || s.Tracks > len(b) {
			t.Fatalf("%+v", s)
		}
	})
}

func FuzzInspectMP4(f *testing.F) {
	fuzzInspect(f, fastStart, join(ftyp, mdat, moov), join(ftyp, makeBox("moov", makeMvhd(1, 0), makeBox("mvex")), makeBox("moof"), mdat))
}

func FuzzInspectMatroska(f *testing.F) { fuzzInspect(f, webm, live) }
