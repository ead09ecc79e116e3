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

// wakingLasts is for how long after their morning somebody may be nudged.
const wakingLasts = 12 * time.Hour

// daytime gives when somebody may be nudged next: now, within twelve hours of a morning of theirs, or else at the
// next one. Who wants a digest on no day has mornings all the same.
func daytime(s Settings, at *time.Location, now time.Time) time.Time {
	clock, err := time.Parse("15:04", s.At)
	if err != nil {
		return now
	}
	y, m, d := now.In(at).Date()
	for day := -1; day <= 7; day++ {
		begins := time.Date(y, m, d+day, clock.Hour(), clock.Minute(), 0, 0, at)
		if len(s.Days) > 0 && !slices.Contains(s.Days, isoWeekday(begins.Weekday())) {
			continue
		}
		if now.Before(begins) {
			return begins.UTC()
		}
		if now.Before(begins.Add(wakingLasts)) {
			return now
		}
	}
	return now
}

// morning says whether it is somebody's morning, of which day, and when that begins and ends. Where the clock is put
// forward over the time, it comes an hour later.
func morning(s Settings, at *time.Location, now time.Time) (day string, begins, until time.Time, ok bool) {
	local := now.In(at)
	clock, err := time.Parse("15:04", s.At)
	if err != nil {
		return "", time.Time{}, time.Time{}, false
	}
	y, m, d := local.Date()
	begins = time.Date(y, m, d, clock.Hour(), clock.Minute(), 0, 0, at)
	until = begins.Add(morningLasts)
	if midnight := time.Date(y, m, d+1, 0, 0, 0, 0, at); until.After(midnight) {
		until = midnight // another day has its own
	}
	return local.Format(time.DateOnly), begins.UTC(), until.UTC(), slices.Contains(s.Days, isoWeekday(local.Weekday())) && !local.Before(begins) && local.Before(until)
}

func isoWeekday(d time.Weekday) int {
	if d == time.Sunday {
		return 7
	}
	return int(d)
}
