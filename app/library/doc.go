// Package library is what colleagues can find: it maps videos to search documents, keeps this node's
// index in step with the database, and answers situations with moments.
//
// Words: a situation is what a rep faces, as free text and facets; a moment is the stretch of a video
// that answers it; a reason says in words why a moment is shown. Not: hit, snippet, match.
//
// Rules:
//   - The index is a cache of the database: disposable, one per node, rebuilt when it is missing or
//     damaged, and never what decides visibility alone. The viewer's keys are part of the query, and
//     every video of an answer is checked in the database again before it leaves.
//   - Every change of a video that search can see writes a row into search_changes in its own
//     transaction. Each node follows these rows from where its index stands; replaying does no harm.
package library
