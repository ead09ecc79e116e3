// Package insight keeps the watch log and what people do with moments, and answers who is modeled and
// which tactics go with winning. It reads what other domains write; nobody but api and app imports it.
//
// Words: an event says that a range of a video was played; a view is 10 s of play (75 % of a video
// shorter than 13 s), once per person, video and 30 minutes; the watched share is the union of the
// ranges over the length; a share, a save and a use ("used it") are acts of a person on a moment. Not:
// hit, like, engagement score.
//
// Rules:
//   - Events carry ids made by the sender: an id twice counts once.
//   - The union, the views, the completion, the time of exposure and the daily rollup are written in
//     the transaction of the events, in a number of statements that does not grow with their number.
//     Whatever the order events come in, what is kept equals the count of the log in order of time.
//   - A person's watching and acts queue behind a lock on the person, which is taken before all others;
//     what several persons write, the days, comes last and in one order.
//   - Reports read what is kept, never the log: whole crowds as one text a video (reel.go counts them).
//   - Counts are shown apart (saw, shared, saved, used) and never as one score. The author's own acts and
//     those of the author's line are left out. Under five viewers no rate is shown.
//   - Evidence is association and says so; exposure counts only if it came before the deal was opened.
package insight
