// Package app builds the product by hand, top to bottom, starts it and stops it in a stated order.
//
// Fieldreel is a self-hosted platform on which sales people learn from each other by short videos.
// Where words are defined: people (person, team, role), video (take, video, moment, note, audience),
// vocabulary (tactic, situation's facets), library (situation, reason), insight (view, watched share,
// share, save, used it, modeled, evidence), outcome (deal).
//
// Import order; a package imports only what stands to its right:
//
//	cmd → app → api → insight → library → video → vocabulary → people → internal/* → migrations
//	            └──→ outcome ─────────────────────────────────┘
//	pure: insight/measure insight/ranges outcome/csvfile search/passage
//	video → media, speech      library → search      api → frontend
//
// Where something must flow from left to right at run time, the lower package declares a function type
// and this package assigns it (people.MovedFunc, video.Service.OnChanged).
package app
