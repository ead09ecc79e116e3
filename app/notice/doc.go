// Package notice knows who is told what, inside the app: that somebody wrote a note on one's video or
// answered one's note, shared a moment, asked for a take or answered an ask, or that a take could not
// be processed.
//
// Words: a notice belongs to one person, who is told; its actor is the person whose act it tells of, none
// where the server itself has something to say. It is unread until its person says that they saw it. Not:
// notification, alert, message.
//
// Rules: a notice is a row in the transaction of its cause, so there is none without the other. Nobody is
// told of their own acts. A notice about a video that its person may not see, or not any more, is neither
// listed nor counted. What was deleted is not told of any longer.
package notice
