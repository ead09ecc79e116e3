// Package score is the arithmetic of reviews: what levels come to under a rubric, whether that passes, how
// far reviewers agree, and how long a review took. All of it are functions of values.
//
// Words: a criterion has levels, counted from 1, low to high; each is worth points. A level's share is its
// points divided by those of the criterion's highest level. A score is the weighted mean of the shares, kept
// in hundredths of a percent, so that what is stored, shown and decided upon is the same number.
package score
