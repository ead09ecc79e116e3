// Package upload takes in files over resumable uploads: tus 1.0 (creation, creation-with-upload, creation-defer-length,
// expiration, termination, checksum), spoken by tusd's handler, over a spool of our own.
//
// # Words
//
//   - upload: one file on its way in; it has an id given by the Registry and a folder of that name in the spool.
//   - offset: how many bytes from the start are durable. What HEAD answers, and what a PATCH acknowledges.
//   - complete: the offset has reached the declared length.
//   - recorded: the Registry's Finish accepted the complete upload; only then the last PATCH is acknowledged.
//   - settled: recorded, and the spool folder is gone because the app moved the bytes on.
//
// # Promises
//
//   - Acknowledged means durable. Before an offset leaves the server the bytes are synced, then the slot that records the
//     offset is synced. A crash or a power cut at any line loses nothing that was acknowledged.
//   - Bytes behind the recorded offset were never acknowledged and are cut off before the file is touched again.
//   - The SHA-256 of the whole is computed while the bytes pass; its inner state is kept beside the offset, so a resumed
//     upload is not read again.
//   - The Registry's Finish is called until it succeeds, and its effect is the Registry's to keep unique by id.
//   - Memory does not depend on the size of a file: one pooled 256 KiB buffer for each running request.
//
// # Spool
//
//	DIR/<id>/info    what was said at creation, JSON, never changed
//	DIR/<id>/state   two alternating records on pages of their own: sequence, offset, length, hash state, flags, CRC
//	DIR/<id>/data    the bytes
//
// A folder is built under a temporary name and renamed into place, and renamed away before it is removed, so that a
// folder with an id for a name is always whole. One process owns a spool; the app holds the lock on its data folder.
//
// The package knows nothing of people, videos or databases: see Registry for what the app supplies.
package upload
