package ffmpeg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// canary is a neighbour whose bytes must appear nowhere: a playable file of somebody else, in the same folder as the attack.
type canary struct {
	dir, path string
	mark      []byte
	hits      atomic.Int64
	server    *httptest.Server
}

func newCanary(t testing.TB) *canary {
	t.Helper()
	c := &canary{dir: t.TempDir(), mark: []byte("CANARY-OF-ANOTHER-PERSON")}
	c.path = filepath.Join(c.dir, "victim.mp4")
	clip := makeClip(t, "victim.mp4", []string{picture}, x264,
		[]string{"-bsf:v", "h264_metadata=sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+" + string(c.mark)})
	if err := os.WriteFile(c.path, read(t, clip), 0o600); err != nil {
		t.Fatal(err)
	}
	c.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.hits.Add(1)
		http.ServeFile(w, r, c.path)
	}))
	t.Cleanup(c.server.Close)
	return c
}

// scripts are the text files that have made ffmpeg read other files or call other machines.
func (c *canary) scripts() map[string]string {
	hls := func(uri string) string {
		return "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXTINF:2.0,\n" + uri + "\n#EXT-X-ENDLIST\n"
	}
	mpd := func(base string) string {
		return `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011" ` +
			`type="static" mediaPresentationDuration="PT2S" minBufferTime="PT1S"><Period><AdaptationSet mimeType="video/mp4">` +
			`<Representation id="1" bandwidth="1000" codecs="avc1.42c00d" width="320" height="240"><BaseURL>` + base +
			`</BaseURL><SegmentBase/></Representation></AdaptationSet></Period></MPD>`
	}
	return map[string]string{
		"hls-file":          hls("file://" + c.path),
		"hls-relative":      hls("victim.mp4"),
		"hls-http":          hls(c.server.URL + "/latest/meta-data"),
		"hls-concat":        hls("concat:" + c.path + "|" + c.path),
		"hls-passwd":        hls("file:///etc/passwd"),
		"hls-map":           "#EXTM3U\n#EXT-X-MAP:URI=\"" + c.server.URL + "\"\n#EXTINF:2,\nvictim.mp4\n#EXT-X-ENDLIST\n",
		"hls-key":           "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"" + c.server.URL + "\"\n#EXTINF:2,\nvictim.mp4\n#EXT-X-ENDLIST\n",
		"hls-master":        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n" + c.server.URL + "/x.m3u8\n",
		"ffconcat-relative": "ffconcat version 1.0\nfile victim.mp4\n",
		"ffconcat-absolute": "ffconcat version 1.0\nfile '" + c.path + "'\n",
		"ffconcat-http":     "ffconcat version 1.0\nfile " + c.server.URL + "/victim.mp4\n",
		"ffconcat-option":   "ffconcat version 1.0\nfile victim.mp4\noption safe 0\n",
		"mpd-file":          mpd("file://" + c.path),
		"mpd-relative":      mpd("victim.mp4"),
		"mpd-http":          mpd(c.server.URL + "/victim.mp4"),
		"sdp":               "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
		"svg":               `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="` + c.server.URL + `"/></svg>`,
		"ass":               "[Script Info]\n[Events]\nDialogue: 0,0:00:00.00,0:00:02.00,,,,,,," + c.path + "\n",
	}
}

// disguises are the names under which each attack is tried.
var disguises = []string{"%s.mp4", "%s", "-%s.mp4", "concat:%s.mp4"}

// TestScripts: text that names other files is refused by the sniff under any name, with nothing read and nothing called.
func TestScripts(t *testing.T) {
	tool, c := testTool(t), newCanary(t)
	for name, text := range c.scripts() {
		for _, disguise := range disguises {
			path := filepath.Join(c.dir, fmt.Sprintf(disguise, name))
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := tool.Examine(t.Context(), path); codeOf(err) != CodeNotVideo {
				t.Errorf("%s: %v", filepath.Base(path), err)
			}
		}
	}
	if n := c.hits.Load(); n != 0 {
		t.Errorf("the canary server was called %d times", n)
	}
}

// TestScriptsPastTheSniff: should the sniff ever be fooled, ffprobe and ffmpeg themselves refuse: with the demuxer that we
// force, and also with the white lists alone, and also when the input is a path beside the victim and not a descriptor.
func TestScriptsPastTheSniff(t *testing.T) {
	tool, c := testTool(t), newCanary(t)
	for name, text := range c.scripts() {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(c.dir, name+".mp4")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, container := range []Container{MP4, Matroska} {
				if p, err := tool.Probe(t.Context(), path, container); codeOf(err) != CodeBroken {
					t.Errorf("probe as %s: %+v, %v", container, p, err)
				}
			}
			dir := t.TempDir()
			in := Input{Path: path, Probe: Probe{Container: MP4, Duration: time.Second, Audio: &Audio{Index: 0, Channels: 1},
				Video: Video{Codec: "h264", Level: 30, PixelFormat: "yuv420p", Width: 320, Height: 240, FPS: 30}}}
			if _, err := tool.Audio16k(t.Context(), in, dir); codeOf(err) != CodeBroken {
				t.Errorf("with the demuxer forced: %v", err)
			}
			// The flags of Matroska without its -f, so that no option of another demuxer is what makes it fail.
			guard := tool.guard(Matroska)
			args := append(general("ffmpeg"), guard[:len(guard)-2]...)
			args = append(args, "-i", "file:"+path, "-map", "0", "-c", "copy", "-f", "matroska", "-y", "out.mkv")
			_, err := tool.run(t.Context(), command{program: tool.config.FFmpeg, args: args, dir: dir, limits: tool.shortLimits()})
			if codeOf(err) != CodeBroken {
				t.Errorf("with the white lists alone: %v", err)
			}
			left(t, dir)
		})
	}
	if n := c.hits.Load(); n != 0 {
		t.Errorf("the canary server was called %d times", n)
	}
}

// TestTheAttackIsReal: the machine's ffmpeg without our guard does follow a script to its neighbour. If this one ever
// fails, ffmpeg has changed and the tests above prove less than they say.
func TestTheAttackIsReal(t *testing.T) {
	c := newCanary(t)
	path := filepath.Join(c.dir, "attack.mp4")
	if err := os.WriteFile(path, []byte(c.scripts()["ffconcat-relative"]), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out.mp4")
	plain(t, "-i", path, "-c", "copy", out)
	if !bytes.Contains(read(t, out), c.mark) {
		t.Error("the neighbour was not read")
	}
}

// TestBombs: small files that want large machines are refused within a few seconds of CPU.
func TestBombs(t *testing.T) {
	tool := testTool(t)
	manyTracks := []string{"-map", "0"}
	for range 98 {
		manyTracks = append(manyTracks, "-map", "0")
	}
	traks := make([][]byte, 0, 1000)
	for range 999 {
		traks = append(traks, makeTrak(40))
	}
	cases := []struct {
		name, path string
		codes      []Code
	}{
		{"large PNG in QuickTime", makeClip(t, "png.mov", []string{"color=s=6000x4000:r=1:d=1"}, []string{"-frames:v", "1", "-c:v", "png"}),
			[]Code{CodeTooManyPixels, CodeCodecUnsupported}},
		{"8192 x 4320", makeClip(t, "large.mkv", []string{"color=s=8192x4320:r=1:d=1"}, x264), []Code{CodeTooManyPixels}},
		{"99 tracks", makeClip(t, "tracks.mkv", []string{"color=s=16x16:r=1:d=1"}, x264, manyTracks), []Code{CodeTooManyStreams}},
		{"999 empty tracks", write(t, "empty.mp4", join(ftyp, makeBox("moov", append([][]byte{makeMvhd(1000, 1000)}, traks...)...), mdat)),
			[]Code{CodeTooManyStreams}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			began := time.Now()
			_, err := tool.Examine(t.Context(), c.path)
			ok := false
			for _, code := range c.codes {
				ok = ok || codeOf(err) == code
			}
			if !ok {
				t.Errorf("%v, want one of %v", err, c.codes)
			}
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// TestDecodersPastTheProbe: the flags refuse what the probe would have refused: large pictures and other codecs.
func TestDecodersPastTheProbe(t *testing.T) {
	tool := testTool(t)
	for name, path := range map[string]string{
		"large":  makeClip(t, "large.mp4", []string{"color=s=8192x4320:r=1:d=1"}, x264),
		"png":    makeClip(t, "png.mov", []string{"color=s=640x480:r=1:d=1"}, []string{"-frames:v", "1", "-c:v", "png"}),
		"mjpeg":  makeClip(t, "mjpeg.mov", []string{"color=s=640x480:r=1:d=1"}, []string{"-c:v", "mjpeg"}),
		"prores": makeClip(t, "prores.mov", []string{"color=s=640x480:r=1:d=1"}, []string{"-c:v", "prores"}),
	} {
		in := Input{Path: path, Probe: Probe{Container: MP4, Duration: time.Second, Video: Video{Codec: "hevc", Width: 640, Height: 480, FPS: 1}}}
		dir := t.TempDir()
		_, err := tool.Playable(t.Context(), in, dir, nil)
		_, err2 := tool.Poster(t.Context(), in, dir)
		if codeOf(err) != CodeBroken || codeOf(err2) != CodeBroken {
			t.Errorf("%s: %v; %v", name, err, err2)
		}
		left(t, dir)
	}
}

// TestLongPastTheProbe: of a file whose header hides its length no more than the limit is read.
func TestLongPastTheProbe(t *testing.T) {
	tool, err := Find(t.Context(), Config{MaxDuration: 2 * time.Second, Nice: -1})
	if err != nil {
		testTool(t) // Skips.
		t.Fatal(err)
	}
	in := examine(t, makeClip(t, "long.mp4", []string{"testsrc2=s=64x48:r=10:d=60"}, x264))
	in.Probe.Duration = 2 * time.Second // What a lying header would say.
	out, err := tool.Playable(t.Context(), in, t.TempDir(), nil)
	if err != nil || out.Duration > 3200*time.Millisecond {
		t.Errorf("%+v, %v", out, err)
	}
	if _, err := tool.Examine(t.Context(), in.Path); codeOf(err) != CodeTooLong || !strings.Contains(err.Error(), "2 seconds") {
		t.Errorf("%v", err)
	}
}

// TestDamage: cut and bit-flipped files are refused or become something harmless; never a crash, a hang, or half a result.
func TestDamage(t *testing.T) {
	tool := testTool(t)
	fast := read(t, phone(t, "-movflags", "+faststart"))
	for _, share := range []int{1, 30, 60, 99} {
		cut := write(t, "cut.mp4", fast[:len(fast)*share/100])
		if _, err := tool.Examine(t.Context(), cut); codeOf(err) != CodeTruncated {
			t.Errorf("%d %% of a file: %v", share, err)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 8 {
		b := bytes.Clone(fast)
		for range 1 << round {
			b[random.IntN(len(b))] ^= 1 << random.IntN(8)
		}
		dir := t.TempDir()
		in, err := tool.Examine(t.Context(), write(t, "flipped.mp4", b))
		if err == nil {
			_, err = tool.Playable(t.Context(), in, dir, nil)
		}
		var refused *Refusal
		switch {
		case err == nil:
			left(t, dir, ProgressiveName)
		case errors.As(err, &refused):
			left(t, dir)
		default:
			t.Errorf("round %d: %v", round, err)
		}
	}
	garbage := make([]byte, 1<<16)
	for i := range garbage {
		garbage[i] = byte(random.Uint32())
	}
	for name, b := range map[string][]byte{"zero.mp4": {}, "zeros.mp4": make([]byte, 1<<16), "random.mp4": garbage} {
		if _, err := tool.Examine(t.Context(), write(t, name, b)); codeOf(err) != CodeNotVideo {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNames: a file's name is never an option, a protocol or a pattern.
func TestNames(t *testing.T) {
	tool, good := testTool(t), read(t, phone(t))
	for _, name := range []string{"-good.mp4", "-i", "file:x", "a b'c\"d$(touch x)`y`;z", "%03d.mp4", "http:", "ünï\ncode", "*.mp4"} {
		dir := t.TempDir()
		in, err := tool.Examine(t.Context(), write(t, name, good))
		if err == nil {
			_, err = tool.Playable(t.Context(), in, dir, nil)
		}
		if err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	t.Chdir(filepath.Dir(write(t, "-relative.mp4", good)))
	if in, err := tool.Examine(t.Context(), "-relative.mp4"); err != nil || in.Probe.Duration == 0 {
		t.Errorf("relative: %v", err)
	}
	if _, err := tool.Examine(t.Context(), t.TempDir()); err == nil || strings.HasPrefix(string(codeOf(err)), "media_") {
		t.Errorf("a folder: %v", err)
	}
	if _, err := tool.Examine(t.Context(), "absent"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an absent file: %v", err)
	}
}

// processesIn returns the processes whose working folder is dir or below it.
func processesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, e := range entries {
		if _, err := strconv.Atoi(e.Name()); err != nil {
			continue
		}
		if cwd, err := os.Readlink(filepath.Join("/proc", e.Name(), "cwd")); err == nil && strings.HasPrefix(cwd, dir) {
			found = append(found, e.Name()+" "+cwd)
		}
	}
	return found
}

// TestStops: the time limit, the CPU limit and the caller each end the whole group of processes, and say so.
func TestStops(t *testing.T) {
	// A program that starts another and waits for ever: what ffmpeg would be if somebody took it over.
	stubborn := "trap '' TERM INT; sleep 1000 & sleep 1000 & wait"
	burn := "while :; do :; done"
	tool := testTool(t)
	cancelled, cancel := context.WithCancel(t.Context())
	cases := []struct {
		name   string
		ctx    context.Context
		script string
		limits limits
		want   func(error) bool
	}{
		{"wall", t.Context(), stubborn, limits{wall: 300 * time.Millisecond, cpu: time.Minute, file: 1 << 20},
			func(err error) bool { return codeOf(err) == CodeTimeout }},
		{"cpu", t.Context(), burn, limits{wall: time.Minute, cpu: time.Second, file: 1 << 20},
			func(err error) bool { return codeOf(err) == CodeTimeout }},
		{"caller", cancelled, stubborn, limits{wall: time.Minute, cpu: time.Minute, file: 1 << 20},
			func(err error) bool { return errors.Is(err, context.Canceled) }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if c.name == "caller" {
				// Cancel once the processes are there.
				go func() {
					for len(processesIn(t, dir)) < 2 {
						time.Sleep(5 * time.Millisecond) //nolint:forbidigo // a process of the system has no event to wait for
					}
					cancel()
				}()
			}
			began := time.Now()
			_, err := tool.run(c.ctx, command{program: "/bin/sh", args: []string{"-c", c.script}, dir: dir, limits: c.limits})
			if !c.want(err) {
				t.Errorf("%v", err)
			}
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("took %v", took)
			}
			// The kernel buries the killed a moment later.
			for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) { //nolint:forbidigo // a process of the system has no event to wait for
				alive := processesIn(t, dir)
				if len(alive) == 0 {
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("still alive: %v", alive)
				}
			}
		})
	}
	cancel()
}

// TestEncodingStops: a real encode that takes too long is stopped, refused, and leaves nothing.
func TestEncodingStops(t *testing.T) {
	path := makeClip(t, "slow.mp4", []string{"testsrc2=s=640x480:r=30:d=20"}, x264)
	in := examine(t, path)
	tool := *testTool(t)
	tool.config.Timeout = 400 * time.Millisecond
	dir := t.TempDir()
	if _, err := tool.Renditions(t.Context(), in, Loudness{}, dir, nil); codeOf(err) != CodeTimeout {
		t.Errorf("%v", err)
	}
	left(t, dir)
	if alive := processesIn(t, dir); len(alive) > 0 {
		t.Errorf("still alive: %v", alive)
	}
}

// TestSandbox asks from inside each kind of isolation that this machine offers what a child can see and do.
func TestSandbox(t *testing.T) {
	testTool(t)
	t.Setenv("FIELDREEL_SECRET", "canary-secret")
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	port := server.Listener.Addr().String()[strings.LastIndex(server.Listener.Addr().String(), ":")+1:]
	script := `echo env:; env; echo limits:; ulimit -a; echo files:; ls /proc/self/fd; echo nice: $(nice)
if bash -c "exec 3<>/dev/tcp/127.0.0.1/` + port + `" 2>/dev/null; then echo network: yes; else echo network: no; fi`
	for _, isolation := range []Isolation{Bubblewrapped, NetworkNamespace, Plain} {
		tool, err := Find(t.Context(), Config{Isolation: isolation, Nice: 7})
		if err != nil {
			t.Logf("%s is not offered here: %v", isolation, err)
			continue
		}
		o, err := tool.run(t.Context(), command{program: "/bin/sh", args: []string{"-c", script}, limits: tool.shortLimits()})
		if err != nil {
			t.Fatalf("%s: %v", isolation, err)
		}
		text := string(o.stdout)
		if strings.Contains(text, "canary-secret") {
			t.Errorf("%s: the environment leaks", isolation)
		}
		base, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"nice: " + strconv.Itoa(min(19, 20-base+7)), "64\n", "2097152\n"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", isolation, want, text)
			}
		}
		if want := isolation == Plain; strings.Contains(text, "network: yes") != want {
			t.Errorf("%s: network %v\n%s", isolation, !want, text)
		}
		// A child that writes without end is stopped by the size of its file.
		dir := t.TempDir()
		_, err = tool.run(t.Context(), command{program: "/bin/sh", args: []string{"-c", "cat /dev/zero > big"}, dir: dir, limits: tool.shortLimits()})
		if info, statErr := os.Stat(filepath.Join(dir, "big")); err == nil || statErr != nil || info.Size() > 1<<20 {
			t.Errorf("%s: wrote %v, %v", isolation, info, err)
		}
		// And a source becomes media inside it.
		in := examine(t, phone(t))
		if _, err := tool.Playable(t.Context(), in, t.TempDir(), nil); err != nil {
			t.Errorf("%s: %v", isolation, err)
		}
	}
}

// TestOurFault: what is wrong with the machine is not held against the file.
func TestOurFault(t *testing.T) {
	tool, in := testTool(t), examine(t, phone(t))
	if _, err := tool.Playable(t.Context(), in, filepath.Join(t.TempDir(), "absent"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	_, err := tool.run(t.Context(), command{program: "/bin/sh", args: []string{"-c", "echo x: No space left on device >&2; exit 1"}, limits: tool.shortLimits()})
	if !errors.Is(err, syscall.ENOSPC) || strings.HasPrefix(string(codeOf(err)), "media_") {
		t.Errorf("full disk: %v", err)
	}
	_, err = tool.run(t.Context(), command{program: "/bin/sh", args: []string{"-c", "kill -9 $$"}, limits: tool.shortLimits()})
	if err == nil || strings.HasPrefix(string(codeOf(err)), "media_") {
		t.Errorf("killed from outside: %v", err)
	}
	_, err = tool.run(t.Context(), command{program: "/bin/sh", args: []string{"-c", "while :; do echo 0123456789012345678901234567890123456789; done | head -c 9000000"}, limits: tool.shortLimits()})
	if codeOf(err) != CodeBroken {
		t.Errorf("endless words: %v", err)
	}
}
