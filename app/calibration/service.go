package calibration

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
	"github.com/fieldreel/fieldreel/app/notice"
	"github.com/fieldreel/fieldreel/app/people"
	"github.com/fieldreel/fieldreel/app/rubric"
	"github.com/fieldreel/fieldreel/app/rubric/score"
	"github.com/fieldreel/fieldreel/app/video"
)

// Config is what the service is made of; all fields are required.
type Config struct {
	DB      *db.DB
	Rubrics *rubric.Service
	Videos  *video.Service
	People  *people.Directory
	Notices *notice.Service
	Log     *slog.Logger
}

// Service holds the use cases.
type Service struct{ Config }

// New makes the service.
func New(c Config) *Service { return &Service{c} }

// Take is a gold take as a reviewer is given it.
type Take struct {
	GoldID, Title, VideoID string
	Rubric                 rubric.Version
	// Again says that one has scored it in an earlier month, so that it counts for nothing now.
	Again    bool
	ScoredAt *time.Time
	// Mine, Panel (the panel's levels by criterion) and Gaps (the two biggest) are empty until one's own scores
	// are in.
	Mine  score.Levels
	Panel map[string][]int
	Gaps  []Gap
}

// Median is the panel's level of a criterion: the one in the middle, of an even number the mean of the two in
// the middle.
func (t Take) Median(criterion string) float64 { return median(t.Panel[criterion]) }

// Month is what a reviewer has to score in a month.
type Month struct {
	Month, DueOn string
	// Reviewer says whether the actor reviews at all; others are given nothing.
	Reviewer, Skipped bool
	// SkipsLeft is how many months can still be skipped, this one included.
	SkipsLeft int
	Takes     []Take
}

// Left counts the takes that are not scored.
func (m Month) Left() int {
	n := 0
	for _, t := range m.Takes {
		if t.ScoredAt == nil {
			n++
		}
	}
	return n
}

// This gives the actor's month; the first time it draws the takes. Somebody who does not review has none.
func (s *Service) This(ctx context.Context, a people.Actor) (Month, error) {
	if a.PersonID == "" {
		return Month{}, fault.Denied("Only a person can do this.")
	}
	now := s.DB.Now()
	g := s.DB.Read(ctx)
	row, err := loadMonth(g, a.PersonID, MonthOf(now))
	if err != nil {
		return Month{}, err
	}
	takes, err := monthTakes(g, a.PersonID, MonthOf(now))
	if err != nil {
		return Month{}, err
	}
	reviewer := row.Month != ""
	if !row.Skipped && len(takes) < Takes {
		if reviewer, err = s.ensure(ctx, a.PersonID, reviewer); err != nil {
			return Month{}, err
		}
	}
	return s.month(ctx, a.PersonID, MonthOf(now), reviewer)
}

// Waiting says how many takes of this month somebody has not scored, and until which day. It draws none: who
// has not looked at their month yet is told of it by a notice.
func (s *Service) Waiting(ctx context.Context, a people.Actor) (n int, dueOn string, err error) {
	month := MonthOf(s.DB.Now())
	row, err := loadMonth(s.DB.Read(ctx), a.PersonID, month)
	if err != nil || row.Month == "" || row.Skipped {
		return 0, DueOn(month), err
	}
	takes, err := monthTakes(s.DB.Read(ctx), a.PersonID, month)
	for _, t := range takes {
		if t.ScoredAt == nil {
			n++
		}
	}
	return n, DueOn(month), err
}

// ensure has a reviewer's month begun and its takes drawn; it says whether they are a reviewer.
func (s *Service) ensure(ctx context.Context, person string, known bool) (bool, error) {
	if !known {
		ok, err := isReviewer(s.DB.Read(ctx), s.DB.Now().Add(-Recent), person)
		if err != nil || !ok {
			return false, err
		}
	}
	return true, s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, _, err := s.drawTx(tx, person, MonthOf(tx.Now))
		return err
	})
}

// drawTx begins a month and fills it up to Takes. The grants of earlier months end.
func (s *Service) drawTx(tx *db.Tx, person, month string) (monthRow, []takeRow, error) {
	row, err := beginMonth(tx, person, month)
	if err != nil {
		return row, nil, err
	}
	takes, err := monthTakes(tx.Gorm(), person, month)
	if err != nil || row.Skipped || len(takes) >= Takes {
		return row, takes, err
	}
	from, err := candidates(tx.Gorm(), person, month)
	if err != nil {
		return row, nil, err
	}
	next := 0
	for _, t := range takes {
		next = max(next, t.Position+1)
	}
	var fresh []takeRow
	for _, c := range draw(person, month, from, Takes-len(takes)) {
		fresh = append(fresh, takeRow{ID: ident.New(), PersonID: person, Month: month, GoldID: c.goldID, Position: next, Again: c.before > 0})
		next++
	}
	if err := insertTakes(tx, fresh); err != nil {
		return row, nil, err
	}
	return row, append(takes, fresh...), s.endGrants(tx, person, month)
}

// endGrants takes back the sight of videos that were given for earlier months.
func (s *Service) endGrants(tx *db.Tx, person, month string) error {
	old, err := grantsBefore(tx, person, month)
	if err != nil {
		return err
	}
	for _, o := range old {
		if err := s.Videos.RevokeTx(tx, o.VideoID, o.ID); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err := closeTake(tx, o.ID); err != nil {
			return err
		}
	}
	return nil
}

// month reads a month as its reviewer may see it: the panel's levels of those takes only that they have
// scored themself.
func (s *Service) month(ctx context.Context, person, month string, reviewer bool) (Month, error) {
	g := s.DB.Read(ctx)
	row, err := loadMonth(g, person, month)
	if err != nil {
		return Month{}, err
	}
	skipped, err := skippedMonths(g, person)
	if err != nil {
		return Month{}, err
	}
	m := Month{Month: month, DueOn: DueOn(month), Reviewer: reviewer, Skipped: row.Skipped, SkipsLeft: skipsLeft(month, skipped), Takes: []Take{}}
	if row.Skipped {
		return m, nil
	}
	rows, err := monthTakes(g, person, month)
	if err != nil {
		return m, err
	}
	m.Takes, err = s.takes(ctx, rows)
	return m, err
}

func (s *Service) takes(ctx context.Context, rows []takeRow) ([]Take, error) {
	g, out := s.DB.Read(ctx), []Take{}
	var ids, done []string
	for _, r := range rows {
		ids = append(ids, r.ID)
		if r.ScoredAt != nil {
			done = append(done, r.GoldID)
		}
	}
	own, err := ownScores(g, ids)
	if err != nil {
		return nil, err
	}
	given, err := panels(g, done) // of no other take is it even read
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		gold, err := loadGoldAlone(g, r.GoldID)
		if err != nil {
			return nil, err
		}
		version, err := s.Rubrics.Version(ctx, gold.RubricVersionID)
		if err != nil {
			return nil, err
		}
		t := Take{GoldID: gold.ID, Title: gold.Title, VideoID: gold.VideoID, Rubric: version, Again: r.Again, ScoredAt: r.ScoredAt}
		if r.ScoredAt != nil {
			at := r.ScoredAt.UTC()
			t.ScoredAt, t.Mine, t.Panel = &at, own[r.ID], map[string][]int{}
			for _, p := range given {
				if p.GoldID == r.GoldID {
					t.Panel[p.CriterionID] = append(t.Panel[p.CriterionID], p.Level)
				}
			}
			for _, levels := range t.Panel {
				slices.Sort(levels) // in the order of levels, so that nobody is pointed at
			}
			t.Gaps = gaps(version.Scored(), t.Mine, t.Panel, 2)
		}
		out = append(out, t)
	}
	return out, nil
}

// Open lets the actor watch a take that they were given this month, and gives its video. Twice is once.
// NotFound for one that they were not given.
func (s *Service) Open(ctx context.Context, a people.Actor, goldID string) (videoID string, err error) {
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		t, gold, err := s.given(tx, a, goldID)
		if err != nil {
			return err
		}
		videoID = gold.VideoID
		if _, err := s.Videos.ForTx(tx, a, gold.VideoID); err == nil || !fault.Is(err, fault.NotFound) {
			return err // they may see it anyhow
		}
		t.OpenedAt = &tx.Now
		if err := saveTake(tx, t); err != nil {
			return err
		}
		return s.Videos.GrantTx(tx, gold.VideoID, a.PersonID, t.ID)
	})
	if err != nil {
		return "", err
	}
	return videoID, nil
}

// given finds a take of the actor's present month, holding the month.
func (s *Service) given(tx *db.Tx, a people.Actor, goldID string) (takeRow, Gold, error) {
	missing := fault.Missing("gold_take")
	if a.PersonID == "" || !db.Plain(goldID) {
		return takeRow{}, Gold{}, missing
	}
	month := MonthOf(tx.Now)
	row, err := loadMonth(tx.Gorm(), a.PersonID, month)
	if err != nil || row.Month == "" || row.Skipped {
		return takeRow{}, Gold{}, orMissing(err, missing)
	}
	if _, err := beginMonth(tx, a.PersonID, month); err != nil { // holds it
		return takeRow{}, Gold{}, err
	}
	rows, err := monthTakes(tx.Gorm(), a.PersonID, month)
	if err != nil {
		return takeRow{}, Gold{}, err
	}
	i := slices.IndexFunc(rows, func(t takeRow) bool { return t.GoldID == goldID })
	if i < 0 {
		return takeRow{}, Gold{}, missing
	}
	gold, err := loadGold(tx.Gorm(), goldID)
	return rows[i], gold, err
}

func orMissing(err, missing error) error {
	if err != nil {
		return err
	}
	return missing
}

// Score takes the actor's levels of a take that they were given this month. They are final: the same again
// changes nothing, others are Conflict calibration_final. Errors besides: NotFound; Invalid level_missing and
// level_unknown with the criteria in their context.
func (s *Service) Score(ctx context.Context, a people.Actor, goldID string, levels score.Levels) (Month, error) {
	var month string
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		month = MonthOf(tx.Now)
		t, gold, err := s.given(tx, a, goldID)
		if err != nil {
			return err
		}
		version, err := s.Rubrics.VersionTx(tx, gold.RubricVersionID)
		if err != nil {
			return err
		}
		if err := checkLevels("levels", levels, version.Scored()); err != nil {
			return err
		}
		if t.ScoredAt != nil {
			own, err := ownScores(tx.Gorm(), []string{t.ID})
			if err == nil && !maps.Equal(own[t.ID], levels) {
				err = fault.New(fault.Conflict, "calibration_final", "You have scored this take already. Scores given blind are final.")
			}
			return err
		}
		t.ScoredAt = &tx.Now
		if err := insertScores(tx, t.ID, levels); err != nil {
			return err
		}
		if err := saveTake(tx, t); err != nil {
			return err
		}
		return s.settleTx(tx, a.PersonID, month)
	})
	if err != nil {
		return Month{}, err
	}
	return s.month(ctx, a.PersonID, month, true)
}

// settleTx takes back what was told of a month in which nothing is left to do.
func (s *Service) settleTx(tx *db.Tx, person, month string) error {
	row, err := loadMonth(tx.Gorm(), person, month)
	if err != nil {
		return err
	}
	takes, err := monthTakes(tx.Gorm(), person, month)
	if err != nil {
		return err
	}
	if !row.Skipped && slices.ContainsFunc(takes, func(t takeRow) bool { return t.ScoredAt == nil }) {
		return nil
	}
	return s.Notices.ForgetSubjectTx(tx, subject(person, month), notice.Calibration)
}

// subject is what notices of a month are about.
func subject(person, month string) string { return person + "/" + month }

// Skip lets the actor off this month; twice is once. Conflict skip_limit after MaxSkips months in a row, and
// calibration_begun once a take is scored; NotFound where they have no month.
func (s *Service) Skip(ctx context.Context, a people.Actor) (Month, error) {
	if _, err := s.This(ctx, a); err != nil {
		return Month{}, err
	}
	var month string
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		month = MonthOf(tx.Now)
		row, err := loadMonth(tx.Gorm(), a.PersonID, month)
		if err != nil || row.Skipped {
			return err
		}
		if row.Month == "" {
			return fault.Missing("calibration")
		}
		if row, err = beginMonth(tx, a.PersonID, month); err != nil || row.Skipped {
			return err
		}
		months, err := skippedMonths(tx.Gorm(), a.PersonID)
		if err != nil {
			return err
		}
		if skipsLeft(month, months) == 0 {
			return fault.New(fault.Conflict, "skip_limit", "You have skipped the last two months. Score this month's takes: they are a few minutes.")
		}
		takes, err := monthTakes(tx.Gorm(), a.PersonID, month)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(takes, func(t takeRow) bool { return t.ScoredAt != nil }) {
			return fault.New(fault.Conflict, "calibration_begun", "You have begun this month already.")
		}
		row.Skipped = true
		if err := saveMonth(tx, row); err != nil {
			return err
		}
		return s.settleTx(tx, a.PersonID, month)
	})
	if err != nil {
		return Month{}, err
	}
	return s.month(ctx, a.PersonID, month, true)
}

// Tell has reviewers hear of the month's takes, each once a month, and says how many did. Those for whom
// there is no gold take are told nothing. It may be broken off at any line and begun again.
func (s *Service) Tell(ctx context.Context) (int, error) {
	const some = 100
	month, told, after := MonthOf(s.DB.Now()), 0, ""
	for {
		ids, err := reviewersAfter(s.DB.Read(ctx), s.DB.Now().Add(-Recent), month, after, some)
		if err != nil {
			return told, err
		}
		for _, id := range ids {
			ok, err := s.tell(ctx, id, month)
			if err != nil {
				return told, err
			}
			if ok {
				told++
			}
			after = id
		}
		if len(ids) < some {
			return told, nil
		}
	}
}

func (s *Service) tell(ctx context.Context, person, month string) (told bool, err error) {
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		told = false
		if MonthOf(tx.Now) != month {
			return nil // it ended while others were told
		}
		row, takes, err := s.drawTx(tx, person, month)
		if err != nil || row.Skipped || row.ToldAt != nil {
			return err
		}
		if !slices.ContainsFunc(takes, func(t takeRow) bool { return t.ScoredAt == nil }) {
			return nil
		}
		row.ToldAt, told = &tx.Now, true
		if err := saveMonth(tx, row); err != nil {
			return err
		}
		id := subject(person, month)
		return s.Notices.TellTx(tx, notice.Notice{PersonID: person, Kind: notice.Calibration, SubjectID: &id})
	})
	return told && err == nil, err
}
