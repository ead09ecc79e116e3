package egress

import (
	"context"
	"net/http/httptrace"
	"sync/atomic"
)

// watch tells whether anything of a request was written to a connection that stood.
func watch(ctx context.Context) (context.Context, *atomic.Bool) {
	var sent atomic.Bool
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// Headers go into a buffer first, so that this comes before any byte has left.
		WroteHeaderField: func(string, []string) { sent.Store(true) },
	}), &sent
}
