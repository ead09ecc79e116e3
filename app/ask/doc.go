// Package ask is a person asking a colleague for a short take: "How do you open with a CFO?"
//
// Words: an ask goes from one person to another, in one or two sentences, and may point at a moment of a
// video. It is open until it is answered (by a video of the one who was asked), declined by them, or
// withdrawn by the asker. Not: request, question (those are of lessons), task.
//
// Rules:
//   - A person is asked at most MostAWeek times a week, by all colleagues together. An ask that was
//     withdrawn leaves its place to others, but not to the one who withdrew it.
//   - The moment an ask points at must be one that both may see.
//   - Only the one who was asked answers, with a video of their own that the asker may see. Answering does
//     not widen an audience: it says which one would do.
//   - Declining tells nobody. The asker finds it where they look at what they asked.
//   - An ask exists for its two people only, for the one who was asked until it is withdrawn.
package ask
