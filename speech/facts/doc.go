// Package facts counts what can be counted in a take: its length, words, pace, pauses, fillers heard, and
// which phrases were said, each with the millisecond it comes from.
//
// It judges nobody: there is no score, nothing about emotion or confidence, and nothing is read from the
// voice. Where the transcript is not sure, it says "unclear" instead of guessing. Fillers are a lower bound,
// since a speech engine leaves most of them out.
//
// The package is pure: the same words give the same facts.
package facts
