package main

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"
)

func TestSummary(t *testing.T) {
	t.Parallel()
	const (
		start = `{"Action":"run","Package":"p","Test":"TestA"}` + "\n"
		pass  = `{"Action":"output","Package":"p","Test":"TestA","Output":"quiet\n"}` + "\n" + `{"Action":"pass","Package":"p","Test":"TestA","Elapsed":1.5}` + "\n"
		ok    = `{"Action":"pass","Package":"p","Elapsed":2}` + "\n"
		bad   = `{"Action":"fail","Package":"p","Elapsed":2}` + "\n"
		skip  = `{"Action":"output","Package":"p","Test":"TestA","Output":"x_test.go:1: shared fixtures absent\n"}` + "\n" + `{"Action":"skip","Package":"p","Test":"TestA"}` + "\n"
	)
	tests := []struct {
		name                    string
		events                  string
		sharedAbsent            bool
		passed, failed, skipped int
		want, unwanted          []string
	}{
		{
			name: "a test that passes is not quoted", events: start + pass + ok,
			passed: 1, want: []string{"ok   p", "tests: 1 passed, 0 failed\n", "1.5 s  p TestA"}, unwanted: []string{"quiet"},
		},
		{
			name: "a test that fails is quoted in full",
			events: start + `{"Action":"output","Package":"p","Test":"TestA","Output":"got 1,\n"}` + "\n" +
				`{"Action":"output","Package":"p","Test":"TestA","Output":"want 2\n"}` + "\n" + `{"Action":"fail","Package":"p","Test":"TestA"}` + "\n" + bad,
			failed: 1, want: []string{"--- FAILED: p TestA\ngot 1,\nwant 2\n", "FAIL p", "0 passed, 1 failed"},
		},
		{
			name:   "of a failed subtest only its own output and its parents' is quoted",
			events: start + `{"Action":"run","Package":"p","Test":"TestA/x"}` + "\n" + `{"Action":"fail","Package":"p","Test":"TestA/x"}` + "\n" + `{"Action":"pass","Package":"p","Test":"TestA/y"}` + "\n" + `{"Action":"fail","Package":"p","Test":"TestA"}` + "\n" + bad,
			passed: 1, failed: 2, want: []string{"FAILED: p TestA/x", "FAILED: p TestA\n"}, unwanted: []string{"TestA/y"},
		},
		{
			name: "a skip is a failure", events: start + skip + ok,
			failed: 1, want: []string{"SKIPPED, which counts as failed: p TestA", "FAIL p"},
		},
		{
			name: "but for absent fixtures", events: start + skip + ok, sharedAbsent: true,
			skipped: 1, want: []string{"1 skipped for want of the shared fixtures", "ok   p"},
		},
		{
			name: "no other reason will do", events: start + `{"Action":"skip","Package":"p","Test":"TestA"}` + "\n" + ok, sharedAbsent: true,
			failed: 1,
		},
		{
			name: "a panic ends a test that did not finish",
			events: start + `{"Action":"output","Package":"p","Test":"TestA","Output":"panic: boom\n"}` + "\n" +
				`{"Action":"output","Package":"p","Output":"exit status 2\n"}` + "\n" + bad,
			failed: 1, want: []string{"DID NOT FINISH: p TestA\npanic: boom", "exit status 2"},
		},
		{
			name:   "a failure outside every test is a failure",
			events: start + pass + `{"Action":"output","Package":"p","Output":"testing: race detected outside of test execution\n"}` + "\n" + bad,
			passed: 1, failed: 1, want: []string{"FAILED: p\ntesting: race detected"},
		},
		{
			name: "a package that does not build",
			events: `{"ImportPath":"p [p.test]","Action":"build-output","Output":"p.go:3: undefined: x\n"}` + "\n" + `{"ImportPath":"p [p.test]","Action":"build-fail"}` + "\n" +
				`{"Action":"output","Package":"p","Output":"FAIL\tp [build failed]\n"}` + "\n" + `{"Action":"fail","Package":"p","FailedBuild":"p [p.test]"}` + "\n",
			failed: 1, want: []string{"DOES NOT BUILD: p\np.go:3: undefined: x"},
		},
		{
			name:   "a package without tests is no skip",
			events: start + pass + ok + `{"Action":"skip","Package":"q"}` + "\n",
			passed: 1, unwanted: []string{"q"},
		},
		{name: "nothing at all is a failure", failed: 1, want: []string{"no test ran"}},
		{name: "foreign lines are shown", events: "go: no such module\n" + start + pass + ok, passed: 1, want: []string{"go: no such module\n"}},
		{name: "a last line without an end counts", events: start + pass + strings.TrimSpace(ok), passed: 1, want: []string{"ok   p"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			s := newSummary(&out, tt.sharedAbsent)
			if err := s.read(strings.NewReader(tt.events)); err != nil {
				t.Fatal(err)
			}
			s.report()
			if s.passed != tt.passed || s.failed != tt.failed || s.skipped != tt.skipped {
				t.Errorf("%d passed, %d failed, %d skipped; want %d, %d, %d", s.passed, s.failed, s.skipped, tt.passed, tt.failed, tt.skipped)
			}
			for _, w := range tt.want {
				if !strings.Contains(out.String(), w) {
					t.Errorf("no %q in:\n%s", w, out.String())
				}
			}
			for _, w := range tt.unwanted {
				if strings.Contains(out.String(), w) {
					t.Errorf("unwanted %q in:\n%s", w, out.String())
				}
			}
		})
	}
}

func TestSummaryBrokenInput(t *testing.T) {
	t.Parallel()
	cut := errors.New("cut off")
	if err := newSummary(&strings.Builder{}, false).read(iotest.ErrReader(cut)); !errors.Is(err, cut) {
		t.Errorf("read of a broken stream: %v, want %v", err, cut)
	}
}
