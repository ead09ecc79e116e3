// Package digest is what reaches people outside the app: one message a day at their morning, by mail and by
// the incoming webhook of their chat; a nudge after a day, an offer to the deputy after two; and the two
// reminders of a participant.
//
// Words: a digest says what waits for a person, as Items in one sentence each; a delivery is one digest on its
// way to one person on one channel (mail, chat, push); a device is a browser that shows its owner's messages, by
// the push service of its maker. Not: newsletter, alert, subscription.
//
// Rules:
//   - One digest a day and person on a channel, at most: a delivery has a unique key made of person, day and
//     channel, and device. It is marked as being sent before a byte leaves, so a process that is killed on the way leaves
//     one that is unsure, and that is not sent again by itself. A failure that is known to be one is tried
//     again until it would come too late to be a morning's.
//   - Nothing to say is no message. No review, no submission has a message of its own.
//   - What a digest says is worked out when it is sent, and is kept nowhere.
//   - One node sends on a channel at a time, at most two messages a second. While the mail server cannot be
//     reached one message tries, and all others wait behind it.
//   - The address of a webhook is a secret of its owner: it is sealed, goes out to nobody, and is written into
//     no log.
//   - A push carries the id and the kind of a message, encrypted for its device, and no word of it: the browser's
//     maker learns that there is one. The device asks here for the words, in its owner's session.
//   - A device ends with a sign-out of its session, with all sessions of its owner, and when its push service says
//     so; a session that merely runs out leaves it. Whoever subscribes with it last has it alone.
//   - A push service that cannot be reached is left alone, as the mail server is; each for itself.
//   - Nothing leaves an installation that was given no mail server and no leave for webhooks and push services;
//     people are told.
package digest
