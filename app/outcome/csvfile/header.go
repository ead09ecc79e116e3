package csvfile

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// header is the first row of the data, understood.
type header struct {
	preset Preset
	// names are the headers as shown, made unique and never empty.
	names []string
	// column is the index of the column of each field that the file has.
	column map[Field]int
}

// clean trims what is around a cell and is not part of it: spaces of every kind,
// including the no-break ones of number formats, and byte order marks.
func clean(cell string) string {
	return strings.TrimFunc(cell, blank)
}

func blank(r rune) bool {
	return unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b' || r == '\u2060'
}

// headerKey reduces a header to its letters and digits in lower case, so that
// labels, API names and snake case meet: "Close Date", "CloseDate", "close_date".
func headerKey(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFC.String(name))
}

// withoutPrefix returns the header without Pipedrive's "Deal - ", and whether it
// was there. "Person - " and "Organization - " stay: they are not of the deal.
func withoutPrefix(name string) (string, bool) {
	for _, dash := range []string{" - ", " – "} {
		before, after, ok := strings.Cut(name, dash)
		if ok && slices.Contains(dealPrefixes(), strings.ToLower(norm.NFC.String(clean(before)))) {
			return after, true
		}
	}
	return name, false
}

// columnNames makes headers fit to be shown and to be keys: trimmed, none empty,
// none twice.
func columnNames(cells []string) []string {
	names := make([]string, len(cells))
	seen := make(map[string]bool, len(cells))
	again := map[string]int{}
	for i, c := range cells {
		base := headerText(c)
		if base == "" {
			base = fmt.Sprintf("Column %d", i+1)
		}
		name := base
		for seen[name] {
			// Counting on, and not from two each time, keeps a header of two
			// thousand equal names cheap.
			again[base]++
			name = fmt.Sprintf("%s (%d)", base, again[base]+1)
		}
		seen[name] = true
		names[i] = name
	}
	return names
}

// maxHeader bounds a header in bytes: it is a key of Deal.Extra in every row.
const maxHeader = 200

func headerText(cell string) string {
	text := clean(strings.Trim(clean(cell), `"`))
	if len(text) > maxHeader {
		text = clean(strings.ToValidUTF8(text[:maxHeader], ""))
	}
	return text
}

// match finds the columns of a vocabulary in names and scores how well it fits.
func (v vocabulary) match(names []string) (map[Field]int, int) {
	column := map[Field]int{}
	rank := map[Field]int{}
	fit := 0 // Two for every field and every mark of this CRM.
	for i, name := range names {
		prefixed := false
		if v.preset == PresetPipedrive {
			if name, prefixed = withoutPrefix(name); prefixed {
				fit += 2
			}
		}
		key := headerKey(name)
		if v.marks[key] {
			fit += 2
		}
		a, ok := v.aliases[key]
		if !ok {
			continue
		}
		// A better alias wins; the deal's own field comes before one of another
		// entity; of two equal headers the first counts.
		r := 2 * a.rank
		if !prefixed {
			r++
		}
		if best, ok := rank[a.field]; !ok || r < best {
			if !ok && !a.common {
				fit += 2
			}
			column[a.field], rank[a.field] = i, r
		}
	}
	return column, fit
}

// readHeader understands names. With PresetAuto the CRM whose vocabulary fits best
// is taken; on a tie the earlier one, and PresetPlain only if it fits better than all.
func readHeader(names []string, opts Options) (header, *NeedsMapping) {
	h := header{preset: opts.Preset, names: names}
	best := -1
	for _, v := range vocabularies() {
		if opts.Preset != PresetAuto && opts.Preset != v.preset {
			continue
		}
		if column, score := v.match(names); score > best {
			best, h.preset, h.column = score, v.preset, column
		}
	}
	if opts.Preset == PresetAuto && best == 0 {
		h.preset = PresetPlain
	}
	wrong := h.choose(opts.Mapping)
	missing := h.missing()
	for _, f := range wrong {
		if !slices.Contains(missing, f) {
			missing = append(missing, f)
		}
	}
	if len(missing) == 0 {
		return h, nil
	}
	return h, &NeedsMapping{Preset: h.preset, Suggestions: h.suggestions(missing), Missing: missing}
}

// score says how much a row looks like a header, by its known names.
func score(cells []string) int {
	names := make([]string, len(cells))
	for i, c := range cells {
		names[i] = headerText(c)
	}
	best := 0
	for _, v := range vocabularies() {
		if _, s := v.match(names); s > best {
			best = s
		}
	}
	return best
}

// choose applies the columns that a person chose and returns the fields whose
// column the file does not have. A column chosen for one field is taken from
// the field that had it; an empty name says that the file has no such field.
func (h *header) choose(mapping map[Field]string) (wrong []Field) {
	for _, f := range Fields() {
		name, ok := mapping[f]
		if !ok {
			continue
		}
		delete(h.column, f)
		if name == "" {
			continue
		}
		i := slices.Index(h.names, clean(name))
		if i < 0 {
			i = slices.IndexFunc(h.names, func(n string) bool { return headerKey(n) == headerKey(name) })
		}
		if i < 0 {
			wrong = append(wrong, f)
			continue
		}
		for other, at := range h.column {
			if _, chosen := mapping[other]; at == i && !chosen {
				delete(h.column, other)
			}
		}
		h.column[f] = i
	}
	return wrong
}

// missing returns the fields without which no deal can be read: its id, when it
// was opened, whose it is, and what came of it.
func (h *header) missing() []Field {
	has := func(fs ...Field) bool {
		return slices.ContainsFunc(fs, func(f Field) bool { _, ok := h.column[f]; return ok })
	}
	var out []Field
	if !has(FieldExternalID) {
		out = append(out, FieldExternalID)
	}
	if !has(FieldOwner, FieldOwnerEmail, FieldOwnerID) {
		out = append(out, FieldOwner)
	}
	if !has(FieldOpenedAt) {
		out = append(out, FieldOpenedAt)
	}
	if !has(FieldStatus, FieldStage, FieldIsWon, FieldIsClosed) {
		out = append(out, FieldStatus)
	}
	return out
}

// suggestions returns what was matched, and for missing fields a free column whose
// header has a telling part.
func (h *header) suggestions(missing []Field) map[Field]string {
	out := make(map[Field]string, len(h.column))
	taken := map[int]bool{}
	for f, i := range h.column {
		out[f] = h.names[i]
		taken[i] = true
	}
	parts := map[Field][]string{
		FieldExternalID: {"dealid", "opportunityid", "recordid", "id", "number", "nummer", "numéro", "número"},
		FieldOwner:      {"owner", "rep", "seller", "verkäufer", "inhaber", "vendeur", "vendedor", "propriétaire", "propietario", "mail"},
		FieldOpenedAt:   {"created", "create", "opened", "erstell", "création", "creación", "start", "datum", "date", "fecha"},
		FieldStatus:     {"status", "statut", "estado", "stage", "phase", "étape", "etapa", "won", "result"},
	}
	for _, f := range missing {
	search:
		for _, part := range parts[f] {
			for i, name := range h.names {
				if !taken[i] && strings.Contains(headerKey(name), part) {
					out[f], taken[i] = name, true
					break search
				}
			}
		}
	}
	return out
}
