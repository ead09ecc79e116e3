package moonshine

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fieldreel/fieldreel/speech"
	"github.com/fieldreel/fieldreel/speech/speechtest"
)

// shared loads the engine once for all tests of this package, which would
// otherwise spend a second each on loading the same model.
var shared = sync.OnceValues(func() (*Engine, error) {
	return Open(modelsDir)
})

var modelsDir string

func engine(tb testing.TB) *Engine {
	tb.Helper()
	modelsDir = speechtest.ModelsDir(tb)
	e, err := shared()
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

func transcribe(tb testing.TB, path string) speech.Transcript {
	tb.Helper()
	last := 0.0
	t, err := engine(tb).Transcribe(tb.Context(), path, func(share float64) {
		if share < last || share > 1 {
			tb.Errorf("progress went from %v to %v", last, share)
		}
		last = share
	})
	if err != nil {
		tb.Fatal(err)
	}
	if last != 1 {
		tb.Errorf("progress ended at %v", last)
	}
	if err := t.Validate(); err != nil {
		tb.Fatal(err)
	}
	return t
}

func text(t speech.Transcript) string {
	var all []string
	for _, s := range t.Segments {
		all = append(all, s.Text)
	}
	return strings.Join(all, " ")
}

// writeWAV writes samples as a 16 kHz mono 16-bit PCM file.
func writeWAV(tb testing.TB, samples []int16) string {
	tb.Helper()
	b := header(len(samples) * 2)
	for _, s := range samples {
		b = binary.LittleEndian.AppendUint16(b, uint16(s))
	}
	path := filepath.Join(tb.TempDir(), "sound.wav")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// TestOwnRecording is always on: a small recording of our own, see
// testdata/README.md.
func TestOwnRecording(t *testing.T) {
	want, err := os.ReadFile("testdata/sales.txt")
	if err != nil {
		t.Fatal(err)
	}
	got := transcribe(t, "testdata/sales.wav")
	wrong, words := speechtest.WER(speechtest.Normalize(string(want)), speechtest.Normalize(text(got)))
	t.Logf("%d of %d words wrong: %s", wrong, words, text(got))
	if float64(wrong) > 0.12*float64(words) {
		t.Errorf("more than 12 %% of the words are wrong")
	}
	if got.Language != "en" || got.Engine != Name {
		t.Errorf("made by %q in %q", got.Engine, got.Language)
	}
	if len(got.Segments) != 2 {
		t.Errorf("%d segments for two sentences", len(got.Segments))
	}
}

type recording struct{ file, words string }

func manifest(tb testing.TB) (dir string, clips []recording) {
	tb.Helper()
	dir = speechtest.SharedDir(tb, "fixtures", "speech")
	file, err := os.Open(filepath.Join(dir, "manifest.tsv"))
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Scan() // the header
	for lines.Scan() {
		if f := strings.Split(lines.Text(), "\t"); len(f) == 3 {
			clips = append(clips, recording{file: f[0], words: f[2]})
		}
	}
	if lines.Err() != nil || len(clips) == 0 {
		tb.Fatalf("read the manifest: %d clips, %v", len(clips), lines.Err())
	}
	return dir, clips
}

// TestWordErrorRate measures the accuracy on real speech; above 12 % it fails.
func TestWordErrorRate(t *testing.T) {
	dir, clips := manifest(t)
	wrong, words, low, total := 0, 0, 0, 0
	for _, c := range clips {
		got := transcribe(t, filepath.Join(dir, c.file))
		e, n := speechtest.WER(speechtest.Normalize(c.words), speechtest.Normalize(text(got)))
		t.Logf("%-28s %2d of %2d words wrong (%4.1f %%)", c.file, e, n, 100*float64(e)/float64(n))
		wrong += e
		words += n
		for _, s := range got.Segments {
			for _, w := range s.Words {
				total++
				if w.Confidence < speech.LowConfidence {
					low++
				}
			}
		}
		speakingPace(t, c.file, got)
	}
	rate := float64(wrong) / float64(words)
	t.Logf("%d of %d words wrong: word error rate %.1f %%; %d of %d words marked as doubtful", wrong, words, 100*rate, low, total)
	if rate > 0.12 {
		t.Errorf("word error rate %.1f %% is above 12 %%", 100*rate)
	}
}

// speakingPace checks word times by what no speaker does: words of no length,
// and words that last for seconds.
func speakingPace(t *testing.T, file string, got speech.Transcript) {
	t.Helper()
	for _, s := range got.Segments {
		for _, w := range s.Words {
			if length := w.EndMS - w.StartMS; length < 20 || length > 1500 {
				t.Errorf("%s: %q lasts %d ms (from %d)", file, w.Text, length, w.StartMS)
			}
		}
	}
}

// TestWordTimesAgainstPauses compares word times with a fact that needs no
// other recognizer: after 3 s of inserted silence every word of the second
// copy must start later by exactly the shift, within the aligner's error.
func TestWordTimesAgainstPauses(t *testing.T) {
	sound := samplesOf(t, "testdata/sales.wav")
	const gap = 3 * sampleRate
	twice := make([]int16, 0, 2*len(sound)+gap)
	twice = append(append(append(twice, sound...), make([]int16, gap)...), sound...)
	shift := int64(len(sound)+gap) * 1000 / sampleRate
	got := transcribe(t, writeWAV(t, twice))
	var first, second []speech.Word
	for _, s := range got.Segments {
		for _, w := range s.Words {
			if w.StartMS < shift {
				first = append(first, w)
			} else {
				second = append(second, w)
			}
		}
	}
	if len(first) == 0 || len(first) != len(second) {
		t.Fatalf("%d words, then %d", len(first), len(second))
	}
	for i, w := range first {
		if w.Text != second[i].Text {
			t.Errorf("word %d: %q, then %q", i, w.Text, second[i].Text)
		}
		if off := second[i].StartMS - shift - w.StartMS; off < -250 || off > 250 {
			t.Errorf("%q is off by %d ms", w.Text, off)
		}
	}
	if end := first[len(first)-1].EndMS; end > int64(len(sound))*1000/sampleRate+150 {
		t.Errorf("the last word rings into the silence, until %d ms", end)
	}
}

// TestNoSpeechGivesNoWords checks the rule that nothing is ever invented.
func TestNoSpeechGivesNoWords(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	make5s := func(f func(i int) float64) []int16 {
		s := make([]int16, 5*sampleRate)
		for i := range s {
			s[i] = int16(max(-32768, min(32767, 32767*f(i))))
		}
		return s
	}
	tone := func(hz float64, i int) float64 { return math.Sin(2 * math.Pi * hz * float64(i) / sampleRate) }
	brown := 0.0
	for name, sound := range map[string][]int16{
		"nothing at all": {},
		"one sample":     {1},
		"silence":        make([]int16, 5*sampleRate),
		"white noise":    make5s(func(int) float64 { return 0.3 * random.NormFloat64() }),
		"quiet noise":    make5s(func(int) float64 { return 0.003 * random.NormFloat64() }),
		"brown noise": make5s(func(int) float64 {
			brown = 0.99*brown + 0.05*random.NormFloat64()
			return brown
		}),
		"hum":    make5s(func(i int) float64 { return 0.5 * tone(50, i) }),
		"chord":  make5s(func(i int) float64 { return 0.2 * (tone(262, i) + tone(330, i) + tone(392, i)) }),
		"square": make5s(func(i int) float64 { return math.Copysign(1, tone(440, i)) }),
		"clicks": make5s(func(i int) float64 { return float64(1 - min(1, i%8000)) }),
	} {
		t.Run(name, func(t *testing.T) {
			if got := transcribe(t, writeWAV(t, sound)); len(got.Segments) != 0 {
				t.Errorf("heard %q", text(got))
			}
		})
	}
}

// TestLongSpeechIsChunked puts the recording together to 25 s without
// a pause that would part it, as a fast speaker would.
func TestLongSpeechIsChunked(t *testing.T) {
	sound := samplesOf(t, "testdata/sales.wav")
	want := transcribe(t, "testdata/sales.wav")
	var long []int16
	const times = 4
	for range times {
		long = append(long, sound...)
	}
	got := transcribe(t, writeWAV(t, long))
	wrong, words := speechtest.WER(
		speechtest.Normalize(strings.Repeat(text(want)+" ", times)), speechtest.Normalize(text(got)))
	t.Logf("%d of %d words differ", wrong, words)
	if float64(wrong) > 0.12*float64(words) {
		t.Errorf("chunking changed %d of %d words: %s", wrong, words, text(got))
	}
}

func TestTranscribeEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	_, err := engine(t).Transcribe(ctx, "testdata/sales.wav", func(float64) {
		if calls++; calls == 2 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if got := transcribe(t, "testdata/sales.wav"); len(got.Segments) == 0 {
		t.Error("no words after a cancelled try")
	}
}

func TestOpenSaysWhatIsMissing(t *testing.T) {
	_, err := Open(t.TempDir())
	if !errors.Is(err, speech.ErrNoModel) || !strings.Contains(err.Error(), "encoder_model.onnx") {
		t.Fatalf("got %v", err)
	}
}

func TestTranscribeOfNoFile(t *testing.T) {
	if _, err := engine(t).Transcribe(t.Context(), filepath.Join(t.TempDir(), "none.wav"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := engine(t).Transcribe(t.Context(), t.TempDir(), nil); !errors.Is(err, speech.ErrBadAudio) {
		t.Errorf("a folder: %v", err)
	}
}

// BenchmarkTranscribe reports CPU seconds per second of sound.
func BenchmarkTranscribe(b *testing.B) {
	sound := "testdata/sales.wav"
	length := float64(len(samplesOf(b, sound))) / sampleRate
	transcribe(b, sound) // loads the model
	before := cpuSeconds(b)
	for b.Loop() {
		transcribe(b, sound)
	}
	b.ReportMetric((cpuSeconds(b)-before)/float64(b.N)/length, "cpu-s/audio-s")
}

// cpuSeconds is the CPU time of the whole process, native threads included.
func cpuSeconds(tb testing.TB) float64 {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

func samplesOf(tb testing.TB, path string) []int16 {
	tb.Helper()
	file, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		tb.Fatal(err)
	}
	w, err := openWAV(file, info.Size())
	if err != nil {
		tb.Fatal(err)
	}
	scaled := make([]float32, w.samples)
	if err := w.read(scaled, 0); err != nil {
		tb.Fatal(err)
	}
	samples := make([]int16, len(scaled))
	for i, x := range scaled {
		samples[i] = int16(x * 32768)
	}
	return samples
}
