// Package demo makes Halyard, a company that does not exist, so that Fieldreel can be seen at work: thirty
// people in four teams, forty short videos that play, with speech that the real pipeline transcribes, fourteen
// months of watching, sharing and using, and 2,000 deals with an effect planted in them that is written down
// in docs/demo.md.
//
// What is made stands here as values (cast, takes) or follows from them and a seed (plan, deals): the same
// names, words, deals and watchers every time, at times counted back from the first start. Everything is
// written by the use cases of the other packages, acting as the person concerned, over a database handle whose
// clock stands in the past (db.At). Only this package may hold one.
//
// The making can be broken off at any line: each act carries an id of its own, so doing it again does nothing,
// and what is done is noted in the database (steps). A finished company is left alone.
package demo
