// Package outcome keeps what the CRM says happened: deals, as imported from a CRM's export or put one
// by one by its integration.
//
// Words: a deal is a CRM opportunity; it is open, won, lost, or deleted in the CRM. Its external id is
// the CRM's own, and the only thing a deal is recognised by. Its owner is the person who owns it; its
// owner ref is how the CRM names that owner, kept so that a deal finds its owner when that person gets
// an account later. An import is one file, read once. Not: opportunity, record, lead, salesperson.
//
// Rules:
//   - A deal is what the CRM says. It is never corrected here, and dates that make no sense are kept:
//     what cannot be used is left out, and counted, where it is counted (app/insight).
//   - An import is one transaction: all rows that can be read, or, after a crash, none. A row that
//     cannot be read is reported and stops no other. The same file twice changes no deal.
//   - A file speaks of its own columns only: what it has no column for stays as it was. A Put replaces
//     the whole deal.
//   - Owners are matched by e-mail address, then by a full name that only one person has. A deal whose
//     owner nobody matches keeps the owner it had as long as its owner ref stays the same.
//   - Trainers and admins read and write all deals. Everybody reads their own, and managers those of
//     the people in their line (people.Actor.InLine).
//
// Files: deal.go (what a deal is), policy.go (who may), service.go and import.go (use cases), store.go
// (the rows). The parsing of files is in csvfile, which knows nothing of this package.
package outcome
