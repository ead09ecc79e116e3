// Package video is a recording's life: received in pieces, made playable at once, then transcribed and
// rendered, shown to its audience, noted upon, corrected, and retired.
//
// Words: a take is one recording before it is published; a video is a take with an audience. This
// package keeps both in one row: a take is a video whose audience is private. A moment is a stretch
// [start, end) of a video with its words; the moments kept here are the passages search returns. Not:
// clip, recording, comment (a note stands at a second), post.
//
// Rules:
//   - The row, and the job that works on it, are written in the transaction that finishes the upload;
//     the last byte is acknowledged after that transaction has committed.
//   - State goes processing → playable → ready. What fails says so in words and can be tried again;
//     only a recording that can never be played is failed. Nothing stays in processing for ever: every
//     step has a limit and a last attempt, and what no job works on any more is found and told (Mend).
//   - The recording is kept whatever happens to the rest: in the spool until it is in the media store.
//   - Who may see a video is an intersection of keys (see people.AudienceKeys), kept beside the row in
//     the transaction that changes the audience or the author's place.
//   - Every change that search can see writes a search change in the same transaction.
package video
