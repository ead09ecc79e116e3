package video

import "github.com/fieldreel/fieldreel/app/people"

// Action is something one may do with a video.
type Action string

// The actions.
const (
	View     Action = "video.view"     // watch, read the transcript and notes, save, share, use
	Edit     Action = "video.edit"     // title, audience, deletion, retry, captions
	Curate   Action = "video.curate"   // tactics, situation, tags, corrections of the transcript
	Note     Action = "video.note"     // write a note at a second
	Audit    Action = "video.audit"    // who watched it
	Download Action = "video.original" // the original with its metadata
)

// Can says whether the actor may do this with the video, whose Keys must be loaded. It is total: what
// is not allowed is refused. A deleted video exists for its author only, who may bring it back.
func Can(a people.Actor, action Action, v Video) bool {
	author := a.PersonID != "" && a.PersonID == v.AuthorID
	if v.DeletedAt != nil {
		return author && action == Edit
	}
	sees := a.Sees(v.Keys)
	switch action {
	case View, Note:
		return sees
	case Edit, Audit, Download:
		return author
	case Curate:
		return author || (sees && a.Has(people.Trainer))
	}
	return false
}

// CanNote says whether the actor may change or delete a note: its writer; deletion also by the author
// of the video it stands on.
func CanNote(a people.Actor, v Video, n TimedNote, del bool) bool {
	return Can(a, View, v) && (n.AuthorID == a.PersonID || (del && v.AuthorID == a.PersonID))
}
