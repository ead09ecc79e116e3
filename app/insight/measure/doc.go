// Package measure is the arithmetic of evidence: which deals may be compared,
// how often they were won, how sure one can be, and the words for it.
//
// The rules, in the words of DESIGN.md:
//
//   - A rep is exposed to a tactic, for a given deal, if their exposure came
//     before that deal was opened. A view while the deal runs counts nothing: won
//     deals often stay open longer and so collect more views, which alone makes
//     any video look good.
//   - A deal is won in time if it was won within H days of opening, counted on
//     deals opened at least H days ago. H is the 90th percentile of the won
//     cycle, per segment, frozen per analysis.
//   - n and the interval go with every rate. Under the minimum the answer is "not
//     enough data", with how many more deals are needed.
//   - Reps choose what they watch, so a difference is an association and is
//     called nothing else.
//
// The package is pure: standard library and gonum, no clock, no database. All
// functions are deterministic and safe for concurrent use.
package measure
