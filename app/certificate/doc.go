// Package certificate is what a passed attempt gives: a number, a public check, an end, a renewal, a
// revocation.
//
// Rules:
//   - A certificate is issued for an attempt that was settled with a pass, and for each once; the database
//     holds both.
//   - It is never changed but in three ways: its holder lets the public page say their name, or not; a later
//     one of the same person and programme replaces it; a trainer revokes it, with a reason. It is never
//     deleted.
//   - Whoever has its code may check it. The page says what it is for and how it stands, and the name only if
//     the holder allows. An unknown code and a mistyped one answer alike.
//   - It carries the programme's and the holder's name as they were then.
package certificate
