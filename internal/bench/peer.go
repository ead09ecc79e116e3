package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
)

// The peers that are Go run in a process of their own, this program started again, so that their CPU time can be told from
// the client's.
const (
	peerFiles  = "peer-files"  // http.FileServer over a folder
	peerAnswer = "peer-answer" // one constant answer
)

// peerOf says whether this process was started as a peer.
func peerOf(args []string) (func() error, bool) {
	if len(args) != 3 {
		return nil, false
	}
	switch args[1] {
	case peerFiles:
		return func() error { return servePeer(http.FileServer(http.Dir(args[2]))) }, true
	case peerAnswer:
		return func() error {
			body, err := os.ReadFile(args[2])
			if err != nil {
				return err
			}
			return servePeer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write(body) // a client that has gone needs no answer
			}))
		}, true
	}
	return nil, false
}

const addressLine = "listening on "

func servePeer(h http.Handler) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(addressLine + "http://" + l.Addr().String())
	return http.Serve(l, h) //nolint:gosec // a peer on loopback, for the length of a measurement
}

// peer starts one.
func peer(ctx context.Context, kind, argument string) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	address := make(chan string, 1)
	p, err := start(command(ctx, self, kind, argument), func(line string) {
		if url, ok := strings.CutPrefix(line, addressLine); ok {
			address <- url
		}
	})
	if err != nil {
		return nil, err
	}
	select {
	case url := <-address:
		return &server{process: p, url: url}, nil
	case <-p.exited:
		return nil, p.failed()
	}
}
