// Package live tells those who are connected to this node what changes while they look: videos they may
// see, and their notices.
//
// Words: a listener is one open connection of a person; an event is what it is told. Not: subscriber,
// socket, channel, push.
//
// Rules: events are hints. What counts stands in the database, and whoever connects, or is told to begin
// anew, asks for it. A listener that is slow is told of each thing once, as it then stands; one that is very
// slow is told to begin anew. Whether a person may see a video is decided for each event when it is handed
// out. Other nodes' changes are read from the feeds that they are written to in the transaction of their
// cause; one follower per node does so for all listeners, and only while there are any.
package live
