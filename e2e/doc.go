// Package e2e holds no code but tests: they walk the contract of Fieldreel from outside, against the
// built binary, with real media, a real ffmpeg, the real speech model, and both columns of engines.
// FIELDREEL_BIN names the binary; without it the tests build one.
package e2e
