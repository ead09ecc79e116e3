package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"
)

// samples are durations of the same thing.
type samples []time.Duration

// quantile gives the smallest sample that a share q of all does not exceed.
func (s samples) quantile(q float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[min(len(sorted)-1, int(float64(len(sorted))*q))]
}

func (s samples) median() time.Duration { return s.quantile(0.5) }

// percentiles writes p50 and p95.
func (s samples) percentiles() string {
	return fmt.Sprintf("p50 %s, p95 %s", ms(s.quantile(0.5)), ms(s.quantile(0.95)))
}

// median of numbers.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	if n := len(sorted); n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[len(sorted)/2]
}

// ratios divides round by round and gives the median: what disturbed one round disturbed both sides of it.
func ratios(a, b []float64) float64 {
	out := make([]float64, 0, len(a))
	for i := range min(len(a), len(b)) {
		out = append(out, a[i]/b[i])
	}
	return median(out)
}

// timed gives how long fn took.
func timed(fn func() error) (time.Duration, error) {
	start := time.Now()
	err := fn()
	return time.Since(start), err
}

// rounds runs all sides in turns, n times after one round to warm up, with the order reversed each time so that no side
// always comes first.
func rounds(ctx context.Context, n int, sides ...func(warm bool) error) error {
	for i := range n + 1 {
		for j := range sides {
			if err := ctx.Err(); err != nil {
				return err
			}
			if i%2 == 1 {
				j = len(sides) - 1 - j
			}
			if err := sides[j](i == 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// await asks every interval until done, and fails at the deadline. The deadline is for what never ends: a busy machine may
// take many times as long as a quiet one.
func await(ctx context.Context, what string, interval time.Duration, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		ok, err := done()
		if err != nil || ok {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", what, ctx.Err())
		case <-tick.C:
		}
	}
}

// paced calls fn n times, evenly at rate a second, from as many goroutines as needed up to workers, and gives how long
// each took from the moment when it was due: what a sender waits, also while others stand before it in the queue.
func paced(ctx context.Context, n int, rate float64, workers int, fn func(i int) error) (samples, error) {
	type due struct {
		i  int
		at time.Time
	}
	queue := make(chan due, n)
	start := time.Now()
	go func() {
		defer close(queue)
		for i := range n {
			at := start.Add(time.Duration(float64(i) / rate * float64(time.Second)))
			if wait := time.Until(at); wait > 0 {
				select {
				case <-ctx.Done():
					return
				case <-time.After(wait):
				}
			}
			queue <- due{i, at}
		}
	}()
	took := make(samples, n)
	errs := make([]error, workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for d := range queue {
				if errs[w] == nil {
					errs[w] = fn(d.i)
				}
				took[d.i] = time.Since(d.at)
			}
		})
	}
	all.Wait()
	for _, err := range append(errs, ctx.Err()) {
		if err != nil {
			return nil, err
		}
	}
	return took, nil
}

// parallel calls fn for 0 … n-1 from workers goroutines.
func parallel(n, workers int, fn func(worker, i int) error) error {
	queue := make(chan int, n)
	for i := range n {
		queue <- i
	}
	close(queue)
	errs := make([]error, workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := range queue {
				if errs[w] = fn(w, i); errs[w] != nil {
					return
				}
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// note tells the person who waits what is being done.
func note(format string, args ...any) { fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...) }
