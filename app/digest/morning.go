package digest

import (
	"slices"
	"time"
)

// morningLasts is how long after its time a digest may still leave: a server that was down in the morning
// makes up for it, and nobody gets one in the evening.
const morningLasts = 6 * time.Hour

// zone gives a person's time zone, UTC for one that is not known here.
func zone(name string) *time.Location {
	at, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return time.UTC
	}
	return at
}

// morning says whether it is somebody's morning, of which day, and until when it lasts. Where the clock is put
// forward over the time, it comes an hour later.
func morning(s Settings, at *time.Location, now time.Time) (day string, until time.Time, ok bool) {
	local := now.In(at)
	clock, err := time.Parse("15:04", s.At)
	if err != nil {
		return "", time.Time{}, false
	}
	y, m, d := local.Date()
	begins := time.Date(y, m, d, clock.Hour(), clock.Minute(), 0, 0, at)
	until = begins.Add(morningLasts)
	if midnight := time.Date(y, m, d+1, 0, 0, 0, 0, at); until.After(midnight) {
		until = midnight // another day has its own
	}
	return local.Format(time.DateOnly), until.UTC(), slices.Contains(s.Days, isoWeekday(local.Weekday())) && !local.Before(begins) && local.Before(until)
}

func isoWeekday(d time.Weekday) int {
	if d == time.Sunday {
		return 7
	}
	return int(d)
}
