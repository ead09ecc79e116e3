package search

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/fieldreel/fieldreel/search/passage"
)

// The benchmarks measure moments search on a library of made-up speech: 12 passages of 60 words to a video, words drawn
// from 60,000 by Zipf's law, of which the most frequent are English stop words. FIELDREEL_BENCH_PASSAGES sets the size
// (10,000 unless set; the budget is stated for 100,000). Each prints the percentiles of one query's wall time, which a
// busy machine stretches, beside its CPU time, which it hardly does.
//
//	FIELDREEL_BENCH_PASSAGES=100000 go test ./search -run '^$' -bench . -benchtime 300x

const benchPerVideo = 12

func benchPassages() int {
	if n, err := strconv.Atoi(os.Getenv("FIELDREEL_BENCH_PASSAGES")); err == nil {
		return n
	}
	return 10_000
}

// corpus makes the same library and queries each time.
type corpus struct {
	*rand.Rand
	words []string
	zipf  *rand.Zipf
}

func newCorpus(seed uint64) *corpus {
	r := rand.New(rand.NewPCG(seed, 60))
	stopWords := strings.Fields("the and i to a of you it that in we is they this what so have be but are on for do with was " +
		"at if or about as there my all our their from when an were not by then them been has would can could who")
	syllables := strings.Fields("ba co di fu ga he ji ko la me ni po ra se ti vu wa xe yo zu bra cle dri fro gle pra ste tri")
	c := &corpus{Rand: r, words: stopWords}
	for len(c.words) < 60_000 {
		var w strings.Builder
		for range 2 + r.IntN(3) {
			w.WriteString(syllables[r.IntN(len(syllables))])
		}
		c.words = append(c.words, w.String())
	}
	c.zipf = rand.NewZipf(r, 1.1, 4, uint64(len(c.words)-1))
	return c
}

func (c *corpus) speech(words int) string {
	out := make([]string, words)
	for i := range out {
		out[i] = c.words[c.zipf.Uint64()]
	}
	return strings.Join(out, " ")
}

func (c *corpus) video(id int, version int64) Video {
	v := Video{
		ID: fmt.Sprintf("0199c0de-0000-7000-8000-%012d", id), Version: version, Title: c.speech(6), Description: c.speech(15),
		AuthorID: strconv.Itoa(c.IntN(200)), AuthorName: "Sam Rep", PublishedAt: time.UnixMilli(1_700_000_000_000 + int64(id)),
		Tactics:   []string{fmt.Sprintf("tactic-%d", c.IntN(40))},
		Situation: Facets{Objection: []string{fmt.Sprintf("objection-%d", c.IntN(12))}, Stage: []string{fmt.Sprintf("stage-%d", c.IntN(6))}},
		Audience:  []string{fmt.Sprintf("team:%d", c.IntN(40)), fmt.Sprintf("person:%d", c.IntN(200))},
	}
	if c.IntN(10) < 4 {
		v.Audience = append(v.Audience, "everyone")
	}
	for i := range benchPerVideo {
		v.Passages = append(v.Passages, passage.Passage{
			StartMS: int64(i) * 25_000, EndMS: int64(i+1) * 25_000, Text: c.speech(60),
		})
	}
	return v
}

func (c *corpus) viewer() []string {
	return []string{"everyone", fmt.Sprintf("team:%d", c.IntN(40)), fmt.Sprintf("team:%d", c.IntN(40)), fmt.Sprintf("person:%d", c.IntN(200))}
}

// benchLibrary builds the library.
func benchLibrary(b *testing.B) *Index {
	dir := b.TempDir()
	ix, err := Open(dir, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = ix.Close() })
	c := newCorpus(1)
	if _, err := ix.Rebuild(context.Background(), 1, func(yield func(Video, error) bool) {
		for i := range benchPassages() / benchPerVideo {
			if !yield(c.video(i, 1), nil) {
				return
			}
		}
	}); err != nil {
		b.Fatal(err)
	}
	return ix
}

// BenchmarkRebuild is a rebuild from videos in memory; the budget is 500 passages a second.
func BenchmarkRebuild(b *testing.B) {
	n := benchPassages()
	c := newCorpus(1)
	videos := make([]Video, n/benchPerVideo)
	for i := range videos {
		videos[i] = c.video(i, 1)
	}
	for b.Loop() {
		dir := b.TempDir()
		ix, err := Open(dir, Options{})
		if err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		if _, err := ix.Rebuild(context.Background(), 1, from(videos...)); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(n)/time.Since(start).Seconds(), "passages/s")
		if err := ix.Close(); err != nil {
			b.Fatal(err)
		}
		start = time.Now()
		if ix, err = Open(dir, Options{}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(start))/1e6, "open-ms")
		if err := ix.Close(); err != nil {
			b.Fatal(err)
		}
		size := int64(0)
		if err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err == nil && !d.IsDir() {
				size += info.Size()
			}
			return err
		}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(size)/1e6, "MB")
	}
}

// timed runs a query b.N times after a few to warm up and reports the percentiles.
func timed(b *testing.B, run func(i int) error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for i := range 20 {
		if err := run(i); err != nil {
			b.Fatal(err)
		}
	}
	wall, cpu := make([]float64, b.N), make([]float64, b.N)
	b.ResetTimer()
	for i := range b.N {
		start, used := time.Now(), threadCPU()
		if err := run(i); err != nil {
			b.Fatal(err)
		}
		wall[i], cpu[i] = float64(time.Since(start))/1e6, float64(threadCPU()-used)/1e6
	}
	b.StopTimer()
	slices.Sort(wall)
	slices.Sort(cpu)
	b.ReportMetric(float64(benchPassages()), "passages")
	b.ReportMetric(0, "ns/op") // It would only repeat the mean.
	for name, times := range map[string][]float64{"": wall, "-cpu": cpu} {
		b.ReportMetric(times[len(times)/2], "p50-ms"+name)
		b.ReportMetric(times[len(times)*95/100], "p95-ms"+name)
	}
}

func benchQueries(words int) ([]string, [][]string) {
	c := newCorpus(1)
	c.Rand = rand.New(rand.NewPCG(2, 2))
	c.zipf = rand.NewZipf(c.Rand, 1.1, 4, uint64(len(c.words)-1))
	texts, viewers := make([]string, 200), make([][]string, 200)
	for i := range texts {
		texts[i], viewers[i] = c.speech(words), c.viewer()
	}
	return texts, viewers
}

// BenchmarkMoments is the search of the product: text, visibility, facets, three moments of ten videos, marks.
func BenchmarkMoments(b *testing.B) {
	ix := benchLibrary(b)
	for _, c := range []struct {
		name  string
		words int
		facet bool
	}{{"question", 11, false}, {"question+facets", 11, true}, {"pasted", 50, false}} {
		b.Run(c.name, func(b *testing.B) {
			texts, viewers := benchQueries(c.words)
			timed(b, func(i int) error {
				q := Query{Text: texts[i%200], Audience: viewers[i%200]}
				if c.facet {
					q.Situation = Facets{Objection: []string{"objection-3"}, Stage: []string{"stage-2"}}
				}
				_, err := ix.Search(context.Background(), q)
				return err
			})
		})
	}
	b.Run("question/indexing", func(b *testing.B) {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan int)
		go func() {
			c := newCorpus(3)
			written := 0
			for ctx.Err() == nil {
				if err := ix.Replace(ctx, c.video(c.IntN(1+benchPassages()/benchPerVideo), int64(2+written))); err != nil && ctx.Err() == nil {
					b.Errorf("Replace: %v", err)
					break
				}
				written++
			}
			done <- written
		}()
		texts, viewers := benchQueries(11)
		start := time.Now()
		timed(b, func(i int) error {
			_, err := ix.Search(context.Background(), Query{Text: texts[i%200], Audience: viewers[i%200]})
			return err
		})
		cancel()
		b.ReportMetric(float64(<-done*benchPerVideo)/time.Since(start).Seconds(), "passages-written/s")
	})
}

// BenchmarkFTS5 is the same questions on SQLite's full text index over the same passages, with the same filter, as far as
// SQL goes: the twenty best passages without neighbours, grouping, texts and marks.
func BenchmarkFTS5(b *testing.B) {
	n := benchPassages()
	db, err := sql.Open("sqlite", filepath.Join(b.TempDir(), "fts.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	exec := func(q string, args ...any) {
		if _, err := db.Exec(q, args...); err != nil {
			b.Fatal(err)
		}
	}
	exec(`CREATE VIRTUAL TABLE f USING fts5(text, content='', detail=none, tokenize='porter unicode61')`)
	exec(`CREATE TABLE audience (key TEXT, video INTEGER, PRIMARY KEY (key, video)) WITHOUT ROWID`)
	c := newCorpus(1)
	exec("BEGIN")
	for i := range n / benchPerVideo {
		v := c.video(i, 1)
		for _, key := range v.Audience {
			exec(`INSERT OR IGNORE INTO audience VALUES (?, ?)`, key, i)
		}
		for j, p := range v.Passages {
			exec(`INSERT INTO f (rowid, text) VALUES (?, ?)`, i*benchPerVideo+j, v.Title+" "+p.Text)
		}
	}
	exec("COMMIT")
	exec(`INSERT INTO f (f) VALUES ('optimize')`)
	analyzer, err := newAnalyzer()
	if err != nil {
		b.Fatal(err)
	}
	for name, words := range map[string]int{"question": 11, "pasted": 50} {
		b.Run(name, func(b *testing.B) {
			texts, viewers := benchQueries(words)
			timed(b, func(i int) error {
				var terms []string
				for _, w := range queryWords(analyzer, texts[i%200]) {
					terms = append(terms, `"`+w.word+`"`)
				}
				a := viewers[i%200]
				rows, err := db.Query(`SELECT rowid FROM f WHERE f MATCH ? AND rowid / 12 IN
					(SELECT video FROM audience WHERE key IN (?, ?, ?, ?)) ORDER BY rank LIMIT 20`,
					strings.Join(terms, " OR "), a[0], a[1], a[2], a[3])
				if err != nil {
					return err
				}
				for rows.Next() {
				}
				return rows.Close()
			})
		})
	}
}
