// Package coach is coaching outside programmes, between people who know each other.
//
// Words:
//   - An ask for feedback goes from the author of a take to one colleague. While it is open the colleague may
//     see the take, whatever its audience is; it is done with notes at seconds of the take or with words,
//     declined in silence, or withdrawn. Not: request, ask (a colleague's wish for a take, package ask).
//   - A practice is assigned from a moment: "say it your way, 20 s". The takes made for it are practices, so
//     nobody else ever sees them. Who assigned it is told that it was done and nothing more, unless the person
//     chooses one to show: that one becomes a private take which both may see.
//   - A promise stands between a person and somebody of their line, has an owner, who is one of the two, and a
//     day. Only the two know of it.
//   - An interaction is something a colleague has said to a person about what they recorded: a note at a
//     second of a take, a reply in a thread of notes or by video, a review that was sent.
//   - A promotion suggests a take for the library. Nothing is published before its author agrees, who may
//     narrow the audience and bring the end forward. After the last day the take is for whom it was before.
//
// Rules:
//   - Coaching is between a person and their line: the page of a person is theirs and their managers', of any
//     level; for all others it is not there. There is no order among peers.
//   - Cadence is interactions per report and month. A manager sees their own and that of managers below them.
//   - Days are days where the one is whom they bind; months are months in UTC.
package coach
