package score

import "time"

// Business hours are Monday to Friday from DayBegins to DayEnds on the clock of a zone; holidays are not
// known here and count like other days.
const (
	DayBegins = 9
	DayEnds   = 17
)

// BusinessHours is how much of the time from one moment to another lies in business hours of the zone; 0
// where to is not after from. Clocks that are put forward or back at night change nothing.
func BusinessHours(from, to time.Time, zone *time.Location) time.Duration {
	from, to = from.In(zone), to.In(zone)
	var sum time.Duration
	y, m, d := from.Date()
	for n := 0; ; n++ {
		begins := time.Date(y, m, d+n, DayBegins, 0, 0, 0, zone)
		if !begins.Before(to) {
			return sum
		}
		if w := begins.Weekday(); w == time.Saturday || w == time.Sunday {
			continue
		}
		ends := time.Date(y, m, d+n, DayEnds, 0, 0, 0, zone)
		if begins.Before(from) {
			begins = from
		}
		if ends.After(to) {
			ends = to
		}
		if ends.After(begins) {
			sum += ends.Sub(begins)
		}
	}
}
