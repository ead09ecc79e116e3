package people

import (
	"context"
	"slices"
	"time"

	"github.com/fieldreel/fieldreel/app/internal/db"
	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/internal/ident"
)

// maxTeamDepth bounds the tree, so that no walk through it can be made long.
const maxTeamDepth = 20

// TeamView is a team with the ids of its direct members and managers.
type TeamView struct {
	Team
	Members  []string
	Managers []string
}

// AddTeam makes a team below parent (nil: at the top).
func (d *Directory) AddTeam(ctx context.Context, actor Actor, name string, parent *string) (Team, error) {
	if !Can(actor, EditDirectory) {
		return Team{}, fault.Denied("Only an admin may change teams.")
	}
	name, err := CleanLine("name", name, maxName)
	if err != nil {
		return Team{}, err
	}
	t := Team{ID: ident.New(), Name: name, ParentID: parent}
	err = d.db.Tx(ctx, func(tx *db.Tx) error {
		if err := bumpDirectory(tx); err != nil {
			return err
		}
		if err := checkParent(tx, t.ID, parent); err != nil {
			return err
		}
		t.CreatedAt, t.UpdatedAt = tx.Now, tx.Now
		return db.Fault(tx.Gorm().Create(&t).Error, "team")
	})
	if err != nil {
		return Team{}, err
	}
	return t, nil
}

// ChangeTeam renames a team (name not nil) or moves it below another (move true; parent nil: to the
// top). A move that would make a ring is Invalid.
func (d *Directory) ChangeTeam(ctx context.Context, actor Actor, id string, name *string, move bool, parent *string) (Team, error) {
	if !Can(actor, EditDirectory) {
		return Team{}, fault.Denied("Only an admin may change teams.")
	}
	var t Team
	err := d.db.Tx(ctx, func(tx *db.Tx) error {
		err := bumpDirectory(tx)
		if err != nil {
			return err
		}
		if t, err = loadTeam(tx.Gorm(), id); err != nil {
			return err
		}
		if name != nil {
			if t.Name, err = CleanLine("name", *name, maxName); err != nil {
				return err
			}
		}
		if move {
			if err := checkParent(tx, id, parent); err != nil {
				return err
			}
			t.ParentID = parent
		}
		t.UpdatedAt = tx.Now
		if err := tx.Gorm().Select("*").Updates(&t).Error; err != nil {
			return err
		}
		if !move {
			return nil
		}
		ids, err := touched(tx, id)
		if err != nil {
			return err
		}
		if err := d.OnMoved(ctx, tx, ids); err != nil {
			return err
		}
		return d.OnTree(ctx, tx)
	})
	if err != nil {
		return Team{}, err
	}
	return t, nil
}

// checkParent refuses a place in the tree that does not exist, makes a ring or makes the tree too deep.
func checkParent(tx *db.Tx, id string, parent *string) error {
	if parent == nil {
		return nil
	}
	up, err := parents(tx.Gorm())
	if err != nil {
		return err
	}
	if _, ok := up[*parent]; !ok {
		return fault.InvalidField("parent_id", "team_not_found", "There is no such team.")
	}
	above := 0
	for t := *parent; t != ""; t = up[t] {
		if above++; t == id || above > len(up) {
			return fault.InvalidField("parent_id", "team_ring", "A team cannot stand below itself.")
		}
	}
	if above+height(id, up) > maxTeamDepth {
		return fault.InvalidField("parent_id", "team_too_deep", "The tree of teams can be 20 deep.")
	}
	return nil
}

// height counts the levels from a team down to the lowest one below it, itself included.
func height(id string, up map[string]string) int {
	most := 1
	for t := range up {
		levels := 1
		for ; t != "" && t != id && levels <= len(up); t = up[t] {
			levels++
		}
		if t == id {
			most = max(most, levels)
		}
	}
	return most
}

// RemoveTeam deletes a team without teams below it; its members and managers stay in the company.
func (d *Directory) RemoveTeam(ctx context.Context, actor Actor, id string) error {
	if !Can(actor, EditDirectory) {
		return fault.Denied("Only an admin may change teams.")
	}
	return d.db.Tx(ctx, func(tx *db.Tx) error {
		if err := bumpDirectory(tx); err != nil {
			return err
		}
		if _, err := loadTeam(tx.Gorm(), id); err != nil {
			return err
		}
		var below int64
		if err := tx.Gorm().Model(&Team{}).Where("parent_id = ?", id).Count(&below).Error; err != nil {
			return err
		}
		if below > 0 {
			return fault.New(fault.Conflict, "team_has_teams", "There are teams below this one. Move or remove them first.")
		}
		ids, err := touched(tx, id)
		if err != nil {
			return err
		}
		if err := tx.Gorm().Where("id = ?", id).Delete(&Team{}).Error; err != nil {
			return err
		}
		return d.OnMoved(ctx, tx, ids)
	})
}

// Seat is how a person belongs to a team.
type Seat string

// The seats.
const (
	AsMember  Seat = "members"
	AsManager Seat = "managers"
)

type seatRow struct {
	TeamID    string
	PersonID  string
	CreatedAt time.Time
}

func (s Seat) table() string {
	if s == AsManager {
		return "team_managers"
	}
	return "team_members"
}

// Place puts a person into a team, as a member or as a manager. Doing it twice changes nothing.
func (d *Directory) Place(ctx context.Context, actor Actor, team, person string, seat Seat) error {
	return d.seat(ctx, actor, team, person, seat, func(tx *db.Tx) error {
		return takeSeat(tx, seat, seatRow{TeamID: team, PersonID: person, CreatedAt: tx.Now})
	})
}

// Unplace takes a person out of a team. Doing it twice changes nothing.
func (d *Directory) Unplace(ctx context.Context, actor Actor, team, person string, seat Seat) error {
	return d.seat(ctx, actor, team, person, seat, func(tx *db.Tx) error {
		return tx.Gorm().Table(seat.table()).Where("team_id = ? AND person_id = ?", team, person).Delete(&seatRow{}).Error
	})
}

func (d *Directory) seat(ctx context.Context, actor Actor, team, person string, seat Seat, change func(tx *db.Tx) error) error {
	if !Can(actor, EditDirectory) {
		return fault.Denied("Only an admin may change teams.")
	}
	if seat != AsMember && seat != AsManager {
		return fault.InvalidField("seat", "seat_unknown", "A person is in a team as one of its members or managers.")
	}
	return d.db.Tx(ctx, func(tx *db.Tx) error {
		if err := bumpDirectory(tx); err != nil {
			return err
		}
		if _, err := loadTeam(tx.Gorm(), team); err != nil {
			return err
		}
		if _, err := loadPerson(tx.Gorm(), person); err != nil {
			return err
		}
		if err := change(tx); err != nil {
			return err
		}
		return d.OnMoved(ctx, tx, []string{person})
	})
}

// ListTeams gives the whole tree with direct members and managers, by name.
func (d *Directory) ListTeams(ctx context.Context, _ Actor) ([]TeamView, error) {
	g := d.db.Read(ctx)
	var teams []Team
	if err := g.Order("name, id").Find(&teams).Error; err != nil {
		return nil, err
	}
	out := make([]TeamView, len(teams))
	at := make(map[string]*TeamView, len(teams))
	for i, t := range teams {
		out[i].Team = t
		at[t.ID] = &out[i]
	}
	for _, seat := range []Seat{AsMember, AsManager} {
		var rows []seatRow
		if err := g.Table(seat.table()).Order("person_id").Find(&rows).Error; err != nil {
			return nil, err
		}
		for _, r := range rows {
			t := at[r.TeamID]
			if t == nil {
				continue // made between the two queries
			}
			if seat == AsMember {
				t.Members = append(t.Members, r.PersonID)
			} else {
				t.Managers = append(t.Managers, r.PersonID)
			}
		}
	}
	return out, nil
}

// TeamSeat is a seat that a person has in a team.
type TeamSeat struct {
	TeamID, Team string
	Seat         Seat
}

// Below gives a team and all teams below it, sorted; NotFound for a team that does not exist.
func (d *Directory) Below(ctx context.Context, team string) ([]string, error) {
	up, err := parents(d.db.Read(ctx))
	if err != nil {
		return nil, err
	}
	if _, ok := up[team]; !ok {
		return nil, fault.Missing("team")
	}
	return ReachOf(Place{Manages: []string{team}}, up).ManagedTeams, nil
}

// PlaceTx reads where a person stands, inside another domain's transaction.
func (d *Directory) PlaceTx(tx *db.Tx, person string) (Place, error) { return place(tx.Gorm(), person) }

// CheckTeamsTx refuses ids of teams that do not exist; field names them in the problem.
func (d *Directory) CheckTeamsTx(tx *db.Tx, field string, ids []string) error {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(ids) == 0 {
		return nil
	}
	var n int64
	if !slices.ContainsFunc(ids, func(id string) bool { return !storable(id) }) {
		if err := tx.Gorm().Model(&Team{}).Where("id IN ?", ids).Count(&n).Error; err != nil {
			return err
		}
	}
	if int(n) != len(ids) {
		return fault.InvalidField(field, "team_not_found", "One of these teams does not exist.")
	}
	return nil
}

// CheckPersonTx refuses the id of a person who does not exist or has left.
func (d *Directory) CheckPersonTx(tx *db.Tx, field, id string) error {
	row, err := loadPerson(tx.Gorm(), id)
	if fault.Is(err, fault.NotFound) || (err == nil && !row.Active) {
		return fault.InvalidField(field, "person_not_found", "There is no such colleague.")
	}
	return err
}

// Colleague gives somebody whom a request names in a field, as the actor they would be. It is read before the
// transaction that CheckPersonTx is asked in, since an actor is not read in one. Invalid person_not_found.
func (d *Directory) Colleague(ctx context.Context, field, id string) (Actor, error) {
	missing := fault.InvalidField(field, "person_not_found", "There is no such colleague.")
	if !db.Plain(id) {
		return Actor{}, missing
	}
	a, err := d.ActorFor(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return Actor{}, missing
	}
	return a, err
}

// TeamTree gives the tree of teams, child to parent; roots map to "".
func (d *Directory) TeamTree(ctx context.Context) (map[string]string, error) {
	return parents(d.db.Read(ctx))
}
