// Package media keeps bytes: originals, renditions, posters, captions. It knows nothing of videos, persons or rights.
//
// Words:
//
//   - key: the name of an object, made by the server and never by a user ("v/<video id>/original");
//   - object: a whole sequence of bytes under one key; it is replaced as a whole or not at all;
//   - store: where objects live. Package disk is the embedded default, package s3 speaks to MinIO or any S3.
//
// Rules that every [Store] keeps, and that package mediatest checks on each of them:
//
//   - Put returns only after the bytes are durable; a failed or cancelled Put leaves nothing that can be seen.
//   - A reader sees one version of an object: the old one, the new one or an error, never a mixture.
//   - Keys that are not in the form of [Key] are refused before anything is touched.
//
// [ServeObject] answers an HTTP request with an object, by sendfile where the store has local files.
package media
