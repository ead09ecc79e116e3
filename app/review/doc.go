// Package review is reviewers looking at attempts: who reviews, drafts, decisions, second reviews, deputies and
// disputes.
//
// Words: a review is one reviewer's levels, timed notes, decision and message on one attempt, under one rubric
// version. Its role says why it is made: the first, a blind second, a third where the two disagree, one asked for
// in a dispute, or one again under a newer rubric. A deputy stands in for somebody who is away. What is not sent
// is a draft. An attempt is settled when its reviews agree on a result. Not: assessment, grading, evaluation.
//
// Rules:
//   - Nobody reviews themself, and nobody looks at an attempt twice (but under a newer rubric).
//   - Who reviews is worked out from the programme and the tree of teams (routing.go), in the transaction that
//     submits the attempt; a review that is taken out of a pool is one person's from then on.
//   - A reviewer sees the attempt by a grant that the review gives; when the review goes to somebody else, so
//     does the grant.
//   - Second reviews are blind: while somebody's own review of an attempt waits, they are shown nothing of what
//     others said of it, wherever they look (HiddenFrom).
//   - A review is sent once. Sending settles the attempt, issues the certificate and tells the participant in one
//     transaction, or does nothing.
//   - A person decides. A pass must satisfy the pass rule; a retry names what is looked at next time.
//   - A result stands while it is disputed.
//   - A review again, under a newer rubric, stands beside the result and changes nothing.
//
// Who changes a review holds the attempt first (programme.AttemptTx): sends, claims and disputes of one attempt
// queue there.
package review
