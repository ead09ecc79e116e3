package frontend

import (
	"io/fs"
	"regexp"
	"testing"
)

// The page must work under a content security policy without "unsafe-inline" and ask no other host for anything.
func TestDistKeepsToItself(t *testing.T) {
	t.Parallel()
	page, err := fs.ReadFile(Dist(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	for what, pattern := range map[string]string{
		"an inline script": `(?i)<script(?:[^>]*\s)?>\s*[^<\s]`,
		"an inline style":  `(?i)<style|\sstyle=`,
		"a script handler": `(?i)\son[a-z]+=`,
		"a foreign host":   `(?i)(src|href|action)=["']?(https?:)?//`,
	} {
		if found := regexp.MustCompile(pattern).Find(page); found != nil {
			t.Errorf("index.html holds %s: %q", what, found)
		}
	}
	for _, m := range regexp.MustCompile(`(?:src|href)="/([^"?#]*\.(?:css|js|svg))"`).FindAllSubmatch(page, -1) {
		if _, err := fs.Stat(Dist(), string(m[1])); err != nil {
			t.Errorf("index.html names a file that is not there: %v", err)
		}
	}
}
