package csvfile

import (
	"strings"
	"time"
	"unicode"
)

// DateOrder is the order in which a file writes year, month and day.
type DateOrder string

// The orders. Dates that begin with a year of four digits or spell the month are
// read under any of them; a date that does not fit the order of its column is an
// error of its row and never turned round.
const (
	// OrderAuto finds the order by looking at all dates of the column.
	OrderAuto DateOrder = ""
	OrderYMD  DateOrder = "ymd"
	OrderDMY  DateOrder = "dmy"
	OrderMDY  DateOrder = "mdy"
)

// maxDateLen is longer than any date with a time and a zone.
const maxDateLen = 48

// rawDate is a date split into its parts, before it is known which is which.
type rawDate struct {
	// part are the three numbers in the order of the file.
	part [3]int
	// order is fixed where the text leaves no doubt, else OrderAuto.
	order DateOrder
	// shortYear is where the year has two digits.
	shortYear bool
	sep       byte
	// clock is the time of day; dateOnly says that there was none.
	clock    time.Duration
	dateOnly bool
	// zone is where the text names one.
	zone *time.Location
	// instant is set instead of all this for times since 1970.
	instant time.Time
}

// splitDate splits a cell into the parts of a date, and false where it is none.
func splitDate(cell string) (rawDate, bool) {
	var d rawDate
	if len(cell) > maxDateLen {
		return d, false
	}
	if n, digits := leadingNumber(cell); digits == len(cell) {
		switch digits {
		case 13: // Milliseconds since 1970, HubSpot's first API.
			d.instant = time.UnixMilli(int64(n)).UTC()
			return d, true
		case 8: // 20241231
			d.part, d.order, d.dateOnly = [3]int{n / 10000, n / 100 % 100, n % 100}, OrderYMD, true
			return d, true
		}
		return d, false
	}
	rest, ok := d.splitDay(cell)
	if !ok {
		return d, false
	}
	return d, d.splitClock(rest)
}

func (d *rawDate) splitDay(s string) (rest string, ok bool) {
	var digits [3]int
	month := -1
	for i := range 3 {
		if i > 0 {
			var sep byte
			if s, sep = dateSeparator(s); sep == 0 {
				return "", false
			}
			if i == 1 {
				d.sep = sep
			}
		}
		if n, name := monthName(s); name > 0 && month < 0 {
			d.part[i], month = n, i
			s = strings.TrimPrefix(s[name:], ".")
			continue
		}
		n, width := leadingNumber(s)
		if width == 0 || width > 4 {
			return "", false
		}
		d.part[i], digits[i] = n, width
		s = s[width:]
	}
	switch {
	case digits[0] == 4 && month != 0 && month != 2 && digits[2] <= 2:
		d.order = OrderYMD
	case digits[0] == 4, digits[1] > 2, digits[2] != 4 && digits[2] != 2:
		return "", false
	case month == 1:
		d.order = OrderDMY
	case month == 0:
		d.order = OrderMDY
	case month == 2:
		return "", false
	}
	d.shortYear = digits[0] != 4 && digits[2] == 2
	return s, true
}

// dateSeparator takes what is between two parts of a date: one of / . - or a
// space, with spaces and a comma around it.
func dateSeparator(s string) (rest string, sep byte) {
	trimmed := strings.TrimLeft(s, " \u00a0\u202f,")
	if len(trimmed) < len(s) {
		sep = ' '
	}
	if trimmed != "" && strings.IndexByte("/.-", trimmed[0]) >= 0 {
		sep = trimmed[0]
		trimmed = strings.TrimLeft(trimmed[1:], " \u00a0\u202f")
	}
	// "1 de enero de 2024".
	if after, ok := strings.CutPrefix(trimmed, "de "); ok && sep == ' ' {
		trimmed = after
	}
	return trimmed, sep
}

// splitClock reads a time of day and a zone, or nothing.
func (d *rawDate) splitClock(s string) bool {
	s = strings.TrimLeft(s, " \u00a0\u202f,")
	if s == "" {
		d.dateOnly = true
		return true
	}
	if s[0] == 'T' || s[0] == 't' {
		s = s[1:]
	}
	var unit [3]int
	n := 0
	for {
		v, width := leadingNumber(s)
		if width == 0 || width > 2 {
			return false
		}
		unit[n], s = v, s[width:]
		if n++; n == 3 || s == "" || s[0] != ':' {
			break
		}
		s = s[1:]
	}
	if n < 2 || unit[1] > 59 || unit[2] > 59 {
		return false
	}
	var nanos time.Duration
	if n == 3 && s != "" && (s[0] == '.' || s[0] == ',') {
		scale := 100 * time.Millisecond
		for s = s[1:]; s != "" && s[0] >= '0' && s[0] <= '9'; s = s[1:] {
			nanos += time.Duration(s[0]-'0') * scale
			scale /= 10
		}
	}
	word := strings.ToLower(strings.Map(func(r rune) rune {
		if r == '.' || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s))
	hour, top := unit[0], 23
	if after, ok := strings.CutPrefix(word, "am"); ok {
		top, hour, word = 12, hour%12, after
	} else if after, ok := strings.CutPrefix(word, "pm"); ok {
		top, hour, word = 12, hour%12+12, after
	}
	if unit[0] > top || top == 12 && unit[0] == 0 {
		return false
	}
	d.clock = time.Duration(hour)*time.Hour + time.Duration(unit[1])*time.Minute + time.Duration(unit[2])*time.Second + nanos
	return d.splitZone(word)
}

func (d *rawDate) splitZone(s string) bool {
	switch s {
	case "":
		return true
	case "z", "utc", "gmt":
		d.zone = time.UTC
		return true
	}
	sign := 1
	switch s[0] {
	case '+':
	case '-':
		sign = -1
	default:
		return false
	}
	digits := strings.Replace(s[1:], ":", "", 1)
	v, width := leadingNumber(digits)
	if width != len(digits) || width != 2 && width != 4 {
		return false
	}
	if width == 2 {
		v *= 100
	}
	if v/100 > 14 || v%100 > 59 {
		return false
	}
	d.zone = time.FixedZone("", sign*(v/100*3600+v%100*60))
	return true
}

// possible reports whether the parts make a date under order.
func (d rawDate) possible(order DateOrder) bool {
	_, ok := d.time(order, time.UTC)
	return ok
}

// time makes the moment, and false where the parts are no date in that order or one
// outside 1970 to 2100, which is a slip of the keyboard in a CRM.
func (d rawDate) time(order DateOrder, loc *time.Location) (time.Time, bool) {
	if !d.instant.IsZero() {
		return d.instant, d.instant.Year() >= 1970 && d.instant.Year() <= 2100
	}
	if d.order != OrderAuto {
		order = d.order
	}
	var year, month, day int
	p := d.part
	switch order {
	case OrderYMD:
		year, month, day = p[0], p[1], p[2]
	case OrderDMY:
		day, month, year = p[0], p[1], p[2]
	case OrderMDY:
		month, day, year = p[0], p[1], p[2]
	case OrderAuto:
		return time.Time{}, false
	}
	if d.shortYear && year < 100 {
		if year += 2000; year >= 2070 {
			year -= 100
		}
	}
	if d.zone != nil {
		loc = d.zone
	}
	if month < 1 || month > 12 || day < 1 || year < 1970 || year > 2100 || day > daysIn(year, month) {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, loc)
	if !d.dateOnly {
		c := d.clock
		t = time.Date(year, time.Month(month), day, int(c/time.Hour), int(c/time.Minute)%60, int(c/time.Second)%60, int(c%time.Second), loc)
	}
	return t, true
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// dateVotes collects what the dates of one column say about its order.
type dateVotes struct {
	dmy, mdy  int // Dates that fit one order only.
	ambiguous int // Dates that are different days under both.
	sep       byte
	examples  []string
}

func (v *dateVotes) add(cell string) {
	d, ok := splitDate(cell)
	if !ok || d.order != OrderAuto || !d.instant.IsZero() {
		return
	}
	dmy, mdy := d.possible(OrderDMY), d.possible(OrderMDY)
	v.sep = d.sep
	switch {
	case dmy && mdy && d.part[0] == d.part[1]: // The same day either way.
		return
	case dmy && mdy:
		v.ambiguous++
	case dmy:
		v.dmy++
	case mdy:
		v.mdy++
	default:
		return
	}
	if len(v.examples) < 3 {
		v.examples = append(v.examples, strings.Clone(cell))
	}
}

// order returns the order of the column. undecided means that it matters and is
// not known.
func (v *dateVotes) order() (order DateOrder, undecided bool) {
	switch {
	case v.dmy > 0 && v.mdy > 0:
		return OrderAuto, true
	case v.dmy > 0:
		return OrderDMY, false
	case v.mdy > 0:
		return OrderMDY, false
	}
	// Without an ambiguous date either order gives the same days.
	return OrderDMY, v.ambiguous > 0
}

func leadingNumber(s string) (value, width int) {
	for width < len(s) && width < 15 && s[width] >= '0' && s[width] <= '9' {
		value = value*10 + int(s[width]-'0')
		width++
	}
	return value, width
}

// monthName reads a month in English, German, French or Spanish, abbreviated or
// not, and returns how long it is in the text; 0 where there is none.
func monthName(s string) (month, width int) {
	for i, r := range s {
		if !unicode.IsLetter(r) {
			break
		}
		width = i + len(string(r))
	}
	word := strings.ToLower(s[:width])
	if len([]rune(word)) < 3 {
		return 0, 0
	}
	for i, forms := range [12]string{
		"january januar janvier enero jan jän janv ene",
		"february februar février febrero feb févr fév fevr fev",
		"march märz mars marzo mar mär mrz",
		"april avril abril apr avr abr",
		"may mai mayo",
		"june juni juin junio jun",
		"july juli juillet julio jul juil",
		"august août agosto aug aoû aout ago",
		"september septembre septiembre sep sept",
		"october oktober octobre octubre oct okt",
		"november novembre noviembre nov",
		"december dezember décembre diciembre dec dez déc dic",
	} {
		for form := range strings.FieldsSeq(forms) {
			if form == word {
				return i + 1, width
			}
		}
	}
	return 0, 0
}
