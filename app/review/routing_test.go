package review

import (
	"slices"
	"testing"

	"github.com/fieldreel/fieldreel/app/programme"
)

// TestRoute is who reviews, on grounds in which everybody is active.
func TestRoute(t *testing.T) {
	line := [][]string{{"mia", "max"}, {"eve"}, {"zoe"}}
	base := func() ground {
		return ground{participant: "ana", kind: programme.ByManager, levels: line, creator: "tom", trainers: []string{"tess", "tom"}, admins: []string{"ada"},
			active: map[string]bool{}, load: map[string]int{}, away: map[string]string{}, taken: map[string]bool{}}
	}
	for name, c := range map[string]struct {
		role   Role
		change func(*ground)
		want   choice
	}{
		"the nearest manager, the less busy":   {First, func(g *ground) { g.load["max"] = 1 }, choice{reviewer: "mia"}},
		"equals by their ids":                  {First, func(*ground) {}, choice{reviewer: "max"}},
		"the manager above, where none is":     {First, func(g *ground) { g.levels = [][]string{{}, {"eve"}} }, choice{reviewer: "eve"}},
		"a manager of their own is not asked":  {First, func(g *ground) { g.levels = [][]string{{"ana"}, {"eve"}} }, choice{reviewer: "eve"}},
		"who has left is not asked":            {First, func(g *ground) { g.active["max"], g.active["mia"] = false, false }, choice{reviewer: "eve"}},
		"nobody above: who made the programme": {First, func(g *ground) { g.levels = nil }, choice{reviewer: "tom"}},
		"the maker is the participant":         {First, func(g *ground) { g.levels, g.creator = nil, "ana" }, choice{reviewer: "tess"}},
		"no trainer either":                    {First, func(g *ground) { g.levels, g.creator, g.trainers = nil, "", []string{"ana"} }, choice{reviewer: "ada"}},
		"nobody at all":                        {First, func(g *ground) { g.levels, g.creator, g.trainers, g.admins = nil, "", nil, []string{"ana"} }, choice{}},
		"a deputy for who is away":             {First, func(g *ground) { g.levels, g.away = [][]string{{"mia"}}, map[string]string{"mia": "dan"} }, choice{reviewer: "dan", deputyFor: "mia"}},
		"who is there before a busier deputy":  {First, func(g *ground) { g.away["mia"], g.load["dan"] = "dan", 5 }, choice{reviewer: "max"}},
		"a deputy who is the participant":      {First, func(g *ground) { g.levels, g.away = [][]string{{"mia"}, {"eve"}}, map[string]string{"mia": "ana"} }, choice{reviewer: "eve"}},
		"a deputy who is away too": {First, func(g *ground) {
			g.levels, g.away = [][]string{{"mia"}, {"eve"}}, map[string]string{"mia": "dan", "dan": "bo"}
		}, choice{reviewer: "eve"}},
		"a deputy who has left": {First, func(g *ground) {
			g.levels, g.away, g.active["dan"] = [][]string{{"mia"}, {"eve"}}, map[string]string{"mia": "dan"}, false
		}, choice{reviewer: "eve"}},
		"away without help, and nobody else": {First, func(g *ground) {
			g.levels, g.creator, g.trainers, g.admins, g.away = [][]string{{"mia"}}, "", nil, nil, map[string]string{"mia": "ana"}
		}, choice{reviewer: "mia"}},
		"the least busy of the named":          {First, func(g *ground) { g.kind, g.named, g.load["ben"] = programme.ByNamed, []string{"ben", "cleo"}, 2 }, choice{reviewer: "cleo"}},
		"the named is the participant":         {First, func(g *ground) { g.kind, g.named = programme.ByNamed, []string{"ana"} }, choice{reviewer: "max"}},
		"the pool":                             {First, func(g *ground) { g.kind, g.named = programme.ByPool, []string{"ben"} }, choice{pool: true}},
		"a pool of the participant alone":      {First, func(g *ground) { g.kind, g.named = programme.ByPool, []string{"ana"} }, choice{reviewer: "max"}},
		"a second by the other manager":        {Second, func(g *ground) { g.taken["max"] = true }, choice{reviewer: "mia"}},
		"a second by the manager's manager":    {Second, func(g *ground) { g.levels, g.taken["mia"] = [][]string{{"mia"}, {"eve"}}, true }, choice{reviewer: "eve"}},
		"a second by a trainer":                {Second, func(g *ground) { g.levels, g.taken["mia"] = [][]string{{"mia"}}, true }, choice{reviewer: "tess"}},
		"a second by another named":            {Second, func(g *ground) { g.kind, g.named, g.taken["ben"] = programme.ByNamed, []string{"ben", "cleo"}, true }, choice{reviewer: "cleo"}},
		"a second from the pool":               {Second, func(g *ground) { g.kind, g.named, g.unclaimed = programme.ByPool, []string{"ben", "cleo"}, 1 }, choice{pool: true}},
		"a pool too small for two":             {Second, func(g *ground) { g.kind, g.named, g.unclaimed = programme.ByPool, []string{"ben"}, 1 }, choice{reviewer: "ben"}},
		"a third by who has seen neither":      {Third, func(g *ground) { g.levels, g.taken["mia"], g.taken["tess"] = [][]string{{"mia"}}, true, true }, choice{reviewer: "tom"}},
		"no second by the deputy of the first": {Second, func(g *ground) { g.levels, g.taken["dan"], g.away["mia"] = [][]string{{"mia"}}, true, "dan" }, choice{reviewer: "tess"}},
		"no deputy for who has looked at it":   {Second, func(g *ground) { g.levels, g.taken["mia"], g.away["mia"] = [][]string{{"mia"}}, true, "dan" }, choice{reviewer: "tess"}},
		"one person in two groups is one":      {Third, func(g *ground) { g.levels, g.trainers = [][]string{{"tess"}}, []string{"tess"}; g.taken["tess"] = true }, choice{reviewer: "tom"}},
	} {
		g := base()
		for _, p := range []string{"ana", "mia", "max", "eve", "zoe", "tom", "tess", "ada", "ben", "cleo", "dan", "bo"} {
			g.active[p] = true
		}
		c.change(&g)
		if got := route(c.role, g); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// TestRouteNever tries every small ground: never the participant, never who has left or has looked already.
func TestRouteNever(t *testing.T) {
	persons := []string{"ana", "ben", "cleo", "dan"}
	for mask := range 1 << 12 {
		bit := func(i int) bool { return mask>>i&1 == 1 }
		g := ground{participant: "ana", levels: [][]string{{"ana", "ben"}, {"cleo"}}, trainers: []string{"dan"}, creator: "ana", active: map[string]bool{}, load: map[string]int{}, away: map[string]string{}, taken: map[string]bool{}}
		for i, p := range persons {
			g.active[p], g.taken[p] = bit(i), bit(4+i)
			if bit(8 + i) {
				g.away[p] = persons[(i+1)%4]
			}
		}
		for _, role := range []Role{First, Second, Third, Disputed} {
			for _, kind := range []programme.ReviewerKind{programme.ByManager, programme.ByNamed, programme.ByPool} {
				g.kind, g.named = kind, []string{"ana", "cleo", "dan"}
				c := route(role, g)
				p := c.reviewer
				if p != "" && (p == "ana" || !g.active[p] || g.taken[p] || c.deputyFor == "ana" || (c.deputyFor != "" && g.away[c.deputyFor] != p)) {
					t.Fatalf("%+v gives %+v", g, c)
				}
				free := slices.ContainsFunc([]string{"ben", "cleo", "dan"}, func(p string) bool { return g.active[p] && !g.taken[p] })
				if free && c == (choice{}) {
					t.Fatalf("%+v gives nobody", g)
				}
			}
		}
	}
}

// TestNext is what follows from the reviews of an attempt.
func TestNext(t *testing.T) {
	sent := func(role Role, d programme.Decision, score int, retry ...string) Review {
		return Review{ID: string(role), Role: role, State: Sent, Decision: d, Score: &score, RetryCriteria: retry}
	}
	waits := func(role Role) Review { return Review{ID: string(role), Role: role, State: Waiting} }
	dropped := func(r Review) Review { r.State = Dropped; return r }
	const pass, again, fail = programme.Pass, programme.TryAgain, programme.Fail
	for name, c := range map[string]struct {
		reviews  []Review
		step     step
		decision programme.Decision
		score    int
		shown    Role
		retry    []string
	}{
		"nobody yet":                  {[]Review{waits(First)}, wait, "", 0, "", nil},
		"one":                         {[]Review{sent(First, pass, 8000)}, settled, pass, 8000, First, nil},
		"the first of two":            {[]Review{sent(First, pass, 8000), waits(Second)}, wait, "", 0, "", nil},
		"the second of two":           {[]Review{waits(First), sent(Second, pass, 8000)}, wait, "", 0, "", nil},
		"two agree":                   {[]Review{sent(First, pass, 8000), sent(Second, pass, 7000)}, settled, pass, 7500, First, nil},
		"the mean is rounded up":      {[]Review{sent(First, pass, 8000), sent(Second, pass, 7999)}, settled, pass, 8000, First, nil},
		"just near enough":            {[]Review{sent(First, fail, 2000), sent(Second, fail, 3000)}, settled, fail, 2500, First, nil},
		"just too far apart":          {[]Review{sent(First, fail, 2000), sent(Second, fail, 3001)}, askThird, "", 0, "", nil},
		"other decisions":             {[]Review{sent(First, pass, 8000), sent(Second, fail, 8000)}, askThird, "", 0, "", nil},
		"both name what to try again": {[]Review{sent(First, again, 8000, "a", "b"), sent(Second, again, 8000, "b", "c")}, settled, again, 8000, First, []string{"a", "b", "c"}},
		"the third is to come":        {[]Review{sent(First, pass, 8000), sent(Second, fail, 2000), waits(Third)}, wait, "", 0, "", nil},
		"the third decides":           {[]Review{sent(First, pass, 8000), sent(Second, fail, 2000), sent(Third, again, 5000, "x")}, settled, again, 5000, Third, []string{"x"}},
		"a dropped second":            {[]Review{sent(First, pass, 8000), dropped(waits(Second))}, settled, pass, 8000, First, nil},
		"later ones do not count":     {[]Review{sent(First, pass, 8000), sent(Disputed, fail, 1), sent(Again, "", 1)}, settled, pass, 8000, First, nil},
	} {
		s, out := next(c.reviews, 10)
		if s != c.step || out.decision != c.decision || out.score != c.score || out.shown.Role != c.shown || !slices.Equal(out.retry, c.retry) {
			t.Errorf("%s: %s %+v", name, s, out)
		}
	}
}

// TestChosen is about the share that was asked for, and depends on the secret.
func TestChosen(t *testing.T) {
	n, other := 0, 0
	for i := range 2000 {
		id := string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676))
		if chosen([]byte("key"), id, 20) {
			n++
			if !chosen([]byte("another"), id, 20) {
				other++
			}
		}
		if chosen([]byte("key"), id, 0) || !chosen([]byte("key"), id, 100) {
			t.Fatal("no share, or all")
		}
	}
	if n < 340 || n > 460 || other < n/2 {
		t.Errorf("%d of 2000 are chosen, %d by one key only", n, other)
	}
}
