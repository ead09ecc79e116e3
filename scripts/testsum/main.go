// Testsum reads the events of "go test -json" and says what a person wants to know: a line per package, the whole
// output of every test that failed, the slowest packages and tests, and the counts. It fails where a test failed,
// was skipped without leave, or where nothing ran at all.
//
//	go test -json ./... | go run ./scripts/testsum -counts counts.txt
//
// A skip is a failure because a test that does not run proves nothing. The one leave is for the shared fixtures:
// a test that says "shared fixtures absent" may skip while that folder really is absent.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	os.Exit(run())
}

func run() int {
	counts := flag.String("counts", "", "file to write \"PASSED FAILED\" to, for the script that adds up all checks")
	shared := flag.String("shared", sharedFixtures(), "the shared fixtures' folder: where it is absent, tests may skip for want of it")
	flag.Parse()

	_, err := os.Stat(*shared)
	s := newSummary(os.Stdout, os.IsNotExist(err))
	if err := s.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "testsum:", err)
		return 1
	}
	s.report()
	if *counts != "" {
		if err := os.WriteFile(*counts, fmt.Appendf(nil, "%d %d\n", s.passed, s.failed), 0o600); err != nil {
			fmt.Fprintln(os.Stderr, "testsum:", err)
			return 1
		}
	}
	if s.failed > 0 {
		return 1
	}
	return 0
}

// sharedFixtures is where tests look for the shared fixtures, seen from the root of the module.
func sharedFixtures() string {
	shared := os.Getenv("FIELDREEL_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "shared")
	}
	return filepath.Join(shared, "fixtures")
}
