package insight

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/fieldreel/fieldreel/app/people"
)

// TestLine: on random worlds, the line of an author is exactly who else may see what the author shows
// to their line.
func TestLine(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for world := range 200 {
		o := org{parent: map[string]string{}, members: map[string][]string{}, managers: map[string][]string{}, memberOf: map[string][]string{}, manages: map[string][]string{}}
		teams, persons := 1+r.IntN(8), 1+r.IntN(10)
		for i := range teams {
			team := fmt.Sprint("t", i)
			o.parent[team] = ""
			if up := r.IntN(i + 1); up < i {
				o.parent[team] = fmt.Sprint("t", up)
			}
			for p := range persons {
				person := fmt.Sprint("p", p)
				if r.IntN(4) == 0 {
					o.members[team] = append(o.members[team], person)
					o.memberOf[person] = append(o.memberOf[person], team)
				}
				if r.IntN(5) == 0 {
					o.managers[team] = append(o.managers[team], person)
					o.manages[person] = append(o.manages[person], team)
				}
			}
		}
		for p := range persons {
			author := fmt.Sprint("p", p)
			line := o.line(author)
			keys := people.AudienceKeys(people.Line, o.place(author), nil)
			for q := range persons {
				other := fmt.Sprint("p", q)
				if other == author {
					continue
				}
				if got, want := slices.Contains(line, other), o.actor(other).Sees(keys); got != want {
					t.Fatalf("world %d: %s in the line of %s: %v, want %v\n%+v", world, other, author, got, want, o)
				}
			}
		}
	}
}
