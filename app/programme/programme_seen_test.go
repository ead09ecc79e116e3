package programme_test

import (
	"slices"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/programme"
)

func (k *kit) cannotSee(t *testing.T, who people.Actor, rules []programme.Rule, videos ...string) []programme.Unseen {
	t.Helper()
	p, err := k.programmes.Preview(t.Context(), who, rules, programme.ByManager, nil, videos...)
	if err != nil {
		t.Fatal(err)
	}
	return p.CannotSee
}

// TestPreviewCannotSee: what a preview says of who may see a video is what then happens, for everybody and every
// audience.
func TestPreviewCannotSee(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		all := []programme.Rule{{Role: people.Rep}, {Role: people.Manager}, {Role: people.Trainer}, {Role: people.Admin}}
		everybody := []people.Actor{k.ada, k.ana, k.ben, k.cleo, k.eve, k.mia, k.tom} // by name
		for _, author := range []people.Actor{k.ana, k.mia, k.eve, k.cleo, k.tom} {
			for _, audience := range people.Audiences {
				film := k.film(t, author, "take", audience)
				for _, by := range []people.Actor{k.tom, k.ada} {
					var want []string
					for _, who := range everybody {
						if _, err := k.videos.Get(t.Context(), who, film); fault.Is(err, fault.NotFound) {
							want = append(want, who.PersonID)
						} else if err != nil {
							t.Fatal(err)
						}
					}
					got := k.cannotSee(t, by, all, film)
					switch {
					case slices.Contains(want, by.PersonID): // what one may not see is as what is not there
						none := k.cannotSee(t, by, all, ident.New())
						if len(got) != 1 || len(none) != 1 || !got[0].Hidden || got[0].Count != 0 || len(got[0].People) != 0 || got[0].AuthorID != none[0].AuthorID || !none[0].Hidden {
							t.Errorf("%s's film for %s, asked by %s: %+v, of none %+v", author.Name, audience, by.Name, got, none)
						}
					case len(want) == 0:
						if len(got) != 0 {
							t.Errorf("%s's film for %s: %+v", author.Name, audience, got)
						}
					default:
						if len(got) != 1 || got[0].Hidden || got[0].Count != len(want) || got[0].AuthorID != author.PersonID || !slices.Equal(personIDs(got[0].People), want) {
							t.Errorf("%s's film for %s: %+v, want %v", author.Name, audience, got, want)
						}
					}
				}
			}
		}
	})
}

func personIDs(named []programme.Named) (out []string) {
	for _, n := range named {
		out = append(out, n.ID)
	}
	return out
}

// TestPreviewCannotSeeGranted: who was let see one video alone sees it here, too; opening a programme lets nobody.
func TestPreviewCannotSeeGranted(t *testing.T) {
	apptest.Each(t, func(t *testing.T, e *apptest.Env) {
		k := newKit(t, e)
		film, rules := k.film(t, k.tom, "take", people.Private), []programme.Rule{{TeamID: k.north}}
		if got := k.cannotSee(t, k.tom, rules, film, film); len(got) != 1 || got[0].Count != 2 {
			t.Fatalf("%+v", got)
		}
		k.tx(t, func(tx *db.Tx) error { return k.videos.GrantTx(tx, film, k.ana.PersonID, ident.New()) })
		if got := k.cannotSee(t, k.tom, rules, film); len(got) != 1 || !slices.Equal(personIDs(got[0].People), []string{k.ben.PersonID}) {
			t.Errorf("%+v", got)
		}
		p := k.open(t, func(p *programme.Programme) { p.Model = programme.Model{VideoID: film} })
		if _, err := k.videos.Get(t.Context(), k.ben, film); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s opened what is private: %v", p.Name, err)
		}
		many := make([]string, programme.MaxAttachments+2)
		_, err := k.programmes.Preview(t.Context(), k.tom, rules, programme.ByManager, nil, many...)
		apptest.WantCode(t, err, "too_many", "videos")
		if got := k.cannotSee(t, k.tom, rules, "\x00"); len(got) != 0 {
			t.Errorf("no id: %+v", got)
		}
	})
}
