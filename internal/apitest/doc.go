// Package apitest is a test kit for walking the API from outside: a client that speaks JSON as one
// person, a small tus client that can break off, and clips made with the machine's own ffmpeg.
// Imported by tests only.
package apitest
