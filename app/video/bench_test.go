package video_test

import (
	"syscall"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/apptest"
	"github.com/fieldreel/fieldreel/app/people"
)

// BenchmarkRead is an authenticated read of one video, without HTTP.
func BenchmarkRead(b *testing.B) {
	k := newKit(b, apptest.SQLite(b))
	ana := k.add(b, "Ana")
	v := k.take(b, ana)
	_, secret, err := k.people.NewToken(b.Context(), ana, "bench", nil)
	if err != nil {
		b.Fatal(err)
	}
	// CPU and not wall time: the budget is in CPU, and machines are shared.
	cpu := func() float64 {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e3
	}
	run := func(name string, fn func(b *testing.B)) {
		b.Run(name, func(b *testing.B) {
			before := cpu()
			fn(b)
			b.ReportMetric((cpu()-before)/float64(b.N), "cpu-µs/op")
		})
	}
	run("token", func(b *testing.B) {
		for b.Loop() {
			if _, err := k.people.AuthenticateToken(b.Context(), secret); err != nil {
				b.Fatal(err)
			}
		}
	})
	run("video", func(b *testing.B) {
		for b.Loop() {
			if _, err := k.videos.Get(b.Context(), ana, v.ID); err != nil {
				b.Fatal(err)
			}
		}
	})
	for range 60 {
		k.take(b, ana, func(c *recording) { c.audience = people.Everyone })
	}
	run("list of 50", func(b *testing.B) {
		for b.Loop() {
			if _, err := k.videos.List(b.Context(), ana, listFilter(50)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
