package programme

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/rubric/score"
)

// programmeRow is a programme as kept; its rules, reviewers and attachments have tables of their own.
type programmeRow struct {
	ID, Name, Brief, State      string
	RubricVersionID             *string
	ModelVideoID                *string
	ModelStartMS                int64 `gorm:"column:model_start_ms"`
	ModelEndMS                  int64 `gorm:"column:model_end_ms"`
	TargetMS                    int64 `gorm:"column:target_ms"`
	AnswerTypes                 string
	DueKind, DueDate            string
	DueDays                     int
	AttemptsMax, WaitHours      int
	PassKind                    string
	PassPercent, PassLevel      int
	ReviewerKind                string
	SecondShare, SecondDistance int
	ValidDays, RenewDays        int
	Peers                       string
	MustSay, MustNotSay         List
	Version                     int
	CreatedBy                   *string
	CreatedAt, UpdatedAt        time.Time
	OpenedAt, ClosedAt          *time.Time
}

func (programmeRow) TableName() string { return "programmes" }

// AfterFind puts the times into UTC.
func (r *programmeRow) AfterFind(*gorm.DB) error {
	db.UTC(&r.CreatedAt, &r.UpdatedAt, r.OpenedAt, r.ClosedAt)
	return nil
}

type ruleRow struct {
	ID, ProgrammeID  string
	Position         int
	PersonID, TeamID *string
	Role             string
	NewWithinDays    int
}

func (ruleRow) TableName() string { return "programme_rules" }

type attachmentRow struct {
	ProgrammeID string `gorm:"primaryKey"`
	Position    int    `gorm:"primaryKey;autoIncrement:false"`
	Title       string
	URL         string
	VideoID     *string
	FileID      *string
}

func (attachmentRow) TableName() string { return "programme_attachments" }

type reviewerRow struct {
	ProgrammeID string `gorm:"primaryKey"`
	PersonID    string `gorm:"primaryKey"`
}

func (reviewerRow) TableName() string { return "programme_reviewers" }

func (r programmeRow) programme() Programme {
	return Programme{ID: r.ID, Name: r.Name, Brief: r.Brief, State: State(r.State), RubricVersionID: db.Deref(r.RubricVersionID),
		Model: Model{db.Deref(r.ModelVideoID), r.ModelStartMS, r.ModelEndMS}, TargetMS: r.TargetMS, AnswerTypes: strings.Split(r.AnswerTypes, ","),
		Due: Due{DueKind(r.DueKind), r.DueDate, r.DueDays}, AttemptsMax: r.AttemptsMax, WaitHours: r.WaitHours,
		Pass:      score.PassRule{Kind: score.PassKind(r.PassKind), Percent: r.PassPercent, Level: r.PassLevel},
		Reviewers: ReviewerKind(r.ReviewerKind), SecondShare: r.SecondShare, SecondDistance: r.SecondDistance, ValidDays: r.ValidDays, RenewDays: r.RenewDays,
		Peers: Peers(r.Peers), MustSay: r.MustSay, MustNotSay: r.MustNotSay, Version: r.Version, CreatedBy: r.CreatedBy,
		CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, OpenedAt: r.OpenedAt, ClosedAt: r.ClosedAt}
}

func (p Programme) row() programmeRow {
	return programmeRow{ID: p.ID, Name: p.Name, Brief: p.Brief, State: string(p.State), RubricVersionID: db.Ref(p.RubricVersionID),
		ModelVideoID: db.Ref(p.Model.VideoID), ModelStartMS: p.Model.StartMS, ModelEndMS: p.Model.EndMS, TargetMS: p.TargetMS, AnswerTypes: strings.Join(p.AnswerTypes, ","),
		DueKind: string(p.Due.Kind), DueDate: p.Due.Date, DueDays: p.Due.Days, AttemptsMax: p.AttemptsMax, WaitHours: p.WaitHours,
		PassKind: string(p.Pass.Kind), PassPercent: p.Pass.Percent, PassLevel: p.Pass.Level, ReviewerKind: string(p.Reviewers),
		SecondShare: p.SecondShare, SecondDistance: p.SecondDistance, ValidDays: p.ValidDays, RenewDays: p.RenewDays, Peers: string(p.Peers),
		MustSay: p.MustSay, MustNotSay: p.MustNotSay, Version: p.Version, CreatedBy: p.CreatedBy,
		CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt, OpenedAt: p.OpenedAt, ClosedAt: p.ClosedAt}
}

// loadProgrammes reads programmes with all that belongs to them, in the order of the ids given; those that
// are not there are left out.
func loadProgrammes(g *gorm.DB, ids ...string) ([]Programme, error) {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !db.Plain(id) })
	at := make(map[string]*Programme, len(ids))
	for chunk := range slices.Chunk(ids, 500) {
		var rows []programmeRow
		var rules []ruleRow
		var reviewers []reviewerRow
		var attachments []attachmentRow
		var files []AttachedFile
		for _, find := range []error{
			g.Where("id IN ?", chunk).Find(&rows).Error,
			g.Where("programme_id IN ?", chunk).Order("programme_id, position").Find(&rules).Error,
			g.Where("programme_id IN ?", chunk).Order("programme_id, person_id").Find(&reviewers).Error,
			g.Where("programme_id IN ?", chunk).Order("programme_id, position").Find(&attachments).Error,
			g.Where("programme_id IN ? AND loose_since IS NULL", chunk).Find(&files).Error,
		} {
			if find != nil {
				return nil, find
			}
		}
		for _, r := range rows {
			p := r.programme()
			at[p.ID] = &p
		}
		// What was written between two of the queries is left out.
		for _, r := range rules {
			if p := at[r.ProgrammeID]; p != nil {
				p.Rules = append(p.Rules, Rule{r.ID, db.Deref(r.PersonID), db.Deref(r.TeamID), people.Role(r.Role), r.NewWithinDays})
			}
		}
		for _, r := range reviewers {
			if p := at[r.ProgrammeID]; p != nil {
				p.ReviewerIDs = append(p.ReviewerIDs, r.PersonID)
			}
		}
		attached := make(map[string]AttachedFile, len(files))
		for _, f := range files {
			attached[f.ID] = f
		}
		for _, r := range attachments {
			file, there := attached[db.Deref(r.FileID)]
			if p := at[r.ProgrammeID]; p != nil && (there || r.FileID == nil) {
				p.Attachments = append(p.Attachments, Attachment{r.Title, r.URL, db.Deref(r.VideoID), file})
			}
		}
	}
	out := make([]Programme, 0, len(ids))
	for _, id := range ids {
		if p := at[id]; p != nil {
			out = append(out, *p)
		}
	}
	return out, nil
}

func loadProgramme(g *gorm.DB, id string) (Programme, error) {
	found, err := loadProgrammes(g, id)
	if err != nil {
		return Programme{}, err
	}
	if len(found) == 0 {
		return Programme{}, fault.Missing("programme")
	}
	return found[0], nil
}

// ProgrammeTx reads a programme inside another domain's transaction; NotFound.
func (s *Service) ProgrammeTx(tx *db.Tx, id string) (Programme, error) {
	return loadProgramme(tx.Gorm(), id)
}

// programmeHeld is ProgrammeTx, holding its row against other writers until the transaction ends.
func programmeHeld(tx *db.Tx, id string) (Programme, error) {
	if err := db.Hold(tx, "programmes", id); err != nil {
		return Programme{}, err
	}
	return loadProgramme(tx.Gorm(), id)
}

// Programmes reads programmes by id for lists of other domains, which decide who may see them.
func (s *Service) Programmes(ctx context.Context, ids ...string) (map[string]Programme, error) {
	found, err := loadProgrammes(s.DB.Read(ctx), ids...)
	if err != nil {
		return nil, err
	}
	out := make(map[string]Programme, len(found))
	for _, p := range found {
		out[p.ID] = p
	}
	return out, nil
}

func insertProgramme(tx *db.Tx, p Programme) error {
	row := p.row()
	if err := db.Taken(tx.Gorm().Create(&row).Error); err != nil {
		return err
	}
	return writeParts(tx, p)
}

func saveProgramme(tx *db.Tx, p Programme) error {
	row := p.row()
	if err := tx.Gorm().Select("*").Updates(&row).Error; err != nil {
		return db.Fault(err, "programme")
	}
	for _, table := range []string{"programme_rules", "programme_reviewers", "programme_attachments"} {
		if err := tx.Gorm().Exec(`DELETE FROM `+table+` WHERE programme_id = ?`, p.ID).Error; err != nil {
			return err
		}
	}
	return writeParts(tx, p)
}

func writeParts(tx *db.Tx, p Programme) error {
	for i, r := range p.Rules {
		row := ruleRow{r.ID, p.ID, i, db.Ref(r.PersonID), db.Ref(r.TeamID), string(r.Role), r.NewWithinDays}
		if err := db.Fault(tx.Gorm().Create(&row).Error, "rule"); err != nil {
			return err
		}
	}
	for _, id := range p.ReviewerIDs {
		if err := db.Fault(tx.Gorm().Create(&reviewerRow{p.ID, id}).Error, "person"); err != nil {
			return err
		}
	}
	return writeAttachments(tx, p)
}

// writeAttachments needs the files to be there.
func writeAttachments(tx *db.Tx, p Programme) error {
	for i, a := range p.Attachments {
		row := attachmentRow{p.ID, i, a.Title, a.URL, db.Ref(a.VideoID), db.Ref(a.File.ID)}
		if err := db.Fault(tx.Gorm().Create(&row).Error, "attachment"); err != nil {
			return err
		}
	}
	return settleFiles(tx, p.ID)
}

func deleteProgramme(tx *db.Tx, id string) error {
	if err := tx.Gorm().Where("id = ?", id).Delete(&programmeRow{}).Error; err != nil {
		return err
	}
	return settleFiles(tx, id)
}
