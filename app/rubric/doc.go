// Package rubric is what attempts and gold takes are looked at with.
//
// Words: a rubric has versions, and a version criteria, each with levels. A lineage joins the criteria of
// several versions that stand for each other: what trends are drawn along. Not: scorecard, template, form.
//
// Rules:
//   - A version is never changed: what was scored under it stays as it was. Only which criteria stand for each
//     other can be said anew.
//   - Who uses a version chooses it: a new one changes nothing for programmes that have an older one.
//   - An archived rubric stays where it is used, and cannot be chosen any more.
//   - Trainers and admins make and read rubrics; a version by itself is read by whoever may see what was scored
//     under it, and the packages that keep such things decide that.
//
// The arithmetic (what levels come to, whether that passes, how far reviewers agree) is the package score
// below this one. It stood below review, which stands to the left of those who need it: programmes tell what
// passes, and calibration how far reviewers lie apart.
package rubric
