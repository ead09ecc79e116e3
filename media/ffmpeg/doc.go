// Package ffmpeg turns a foreign file into media that is safe to play.
//
// # Words
//
// An input is one file that a person sent: its bytes are hostile until this package has read them. The source is what
// is in it: one picture and at most one sound. The progressive file is an MP4 that any phone plays while it arrives; the
// ladder is the set of renditions for adaptive play (HLS, CMAF, one file each); the storyboard is the sheet of small
// pictures above the timeline.
//
// # Rules
//
// Two doors stand before ffmpeg. [Sniff] and [Inspect] read the container in Go and refuse all but MP4/QuickTime and
// Matroska/WebM: playlists, scripts and pictures never reach a demuxer. Then [Tool] runs the two programs
//
//   - with the demuxer that the sniff found, and white lists for protocols, demuxers and decoders, because some "videos"
//     are playlists that name other people's files;
//   - on an open descriptor instead of a path: in the folder where ffmpeg believes the input to be there is no neighbour;
//   - in an own process group, folder and (where the system allows) namespace without network, with limits on memory,
//     CPU, file size, descriptors and time, and without the environment of the server;
//   - and with everything stripped that is neither picture nor sound: place, device, chapters, data and subtitle tracks.
//
// Every result is made in a private folder inside the caller's, looked at, and only then given its name: a caller sees
// whole results or none. A refusal of the input is a [*Refusal] with a stable code and words for its author; every
// other error is ours (disk, cancelled, killed) and the work may be tried again.
//
// Nothing here knows what a video, a person or a take is, and nothing asks a network.
package ffmpeg
