package calibration

import (
	"context"
	"slices"

	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/rubric"
	"github.com/fieldreel/fieldreel/app/video"
)

func (s *Service) mayManage(a people.Actor) error {
	if !Can(a, ManageGold, "") {
		return fault.Denied("Only trainers and admins keep gold takes.")
	}
	return nil
}

// GoldFilter narrows a list of gold takes.
type GoldFilter struct {
	// Retired includes those that are given to nobody any more.
	Retired bool
	// Before is the id of the last one of the page before.
	Before string
	Limit  int
}

// ListGold gives the gold takes, newest first. The panel of one that the actor is to score this month
// themself is left out. Forbidden for all but trainers and admins.
func (s *Service) ListGold(ctx context.Context, a people.Actor, f GoldFilter) ([]Gold, error) {
	if err := s.mayManage(a); err != nil {
		return nil, err
	}
	if !db.Plain(f.Before) {
		return nil, fault.InvalidField("cursor", "cursor_unknown", "This is no cursor of this list. Begin with the first page.")
	}
	out, err := listGold(s.DB.Read(ctx), f.Retired, f.Before, f.Limit)
	if err != nil {
		return nil, err
	}
	return out, s.hide(ctx, a, out)
}

// hide leaves out the panels that the actor must not see yet.
func (s *Service) hide(ctx context.Context, a people.Actor, golds []Gold) error {
	takes, err := monthTakes(s.DB.Read(ctx), a.PersonID, MonthOf(s.DB.Now()))
	if err != nil {
		return err
	}
	for i := range golds {
		if slices.ContainsFunc(takes, func(t takeRow) bool { return t.GoldID == golds[i].ID && t.ScoredAt == nil }) {
			golds[i].Panel, golds[i].Hidden = nil, true
		}
	}
	return nil
}

// AddGold makes a video gold. Errors: Forbidden; Invalid with the field (required, person_not_found,
// level_missing, level_unknown, rubric_version_not_found); NotFound for a video the actor may not see; Conflict
// gold_private for one that fewer than all may see and that is not the actor's own.
func (s *Service) AddGold(ctx context.Context, a people.Actor, n NewGold) (Gold, error) {
	if err := s.mayManage(a); err != nil {
		return Gold{}, err
	}
	title, err := cleanTitle(n.Title)
	if err != nil {
		return Gold{}, err
	}
	if n.ID, err = db.OwnID(n.ID); err != nil {
		return Gold{}, err
	}
	var out Gold
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := s.checkVideo(tx, a, n.VideoID); err != nil {
			return err
		}
		version, err := s.version(tx, n.RubricVersionID)
		if err != nil {
			return err
		}
		if err := s.checkPanelTx(tx, n.Panel, version); err != nil {
			return err
		}
		row := goldRow{ID: n.ID, Title: title, VideoID: n.VideoID, RubricVersionID: n.RubricVersionID, CreatedAt: tx.Now, UpdatedAt: tx.Now}
		if a.PersonID != "" {
			row.CreatedBy = &a.PersonID
		}
		fresh, err := insertGold(tx, row)
		if err != nil {
			return err
		}
		if !fresh {
			if out, err = loadGold(tx.Gorm(), n.ID); err == nil && (out.CreatedBy == nil || *out.CreatedBy != a.PersonID) {
				err = fault.New(fault.Conflict, "id_taken", "This id is taken. Make a fresh one.").At("id")
			}
			return err
		}
		if err := setPanel(tx, n.ID, n.Panel); err != nil {
			return err
		}
		if out, err = loadGold(tx.Gorm(), n.ID); err != nil {
			return err
		}
		return audit.Write(tx, a.PersonID, "gold.added", n.ID, map[string]any{"video": n.VideoID, "rubric_version": n.RubricVersionID, "panel": len(n.Panel)})
	})
	if err != nil {
		return Gold{}, err
	}
	return out, nil
}

// checkVideo says whether the actor may make a video gold: reviewers whom its author never thought of will
// watch it, so all may see it already, or it is the actor's own.
func (s *Service) checkVideo(tx *db.Tx, a people.Actor, id string) error {
	if !db.Plain(id) {
		return fault.Missing("video")
	}
	v, err := s.Videos.ForTx(tx, a, id)
	switch {
	case err != nil:
		return err
	case v.Kind == video.Practice:
		return fault.New(fault.Conflict, "gold_private", "A practice is for its author alone.").At("video_id")
	case v.AuthorID != a.PersonID && v.Audience != people.Everyone:
		return fault.New(fault.Conflict, "gold_private", "This video is for fewer people. Suggest it to its author for the library first, or take one of your own.").At("video_id")
	case v.State != video.Playable && v.State != video.Ready:
		return fault.New(fault.Conflict, "video_not_playable", "This video cannot be played yet.").At("video_id")
	}
	return nil
}

func (s *Service) version(tx *db.Tx, id string) (rubric.Version, error) {
	missing := fault.InvalidField("rubric_version_id", "rubric_version_not_found", "There is no such version of a rubric.")
	if !db.Plain(id) {
		return rubric.Version{}, missing
	}
	v, err := s.Rubrics.VersionTx(tx, id)
	if fault.Is(err, fault.NotFound) {
		return v, missing
	}
	return v, err
}

func (s *Service) checkPanelTx(tx *db.Tx, panel []Panelist, version rubric.Version) error {
	if err := checkPanel(panel, version.Scored()); err != nil {
		return err
	}
	for _, p := range panel {
		if err := s.People.CheckPersonTx(tx, "panel", p.PersonID); err != nil {
			return err
		}
	}
	return nil
}

// ChangeGold changes a gold take. Once a reviewer has scored it, its video and rubric stay (Conflict
// gold_scored); the panel's levels may still be mended, and all figures follow. Errors besides: as for AddGold,
// and Conflict gold_hidden while the actor is to score it themself.
func (s *Service) ChangeGold(ctx context.Context, a people.Actor, id string, c GoldChange) (Gold, error) {
	return s.change(ctx, a, id, "gold.changed", func(tx *db.Tx, g *Gold) error {
		moved := (c.VideoID != nil && *c.VideoID != g.VideoID) || (c.RubricVersionID != nil && *c.RubricVersionID != g.RubricVersionID)
		switch {
		case g.Hidden:
			return fault.New(fault.Conflict, "gold_hidden", "You are to score this take yourself this month. Do that first.")
		case moved && g.ScoredBy > 0:
			return fault.New(fault.Conflict, "gold_scored", "Reviewers have scored this take. Retire it and make another.")
		}
		if c.Title != nil {
			title, err := cleanTitle(*c.Title)
			if err != nil {
				return err
			}
			g.Title = title
		}
		if c.VideoID != nil && *c.VideoID != g.VideoID {
			if err := s.checkVideo(tx, a, *c.VideoID); err != nil {
				return err
			}
			g.VideoID = *c.VideoID
		}
		if c.RubricVersionID != nil {
			g.RubricVersionID = *c.RubricVersionID
		}
		version, err := s.version(tx, g.RubricVersionID)
		if err != nil {
			return err
		}
		if c.Panel != nil {
			g.Panel = *c.Panel
		}
		if c.Panel == nil && !moved {
			return nil
		}
		if c.Panel != nil {
			err = s.checkPanelTx(tx, g.Panel, version)
		} else {
			err = checkPanel(g.Panel, version.Scored()) // who has left since was on the panel all the same
		}
		if err != nil {
			return err
		}
		return setPanel(tx, g.ID, g.Panel)
	})
}

// RetireGold has a gold take given to nobody any more; what was scored stays. Twice is once.
func (s *Service) RetireGold(ctx context.Context, a people.Actor, id string) error {
	_, err := s.change(ctx, a, id, "gold.retired", func(tx *db.Tx, g *Gold) error {
		if g.RetiredAt == nil {
			g.RetiredAt = &tx.Now
		}
		return nil
	})
	return err
}

func (s *Service) change(ctx context.Context, a people.Actor, id, action string, fn func(tx *db.Tx, g *Gold) error) (Gold, error) {
	if err := s.mayManage(a); err != nil {
		return Gold{}, err
	}
	var out Gold
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		g, err := loadGoldForUpdate(tx, id)
		if err != nil {
			return err
		}
		takes, err := monthTakes(tx.Gorm(), a.PersonID, MonthOf(tx.Now))
		if err != nil {
			return err
		}
		g.Hidden = slices.ContainsFunc(takes, func(t takeRow) bool { return t.GoldID == g.ID && t.ScoredAt == nil })
		if err := fn(tx, &g); err != nil {
			return err
		}
		if err := saveGold(tx, g); err != nil {
			return err
		}
		if out, err = loadGold(tx.Gorm(), id); err != nil {
			return err
		}
		return audit.Write(tx, a.PersonID, action, id, map[string]any{"panel": len(out.Panel)})
	})
	if err != nil {
		return Gold{}, err
	}
	return out, nil
}

// Figures are how far a reviewer's levels lie from the panel's and from colleagues'.
type Figures struct {
	PersonID          string
	Panel, Colleagues Agreement
}

// FiguresOf gives a reviewer's figures: to themself and to trainers, and to everybody else NotFound.
func (s *Service) FiguresOf(ctx context.Context, a people.Actor, person string) (Figures, error) {
	if !Can(a, ReadFigures, person) || !db.Plain(person) {
		return Figures{}, fault.Missing("reviewer")
	}
	if person != a.PersonID {
		if _, err := s.People.PersonByID(ctx, a, person); err != nil {
			return Figures{}, fault.Missing("reviewer")
		}
	}
	all, err := s.figures(ctx, person)
	return all[person], err
}

// Reviewers gives the figures of all who review, and of those who have been measured in the last 12 months.
// Forbidden for all but trainers.
func (s *Service) Reviewers(ctx context.Context, a people.Actor) ([]Figures, error) {
	if !Can(a, ReadAll, "") {
		return nil, fault.Denied("Only trainers see reviewers' figures.")
	}
	ids, err := activeReviewers(s.DB.Read(ctx), s.DB.Now().Add(-window))
	if err != nil {
		return nil, err
	}
	all, err := s.figures(ctx, "")
	if err != nil {
		return nil, err
	}
	out := make([]Figures, len(ids))
	for i, id := range ids {
		f, ok := all[id]
		if !ok {
			f = Figures{id, agreement(ThePanel, nil), agreement(Colleagues, nil)}
		}
		out[i] = f
	}
	return out, nil
}

// figures works out those of one person, or of everybody where it is empty.
func (s *Service) figures(ctx context.Context, person string) (map[string]Figures, error) {
	g, since := s.DB.Read(ctx), s.DB.Now().Add(-window)
	panel, others := map[string][]scored{}, map[string][]scored{}
	rows, err := panelPairs(g, person, since)
	if err != nil {
		return nil, err
	}
	grouped(rows, panel)
	if rows, err = goldPairs(g, person, since); err != nil {
		return nil, err
	}
	grouped(rows, others)
	if rows, err = reviewPairs(g, person, since); err != nil {
		return nil, err
	}
	grouped(rows, others)
	out := map[string]Figures{}
	if person != "" {
		out[person] = Figures{}
	}
	for _, m := range []map[string][]scored{panel, others} {
		for id := range m {
			out[id] = Figures{}
		}
	}
	for id := range out {
		out[id] = Figures{id, agreement(ThePanel, panel[id]), agreement(Colleagues, others[id])}
	}
	return out, nil
}
