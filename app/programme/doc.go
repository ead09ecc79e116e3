// Package programme is certification: programmes, who takes part in them, their practices and attempts.
//
// Words: a programme has a brief, a model take, a rubric, rules of who takes part, a due time, attempts and
// reviewers. A person in it has an enrolment; they practise as often as they like and submit attempts, of which
// one at a time waits for its result. A rubric's versions are never changed: an attempt is looked at under the
// version that the programme had when it was submitted (see rubric).
//
// Rules:
//   - A programme is a draft, open, or closed. Its set-up may be changed while it is open: attempts keep the
//     rubric version, and people the attempts, they have.
//   - Who takes part is worked out from rules, again whenever the programme or the company changes (Sync).
//     Who a rule holds of no longer has left: they see and owe nothing more, and their attempts stay.
//     When it holds again, they go on where they were;
//     only a due time that ran out meanwhile begins anew.
//   - A due day ends where the participant is, in their own time zone.
//   - Trainers and admins make programmes; a manager sees the numbers of their own people.
//   - Every figure has its definition beside it (numbers.go).
package programme
