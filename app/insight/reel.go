package insight

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/fieldreel/fieldreel/app/insight/measure"
)

// reel is what a report on modeling counts: the videos it is about and who did what with them. People
// are numbered, so that counting distinct ones needs no map.
type reel struct {
	org   org
	films map[string]filmHead
	// videos counts the videos of each author.
	videos map[string]int

	mu      sync.Mutex // for add: acts are read from several tables at once
	numbers map[string]int32
	acts    map[moment]*[kinds][]int32 // who did it, with repetitions
}

// filmHead is what the report needs to know of a video.
type filmHead struct {
	author  string
	length  int64 // ms
	visible bool  // to who asks
}

// moment is a stretch of a video; [0, 0) is the video as a whole.
type moment struct {
	video string
	stretch
}

// compare orders moments by video and time.
func (m moment) compare(o moment) int {
	return cmp.Or(strings.Compare(m.video, o.video), cmp.Compare(m.start, o.start), cmp.Compare(m.end, o.end))
}

// kind is what somebody does with a moment.
type kind int

const (
	saw kind = iota
	shared
	saved
	used
	kinds // how many there are
)

func newReel(o org) *reel {
	return &reel{org: o, films: map[string]filmHead{}, videos: map[string]int{}, numbers: map[string]int32{}, acts: map[moment]*[kinds][]int32{}}
}

func (r *reel) addFilm(id string, f filmHead) {
	r.films[id] = f
	r.videos[f.author]++
}

// add notes that people, their ids separated by commas, did something with a moment.
func (r *reel) add(k kind, m moment, ids string) {
	f, ok := r.films[m.video]
	if !ok {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if m.end-m.start >= f.length || m.end == 0 {
		m.stretch = stretch{}
	}
	a := r.acts[m]
	if a == nil {
		a = &[kinds][]int32{}
		r.acts[m] = a
	}
	for id := range strings.SplitSeq(ids, ",") {
		a[k] = append(a[k], r.number(id))
	}
}

func (r *reel) number(id string) int32 {
	n, ok := r.numbers[id]
	if !ok {
		n = int32(len(r.numbers)) //nolint:gosec // people are fewer than two thousand million
		r.numbers[strings.Clone(id)] = n
	}
	return n
}

// crowd counts distinct people, again and again without being cleared: a mark holds for one round.
type crowd struct {
	round int32
	mark  []int32
}

func (c *crowd) begin(people int) {
	if len(c.mark) < people {
		c.mark = make([]int32, people)
		c.round = 0
	}
	c.round++
}

// first says whether it sees the person for the first time in this round.
func (c *crowd) first(p int32) bool {
	if c.mark[p] == c.round {
		return false
	}
	c.mark[p] = c.round
	return true
}

// counter counts the acts of one author's moments, leaving out the author and the author's line.
type counter struct {
	r       *reel
	out     crowd
	crowds  [kinds]crowd
	authors map[string][]int32
}

// leftOut gives the numbers of those whose acts on the author's videos do not count.
func (c *counter) leftOut(author string) []int32 {
	if c.authors == nil {
		c.authors = map[string][]int32{}
	}
	out, ok := c.authors[author]
	if !ok {
		for _, id := range append(c.r.org.line(author), author) {
			if n, known := c.r.numbers[id]; known {
				out = append(out, n)
			}
		}
		c.authors[author] = out
	}
	return out
}

func (c *counter) begin(author string) {
	people := len(c.r.numbers)
	c.out.begin(people)
	for _, n := range c.leftOut(author) {
		c.out.first(n)
	}
	for k := range c.crowds {
		c.crowds[k].begin(people)
	}
}

// count gives the distinct people of some acts on an author's videos.
func (c *counter) count(author string, all ...*[kinds][]int32) Counts {
	c.begin(author)
	var n [kinds]int
	both := 0
	for k := range kinds {
		for _, a := range all {
			for _, p := range a[k] {
				if c.out.mark[p] == c.out.round || !c.crowds[k].first(p) {
					continue
				}
				n[k]++
				if k == used && c.crowds[saw].mark[p] == c.crowds[saw].round {
					both++
				}
			}
		}
	}
	return Counts{Saw: n[saw], Shared: n[shared], Saved: n[saved], Used: n[used], UsedRate: measure.RateOf(both, n[saw])}
}

// countPeople counts by author, over all their videos and moments.
func (r *reel) countPeople() map[string]Counts {
	byAuthor := map[string][]*[kinds][]int32{}
	for author := range r.videos {
		byAuthor[author] = nil
	}
	for m, a := range r.acts {
		author := r.films[m.video].author
		byAuthor[author] = append(byAuthor[author], r.forVideo(m, a))
	}
	c := counter{r: r}
	out := make(map[string]Counts, len(byAuthor))
	for author, all := range byAuthor {
		out[author] = c.count(author, all...)
	}
	return out
}

// forVideo gives the acts on a moment as acts on its video: whoever watched a whole moment has not yet
// viewed the video, so views of moments are left out.
func (r *reel) forVideo(m moment, a *[kinds][]int32) *[kinds][]int32 {
	if m.stretch == (stretch{}) {
		return a
	}
	b := *a
	b[saw] = nil
	return &b
}

// countVideos counts by video that the asker may see.
func (r *reel) countVideos() map[string]Counts {
	byVideo := map[string][]*[kinds][]int32{}
	for m, a := range r.acts {
		if r.films[m.video].visible {
			byVideo[m.video] = append(byVideo[m.video], r.forVideo(m, a))
		}
	}
	c := counter{r: r}
	out := make(map[string]Counts, len(byVideo))
	for id, all := range byVideo {
		if n := c.count(r.films[id].author, all...); n.any() {
			out[id] = n
		}
	}
	return out
}

// maxLeading is up to how many leading moments are looked up one by one.
const maxLeading = 2000

// leading gives the moments that can be among the first maxRows, by what people did with them: only of
// these it matters who saw them. It gives nil, for all, where too few moments were shared, saved or used.
func (r *reel) leading() []moment {
	counts := r.countMoments()
	keys := top(counts, moment.compare)
	if len(keys) < maxRows {
		return nil
	}
	last := counts[keys[maxRows-1]]
	n := maxRows
	for n < len(keys) && counts[keys[n]].actedLike(last) {
		n++
	}
	if n > maxLeading {
		return nil
	}
	return keys[:n]
}

// actedLike says whether the counts are equal but for who saw it.
func (c Counts) actedLike(o Counts) bool {
	return c.Used == o.Used && c.Saved == o.Saved && c.Shared == o.Shared
}

// countMoments counts by moment that the asker may see; a whole video is no moment of it.
func (r *reel) countMoments() map[moment]Counts {
	c := counter{r: r}
	out := map[moment]Counts{}
	for m, a := range r.acts {
		f := r.films[m.video]
		if m.stretch == (stretch{}) || !f.visible {
			continue
		}
		if n := c.count(f.author, a); n.any() {
			out[m] = n
		}
	}
	return out
}

// top orders keys by used, saved, shared, saw, and then by the key.
func top[K comparable](counts map[K]Counts, compare func(a, b K) int) []K {
	type row struct {
		key K
		n   Counts
	}
	rows := make([]row, 0, len(counts))
	for k, n := range counts {
		rows = append(rows, row{k, n})
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(b.n.Used, a.n.Used), cmp.Compare(b.n.Saved, a.n.Saved), cmp.Compare(b.n.Shared, a.n.Shared), cmp.Compare(b.n.Saw, a.n.Saw), compare(a.key, b.key))
	})
	keys := make([]K, len(rows))
	for i, r := range rows {
		keys[i] = r.key
	}
	return keys
}
