// Package coach is coaching outside programmes: asks for feedback, assigned practices, promises, the 1:1 page, cadence, promotions to the library.
package coach
