package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The picture: a phone held upright, or lying for one take in six.
const (
	shortSide, longSide = 720, 1280
	frames              = 12
	soundRate           = 24000
	// nice is added to the niceness of what makes videos, so that they take only what nobody else wants.
	nice = 10
	// limit is how long one run of a program may take.
	limit = 15 * time.Minute
)

// studio makes recordings with ffmpeg.
type studio struct {
	ffmpeg string
	// speaker is flite, espeak-ng, or empty where this machine cannot speak.
	speaker string
	// font is empty where there is none: then the picture has no words.
	font string
	// gradients and waves say whether ffmpeg can draw them.
	gradients, waves bool
}

// openStudio looks at what this machine can do.
func openStudio(ctx context.Context, ffmpeg string) (*studio, error) {
	s := &studio{ffmpeg: ffmpeg}
	out, err := exec.CommandContext(ctx, ffmpeg, "-hide_banner", "-nostdin", "-filters").Output()
	if err != nil {
		return nil, fmt.Errorf("ask ffmpeg for its filters: %w", err)
	}
	has := func(filter string) bool { return bytes.Contains(out, []byte(" "+filter+" ")) }
	s.gradients, s.waves = has("gradients"), has("showwaves")
	if has("flite") {
		s.speaker = "flite"
	} else if path, err := exec.LookPath("espeak-ng"); err == nil {
		s.speaker = path
	}
	if has("drawtext") {
		s.font = findFont()
	}
	return s, nil
}

// findFont gives a font with Latin letters; fontconfig may be missing, or know none.
func findFont() string {
	for _, path := range []string{
		"/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf", "/usr/share/fonts/truetype/liberation/LiberationSans-Bold.ttf",
		"/usr/share/fonts/truetype/noto/NotoSans-Bold.ttf", "/usr/share/fonts/TTF/DejaVuSans-Bold.ttf",
		"/usr/share/fonts/dejavu-sans-fonts/DejaVuSans-Bold.ttf", "/Library/Fonts/Arial Bold.ttf", "/System/Library/Fonts/Supplemental/Arial Bold.ttf",
	} {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	found := ""
	_ = filepath.WalkDir("/usr/share/fonts", func(path string, _ fs.DirEntry, err error) error { // no font is no failure
		if err == nil && strings.Contains(filepath.Base(path), "Sans") && strings.HasSuffix(path, ".ttf") && !strings.Contains(path, "Mono") {
			found = path
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// run runs one program with low priority in the studio's folder.
func (s *studio) run(ctx context.Context, dir, program string, args ...string) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "nice", append([]string{"-n", strconv.Itoa(nice), program}, args...)...)
	cmd.Dir, cmd.WaitDelay = dir, 5*time.Second
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8", "HOME=" + dir, "OPENBLAS_NUM_THREADS=1"}
	// It ends with us, however we end. The kernel watches the thread that started it: stay on one.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var words bytes.Buffer
	cmd.Stderr = &words
	if err := cmd.Run(); err != nil {
		said := strings.TrimSpace(words.String())
		return errors.Join(fmt.Errorf("%s: %w: %s", filepath.Base(program), err, said[max(0, len(said)-400):]), ctx.Err())
	}
	return nil
}

// record makes a take's recording in a folder and gives its path.
func (s *studio) record(ctx context.Context, dir string, t take, m member, lying bool) (string, error) {
	if t.broken {
		return s.breakOff(dir)
	}
	if err := s.speak(ctx, dir, t, m.voice); err != nil {
		return "", err
	}
	length, err := wavLength(filepath.Join(dir, "voice.wav"))
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "take.mp4"), s.film(ctx, dir, t, m, lying, length)
}

// breakOff writes what is left where a phone lost its battery: the first bytes of an MP4 file and nothing
// that could be played.
func (*studio) breakOff(dir string) (string, error) {
	path := filepath.Join(dir, "take.mp4")
	head := "\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41\x00\x00\x7f\xf8mdat"
	return path, os.WriteFile(path, append([]byte(head), bytes.Repeat([]byte("fieldreel demo "), 3000)...), 0o600)
}

// speak writes voice.wav: the take's words, or a soft tone where this machine has no voice.
func (s *studio) speak(ctx context.Context, dir string, t take, v voice) error {
	if err := os.WriteFile(filepath.Join(dir, "said.txt"), []byte(t.said), 0o600); err != nil {
		return err
	}
	// Higher and faster are two things: resampling does both, atempo takes the speed back.
	tone := fmt.Sprintf("aresample=%d,asetrate=%d,aresample=%d,atempo=%.4f,apad=pad_dur=0.6", soundRate, int(soundRate*v.pitch), soundRate, v.tempo/v.pitch)
	args := []string{"-nostdin", "-v", "error", "-y"}
	switch s.speaker {
	case "flite":
		args = append(args, "-f", "lavfi", "-i", "flite=textfile=said.txt:voice="+v.name)
	case "":
		seconds := spokenSeconds(t.said)
		args = append(args, "-f", "lavfi", "-i", fmt.Sprintf("sine=frequency=196:sample_rate=%d:duration=%.1f,volume=0.06", soundRate, seconds))
	default:
		variant := map[string]string{"slt": "en+f3", "rms": "en+m3"}[v.name]
		if err := s.run(ctx, dir, s.speaker, "-v", variant, "-s", "160", "-f", "said.txt", "-w", "raw.wav"); err != nil {
			return err
		}
		args = append(args, "-i", "raw.wav")
	}
	return s.run(ctx, dir, s.ffmpeg, append(args, "-af", tone, "-ac", "1", "-c:a", "pcm_s16le", "-bitexact", "voice.wav")...)
}

// spokenSeconds is about how long it takes to say a text.
func spokenSeconds(text string) float64 { return 2 + float64(len(strings.Fields(text)))*0.36 }

// wavLength gives the length in seconds of what speak wrote.
func wavLength(path string) (float64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return float64(info.Size()-44) / (soundRate * 2), nil
}

// film puts the picture to the sound: a slow gradient in the person's colour, their initials, the title, the
// wave of the voice, and a bar that says how far it is.
func (s *studio) film(ctx context.Context, dir string, t take, m member, lying bool, length float64) error {
	w, h := shortSide, longSide
	if lying {
		w, h = h, w
	}
	var g strings.Builder
	dark, light := colour(m.hue, 0.55, 0.20), colour(m.hue+18, 0.45, 0.42)
	if s.gradients {
		// Small and slow, then made large: a tenth of the work, and half of the bytes.
		fmt.Fprintf(&g, "gradients=s=%dx%d:r=5:c0=%s:c1=%s:n=2:x0=0:y0=%d:x1=%d:y1=0:speed=0.012:d=%.2f,scale=%d:%d:flags=bilinear,fps=%d", w/8, h/8, dark, light, h/8, w/8, length, w, h, frames)
	} else {
		fmt.Fprintf(&g, "color=c=%s:s=%dx%d:r=%d:d=%.2f", dark, w, h, frames, length)
	}
	g.WriteString(",format=yuv420p,drawbox=x=0:y=ih-10:w=iw:h=10:color=black@0.25:t=fill[back];")
	last := "back"
	if s.waves {
		fmt.Fprintf(&g, "[0:a]showwaves=s=%dx160:mode=cline:rate=%d:colors=white@0.75:scale=sqrt,format=yuva420p[wave];[back][wave]overlay=x=(W-w)/2:y=H*0.66:shortest=1[waved];", w*5/6/4*4, frames)
		last = "waved"
	}
	fmt.Fprintf(&g, "color=c=white@0.85:s=%dx10:r=%d:d=%.2f,format=yuva420p[bar];[%s][bar]overlay=x='-W+W*t/%.2f':y=H-10:eof_action=pass", w, frames, length, last, length)
	if s.font != "" {
		words, err := s.captions(dir, t, m, w, h)
		if err != nil {
			return err
		}
		g.WriteString(words)
	}
	g.WriteString("[v]")
	return s.run(ctx, dir, s.ffmpeg, "-nostdin", "-v", "error", "-y", "-filter_threads", "1", "-filter_complex_threads", "1", "-i", "voice.wav", "-filter_complex", g.String(),
		"-map", "[v]", "-map", "0:a", "-t", fmt.Sprintf("%.2f", length), "-threads", "1", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "30", "-pix_fmt", "yuv420p", "-g", fmt.Sprint(2*frames),
		"-c:a", "aac", "-b:a", "64k", "-ar", "48000", "-ac", "1", "-map_metadata", "-1", "-fflags", "+bitexact", "-movflags", "+faststart", "take.mp4")
}

// captions draws initials, name and title. The words go through files, where nothing needs to be escaped.
func (s *studio) captions(dir string, t take, m member, w, h int) (string, error) {
	size := min(w, h)
	texts := []struct {
		file, text string
		size       int
		y          float64
		alpha      float64
	}{
		{"initials.txt", initials(m.name), size / 4, 0.26, 0.9},
		{"name.txt", m.name, size / 17, 0.45, 0.95},
	}
	for i, line := range wrap(t.title, w*30/shortSide) {
		texts = append(texts, struct {
			file, text string
			size       int
			y          float64
			alpha      float64
		}{fmt.Sprintf("title%d.txt", i), line, size / 21, 0.525 + float64(i)*float64(size)/16/float64(h), 0.75})
	}
	var b strings.Builder
	for _, x := range texts {
		if err := os.WriteFile(filepath.Join(dir, x.file), []byte(x.text), 0o600); err != nil {
			return "", err
		}
		fmt.Fprintf(&b, ",drawtext=fontfile='%s':textfile=%s:fontsize=%d:fontcolor=white@%.2f:x=(w-tw)/2:y=h*%.3f:expansion=none", s.font, x.file, x.size, x.alpha, x.y)
	}
	return b.String(), nil
}

func initials(name string) string {
	var b strings.Builder
	for _, word := range strings.Fields(name) {
		b.WriteString(word[:1])
	}
	return b.String()
}

// wrap breaks a text into as few lines as go, of at most so many characters, and about equally long.
func wrap(text string, longest int) []string {
	for width := max(1, len(text)/(1+len(text)/longest)); ; width++ {
		var lines []string
		line := ""
		for _, word := range strings.Fields(text) {
			if line != "" && len(line)+1+len(word) > width {
				lines, line = append(lines, line), ""
			}
			line = strings.TrimSpace(line + " " + word)
		}
		lines = append(lines, line)
		if len(lines) <= 1+len(text)/longest || width >= longest {
			return lines
		}
	}
}

// colour gives a colour by hue in degrees, saturation and lightness, as ffmpeg writes it.
func colour(hue int, saturation, lightness float64) string {
	part := func(n float64) int {
		k := math.Mod(n+float64(hue)/30, 12)
		v := lightness - saturation*min(lightness, 1-lightness)*max(-1, min(k-3, 9-k, 1))
		return int(math.Round(255 * v))
	}
	return fmt.Sprintf("0x%02x%02x%02x", part(0), part(8), part(4))
}

// sentences cuts a text at the ends of its sentences, for captions where no voice can be transcribed.
func sentences(text string) []string {
	var out []string
	for rest := text; rest != ""; {
		end := strings.IndexAny(rest, ".?!")
		if end < 0 {
			end = len(rest) - 1
		}
		out = append(out, strings.TrimSpace(rest[:end+1]))
		rest = strings.TrimSpace(rest[end+1:])
	}
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// subtitles spreads a text over a length in milliseconds, as WebVTT.
func subtitles(text string, length int64) []byte {
	var b strings.Builder
	b.WriteString("WEBVTT\n\n")
	total, at := int64(len(text)), int64(0)
	stamp := func(ms int64) string {
		return fmt.Sprintf("%02d:%02d:%02d.%03d", ms/3600000, ms/60000%60, ms/1000%60, ms%1000)
	}
	for _, s := range sentences(text) {
		next := at + int64(len(s))*length/(total+1)
		fmt.Fprintf(&b, "%s --> %s\n%s\n\n", stamp(at), stamp(next), s)
		at = next
	}
	return []byte(b.String())
}
