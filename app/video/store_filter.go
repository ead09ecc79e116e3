package video

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/people"
)

// byAuthors narrows a query on videos to the authors that a filter asks for.
func byAuthors(q *gorm.DB, a people.Actor, f Filter, teams []string) *gorm.DB {
	if f.AuthorID != "" {
		q = q.Where("author_id = ?", f.AuthorID)
	}
	if f.Mine {
		q = q.Where("author_id = ?", a.PersonID)
	}
	if f.Followed {
		q = q.Where("author_id IN (SELECT followed_id FROM follows WHERE person_id = ?)", a.PersonID)
	}
	if f.Reports {
		line, args := a.InLineSQL("author_id")
		q = q.Where("author_id <> ?", a.PersonID).Where(line, args...)
	}
	if f.Team != "" {
		q = q.Where("author_id IN (SELECT person_id FROM team_members WHERE team_id IN ? UNION SELECT person_id FROM team_managers WHERE team_id IN ?)", teams, teams)
	}
	return q
}

// byKind leaves out what is no video for a list: practices, but for their author who asks for them, and
// attempts in the lists of those who only review them.
func byKind(q *gorm.DB, f Filter) *gorm.DB {
	if f.Kind == Practice {
		q = q.Where("kind = 'practice'")
	} else {
		q = q.Where("kind <> 'practice'")
		if f.Kind != "" {
			q = q.Where("kind = ?", f.Kind)
		}
	}
	if f.ForID != "" {
		q = q.Where("for_id = ?", f.ForID)
	}
	if !f.Mine && !f.Deleted {
		q = q.Where("(kind NOT IN ('attempt', 'reply') OR audience <> 'private')")
	}
	return q
}

// titleContains matches text anywhere in a title. The engines' LOWER may know ASCII letters only, so a
// first letter beyond those is tried in both cases.
func titleContains(g *gorm.DB, text string) *gorm.DB {
	text = strings.ToLower(text)
	first, size := utf8.DecodeRuneInString(text)
	either := g.Session(&gorm.Session{NewDB: true}).Where(`LOWER(title) LIKE ? ESCAPE '\'`, "%"+db.LikePrefix(text))
	if first >= utf8.RuneSelf {
		either = either.Or(`LOWER(title) LIKE ? ESCAPE '\'`, "%"+db.LikePrefix(string(unicode.ToTitle(first))+text[size:]))
	}
	return either
}
