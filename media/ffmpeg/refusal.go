package ffmpeg

import (
	"errors"
	"fmt"
)

// Code names why an input was refused. Codes are part of the API and never change their meaning.
type Code string

// The codes of a [*Refusal].
const (
	// CodeNotVideo: the file is not an MP4, QuickTime, WebM or Matroska file, whatever its name says.
	CodeNotVideo Code = "media_not_video"
	// CodeTruncated: the end of the file is missing.
	CodeTruncated Code = "media_truncated"
	// CodeBroken: the file is damaged.
	CodeBroken Code = "media_broken"
	// CodeTooLong: it plays longer than allowed.
	CodeTooLong Code = "media_too_long"
	// CodeTooManyPixels: the picture is larger than allowed.
	CodeTooManyPixels Code = "media_too_many_pixels"
	// CodeTooManyFrames: more pictures a second than allowed.
	CodeTooManyFrames Code = "media_too_many_frames"
	// CodeTooManyStreams: more tracks than any camera writes.
	CodeTooManyStreams Code = "media_too_many_streams"
	// CodeNoPicture: there is sound, or nothing, but no moving picture.
	CodeNoPicture Code = "media_no_picture"
	// CodeCodecUnsupported: the picture is coded in a way that we do not decode.
	CodeCodecUnsupported Code = "media_codec_unsupported"
	// CodeTimeout: working on it took more time than allowed.
	CodeTimeout Code = "media_timeout"
	// CodeToolMissing: ffmpeg or ffprobe is not installed. The one refusal that is not the input's fault.
	CodeToolMissing Code = "media_tool_missing"
)

// ErrMissing says that ffmpeg or ffprobe is absent or does not run. It comes wrapped in a [*Refusal] with CodeToolMissing.
var ErrMissing = errors.New("ffmpeg: not installed")

// ErrNoAudio says that the source has no sound, where only sound is asked for.
var ErrNoAudio = errors.New("ffmpeg: the source has no sound")

// Refusal says that an input will not become a video, why, and what its author can do. Trying again with the same bytes
// gives the same refusal.
type Refusal struct {
	Code Code
	// Detail is a sentence or two for the person who sent the file: what is wrong and what to do. It holds nothing that
	// the file said about itself, so it is safe to show.
	Detail string
	// cause is for the log: the tail of what ffmpeg said. It may quote the file.
	cause error
}

// Error gives the code and the detail, and the cause where there is one; it is for logs.
func (r *Refusal) Error() string {
	if r.cause != nil {
		return fmt.Sprintf("%s: %s (%v)", r.Code, r.Detail, r.cause)
	}
	return fmt.Sprintf("%s: %s", r.Code, r.Detail)
}

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.cause }

func refuse(code Code, cause error) *Refusal {
	return &Refusal{Code: code, Detail: details[code], cause: cause}
}

func refusef(code Code, detail string, args ...any) *Refusal {
	return &Refusal{Code: code, Detail: fmt.Sprintf(detail, args...)}
}

// details holds the usual words of each code.
var details = map[Code]string{
	CodeNotVideo: "This file is not a video that we can play. Send the recording itself as MP4, MOV or WebM, " +
		"as your phone saved it.",
	CodeTruncated: "The end of this video is missing, probably because recording or copying stopped too early. " +
		"Send the file again; if it does not play on your phone either, record it again.",
	CodeBroken:         "This video is damaged and cannot be read. Check that it plays on your phone, then send it again.",
	CodeTooLong:        "This video is too long. Cut it to the part that matters and send that.",
	CodeTooManyPixels:  "The picture of this video is too large. Export it in 4K or smaller and send that.",
	CodeTooManyFrames:  "This video has too many pictures a second. Record it at normal speed (30 or 60) and send that.",
	CodeTooManyStreams: "This file holds too many tracks. Export it as a plain video with one picture and one sound.",
	CodeNoPicture:      "There is no moving picture in this file, only sound or nothing. Send the video instead.",
	CodeCodecUnsupported: "This kind of video is not supported. Export it as MP4 with H.264 (on iPhone: Settings, Camera, " +
		"Formats, Most Compatible) and send that.",
	CodeTimeout:     "This video took too long to prepare and was stopped. Export it as MP4 with H.264 and send that.",
	CodeToolMissing: "Videos cannot be prepared on this server yet: ffmpeg is not installed. Ask your admin; the file is kept.",
}
