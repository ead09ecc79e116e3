package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// absentFixtures is what a test says when it skips for want of the shared fixtures.
const absentFixtures = "shared fixtures absent"

// slowest is how many packages and tests the report names.
const slowest = 8

// event is one line of "go test -json" (go doc test2json). Test is empty for events of the whole package;
// output of a failed build carries ImportPath instead of Package.
type event struct {
	Action      string
	Package     string
	ImportPath  string
	Test        string
	Elapsed     float64
	Output      string
	FailedBuild string
}

// timed is something that ran and how long it took.
type timed struct {
	name string
	took time.Duration
}

// testKey names one test; the test is empty for the package's own output.
type testKey struct{ pkg, test string }

// summary gathers events. Output is kept only while its test may still fail.
type summary struct {
	out           io.Writer
	sharedAbsent  bool
	output        map[testKey]*strings.Builder
	builds        map[string]*strings.Builder
	running       map[testKey]bool
	perPackage    map[string]int
	packageFailed map[string]bool
	packages      []timed
	tests         []timed
	passed        int
	failed        int
	skipped       int
}

func newSummary(out io.Writer, sharedAbsent bool) *summary {
	return &summary{
		out:           out,
		sharedAbsent:  sharedAbsent,
		output:        map[testKey]*strings.Builder{},
		builds:        map[string]*strings.Builder{},
		running:       map[testKey]bool{},
		perPackage:    map[string]int{},
		packageFailed: map[string]bool{},
	}
}

// read takes in events until the end of r. Lines that are not events (the go command's own complaints) are shown
// as they are.
func (s *summary) read(r io.Reader) error {
	// ReadBytes and not a Scanner: one line of a test's output has no upper bound.
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if jsonErr := json.Unmarshal(line, &e); jsonErr != nil || e.Action == "" {
				fmt.Fprintln(s.out, strings.TrimRight(string(line), "\n"))
			} else {
				s.take(&e)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the events: %w", err)
		}
	}
}

func (s *summary) take(e *event) {
	key := testKey{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		builderOf(s.builds, e.ImportPath).WriteString(e.Output)
	case "run":
		s.running[key] = true
	case "output":
		builderOf(s.output, key).WriteString(e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			s.endPackage(e)
		} else {
			s.endTest(key, e)
		}
	}
}

func (s *summary) endTest(key testKey, e *event) {
	delete(s.running, key)
	text := s.forget(key)
	s.perPackage[key.pkg]++
	if !strings.Contains(key.test, "/") {
		s.tests = append(s.tests, timed{key.pkg + " " + key.test, seconds(e.Elapsed)})
	}
	switch {
	case e.Action == "pass":
		s.passed++
	case e.Action == "skip" && s.sharedAbsent && strings.Contains(text, absentFixtures):
		s.skipped++
	case e.Action == "skip":
		s.fail(key, "SKIPPED, which counts as failed", text)
	default:
		s.fail(key, "FAILED", text)
	}
}

func (s *summary) endPackage(e *event) {
	key := testKey{e.Package, ""}
	text := s.forget(key)
	if e.Action == "fail" {
		s.explain(e, text)
	}
	// A package without test files ends in "skip", and is no package that ran.
	if e.Action == "skip" {
		return
	}
	s.packages = append(s.packages, timed{e.Package, seconds(e.Elapsed)})
	word := "ok  "
	if e.Action == "fail" || s.packageFailed[e.Package] {
		word = "FAIL"
	}
	fmt.Fprintf(s.out, "%s %-56s %7.1f s %5d tests\n", word, e.Package, e.Elapsed, s.perPackage[e.Package])
}

// explain shows why a package failed, beyond the tests that said so themselves: it does not build, a test ended the
// process (a panic, the time limit, os.Exit), or something after the tests failed (TestMain, the race detector).
func (s *summary) explain(e *event, text string) {
	if e.FailedBuild != "" {
		build := ""
		if b := s.builds[e.FailedBuild]; b != nil {
			build = b.String()
			delete(s.builds, e.FailedBuild) // shown once, however many packages need it
		}
		s.fail(testKey{e.Package, ""}, "DOES NOT BUILD", build+text)
		return
	}
	var unfinished []testKey
	for key := range maps.Keys(s.running) {
		if key.pkg == e.Package {
			unfinished = append(unfinished, key)
		}
	}
	slices.SortFunc(unfinished, func(a, b testKey) int { return cmp.Compare(a.test, b.test) })
	for _, key := range unfinished {
		delete(s.running, key)
		s.fail(key, "DID NOT FINISH", s.forget(key))
	}
	if !s.packageFailed[e.Package] {
		s.fail(testKey{e.Package, ""}, "FAILED", text)
	} else if len(unfinished) > 0 {
		fmt.Fprint(s.out, text)
	}
}

// fail counts a failure and shows all that is known of it, when it happens and not at the end: somebody may be
// watching.
func (s *summary) fail(key testKey, how, text string) {
	s.failed++
	s.packageFailed[key.pkg] = true
	name := strings.TrimSpace(key.pkg + " " + key.test)
	fmt.Fprintf(s.out, "\n--- %s: %s\n%s\n", how, name, strings.TrimRight(text, "\n"))
}

func (s *summary) report() {
	if s.passed+s.failed+s.skipped == 0 {
		s.failed++
		fmt.Fprintln(s.out, "no test ran")
		return
	}
	s.slowest("slowest packages", s.packages)
	s.slowest("slowest tests", s.tests)
	fmt.Fprintf(s.out, "\ntests: %d passed, %d failed", s.passed, s.failed)
	if s.skipped > 0 {
		fmt.Fprintf(s.out, ", %d skipped for want of the shared fixtures", s.skipped)
	}
	fmt.Fprintln(s.out)
}

func (s *summary) slowest(title string, all []timed) {
	fmt.Fprintf(s.out, "\n%s\n", title)
	slices.SortStableFunc(all, func(a, b timed) int { return cmp.Compare(b.took, a.took) })
	for _, t := range all[:min(slowest, len(all))] {
		fmt.Fprintf(s.out, "%8.1f s  %s\n", t.took.Seconds(), t.name)
	}
}

// forget returns the output of a test and drops it.
func (s *summary) forget(key testKey) string {
	b := s.output[key]
	if b == nil {
		return ""
	}
	delete(s.output, key)
	return b.String()
}

func builderOf[K comparable](m map[K]*strings.Builder, key K) *strings.Builder {
	b := m[key]
	if b == nil {
		b = &strings.Builder{}
		m[key] = b
	}
	return b
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
