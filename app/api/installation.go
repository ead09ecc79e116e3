package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/fieldreel/fieldreel/app/people"
)

// Job is background work that waits, runs or failed, in words for the admin.
type Job struct {
	ID int64
	// Kind names the sort of work for programs, Words for people.
	Kind, Words string
	Queue       string
	// State is waiting, running, retrying or failed.
	State                string
	Attempt, MaxAttempts int
	// Error says in words what the last try failed with, Detail as the program put it.
	Error, Detail string
	// VideoID is the video that the work is about; empty for other work.
	VideoID string
	At      time.Time
	NextAt  *time.Time
}

// Background is the work behind the API, for the admin.
type Background struct {
	// Pending counts jobs that wait or run, by queue.
	Pending map[string]int
	// Counts are all jobs that are not done, by state; Jobs the first of each.
	Counts map[string]int
	Jobs   []Job
}

// JobQueue is the queue of background work as an admin sees it; the composition gives it. Who may is
// decided inside.
type JobQueue interface {
	// Background gives work in a state; all states where it is empty.
	Background(ctx context.Context, a people.Actor, state string) (Background, error)
	// RetryJob has failed work tried again now.
	RetryJob(ctx context.Context, a people.Actor, id int64) error
}

// Bytes is how much there is of something.
type Bytes struct {
	Kind  string
	Files int
	Bytes int64
}

// Storage is what the installation holds and runs on.
type Storage struct {
	// Files are by kind, measured at MeasuredAt; nil while the first measuring is under way.
	Files      []Bytes
	MeasuredAt *time.Time
	// Rows say how many videos there are, by state, and what their recordings take.
	Videos, Deleted, NoWords  int
	States                    map[string]int
	RecordingBytes, Receiving int64
	Top                       []PersonBytes
	// DatabaseBytes and IndexBytes are those of the database and of this node's search index.
	DatabaseBytes, IndexBytes int64
	// Free and Total are of the disk of the data folder. StoreFree is of the media store, nil where it
	// cannot tell. Reserve is the free space below which uploads are refused.
	Free, Total, Reserve int64
	StoreFree            *int64
	// Database is sqlite or postgres, Media disk or s3.
	Database, Media string
	// IndexedVideos, IndexedMoments and Lag are of this node's search index.
	IndexedVideos, IndexedMoments int
	Lag                           int64
	SpeechModel, MediaTools       bool
	StartedAt                     time.Time
}

// PersonBytes is what the recordings of a person take.
type PersonBytes struct {
	PersonID string
	Videos   int
	Bytes    int64
}

// StorageFunc tells what the installation holds; the composition gives it. Who may is decided inside.
type StorageFunc func(ctx context.Context, a people.Actor) (Storage, error)

type bytesDTO struct {
	Kind  string `json:"kind" example:"originals"`
	Files int    `json:"files"`
	Bytes int64  `json:"bytes"`
}

type personBytesDTO struct {
	Person authorDTO `json:"person"`
	Videos int       `json:"videos"`
	Bytes  int64     `json:"bytes"`
}

type storageDTO struct {
	Files      []bytesDTO `json:"files" doc:"What the media store holds, by kind: originals, playable, renditions, sound, posters, storyboards, other."`
	MeasuredAt *time.Time `json:"measured_at,omitempty" doc:"When the files were measured; absent while the first measuring is under way: ask again."`
	Videos     struct {
		Total          int            `json:"total"`
		ByState        map[string]int `json:"by_state"`
		Deleted        int            `json:"deleted" doc:"Deleted, and kept for 14 days."`
		WithoutWords   int            `json:"without_words" doc:"Whose transcript failed or waits for a speech model."`
		RecordingBytes int64          `json:"recording_bytes" doc:"As they were recorded, deleted ones too."`
		ReceivingBytes int64          `json:"receiving_bytes" doc:"Declared by uploads under way."`
	} `json:"videos"`
	Top  []personBytesDTO `json:"top" doc:"The ten people whose recordings take most."`
	Disk struct {
		FreeBytes      int64  `json:"free_bytes"`
		TotalBytes     int64  `json:"total_bytes"`
		ReserveBytes   int64  `json:"reserve_bytes" doc:"Below this much free space uploads are refused."`
		StoreFreeBytes *int64 `json:"store_free_bytes,omitempty" doc:"Free for videos, where the store can tell."`
		DatabaseBytes  int64  `json:"database_bytes"`
		IndexBytes     int64  `json:"index_bytes"`
	} `json:"disk" doc:"Of the data folder of this node."`
	QuotaBytes int64 `json:"quota_bytes" doc:"What one person's recordings may take; 0: no limit."`
	Engines    struct {
		Database string `json:"database" enum:"sqlite,postgres"`
		Media    string `json:"media" enum:"disk,s3"`
	} `json:"engines"`
	Search struct {
		Videos  int   `json:"videos"`
		Moments int   `json:"moments"`
		Lag     int64 `json:"lag" doc:"Changes of videos that the index has not seen yet."`
	} `json:"search"`
	SpeechModel bool      `json:"speech_model" doc:"The speech model is installed."`
	MediaTools  bool      `json:"media_tools" doc:"ffmpeg is installed."`
	Version     string    `json:"version"`
	StartedAt   time.Time `json:"started_at"`
	UptimeS     int64     `json:"uptime_s" doc:"Seconds since this node started."`
}

type jobDTO struct {
	ID         int64      `json:"id"`
	Kind       string     `json:"kind"`
	Words      string     `json:"words" doc:"What this work does."`
	Queue      string     `json:"queue"`
	State      string     `json:"state" enum:"waiting,running,retrying,failed"`
	Attempt    int        `json:"attempt" doc:"Tries begun."`
	Max        int        `json:"max" doc:"Tries before it is given up."`
	Error      string     `json:"error,omitempty" doc:"What the last try failed with, in words."`
	Detail     string     `json:"detail,omitempty" doc:"The same as the program put it, for a report."`
	VideoID    string     `json:"video_id,omitempty" doc:"The video it is about, where one may see it."`
	VideoTitle string     `json:"video_title,omitempty"`
	Author     *authorDTO `json:"author,omitempty" doc:"Whose video it is about, also where one may not see it."`
	At         time.Time  `json:"at" doc:"When the last thing happened to it."`
	NextAt     *time.Time `json:"next_at,omitempty" doc:"When it is taken up at the earliest."`
}

type jobsDTO struct {
	Pending map[string]int `json:"pending" doc:"Jobs that wait or run, by queue."`
	Counts  map[string]int `json:"counts" doc:"Jobs that are not done, by state."`
	Items   []jobDTO       `json:"items" doc:"The newest that failed, then those that are tried again, run and wait: at most 100 of each state."`
	// Failures are apart: the work on them has ended, with an answer that is their author's first.
	Failures []failedVideoDTO `json:"failures" doc:"The newest 100 videos that could not be made playable, with state failed or none asked for."`
}

type failedVideoDTO struct {
	ID      string    `json:"id"`
	Title   string    `json:"title,omitempty" doc:"Where one may see it."`
	Author  authorDTO `json:"author"`
	Failure string    `json:"failure" doc:"Why, in words."`
	Code    string    `json:"code"`
	At      time.Time `json:"at"`
}

func (s *Server) installationRoutes() {
	route(s, op{method: "GET", path: "/api/v1/storage", tag: "health", summary: "What the installation holds and runs on (admin)"},
		func(ctx context.Context, a people.Actor, _ *nothing) (*body[storageDTO], error) {
			st, err := s.Storage(ctx, a)
			if err != nil {
				return nil, err
			}
			return s.storageAnswer(ctx, st)
		})
	route(s, op{method: "POST", path: "/api/v1/failures/{id}/retry", tag: "health", summary: "Work on a failed video again, whosever it is (admin)", status: http.StatusNoContent, codes: "nothing_failed"},
		func(ctx context.Context, a people.Actor, in *IDPath) (*nothing, error) {
			return nil, s.Videos.RetryFailure(ctx, a, in.ID)
		})
	type jobsRequest struct {
		State string `query:"state" enum:"waiting,running,retrying,failed"`
	}
	route(s, op{method: "GET", path: "/api/v1/jobs", tag: "health", summary: "Background work: what waits and what failed (admin)"},
		func(ctx context.Context, a people.Actor, in *jobsRequest) (*body[jobsDTO], error) {
			work, err := s.Jobs.Background(ctx, a, in.State)
			if err != nil {
				return nil, err
			}
			d, err := s.jobsOf(ctx, a, work)
			if err != nil {
				return nil, err
			}
			if in.State == "" || in.State == "failed" {
				if d.Failures, err = s.failuresOf(ctx, a); err != nil {
					return nil, err
				}
			}
			return answer(d), nil
		})
	type retryJobRequest struct {
		ID int64 `path:"id" minimum:"1"`
	}
	route(s, op{method: "POST", path: "/api/v1/jobs/{id}/retry", tag: "health", summary: "Try failed work again now (admin)", status: http.StatusNoContent, codes: "job_not_failed"},
		func(ctx context.Context, a people.Actor, in *retryJobRequest) (*nothing, error) {
			return nil, s.Jobs.RetryJob(ctx, a, in.ID)
		})
}

func (s *Server) storageAnswer(ctx context.Context, st Storage) (*body[storageDTO], error) {
	ids := make([]string, len(st.Top))
	for i, t := range st.Top {
		ids[i] = t.PersonID
	}
	names, err := s.People.Names(ctx, ids)
	if err != nil {
		return nil, err
	}
	d := storageDTO{Files: []bytesDTO{}, MeasuredAt: st.MeasuredAt, Top: []personBytesDTO{}, QuotaBytes: s.Limits.Quota, SpeechModel: st.SpeechModel, MediaTools: st.MediaTools,
		Version: s.Version, StartedAt: st.StartedAt, UptimeS: int64(s.Now().Sub(st.StartedAt).Seconds())}
	for _, f := range st.Files {
		d.Files = append(d.Files, bytesDTO(f))
	}
	for _, t := range st.Top {
		d.Top = append(d.Top, personBytesDTO{authorDTO{t.PersonID, names[t.PersonID]}, t.Videos, t.Bytes})
	}
	v := &d.Videos
	v.Total, v.ByState, v.Deleted, v.WithoutWords, v.RecordingBytes, v.ReceivingBytes = st.Videos, st.States, st.Deleted, st.NoWords, st.RecordingBytes, st.Receiving
	k := &d.Disk
	k.FreeBytes, k.TotalBytes, k.ReserveBytes, k.StoreFreeBytes, k.DatabaseBytes, k.IndexBytes = st.Free, st.Total, st.Reserve, st.StoreFree, st.DatabaseBytes, st.IndexBytes
	d.Engines.Database, d.Engines.Media = st.Database, st.Media
	d.Search.Videos, d.Search.Moments, d.Search.Lag = st.IndexedVideos, st.IndexedMoments, st.Lag
	return answer(d), nil
}

// jobsOf names the videos that the actor may see; of others, which are nobody's business, only who
// must be told that something failed.
func (s *Server) jobsOf(ctx context.Context, a people.Actor, work Background) (jobsDTO, error) {
	var ids []string
	for _, j := range work.Jobs {
		if j.VideoID != "" {
			ids = append(ids, j.VideoID)
		}
	}
	seen, err := s.Videos.Visible(ctx, a, ids)
	if err != nil {
		return jobsDTO{}, err
	}
	authors, err := s.Videos.Authors(ctx, a, ids)
	if err != nil {
		return jobsDTO{}, err
	}
	persons := make([]string, 0, len(authors))
	for _, id := range authors {
		persons = append(persons, id)
	}
	names, err := s.People.Names(ctx, persons)
	if err != nil {
		return jobsDTO{}, err
	}
	d := jobsDTO{Pending: work.Pending, Counts: work.Counts, Items: []jobDTO{}, Failures: []failedVideoDTO{}}
	for _, j := range work.Jobs {
		item := jobDTO{ID: j.ID, Kind: j.Kind, Words: j.Words, Queue: strings.SplitN(j.Queue, "_", 2)[0], State: j.State, Attempt: j.Attempt, Max: j.MaxAttempts, Error: j.Error, Detail: j.Detail,
			At: j.At, NextAt: j.NextAt}
		if v, ok := seen[j.VideoID]; ok {
			item.VideoID, item.VideoTitle = v.ID, v.Title
		}
		if author := authors[j.VideoID]; author != "" {
			item.Author = &authorDTO{author, names[author]}
		}
		d.Items = append(d.Items, item)
	}
	return d, nil
}

// failuresShown is how many failed videos an admin is shown.
const failuresShown = 100

// failuresOf names failed videos: by title where the actor may see them, and always by whose they are.
func (s *Server) failuresOf(ctx context.Context, a people.Actor) ([]failedVideoDTO, error) {
	failed, err := s.Videos.Failures(ctx, a, failuresShown)
	if err != nil {
		return nil, err
	}
	ids, authors := make([]string, len(failed)), make([]string, len(failed))
	for i, v := range failed {
		ids[i], authors[i] = v.ID, v.AuthorID
	}
	seen, err := s.Videos.Visible(ctx, a, ids)
	if err != nil {
		return nil, err
	}
	names, err := s.names(ctx, authors)
	if err != nil {
		return nil, err
	}
	out := make([]failedVideoDTO, len(failed))
	for i, v := range failed {
		out[i] = failedVideoDTO{ID: v.ID, Title: seen[v.ID].Title, Author: authorDTO{v.AuthorID, names[v.AuthorID]}, Failure: v.Failure, Code: v.FailureCode, At: v.UpdatedAt}
	}
	return out, nil
}
