package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// bare runs ffmpeg as a person would at the prompt, in a folder of its own, and gives its wall and CPU time.
func (k *kit) bare(ctx context.Context, args ...string) (wall, cpu time.Duration, err error) {
	dir, done, err := k.folder("bare")
	if err != nil {
		return 0, 0, err
	}
	defer done()
	cmd := command(ctx, "ffmpeg", append([]string{"-v", "error", "-nostdin", "-y"}, args...)...)
	cmd.Dir = dir
	wall, err = timed(func() error {
		_, err := output(cmd)
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	return wall, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

// sent is one upload of a file, watched until it plays.
type sent struct {
	video string
	// acknowledged and playable are counted from the moment when the last byte left the sender.
	acknowledged, playable time.Duration
	// cpu is that of the server and its children until the queue was empty.
	cpu time.Duration
}

// sendFile uploads a file and waits until it plays and until its ingest job is done.
func (in *instance) sendFile(ctx context.Context, path string) (s sent, err error) {
	f, err := os.Open(path)
	if err != nil {
		return s, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return s, err
	}
	s.cpu, err = in.cpu(func() error {
		upload, err := in.admin.begin(ctx, info.Size())
		if err != nil {
			return err
		}
		body := &lastByte{Reader: f, left: info.Size()}
		if err := in.admin.patch(ctx, upload, 0, body, info.Size()); err != nil {
			return err
		}
		s.acknowledged = time.Since(body.at)
		if s.video, err = in.admin.video(ctx, upload); err != nil {
			return err
		}
		if _, err := in.admin.await(ctx, s.video, 10*time.Millisecond, "playable", "ready"); err != nil {
			return err
		}
		s.playable = time.Since(body.at)
		return in.idle(ctx, "ingest_")
	})
	return s, err
}

// lastByte notes when the last byte was taken from it.
type lastByte struct {
	io.Reader
	left int64
	at   time.Time
}

// Read implements io.Reader.
func (l *lastByte) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	if l.left -= int64(n); l.left <= 0 && l.at.IsZero() {
		l.at = time.Now()
	}
	return n, err
}

// measurePlayable takes the time from the last byte of a five-minute H.264 recording to a video that plays.
func measurePlayable(ctx context.Context, k *kit) (_ []Row, err error) {
	minutes := k.size(5, 1)
	path, err := k.long(ctx, minutes)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	in, err := k.fresh(ctx, "--role", "web") // a web node takes recordings in and leaves renditions to others
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.stop()) }()
	var playable, acknowledged, peer samples
	var cpu, peerCPU time.Duration
	err = rounds(ctx, k.size(5, 2), func(warm bool) error {
		s, err := in.sendFile(ctx, path)
		if err == nil && !warm {
			playable, acknowledged, cpu = append(playable, s.playable), append(acknowledged, s.acknowledged), cpu+s.cpu
		}
		return err
	}, func(warm bool) error {
		wall, used, err := k.bare(ctx, "-i", path, "-c", "copy", "-movflags", "+faststart", "out.mp4")
		if !warm {
			peer, peerCPU = append(peer, wall), peerCPU+used
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	n := time.Duration(len(playable))
	return []Row{{
		Name: fmt.Sprintf("last byte to playable, H.264 of %d min", minutes), Measured: ms(playable.median()), Peer: "bare ffmpeg remux: " + ms(peer.median()),
		Ratio: times(float64(playable.median()) / float64(peer.median())), Budget: "1 s", Verdict: within(playable.median().Seconds(), 1), Wall: true,
		Note: fmt.Sprintf("%s; median of %d (worst %s). Of it %s until the upload was acknowledged; the rest is taking up the job, looking at the file, packing it anew without its metadata, checking the result, keeping it, "+
			"and up to 10 ms of asking. The whole ingest, with upload, hash, poster and sound for the speech engine, took %s of CPU; the bare remux %s.",
			mib(info.Size()), len(playable), ms(playable.quantile(1)), ms(acknowledged.median()), ms(cpu/n), ms(peerCPU/n)),
	}}, nil
}

// measureFirstRendition takes the same time for a recording that must be encoded before a phone of another make plays it.
func measureFirstRendition(ctx context.Context, k *kit) (_ []Row, err error) {
	seconds := k.size(30, 5)
	path, err := k.clip(ctx, fmt.Sprintf("vp8-1280x720-%ds.webm", seconds), append(testPicture("1280x720", seconds),
		"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "2500k", "-g", "300", "-c:a", "libopus", "-b:a", "64k")...)
	if err != nil {
		return nil, err
	}
	in, err := k.fresh(ctx, "--role", "web")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.stop()) }()
	var playable, peer samples
	var cpu, peerCPU time.Duration
	err = rounds(ctx, k.size(2, 1), func(warm bool) error {
		s, err := in.sendFile(ctx, path)
		if err == nil && !warm {
			playable, cpu = append(playable, s.playable), cpu+s.cpu
		}
		return err
	}, func(warm bool) error {
		wall, used, err := k.bare(ctx, "-threads", "2", "-i", path, "-vf", "scale=854:480,fps=30,format=yuv420p", "-c:v", "libx264", "-preset", "superfast", "-crf", "25",
			"-g", "120", "-threads:v", "2", "-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart", "out.mp4")
		if !warm {
			peer, peerCPU = append(peer, wall), peerCPU+used
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	length := time.Duration(seconds) * time.Second
	share := playable.median().Seconds() / length.Seconds()
	n := time.Duration(len(playable))
	return []Row{{
		Name: "last byte to playable, VP8 of 720p", Measured: fmt.Sprintf("%s for %s", ms(playable.median()), length), Peer: "bare ffmpeg encode: " + ms(peer.median()),
		Ratio: fmt.Sprintf("%.2f x its length", share), Budget: "0.5 x its length on 2 cores", Verdict: within(share, 0.5), Wall: true,
		Note: fmt.Sprintf("WebM as a browser records it. The whole ingest, with poster and sound, took %.2f CPU s a second of video, the bare encode %.2f: on 2 cores without other work that is %.2f x its length.",
			(cpu/n).Seconds()/length.Seconds(), (peerCPU/n).Seconds()/length.Seconds(), (cpu/n).Seconds()/length.Seconds()/2),
	}}, nil
}

// measureMedia compares the CPU time of everything that is made of a recording with that of one ffmpeg run that makes the
// same from one decode.
func measureMedia(ctx context.Context, k *kit) (_ []Row, err error) {
	seconds := k.size(30, 5)
	path, err := k.h264(ctx, "1280x720", seconds)
	if err != nil {
		return nil, err
	}
	in, err := k.fresh(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.stop()) }()
	var ours, peer []float64
	err = rounds(ctx, k.size(3, 1), func(warm bool) error {
		cpu, err := in.cpu(func() error {
			s, err := in.sendFile(ctx, path)
			if err != nil {
				return err
			}
			v, err := in.admin.await(ctx, s.video, 250*time.Millisecond, "ready")
			if err == nil && v.MediaNote != "" {
				err = fmt.Errorf("video %s: %s", s.video, v.MediaNote)
			}
			return err
		})
		if !warm {
			ours = append(ours, cpu.Seconds())
		}
		return err
	}, func(warm bool) error {
		_, cpu, err := k.bare(ctx, allOutputs(path)...)
		if !warm {
			peer = append(peer, cpu.Seconds())
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	ratio := ratios(ours, peer)
	per := float64(seconds)
	return []Row{{
		Name: "media work against one bare ffmpeg run", Measured: fmt.Sprintf("%.2f CPU s/s", median(ours)/per), Peer: fmt.Sprintf("%.2f CPU s/s", median(peer)/per), Ratio: times(ratio),
		Budget: "1.1 x", Verdict: within(ratio, 1.1),
		Note: "CPU seconds a second of 720p H.264. Ours is all that the server and its children used from the upload until the video is ready (upload, SHA-256, probing, sandbox, database and the asking included); " +
			"the peer makes the same outputs (progressive MP4, 720p and 360p HLS, storyboard, poster, 16 kHz sound, loudness) in one run with one decode, no sandbox, nothing measured before and nothing checked after.",
	}}, nil
}

// allOutputs are the arguments of one ffmpeg run that makes what Fieldreel makes of a 720p recording.
func allOutputs(path string) []string {
	const graph = "[0:v]split=3[a][t][p];[a]fps=30,scale=1280:720,format=yuv420p,split=2[v0][s];[s]scale=640:360[v1];" +
		"[t]fps=1/2,scale=160:90,tile=10x2[tiles];[p]select='gte(t,1)',scale=720:-2[poster];" +
		"[0:a]asplit=4[a0][a1][speech][l];[l]loudnorm=print_format=json[loud]"
	args := []string{"-threads", "2", "-i", path, "-filter_complex", graph}
	for i, r := range []struct{ name, rate, buffer string }{{"720p", "3000000", "6000000"}, {"360p", "800000", "1600000"}} {
		args = append(args, "-map", fmt.Sprintf("[v%d]", i), "-map", fmt.Sprintf("[a%d]", i), "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-profile:v", "high",
			"-maxrate", r.rate, "-bufsize", r.buffer, "-g", "120", "-keyint_min", "120", "-sc_threshold", "0", "-threads:v", "2", "-c:a", "aac", "-b:a", "96k",
			"-f", "hls", "-hls_time", "3.5", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4", "-hls_flags", "single_file+independent_segments",
			"-hls_segment_filename", r.name+".mp4", r.name+".m3u8")
	}
	return append(args,
		"-map", "[tiles]", "-frames:v", "1", "-q:v", "5", "tiles.jpg",
		"-map", "[poster]", "-frames:v", "1", "-q:v", "4", "poster.jpg",
		"-map", "[speech]", "-ac", "1", "-ar", "16000", "audio.wav",
		"-map", "[loud]", "-f", "null", "-",
		"-map", "0:v", "-map", "0:a", "-c", "copy", "-movflags", "+faststart", "progressive.mp4")
}
