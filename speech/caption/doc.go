// Package caption reads SubRip (SRT) and WebVTT files that people upload
// instead of a machine's transcript, and writes WebVTT for the player.
//
// Files come from everywhere and are hostile until proven otherwise: they are
// bounded in bytes and cues, decoded from whatever encoding they claim or
// betray, and reduced to plain text with times. What cannot be read is refused
// with the line and a code; nothing is guessed about times.
//
// Read leniently: byte order marks, UTF-16, Windows-1252, all line ends, a
// comma or a point before the milliseconds, missing or wrong cue numbers, cue
// settings, NOTE, STYLE and REGION blocks, overlapping and unordered cues,
// blank lines inside SRT cues. Refused: times that are no times, end before
// they start or lie beyond 24 hours, text before the first cue, a WebVTT block
// without times.
package caption
