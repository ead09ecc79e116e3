// Package speechtest helps the tests of the speech packages: it finds the
// installed model and the shared recordings, and it scores a transcript
// against what was really said.
package speechtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fieldreel/fieldreel/speech/internal/weights"
)

// ModelsDir returns the folder of the installed model,
// ${FIELDREEL_TOOLS:-$HOME/.cache/fieldreel}/models. Where the model is absent
// it fails the test if FIELDREEL_TEST_STRICT is 1 and skips it otherwise.
func ModelsDir(tb testing.TB) string {
	tb.Helper()
	tools := os.Getenv("FIELDREEL_TOOLS")
	if tools == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			tb.Fatalf("find the home folder: %v", err)
		}
		tools = filepath.Join(home, ".cache", "fieldreel")
	}
	dir := filepath.Join(tools, "models")
	missing, err := weights.Missing(dir)
	if err != nil {
		tb.Fatal(err)
	}
	if len(missing) == 0 {
		return dir
	}
	if os.Getenv("FIELDREEL_TEST_STRICT") == "1" {
		tb.Fatalf("speech model not installed: %s", weights.Describe(missing))
	}
	tb.Skipf("speech model not installed: %s", weights.Describe(missing))
	return ""
}

// SharedDir returns a folder of the fixtures that the project keeps beside its
// repository (FIELDREEL_SHARED, or ../shared of the module), and skips the test
// where it is absent.
func SharedDir(tb testing.TB, elem ...string) string {
	tb.Helper()
	shared := os.Getenv("FIELDREEL_SHARED")
	if shared == "" {
		shared = filepath.Join(moduleRoot(tb), "..", "shared")
	}
	dir := filepath.Join(append([]string{shared}, elem...)...)
	if _, err := os.Stat(dir); err != nil {
		tb.Skipf("shared fixtures absent: %s", filepath.Join(elem...))
	}
	return dir
}

func moduleRoot(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			tb.Fatal("no go.mod above the test's folder")
		}
		dir = parent
	}
}

// Normalize brings a text to the form in which words are compared: lower case,
// no punctuation but the apostrophe inside a word, hyphens as spaces, titles
// spelled out.
func Normalize(text string) string {
	text = strings.ToLower(text)
	text = strings.NewReplacer("’", "'", "mr.", "mister", "mrs.", "missus", "dr.", "doctor", "&", " and ").Replace(text)
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\'', r >= 'a' && r <= 'z', r >= '0' && r <= '9', r > 127:
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	words := strings.Fields(b.String())
	for i, w := range words {
		words[i] = strings.Trim(w, "'")
	}
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

// WER compares two normalized texts word by word. It returns the fewest
// substitutions, insertions and deletions that turn hyp into ref, and the
// number of words of ref: the word error rate is the first divided by the
// second.
func WER(ref, hyp string) (errors, words int) {
	r, h := strings.Fields(ref), strings.Fields(hyp)
	row := make([]int, len(h)+1)
	for j := range row {
		row[j] = j
	}
	for i := range r {
		diagonal := row[0]
		row[0] = i + 1
		for j := range h {
			cost := diagonal
			if r[i] != h[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(h)], len(r)
}
