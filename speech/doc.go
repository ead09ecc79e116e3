// Package speech turns the sound of a take into words with times.
//
// # Words
//
//   - A transcript is what was said in one recording: segments in order.
//   - A segment is a sentence-like piece, cut at sentence ends and pauses. It is
//     what captions and passages are made of.
//   - A word has a text with its punctuation, a start, an end and a confidence.
//     The text of a segment is its words joined by single spaces.
//   - The glossary holds what an organisation corrects in every transcript: a
//     brand name as it is heard, and as it is written.
//
// All times are whole milliseconds from the start of the recording; intervals
// are [start, end).
//
// # Rules
//
//   - Silence, music and noise give a transcript without segments, never
//     invented words and never an error.
//   - The model leaves out most fillers ("um", "uh"): a count of fillers made
//     from a transcript is a lower bound and must say "at least".
//   - Nothing here recognises who speaks or how they feel.
//
// # Parts
//
// This package is plain Go: the types, the glossary and [Process], which runs
// the engine in a child process. The engine itself (speech/moonshine) needs cgo
// and a native library; it is imported by speech/worker only, so that a crash
// of native code costs one try and its memory is given back when it is idle.
// speech/models fetches the files that the engine needs; speech/caption reads
// and writes caption files.
package speech
