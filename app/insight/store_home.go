package insight

import (
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/insight/ranges"
	"github.com/fieldreel/fieldreel/app/people"
)

// Conditions that hold of what may be shown to watch: as SQL on a table v of videos.
const (
	watchable = `v.deleted_at IS NULL AND v.state IN ('playable', 'ready')`
	seenByMe  = `EXISTS (SELECT 1 FROM video_audience k WHERE k.video_id = v.id AND k.key IN @keys)`
	// begun stands beside a table w of what was watched of v.
	begun = `(w.unique_ms >= @begin OR w.unique_ms * @parts >= v.duration_ms)`
	// notBegun leaves out what the actor has begun.
	notBegun = `NOT EXISTS (SELECT 1 FROM watched w WHERE w.video_id = v.id AND w.person_id = @me AND ` + begun + `)`
	// ofTeams are the people of the teams in which the actor is, or which they manage.
	ofTeams = `SELECT person_id FROM team_members WHERE team_id IN @teams UNION SELECT person_id FROM team_managers WHERE team_id IN @teams`
)

// named are the values that these conditions speak of.
func named(a people.Actor, more map[string]any) map[string]any {
	values := map[string]any{"me": a.PersonID, "keys": orNone(a.Reach.Keys), "begin": beginMS, "parts": beginParts}
	for k, v := range more {
		values[k] = v
	}
	return values
}

// unfinishedRow is what somebody has watched of a video, with what stands beside it.
type unfinishedRow struct {
	VideoID    string
	Ranges     []byte
	LastAt     time.Time
	DurationMS int64 `gorm:"column:duration_ms"`
	// LastTo is where the last play ended.
	LastTo int64
	set    ranges.Set `gorm:"-"`
}

// unfinished orders plays by nothing but their time: then SQLite, too, reads one row of the index on video
// and person instead of all that somebody ever watched.
func unfinished(g *gorm.DB, a people.Actor, since time.Time, limit int) ([]unfinishedRow, error) {
	var rows []unfinishedRow
	err := g.Raw(`SELECT w.video_id, w.ranges, w.last_at, v.duration_ms,
		COALESCE((SELECT e.to_ms FROM watch_events e WHERE e.video_id = w.video_id AND e.person_id = w.person_id ORDER BY e.at DESC LIMIT 1), 0) AS last_to
		FROM watched w JOIN videos v ON v.id = w.video_id
		WHERE w.person_id = @me AND w.completed_at IS NULL AND w.last_at > @since AND `+begun+` AND v.author_id <> @me AND `+watchable+` AND `+seenByMe+`
		ORDER BY w.last_at DESC LIMIT @limit`, named(a, map[string]any{"since": since, "limit": limit})).Scan(&rows).Error
	for i := range rows {
		if err == nil {
			toUTC(&rows[i].LastAt)
			if err = rows[i].set.UnmarshalBinary(rows[i].Ranges); err != nil {
				err = fmt.Errorf("kept ranges of %s by %s: %w", rows[i].VideoID, a.PersonID, err)
			}
		}
	}
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// followed are the people whom the actor follows.
const followed = `SELECT followed_id FROM follows WHERE person_id = @me`

// latest are the newest videos of the company, one after the other as they are asked for: what the first
// screen looks through, so that it costs the same for who has watched them all.
const latest = `(SELECT id, author_id, duration_ms, published_at FROM videos v WHERE v.published_at > @since AND ` + watchable + `
	ORDER BY v.published_at DESC, v.id DESC LIMIT 1000) v`

// fresh gives videos that the actor has not begun: of those who are near to them (whom they follow, or who
// are in their teams), or of all.
func fresh(g *gorm.DB, a people.Actor, near bool, since time.Time, limit int) ([]Fresh, error) {
	which, why := ` AND (v.author_id IN (`+followed+`) OR v.author_id IN (`+ofTeams+`))`, `CASE WHEN v.author_id IN (`+followed+`) THEN @followed ELSE @team END`
	if !near {
		which, why = ``, `@everyone`
	}
	teams := append(append([]string{""}, a.Reach.MemberOf...), a.Reach.ManagedTeams...)
	var out []Fresh
	err := g.Raw(`SELECT v.id AS video_id, `+why+` AS why FROM `+latest+`
		WHERE v.author_id <> @me`+which+` AND `+seenByMe+` AND `+notBegun+` ORDER BY v.published_at DESC, v.id DESC LIMIT @limit`,
		named(a, map[string]any{"teams": teams, "since": since, "limit": limit, "followed": string(WhyFollowed), "team": string(WhyTeam), "everyone": string(WhyEveryone)})).Scan(&out).Error
	return out, err
}

func unwatchedShares(g *gorm.DB, a people.Actor, since time.Time, limit int) ([]Share, error) {
	var out []Share
	err := seenBy(g, "shares", a).Where("(to_person_id = ? OR to_team_id IN ?) AND person_id <> ? AND created_at > ?", a.PersonID, orNone(a.Reach.MemberOf), a.PersonID, since).
		Where("NOT EXISTS (SELECT 1 FROM watched w WHERE w.video_id = shares.video_id AND w.person_id = ? AND w.last_at >= shares.created_at)", a.PersonID).
		Order("created_at DESC, id DESC").Limit(limit).Find(&out).Error
	return out, err
}

func unready(g *gorm.DB, a people.Actor, limit int) ([]string, error) {
	var ids []string
	err := g.Raw(`SELECT id FROM videos WHERE author_id = ? AND state <> 'ready' AND deleted_at IS NULL ORDER BY id DESC LIMIT ?`, a.PersonID, limit).Scan(&ids).Error
	return ids, err
}

func toWatch(g *gorm.DB, a people.Actor, since time.Time, limit int) ([]string, error) {
	var ids []string
	err := g.Raw(`SELECT v.id FROM `+latest+` WHERE v.author_id IN (`+ofTeams+`) AND v.author_id <> @me AND `+seenByMe+`
		AND NOT EXISTS (SELECT 1 FROM notes n WHERE n.video_id = v.id AND n.author_id = @me AND n.deleted_at IS NULL)
		ORDER BY v.published_at DESC, v.id DESC LIMIT @limit`, named(a, map[string]any{"teams": a.Reach.ManagedTeams, "since": since, "limit": limit})).Scan(&ids).Error
	return ids, err
}
