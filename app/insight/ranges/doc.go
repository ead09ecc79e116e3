// Package ranges keeps which parts of a video one person has watched, and
// answers the questions DESIGN.md asks of them: the watched share, when a share
// was first reached, whether a whole moment was watched, and what counts as a
// view.
//
// All times inside a video are whole milliseconds; a [Range] is half-open,
// [From, To). The package is pure: no clock, no database.
//
// A [Set] is a union, so the order and the number of times in which ranges are
// added do not matter, and playing the same second twice or seeking past a
// second adds nothing. Gaps of at most [JoinGap] are closed: players report
// their position about four times a second, and a second that was played
// through must not be lost between two reports. Closing gaps is itself
// independent of order, because a gap that is small between some of the ranges
// can only get smaller when others are added.
package ranges
