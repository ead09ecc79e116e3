package media

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// byteRange is one range as [Store.OpenRange] wants it.
type byteRange struct {
	off, length int64
	given       bool // False for the whole object.
}

var wholeObject = byteRange{off: 0, length: -1}

// parseRange reads a Range header. ok is false for what net/http also calls invalid. Several ranges are the whole object.
func parseRange(header string) (_ byteRange, ok bool) {
	if header == "" {
		return wholeObject, true
	}
	specs, isBytes := strings.CutPrefix(header, "bytes=")
	if !isBytes {
		return byteRange{}, false
	}
	var found []byteRange
	for spec := range strings.SplitSeq(specs, ",") {
		spec = strings.Trim(spec, " \t")
		if spec == "" {
			continue
		}
		br, ok := parseSpec(spec)
		if !ok {
			return byteRange{}, false
		}
		found = append(found, br)
	}
	if len(found) != 1 || found[0].off == 0 && found[0].length == 0 { // The latter is "-0".
		return wholeObject, true
	}
	return found[0], true
}

func parseSpec(spec string) (byteRange, bool) {
	first, last, ok := strings.Cut(spec, "-")
	if !ok {
		return byteRange{}, false
	}
	first, last = strings.Trim(first, " \t"), strings.Trim(last, " \t")
	if first == "" {
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil || n < 0 || last[0] == '-' {
			return byteRange{}, false
		}
		if n == 0 {
			return byteRange{given: true}, true
		}
		return byteRange{off: -n, length: -1, given: true}, true
	}
	start, err := strconv.ParseInt(first, 10, 64)
	if err != nil || start < 0 {
		return byteRange{}, false
	}
	if last == "" {
		return byteRange{off: start, length: -1, given: true}, true
	}
	end, err := strconv.ParseInt(last, 10, 64)
	if err != nil || end < start {
		return byteRange{}, false
	}
	length := end - start + 1
	if length <= 0 { // The largest int64 as the end of all.
		length = -1
	}
	return byteRange{off: start, length: length, given: true}, true
}

// plainRange rewrites a Range header so that net/http understands by it what parseRange does: one range, a malformed
// one, or with "" the whole object.
func plainRange(header string, size int64) string {
	br, ok := parseRange(header)
	switch {
	case !ok:
		return "malformed"
	case !br.given || size == 0:
		return ""
	case br.off < 0:
		return "bytes=" + strconv.FormatInt(br.off, 10)
	case br.length < 0:
		return "bytes=" + strconv.FormatInt(br.off, 10) + "-"
	}
	return "bytes=" + strconv.FormatInt(br.off, 10) + "-" + strconv.FormatInt(br.off+br.length-1, 10)
}

func isConditional(h http.Header) bool {
	for _, name := range []string{"If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"} {
		if h.Get(name) != "" {
			return true
		}
	}
	return h.Get("If-Range") != "" && h.Get("Range") != ""
}

// evaluate decides a conditional request in the order of RFC 9110, section 13.2.2: status 304 or 412 ends it, 0 lets it
// go on, and useRange says whether its range still counts. etag is quoted, or empty if there is none.
func evaluate(r *http.Request, etag string, modTime time.Time) (status int, useRange bool) {
	h := r.Header
	if v := h.Get("If-Match"); v != "" {
		if !matchesAny(v, etag, strongMatch) {
			return http.StatusPreconditionFailed, false
		}
	} else if since, ok := parseTime(h.Get("If-Unmodified-Since"), modTime); ok && modTime.Truncate(time.Second).After(since) {
		return http.StatusPreconditionFailed, false
	}
	// ServeObject lets GET and HEAD in only, so that a match always means 304.
	if v := h.Get("If-None-Match"); v != "" {
		if matchesAny(v, etag, weakMatch) {
			return http.StatusNotModified, false
		}
	} else if since, ok := parseTime(h.Get("If-Modified-Since"), modTime); ok && !modTime.Truncate(time.Second).After(since) {
		return http.StatusNotModified, false
	}
	return 0, rangeStillCounts(h.Get("If-Range"), etag, modTime)
}

func rangeStillCounts(ifRange, etag string, modTime time.Time) bool {
	if ifRange == "" {
		return true
	}
	if tag, _, ok := cutETag(ifRange); ok {
		return strongMatch(tag, etag)
	}
	t, ok := parseTime(ifRange, modTime)
	return ok && t.Unix() == modTime.Unix()
}

// parseTime reads an HTTP date; ok is false where there is nothing to compare.
func parseTime(v string, modTime time.Time) (time.Time, bool) {
	if v == "" || modTime.IsZero() || modTime.Unix() == 0 {
		return time.Time{}, false
	}
	t, err := http.ParseTime(v)
	return t, err == nil
}

func strongMatch(a, b string) bool { return a == b && a != "" && a[0] == '"' }

func weakMatch(a, b string) bool { return strings.TrimPrefix(a, "W/") == strings.TrimPrefix(b, "W/") }

// matchesAny looks for etag in a list of tags, or "*". A list that is malformed counts up to where it is.
func matchesAny(list, etag string, match func(a, b string) bool) bool {
	for {
		list = strings.TrimLeft(list, " \t,")
		if list == "" {
			return false
		}
		if list[0] == '*' {
			return true
		}
		tag, rest, ok := cutETag(list)
		if !ok {
			return false
		}
		if match(tag, etag) {
			return true
		}
		list = rest
	}
}

// cutETag takes an entity tag off the front.
func cutETag(s string) (tag, rest string, ok bool) {
	s = strings.TrimLeft(s, " \t")
	start := 0
	if strings.HasPrefix(s, "W/") {
		start = 2
	}
	if len(s) < start+2 || s[start] != '"' {
		return "", "", false
	}
	for i := start + 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return s[:i+1], s[i+1:], true
		case c != 0x21 && (c < 0x23 || c == 0x7f): // Not an etagc of RFC 9110.
			return "", "", false
		}
	}
	return "", "", false
}
