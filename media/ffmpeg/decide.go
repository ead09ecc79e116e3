package ffmpeg

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Direct says whether the source plays on every phone and browser as it is, so that it only needs to be packed anew:
// 8-bit 4:2:0 H.264 up to 1080p, 60 pictures a second and level 5.2, with AAC or no sound, in MP4 or QuickTime.
func Direct(p Probe) bool {
	v := p.Video
	return p.Container == MP4 && v.Codec == "h264" && !v.Interlaced && !v.HDR() &&
		(v.PixelFormat == "yuv420p" || v.PixelFormat == "yuvj420p") &&
		v.Level > 0 && v.Level <= 52 && v.FPS > 0 && v.FPS <= 61 &&
		min(v.Width, v.Height) <= 1080 && max(v.Width, v.Height) <= 1920 &&
		p.LeftOut == "" && (p.Audio == nil || p.Audio.Codec == "aac" && p.Audio.Channels <= 6)
}

// rung is one rendition of the ladder. Its name counts the shorter side, so that a picture held upright is "720p" too.
type rung struct {
	name          string
	width, height int
}

// The heights of the ladder, and the shorter side from which a second rendition is worth its CPU.
const (
	topRung    = 720
	lowRung    = 360
	twoFrom    = 480
	firstRung  = 480 // Of the progressive file of a source that does not play as it is.
	longestTop = 16.0 / 9 * 1.5
)

// ladder chooses the renditions of a picture, largest first: 720p and 360p, never larger than the source, and only one
// where the source is little larger than the smaller.
func ladder(width, height int) []rung {
	top := fit(width, height, topRung)
	rungs := []rung{top}
	if min(top.width, top.height) >= twoFrom {
		rungs = append(rungs, fit(width, height, lowRung))
	}
	return rungs
}

// fit scales a picture down until its shorter side is at most short, and its longer side at most what an ultra-wide
// picture of that rung has. Sides are even, as 4:2:0 wants them.
func fit(width, height, short int) rung {
	scale := min(1, float64(short)/float64(min(width, height)), float64(short)*longestTop/float64(max(width, height)))
	side := func(n int) int {
		if scale == 1 {
			return max(2, n&^1)
		}
		return max(2, int(math.Round(float64(n)*scale/2))*2)
	}
	r := rung{width: side(width), height: side(height)}
	r.name = strconv.Itoa(min(r.width, r.height)) + "p"
	return r
}

// maxRate is the bit rate that a rendition never exceeds for long: 3 Mbit/s at 720p and 800 kbit/s at 360p, in between by
// the number of pixels.
func (r rung) maxRate() int {
	share := float64(r.width*r.height) / (1280 * 720)
	return int(max(200_000, 3_000_000*math.Pow(share, 0.953)))
}

// rate is a number of pictures a second as a fraction.
type rate struct{ num, den int }

func (r rate) String() string {
	if r.den == 1 {
		return strconv.Itoa(r.num)
	}
	return strconv.Itoa(r.num) + "/" + strconv.Itoa(r.den)
}

func (r rate) perSecond() float64 { return float64(r.num) / float64(r.den) }

// constantRates are rates that cameras write, up to the cap.
var constantRates = []rate{{10, 1}, {12, 1}, {15, 1}, {20, 1}, {24000, 1001}, {24, 1}, {25, 1}, {30000, 1001}, {30, 1}}

// outputRate chooses the constant rate of renditions: that of the source if it is a usual one; a half, quarter or eighth of it
// if that is, so that motion stays even; and 30 for all else, which is where phones' and browsers' varying rates end.
func outputRate(fps float64) rate {
	for divisor := 1.0; divisor <= 8; divisor *= 2 {
		for _, r := range constantRates {
			if slow := r.perSecond() < 23; slow && divisor > 1 {
				continue
			}
			if math.Abs(fps/divisor-r.perSecond()) < 0.0005*r.perSecond() {
				return r
			}
		}
	}
	return rate{30, 1}
}

// gop is the number of pictures between key frames, and in a segment: those of 4 seconds.
func (r rate) gop() int { return int(math.Round(segmentLength.Seconds() * r.perSecond())) }

// segmentLength is the time from one key frame to the next, and the length of a segment.
const segmentLength = 4 * time.Second

// hold is for how long the last picture must stand until the sound ends: players take the end of the pictures in a
// playlist for the end of the video.
func (p Probe) hold() time.Duration {
	if p.Video.End == 0 {
		return 0
	}
	return max(0, p.Duration-p.Video.End)
}

// pictureFilter returns the filter chain from the decoded picture to the largest of the sizes wanted: constant rate,
// scaled, in the colours of ordinary screens, with square pixels. Pictures are dropped before they are scaled, and
// converted to the smaller size before they are tone-mapped (measured: 131 CPU seconds a minute of HEVC, most of it decoding).
//
// r is nil for still pictures; hold is for how long the last picture is to stand.
func (t *Tool) pictureFilter(v Video, size rung, r *rate, hold time.Duration) string {
	var chain []string
	if v.Interlaced {
		chain = append(chain, "yadif")
	}
	if r != nil {
		// start_time: the first picture also stands for the time before it, so that picture and sound begin together.
		chain = append(chain, "fps="+r.String()+":start_time=0")
	}
	chain = append(chain, "scale="+strconv.Itoa(size.width)+":"+strconv.Itoa(size.height)+":out_range=tv")
	if v.HDR() && t.toneMap {
		chain = append(chain,
			"zscale=tin="+v.Transfer+":min=bt2020nc:pin=bt2020:t=linear:npl=100", "format=gbrpf32le", "zscale=p=bt709",
			"tonemap=tonemap=hable:desat=0", "zscale=t=bt709:m=bt709:r=tv")
	}
	chain = append(chain, "format=yuv420p", "setsar=1")
	if hold > 0 {
		chain = append(chain, "tpad=stop_mode=clone:stop_duration="+seconds(hold))
	}
	return strings.Join(chain, ",")
}
