package upload

import "context"

// Registry is what the app keeps in its database about uploads. Every method may be called from many goroutines at
// once. A *Problem returned (or wrapped) is answered to the sender as it stands, ErrNotFound as 404, any other error as
// 500 without its text.
type Registry interface {
	// Owner says who sends the request whose context this is. An error refuses the request; return a Problem with
	// status 401 where nobody is signed in.
	Owner(ctx context.Context) (ownerID string, err error)

	// Create records a new upload and chooses its id: 1 to 64 letters, digits, hyphens and underscores. It must have
	// committed before it returns. When ClientID is not empty and the same owner has an upload with it, Create changes
	// nothing and returns that upload's id with Existing set, whatever the new length says (this package compares the
	// lengths). Quotas are checked here.
	Create(ctx context.Context, n NewUpload) (Created, error)

	// Authorize says whether the sender may see and go on with the upload. It returns ErrNotFound if there is no such
	// upload, or it is not the sender's. It is called before the upload is touched or its running request disturbed.
	Authorize(ctx context.Context, id string) error

	// Lookup says what is recorded about an upload, for whomever. An unknown id is no error: Record.Known is false.
	// An error keeps the spool folder.
	Lookup(ctx context.Context, id string) (Record, error)

	// Finish records, in one transaction, that the upload is whole, with everything that follows from it (the video,
	// the job). All bytes are durable at Path when it is called, and stay there until Release. It is called again with
	// the same values after a crash or an error, and must then succeed without a second effect. Its context outlives
	// the request, up to Options.FinishTimeout.
	Finish(ctx context.Context, f Finished) error

	// Terminated records that an unfinished upload is no more: the sender gave it up, its content was refused, or it
	// expired. The bytes go after it returned nil. It may be called again for the same id, or one never known.
	Terminated(ctx context.Context, id string) error
}

// NewUpload is what a sender says of a file before sending it. Text has been checked: valid UTF-8, no control
// characters, limited length.
type NewUpload struct {
	Owner string
	// ClientID is the sender's own id for the file, unique for the owner; empty if the sender gave none.
	ClientID string
	Filename string
	Title    string
	Kind     string
	// For is the id of what the file was recorded for, or empty.
	For string
	// Length is the size in bytes, nil when it will be declared later.
	Length *int64
	// SHA256 is the expected hash of the whole in lower-case hex, or empty.
	SHA256 string
}

// Created is the Registry's answer to a NewUpload.
type Created struct {
	ID string
	// Existing is set when the owner already had an upload with this ClientID.
	Existing bool
}

// Finished describes an upload whose last byte is durable.
type Finished struct {
	ID string
	// Size in bytes.
	Size int64
	// SHA256 of the whole, lower-case hex.
	SHA256 string
	// Path of the bytes, absolute. The file must not be changed; it stays until Release.
	Path string
}

// Record is what the Registry has on an upload.
type Record struct {
	// Known is false for an id without a row.
	Known bool
	// Finished is set when Finish has succeeded for it; Size and SHA256 are then as given to Finish.
	Finished bool
	Size     int64
	SHA256   string
}

// State is how far an upload has come.
type State struct {
	// Offset is the number of durable bytes.
	Offset int64
	// Length is the size in bytes, nil while it is not declared.
	Length *int64
	// Finished is set once the Registry's Finish has succeeded.
	Finished bool
	// SHA256 of the whole in lower-case hex, empty before the last byte is durable.
	SHA256 string
}
