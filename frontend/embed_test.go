package frontend

import (
	"io/fs"
	"regexp"
	"testing"
)

// Pages must work under a content security policy without "unsafe-inline" and ask no other host for anything: the
// one that stands for a client that was not built, always, and the client's own, where it was.
func TestPagesKeepToThemselves(t *testing.T) {
	t.Parallel()
	pages := map[string]fs.FS{"placeholder": sub("placeholder")}
	if Built() {
		pages["dist"] = Dist()
	}
	for name, files := range pages {
		page, err := fs.ReadFile(files, "index.html")
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
				t.Errorf("%s/index.html holds %s: %q", name, what, found)
			}
		}
		for _, m := range regexp.MustCompile(`(?:src|href)="/([^"?#]*\.(?:css|js|svg|png|webmanifest))"`).FindAllSubmatch(page, -1) {
			if _, err := fs.Stat(files, string(m[1])); err != nil {
				t.Errorf("%s/index.html names a file that is not there: %v", name, err)
			}
		}
	}
}
