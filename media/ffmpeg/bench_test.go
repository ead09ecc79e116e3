package ffmpeg

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// benchClip is moving detail under the noise of a small sensor.
func benchClip(b *testing.B, size string, length int) string {
	b.Helper()
	return makeClip(b, "bench.mp4",
		[]string{fmt.Sprintf("testsrc2=s=%s:r=30:d=%d,noise=alls=12:allf=t", size, length), fmt.Sprintf("sine=r=48000:d=%d", length)},
		x264, aac, []string{"-crf", "26", "-g", "60"})
}

// BenchmarkBackground compares the CPU seconds of renditions, storyboard, poster and sound with those of one bare ffmpeg
// run that makes the same outputs from one decode. The budget for the ratio is 1.1.
func BenchmarkBackground(b *testing.B) {
	tool := testTool(b)
	in, err := tool.Examine(b.Context(), benchClip(b, "1280x720", 20))
	if err != nil {
		b.Fatal(err)
	}
	var ours, bare time.Duration
	for b.Loop() {
		dir := b.TempDir()
		for _, step := range []func() (Usage, error){
			func() (Usage, error) {
				l, err := tool.Renditions(b.Context(), in, Loudness{}, dir, nil)
				return l.Usage, err
			},
			func() (Usage, error) { s, err := tool.Storyboard(b.Context(), in, dir); return s.Usage, err },
			func() (Usage, error) { p, err := tool.Poster(b.Context(), in, dir); return p.Usage, err },
			func() (Usage, error) { s, err := tool.Audio16k(b.Context(), in, dir); return s.Usage, err },
		} {
			u, err := step()
			if err != nil {
				b.Fatal(err)
			}
			ours += u.CPU
		}
		bare += bareRun(b, in, b.TempDir())
	}
	b.ReportMetric(ours.Seconds()/float64(b.N), "cpu-s/op")
	b.ReportMetric(bare.Seconds()/float64(b.N), "bare-cpu-s/op")
	b.ReportMetric(ours.Seconds()/bare.Seconds(), "ratio")
}

// bareRun makes the same outputs in the way a person would at the prompt: one run, one decode, no sandbox.
func bareRun(b *testing.B, in Input, dir string) time.Duration {
	b.Helper()
	graph := "[0:v]split=3[a][t][p];[a]fps=30,scale=1280:720,format=yuv420p,split=2[v0][s];[s]scale=640:360[v1];" +
		"[t]fps=1/2,scale=160:90,tile=10x2[tiles];[p]select='gte(t,1)',scale=720:-2[poster]"
	args := []string{"-v", "error", "-nostdin", "-y", "-threads", "2", "-i", in.Path, "-filter_complex", graph}
	for i, name := range []string{"720p", "360p"} {
		args = append(args, "-map", fmt.Sprintf("[v%d]", i), "-map", "0:a", "-c:v", "libx264", "-preset", "veryfast", "-crf", "23",
			"-maxrate", []string{"3M", "800k"}[i], "-bufsize", []string{"6M", "1600k"}[i], "-g", "120", "-keyint_min", "120",
			"-sc_threshold", "0", "-threads:v", "2", "-c:a", "aac", "-b:a", "96k", "-f", "hls", "-hls_time", "4",
			"-hls_playlist_type", "vod", "-hls_segment_type", "fmp4", "-hls_flags", "single_file",
			"-hls_segment_filename", filepath.Join(dir, name+".mp4"), filepath.Join(dir, name+".m3u8"))
	}
	args = append(args, "-map", "[tiles]", "-frames:v", "1", "-q:v", "5", filepath.Join(dir, "tiles.jpg"),
		"-map", "[poster]", "-frames:v", "1", "-q:v", "4", filepath.Join(dir, "poster.jpg"),
		"-map", "0:a", "-ac", "1", "-ar", "16000", filepath.Join(dir, "audio.wav"))
	cmd := exec.CommandContext(b.Context(), testTool(b).config.FFmpeg, args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, strings.TrimSpace(string(out)))
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// BenchmarkPlayable is the time from a stored file to one that plays, for H.264 that needs no encoding: examined and packed
// anew, five minutes long. The budget is one second.
func BenchmarkPlayable(b *testing.B) {
	tool := testTool(b)
	path := benchClip(b, "640x360", 20)
	long := makeClip(b, "long.mp4", nil, []string{"-stream_loop", "14", "-i", path, "-c", "copy"})
	var cpu time.Duration
	for b.Loop() {
		in, err := tool.Examine(b.Context(), long)
		if err != nil {
			b.Fatal(err)
		}
		out, err := tool.Playable(b.Context(), in, b.TempDir(), nil)
		if err != nil || !out.Direct {
			b.Fatal(out, err)
		}
		cpu += out.Usage.CPU
	}
	b.ReportMetric(cpu.Seconds()/float64(b.N), "cpu-s/op")
}
