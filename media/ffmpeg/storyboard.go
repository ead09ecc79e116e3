package ffmpeg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Storyboard is one sheet of small pictures and the captions that say which of them stands for which time.
type Storyboard struct {
	// Sheet and VTT are paths. The cues of the VTT name the sheet by its relative name with #xywh= fragments.
	Sheet, VTT string
	// Tiles is how many pictures there are, TileWidth and TileHeight their size.
	Tiles, TileWidth, TileHeight int
	Usage                        Usage
}

const (
	maxTiles    = 100
	tileColumns = 10  // At most.
	tileSide    = 160 // The longer side of a tile.
	tileEvery   = 2 * time.Second
	// sparse is how far key frames may lie apart before the source is decoded in full instead.
	sparse = 10 * time.Second
)

// Storyboard makes storyboard.jpg and storyboard.vtt in outDir. It decodes key frames only (measured: 1.2 instead of 10.8
// CPU seconds a minute of 1080p), at least two seconds and a hundredth of the source apart, and each tile keeps its own
// time. Where a source has too few of them (browsers write one in ten seconds and less) all is decoded.
func (t *Tool) Storyboard(ctx context.Context, in Input, outDir string) (Storyboard, error) {
	j, err := t.begin(in, outDir)
	if err != nil {
		return Storyboard{}, err
	}
	defer j.end()
	v, duration := in.Probe.Video, in.Probe.Duration
	every := max(tileEvery, duration/(maxTiles-1))
	if duration < 4*tileEvery {
		every = max(duration/4, 100*time.Millisecond)
	}
	scale := min(1, tileSide/float64(max(v.Width, v.Height)))
	side := func(n int) int { return max(2, int(math.Round(float64(n)*scale/2))*2) }
	tile := rung{width: side(v.Width), height: side(v.Height)}

	wanted := min(maxTiles, int(duration/every)+1)
	columns := min(tileColumns, wanted)

	times, err := j.sheet(ctx, true, every, tile, wanted)
	var refused *Refusal
	undecodable := errors.As(err, &refused) && refused.Code == CodeBroken
	if err != nil && !undecodable {
		return Storyboard{}, err
	}
	few := len(times) < min(4, wanted) || duration/time.Duration(max(1, len(times))) > max(sparse, 2*every)
	if err != nil || few {
		if times, err = j.sheet(ctx, false, every, tile, wanted); err != nil {
			return Storyboard{}, err
		}
	}
	if len(times) == 0 {
		return Storyboard{}, refuse(CodeBroken, errEmptyOutput)
	}
	if err := j.write(StoryboardVTTName, captions(times, duration, tile, columns)); err != nil {
		return Storyboard{}, err
	}
	if err := j.publish(StoryboardName, StoryboardVTTName); err != nil {
		return Storyboard{}, err
	}
	return Storyboard{
		Sheet: filepath.Join(outDir, StoryboardName), VTT: filepath.Join(outDir, StoryboardVTTName),
		Tiles: len(times), TileWidth: tile.width, TileHeight: tile.height, Usage: j.usage,
	}, nil
}

// sheet makes the sheet, with room for the tiles wanted, and returns the time of each tile that is on it.
func (j *job) sheet(ctx context.Context, keysOnly bool, every time.Duration, tile rung, wanted int) ([]time.Duration, error) {
	v := j.probe.Video
	columns := min(tileColumns, wanted)
	rows := (wanted + columns - 1) / columns
	// The first picture, then the first at least so much later. The filter "metadata" prints the time of frames that have
	// metadata, so each is given some.
	chain := fmt.Sprintf("select='isnan(prev_selected_t)+gte(t-prev_selected_t,%s)',%s,"+
		"metadata=mode=add:key=tile:value=1,metadata=mode=print:file=-,tile=%dx%d,format=yuvj420p",
		seconds(every), j.tool.pictureFilter(v, tile, nil, 0), columns, rows)
	var before []string
	if keysOnly {
		before = []string{"-skip_frame", "nokey"}
	}
	after := []string{
		"-map", "0:" + strconv.Itoa(v.Index), "-vf", chain, "-frames:v", "1",
		"-c:v", "mjpeg", "-q:v", "5",
	}
	after = append(after, writing()...)
	after = append(after, "-f", "image2", "-update", "1", "-y", StoryboardName)
	o, err := j.ffmpeg(ctx, before, after, nil)
	if err != nil {
		return nil, err
	}
	if _, err := j.check(StoryboardName); err != nil {
		return nil, err
	}
	times := tileTimes(o.stdout)
	return times[:min(len(times), rows*columns)], nil
}

// tileTimes reads the lines "frame:0 pts:12 pts_time:0.4" that the filter prints.
func tileTimes(printed []byte) []time.Duration {
	var times []time.Duration
	for line := range strings.Lines(string(printed)) {
		if !strings.HasPrefix(line, "frame:") {
			continue
		}
		if _, text, ok := strings.Cut(line, "pts_time:"); ok {
			times = append(times, parseSeconds(strings.TrimSpace(text)))
		}
	}
	return times
}

// captions writes WebVTT in which every tile stands from its time to the next, the first from the start and the last to
// the end.
func captions(times []time.Duration, duration time.Duration, tile rung, columns int) []byte {
	var b bytes.Buffer
	b.WriteString("WEBVTT\n")
	for i := range times {
		from, to := times[i], max(duration, times[i]+time.Millisecond)
		if i == 0 {
			from = 0
		}
		if i+1 < len(times) {
			to = times[i+1]
		}
		fmt.Fprintf(&b, "\n%s --> %s\n%s#xywh=%d,%d,%d,%d\n", stamp(from), stamp(to), StoryboardName,
			i%columns*tile.width, i/columns*tile.height, tile.width, tile.height)
	}
	return b.Bytes()
}

// stamp writes a time of WebVTT.
func stamp(d time.Duration) string {
	ms := d.Milliseconds()
	return fmt.Sprintf("%02d:%02d:%02d.%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, ms%1000)
}
