package programme

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/fieldreel/fieldreel/app/internal/audit"
	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/video"
)

// Make makes a draft. change puts the set-up into it; id is the sender's own, or empty: the same id twice is
// the same programme. Errors: Invalid with the field, Conflict id_taken, Forbidden but to trainers and admins.
func (s *Service) Make(ctx context.Context, a people.Actor, id string, change func(*Programme)) (Programme, error) {
	if err := makesProgrammes(a); err != nil {
		return Programme{}, err
	}
	id, err := db.OwnID(id)
	if err != nil {
		return Programme{}, err
	}
	p := Blank()
	change(&p)
	p.ID = id
	if err := p.clean(); err != nil {
		return Programme{}, err
	}
	return s.programmeTx(ctx, func(tx *db.Tx) (string, error) {
		done, err := db.MadeBy(tx, &programmeRow{}, id, a.PersonID)
		if done || err != nil {
			return id, err
		}
		if err := s.checkNamed(tx, a, Blank(), &p); err != nil {
			return "", err
		}
		p.CreatedBy, p.CreatedAt, p.UpdatedAt = db.Ref(a.PersonID), tx.Now, tx.Now
		return id, insertProgramme(tx, p)
	})
}

// Change changes a programme's set-up, open or not: who takes part and when it is due are worked out anew,
// attempts keep what they were submitted under. version is the one that the change was made from. Errors:
// NotFound, Forbidden, Invalid with the field, Conflict programme_changed with the present version.
func (s *Service) Change(ctx context.Context, a people.Actor, id string, version int, change func(*Programme)) (Programme, error) {
	return s.edit(ctx, a, id, func(tx *db.Tx, p *Programme) (string, map[string]any, error) {
		if version != p.Version {
			f := fault.New(fault.Conflict, "programme_changed", "Somebody has changed this programme meanwhile. Look at it first.").At("version")
			f.Extra = map[string]any{"version": p.Version}
			return "", nil, f
		}
		was := *p
		change(p)
		p.ID, p.State, p.Version = was.ID, was.State, was.Version
		if err := p.clean(); err != nil {
			return "", nil, err
		}
		if missing := p.Missing(); p.State == Open && len(missing) > 0 {
			return "", nil, incomplete(missing)
		}
		if err := s.hidePeersTx(tx, was, *p); err != nil {
			return "", nil, err
		}
		return "programme.changed", map[string]any{"rubric_version": p.RubricVersionID}, s.checkNamed(tx, a, was, p)
	})
}

// Launch opens a programme, or a closed one again: from now on its rules enrol people. Doing it twice changes
// nothing. Errors: NotFound, Forbidden, Conflict programme_incomplete with what is missing.
func (s *Service) Launch(ctx context.Context, a people.Actor, id string) (Programme, error) {
	return s.edit(ctx, a, id, func(tx *db.Tx, p *Programme) (string, map[string]any, error) {
		if p.State == Open {
			return "", nil, nil
		}
		if missing := p.Missing(); len(missing) > 0 {
			return "", nil, incomplete(missing)
		}
		p.State, p.ClosedAt = Open, nil
		// Who is "new" is counted from the first opening.
		if p.OpenedAt == nil {
			p.OpenedAt = &tx.Now
		}
		return "programme.opened", map[string]any{"rubric_version": p.RubricVersionID}, nil
	})
}

// Close ends a programme: nobody is enrolled or submits any more; attempts that wait get their results. Doing
// it twice changes nothing. Errors: NotFound, Forbidden, Conflict programme_draft.
func (s *Service) Close(ctx context.Context, a people.Actor, id string) (Programme, error) {
	return s.edit(ctx, a, id, func(tx *db.Tx, p *Programme) (string, map[string]any, error) {
		switch p.State {
		case Closed:
			return "", nil, nil
		case Draft:
			return "", nil, fault.New(fault.Conflict, "programme_draft", "This programme was never open. Delete it instead.")
		case Open:
		}
		p.State, p.ClosedAt = Closed, &tx.Now
		return "programme.closed", nil, nil
	})
}

// Copy makes a draft with the set-up of a programme, its files too. copyID is the sender's own, or empty: the same
// id twice is the same copy. Errors: NotFound, Forbidden, Invalid id_invalid, Conflict id_taken.
func (s *Service) Copy(ctx context.Context, a people.Actor, id, copyID string) (Programme, error) {
	if err := s.allowEdit(ctx, a, id); err != nil {
		return Programme{}, err
	}
	copyID, err := db.OwnID(copyID)
	if err != nil {
		return Programme{}, err
	}
	return s.programmeTx(ctx, func(tx *db.Tx) (string, error) {
		// Held, so that its files' bytes stay, and that of two at once the second finds the first one's copy.
		p, err := programmeHeld(tx, id)
		if err != nil {
			return "", err
		}
		done, err := db.MadeBy(tx, &programmeRow{}, copyID, a.PersonID)
		if done || err != nil {
			return copyID, err
		}
		p.ID, p.State, p.Version, p.OpenedAt, p.ClosedAt = copyID, Draft, 1, nil, nil
		p.CreatedBy, p.CreatedAt, p.UpdatedAt = db.Ref(a.PersonID), tx.Now, tx.Now
		const suffix = " (copy)"
		if name := []rune(p.Name); len(name) > maxName-len(suffix) {
			p.Name = strings.TrimSpace(string(name[:maxName-len(suffix)]))
		}
		p.Name += suffix
		for i := range p.Rules {
			p.Rules[i].ID = ident.New()
		}
		// The files need the programme, and the attachments the files.
		attachments := p.Attachments
		p.Attachments = nil
		if err := insertProgramme(tx, p); err != nil {
			return "", err
		}
		p.Attachments = attachments
		if err := copyFiles(tx, &p); err != nil {
			return "", err
		}
		return p.ID, writeAttachments(tx, p)
	})
}

// Discard deletes a draft. Its files stay for two days, for one that is made anew under the same id. Errors: NotFound, Forbidden, Conflict programme_opened for one that was open ever.
func (s *Service) Discard(ctx context.Context, a people.Actor, id string) error {
	if err := s.allowEdit(ctx, a, id); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		p, err := programmeHeld(tx, id)
		if err != nil {
			return err
		}
		if p.State != Draft {
			return fault.New(fault.Conflict, "programme_opened", "People have taken part in this programme. Close it instead: its history is kept.")
		}
		return deleteProgramme(tx, id)
	})
}

func incomplete(missing []string) error {
	f := fault.New(fault.Conflict, "programme_incomplete", fmt.Sprintf("This is missing before people can take part: %s.", strings.Join(words(missing), ", "))).At(missing[0])
	f.Extra = map[string]any{"missing": missing}
	return f
}

func words(fields []string) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = map[string]string{"name": "a name", "brief": "a brief", "rubric_version_id": "a rubric", "rules": "who takes part"}[f]
	}
	return out
}

// allowEdit refuses like an absent programme where the actor may not even read it.
func (s *Service) allowEdit(ctx context.Context, a people.Actor, id string) error {
	if Can(a, Edit, Standing{}) {
		return nil
	}
	if _, err := s.Programme(ctx, a, id); err != nil {
		return err
	}
	return errTrainers()
}

// edit changes a programme that is held meanwhile. fn gives the action and detail for the trail; without an
// action nothing is written.
func (s *Service) edit(ctx context.Context, a people.Actor, id string, fn func(tx *db.Tx, p *Programme) (action string, detail map[string]any, err error)) (Programme, error) {
	if err := s.allowEdit(ctx, a, id); err != nil {
		return Programme{}, err
	}
	return s.programmeTx(ctx, func(tx *db.Tx) (string, error) {
		p, err := programmeHeld(tx, id)
		if err != nil {
			return "", err
		}
		action, detail, err := fn(tx, &p)
		if err != nil || action == "" {
			return id, err
		}
		p.Version++
		p.UpdatedAt = tx.Now
		if err := saveProgramme(tx, p); err != nil {
			return "", err
		}
		if p.State == Open {
			if err := s.queueSync(ctx, tx, id); err != nil {
				return "", err
			}
		}
		return id, audit.Write(tx, a.PersonID, action, id, detail)
	})
}

// programmeTx runs a change in a transaction and gives the programme as it then is.
func (s *Service) programmeTx(ctx context.Context, fn func(tx *db.Tx) (id string, err error)) (Programme, error) {
	var out Programme
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		id, err := fn(tx)
		if err != nil {
			return err
		}
		out, err = loadProgramme(tx.Gorm(), id)
		return err
	})
	if err != nil {
		return Programme{}, err
	}
	return out, nil
}

// checkNamed checks what a set-up names: the rubric, people, teams and videos must be there for the actor.
// What was named before may stay, whatever has become of it.
func (s *Service) checkNamed(tx *db.Tx, a people.Actor, was Programme, p *Programme) error {
	if err := s.checkRubric(tx, was, *p); err != nil {
		return err
	}
	for i, r := range p.Rules {
		if slices.ContainsFunc(was.Rules, func(o Rule) bool { return o.PersonID == r.PersonID && o.TeamID == r.TeamID }) {
			continue
		}
		if r.PersonID != "" {
			if err := s.People.CheckPersonTx(tx, fmt.Sprintf("rules[%d].person_id", i), r.PersonID); err != nil {
				return err
			}
		}
		if r.TeamID != "" {
			if err := s.People.CheckTeamsTx(tx, fmt.Sprintf("rules[%d].team_id", i), []string{r.TeamID}); err != nil {
				return err
			}
		}
	}
	for _, id := range p.ReviewerIDs {
		if slices.Contains(was.ReviewerIDs, id) {
			continue
		}
		if err := s.People.CheckPersonTx(tx, "reviewers.person_ids", id); err != nil {
			return err
		}
	}
	for i, at := range p.Attachments {
		kept := slices.ContainsFunc(was.Attachments, func(o Attachment) bool { return o.VideoID == at.VideoID })
		if at.VideoID == "" || kept {
			continue
		}
		if _, err := s.shown(tx, a, fmt.Sprintf("attachments[%d].video_id", i), at.VideoID); err != nil {
			return err
		}
	}
	if err := checkFiles(tx, p); err != nil {
		return err
	}
	return s.checkModel(tx, a, was, p)
}

func (s *Service) checkRubric(tx *db.Tx, was, p Programme) error {
	if p.RubricVersionID == "" || p.RubricVersionID == was.RubricVersionID {
		return nil
	}
	r, err := s.Rubrics.OfVersionTx(tx, p.RubricVersionID)
	if fault.Is(err, fault.NotFound) {
		return fault.InvalidField("rubric_version_id", "rubric_not_found", "There is no such rubric.")
	}
	if err != nil {
		return err
	}
	if r.ArchivedAt != nil {
		return fault.InvalidField("rubric_version_id", "rubric_archived", "This rubric is archived. Take it out of the archive, or choose another.")
	}
	return nil
}

func (s *Service) checkModel(tx *db.Tx, a people.Actor, was Programme, p *Programme) error {
	m := &p.Model
	if m.VideoID == "" {
		*m = Model{}
		return nil
	}
	if *m == was.Model {
		return nil
	}
	v, err := s.shown(tx, a, "model.video_id", m.VideoID)
	if err != nil {
		return err
	}
	if m.StartMS == 0 && m.EndMS == 0 {
		m.EndMS = v.DurationMS
		return nil
	}
	return video.CheckStretch(v, m.StartMS, m.EndMS)
}

// shown finds a video that participants are to be shown: one that the actor may see and that will stay.
func (s *Service) shown(tx *db.Tx, a people.Actor, field, id string) (video.Video, error) {
	missing := fault.InvalidField(field, "video_not_found", "There is no such video, or you may not see it.")
	if !db.Plain(id) {
		return video.Video{}, missing
	}
	v, err := s.Videos.ForTx(tx, a, id)
	if fault.Is(err, fault.NotFound) {
		return v, missing
	}
	if err != nil {
		return v, err
	}
	if v.Kind == video.Practice {
		return v, fault.InvalidField(field, "video_practice", "A practice is nobody else's to see. Choose a published video.")
	}
	return v, nil
}
