package csvfile

import (
	"slices"
	"strings"
)

// cells is one row by field.
type cells struct {
	h   *header
	row []string
}

func (c cells) get(f Field) string {
	if i, ok := c.h.column[f]; ok && i < len(c.row) {
		return clean(c.row[i])
	}
	return ""
}

// flag is a yes-or-no cell.
type flag int

const (
	unknown flag = iota
	no
	yes
)

// readFlag reads a checkbox in the forms that exports have; ok is false for any
// other text.
func readFlag(cell string) (f flag, ok bool) {
	switch strings.ToLower(cell) {
	case "":
		return unknown, true
	case "true", "1", "yes", "y", "x", "✓", "wahr", "ja", "vrai", "oui", "verdadero", "sí", "si":
		return yes, true
	case "false", "0", "no", "n", "falsch", "nein", "faux", "non", "falso":
		return no, true
	}
	return unknown, false
}

// statusOf decides what came of a deal. In this order: deleted; a status column
// (Pipedrive); the won, lost and closed columns (Salesforce, HubSpot); and only
// then the name of the stage, which customers may change. The order of the rules
// is the one in reference/crm-exports.md.
func statusOf(c cells, opts Options) (Status, *RowError) {
	var flags [4]flag
	for i, f := range [4]Field{FieldIsDeleted, FieldIsWon, FieldIsLost, FieldIsClosed} {
		v, ok := readFlag(c.get(f))
		if !ok {
			return "", c.fault(f, CodeBadStatus, "neither yes nor no: "+quote(c.get(f)))
		}
		flags[i] = v
	}
	deleted, won, lost, closed := flags[0], flags[1], flags[2], flags[3]
	if deleted == yes {
		return StatusDeleted, nil
	}
	if s := c.get(FieldStatus); s != "" {
		if status, ok := stageStatus(s, opts); ok {
			return status, nil
		}
		if status, ok := statusWord(s); ok {
			return status, nil
		}
		return "", c.fault(FieldStatus, CodeBadStatus, "neither open, won, lost nor deleted: "+quote(s))
	}
	stage := c.get(FieldStage)
	named, isNamed := stageStatus(stage, opts)
	switch {
	case won == yes && lost == yes:
		return "", c.fault(FieldIsWon, CodeBadStatus, "both won and lost")
	case won == yes:
		return StatusWon, nil
	case lost == yes:
		return StatusLost, nil
	case closed == no, won == no && lost == no:
		return StatusOpen, nil
	case closed == yes && won == no:
		return StatusLost, nil
	case isNamed && !(won == no && named == StatusWon):
		return named, nil
	case closed == yes:
		return "", c.fault(FieldStage, CodeBadStatus, "closed, but the file does not say whether won or lost; stage "+quote(stage))
	case won == no, lost == no, stage != "":
		return StatusOpen, nil
	}
	return "", c.fault(FieldStage, CodeMissingValue, "no stage and no status")
}

// statusWord reads a status in the languages of the presets.
func statusWord(s string) (Status, bool) {
	switch headerKey(s) {
	case "open", "offen", "ouvert", "ouverte", "encours", "abierto", "abierta", "otevřený", "otevřeno":
		return StatusOpen, true
	case "won", "gewonnen", "gagné", "gagnée", "ganado", "ganada", "vyhraný", "vyhráno":
		return StatusWon, true
	case "lost", "verloren", "perdu", "perdue", "perdido", "perdida", "prohraný", "prohráno":
		return StatusLost, true
	case "deleted", "gelöscht", "supprimé", "supprimée", "eliminado", "eliminada", "smazaný", "smazáno":
		return StatusDeleted, true
	}
	return "", false
}

// stageStatus reads the names of stages that close a deal: those that the person
// named, and the defaults of the CRMs. HubSpot puts the pipeline in brackets
// behind the stage.
//
//nolint:misspell // The words of other languages.
func stageStatus(stage string, opts Options) (Status, bool) {
	key := headerKey(stage)
	if key == "" {
		return "", false
	}
	same := func(s string) bool { return headerKey(s) == key }
	switch {
	case slices.ContainsFunc(opts.WonStages, same):
		return StatusWon, true
	case slices.ContainsFunc(opts.LostStages, same):
		return StatusLost, true
	}
	if i := strings.LastIndexByte(stage, '('); i > 0 && strings.HasSuffix(stage, ")") {
		key = headerKey(stage[:i])
	}
	switch key {
	case "closedwon", "won", "geschlossengewonnen", "abgeschlossenundgewonnen", "abgeschlossengewonnen", "gewonnen",
		"ferméegagnée", "fermégagné", "clôturéegagnée", "conclue", "gagnée", "gagné",
		"cerradaganada", "cerradoganado", "cerradayganada", "ganada", "ganado":
		return StatusWon, true
	case "closedlost", "lost", "geschlossenverloren", "abgeschlossenundverloren", "abgeschlossenverloren", "verloren",
		"ferméeperdue", "ferméperdu", "clôturéeperdue", "perdue", "perdu",
		"cerradaperdida", "cerradoperdido", "cerradayperdida", "perdida", "perdido":
		return StatusLost, true
	}
	return "", false
}

// fault is a RowError at a field, without its line.
func (c cells) fault(f Field, code Code, detail string) *RowError {
	e := &RowError{Code: code, Detail: detail}
	if i, ok := c.h.column[f]; ok {
		e.Column = c.h.names[i]
	}
	return e
}
