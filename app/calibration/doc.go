// Package calibration is reviewers scoring the same takes as a panel, and how far their scores lie from it.
//
// Words: a gold take is a video that a panel has scored under one version of a rubric. Each month a reviewer
// is given Takes of them and scores them blind. A reviewer is who has sent a review in the last Recent, or
// manages people who take part in a programme. Agreement is how far somebody's levels lie from others': their
// severity (the mean difference, in levels; above 0 is milder) and a weighted kappa. Not: test, exam, benchmark.
//
// Rules:
//   - The panel's scores are in no answer to a reviewer before their own are in, and their own are final.
//   - Which takes one is given is the same whenever it is asked: it hangs on person and month alone. What one
//     has scored before comes last, and counts for nothing then: its panel's scores are known.
//   - Nobody is given a take of their own, one they made gold, or one whose panel they were on.
//   - A gold take is a video that everybody may see, or the trainer's own. When its author narrows the
//     audience it is given to nobody any more.
//   - At most two months in a row are skipped.
//   - Figures are shown from MinTakes takes on; under that the answer is "too few". They are for the reviewer
//     and the trainers alone: not for admins, and not for the reviewer's managers.
package calibration
