package main

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"time"
)

// fieldreelCommand is the built program, ready to run.
type fieldreelCommand struct{ *exec.Cmd }

func (c *fieldreelCommand) output() (string, error) { return output(c.Cmd) }

// server is a running Fieldreel.
type server struct {
	*process
	url string
	// became is how long it took from the start of the process to the first /readyz with 200.
	became time.Duration
}

// serve starts Fieldreel over a data folder and waits until it is ready.
func (k *kit) serve(ctx context.Context, dir string, args ...string) (*server, error) {
	cmd := k.fieldreel(ctx, dir, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	address := make(chan string, 1)
	began := time.Now()
	p, err := start(cmd.Cmd, func(line string) {
		if url, ok := strings.CutPrefix(line, "Fieldreel is at "); ok {
			address <- url
		}
	})
	if err != nil {
		return nil, err
	}
	select {
	case url := <-address:
		s := &server{process: p, url: url}
		c := s.client("")
		err := await(ctx, "/readyz", 2*time.Millisecond, func() (bool, error) {
			status, err := c.status(ctx, "/readyz")
			return status == http.StatusOK, err
		})
		s.became = time.Since(began)
		if err != nil {
			_ = p.end() // the first error says more
			return nil, err
		}
		return s, nil
	case <-p.exited:
		return nil, p.failed()
	}
}

// instance is Fieldreel over an empty data folder with one admin.
type instance struct {
	*server
	admin *client
	done  func()
}

// fresh starts one.
func (k *kit) fresh(ctx context.Context, args ...string) (*instance, error) {
	dir, done, err := k.folder("data")
	if err != nil {
		return nil, err
	}
	_, token, err := k.addPerson(ctx, dir, "admin@example.com", "admin")
	if err != nil {
		done()
		return nil, err
	}
	s, err := k.serve(ctx, dir, args...)
	if err != nil {
		done()
		return nil, err
	}
	return &instance{s, s.client(token), done}, nil
}

// stop ends it and removes its data.
func (in *instance) stop() error {
	defer in.done()
	return in.end()
}

// idle waits until no job waits or runs in the queues that this server works on, so that the work for one upload does not
// disturb the measurement of the next.
func (in *instance) idle(ctx context.Context, queuePrefix string) error {
	return await(ctx, "idle queues", 50*time.Millisecond, func() (bool, error) {
		var jobs struct {
			Pending map[string]int `json:"pending"`
		}
		if err := in.admin.get(ctx, "/api/v1/jobs", &jobs); err != nil {
			return false, err
		}
		n := 0
		for queue, waiting := range jobs.Pending {
			if strings.HasPrefix(queue, queuePrefix) {
				n += waiting
			}
		}
		return n == 0, nil
	})
}

// await waits until a video has one of the states.
func (c *client) await(ctx context.Context, video string, every time.Duration, states ...string) (videoAnswer, error) {
	var v videoAnswer
	err := await(ctx, "video "+strings.Join(states, " or "), every, func() (bool, error) {
		if err := c.get(ctx, "/api/v1/videos/"+video, &v); err != nil {
			return false, err
		}
		for _, s := range states {
			if v.State == s {
				return true, nil
			}
		}
		if v.State == "failed" {
			return false, fmt.Errorf("video %s failed: %s", video, v.Failure)
		}
		return false, nil
	})
	return v, err
}

// videoAnswer is what is needed of a video.
type videoAnswer struct {
	State     string `json:"state"`
	Failure   string `json:"failure"`
	MediaNote string `json:"media_note"`
	Media     struct {
		Progressive string `json:"progressive"`
	} `json:"media"`
}
