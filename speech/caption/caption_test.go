package caption

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/fieldreel/fieldreel/speech"
)

const srt = `1
00:00:01,000 --> 00:00:02,500
They say Northwind
is half the price.

2
00:00:03,000 --> 00:00:04,000
So I asked.
`

var srtCues = []Cue{{1000, 2500, "They say Northwind\nis half the price."}, {3000, 4000, "So I asked."}}

func encodeUTF16(s string, order binary.AppendByteOrder) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return b
}

func TestParse(t *testing.T) {
	one := func(text string) []Cue { return []Cue{{1000, 2000, text}} }
	for name, c := range map[string]struct {
		in   string
		want []Cue
	}{
		"srt":                         {srt, srtCues},
		"carriage returns":            {strings.ReplaceAll(srt, "\n", "\r\n"), srtCues},
		"old Mac line ends":           {strings.ReplaceAll(srt, "\n", "\r"), srtCues},
		"byte order mark":             {"\ufeff" + srt, srtCues},
		"UTF-16 little, marked":       {"\xff\xfe" + string(encodeUTF16(srt, binary.LittleEndian)), srtCues},
		"UTF-16 big, marked":          {"\xfe\xff" + string(encodeUTF16(srt, binary.BigEndian)), srtCues},
		"UTF-16 little, no mark":      {string(encodeUTF16(srt+"\n", binary.LittleEndian)), srtCues},
		"UTF-16 big, no mark":         {string(encodeUTF16(srt+"\n", binary.BigEndian)), srtCues},
		"UTF-16 beyond the plane":     {"\xff\xfe" + string(encodeUTF16("00:01.0 --> 00:02.0\n😀", binary.LittleEndian)), one("😀")},
		"Windows-1252":                {"1\n00:00:01,000 --> 00:00:02,000\n\x93d\xe9j\xe0 vu\x94 \x80 5\n", one("“déjà vu” € 5")},
		"no numbers":                  {"00:00:01,000 --> 00:00:02,000\nhi\n\n00:00:03,000 --> 00:00:04,000\nho", []Cue{{1000, 2000, "hi"}, {3000, 4000, "ho"}}},
		"wrong numbers":               {"7\n00:00:01,000 --> 00:00:02,000\nhi\n\n7\n00:00:03,000 --> 00:00:04,000\nho", []Cue{{1000, 2000, "hi"}, {3000, 4000, "ho"}}},
		"a caption that is a number":  {"1\n00:00:01,000 --> 00:00:02,000\n42\n\n2\n00:00:03,000 --> 00:00:04,000\n43\n", []Cue{{1000, 2000, "42"}, {3000, 4000, "43"}}},
		"blank line in an SRT cue":    {"1\n00:00:01,000 --> 00:00:02,000\nhi\n\nho\n\n2\n00:00:03,000 --> 00:00:04,000\nx", []Cue{{1000, 2000, "hi\nho"}, {3000, 4000, "x"}}},
		"unordered":                   {"00:00:03,000 --> 00:00:04,000\nho\n\n00:00:01,000 --> 00:00:02,000\nhi", []Cue{{1000, 2000, "hi"}, {3000, 4000, "ho"}}},
		"overlapping":                 {"00:00:01,000 --> 00:00:05,000\nhi\n\n00:00:02,000 --> 00:00:04,000\nho", []Cue{{1000, 5000, "hi"}, {2000, 4000, "ho"}}},
		"no length, no text":          {"00:00:01,000 --> 00:00:01,000\nhi\n\n00:00:02,000 --> 00:00:04,000\n \n", nil},
		"short times":                 {"0:1.5 --> 0:2,25\nhi", []Cue{{1500, 2250, "hi"}}},
		"places of an SRT cue":        {"00:00:01,000 --> 00:00:02,000 X1:40 X2:600\nhi", one("hi")},
		"nothing":                     {"", nil},
		"only blank lines":            {"\n \n\t\r\n", nil},
		"null characters":             {"00:01.0 --> 00:02.0\na\x00b", one("a�b")},
		"tags":                        {"00:01.0 --> 00:02.0\n<i>so</i> <FONT color=\"#fff\">I</font>\n{\\an8}asked</b>", one("so I\nasked")},
		"a tag over two lines":        {"00:01.0 --> 00:02.0\nso <font\ncolor=red>I asked", one("so I asked")},
		"no tags":                     {"00:01.0 --> 00:02.0\na < b, <3, <>, {x}, 5 > 4, <1>", one("a < b, <3, <>, {x}, 5 > 4, <1>")},
		"references":                  {"00:01.0 --> 00:02.0\nR&amp;D &lt;b&gt; &#39;x&#39; &nbsp;&unknown; &", one("R&D <b> 'x' &unknown; &")},
		"control characters":          {"00:01.0 --> 00:02.0\na\x07b\x1b[31mc\u202edcba\u202c", one("ab[31mcdcba")},
		"controls as references":      {"00:01.0 --> 00:02.0\na&#7;b&#x202e;c", one("abc")},
		"many spaces":                 {"00:01.0 --> 00:02.0\n  a \t b\u00a0c  ", one("a b c")},
		"vtt":                         {"WEBVTT\n\n00:01.000 --> 00:02.000\nhi", one("hi")},
		"vtt header only":             {"WEBVTT", nil},
		"vtt header with text":        {"WEBVTT - sales\nKind: captions\n\n00:01.000 --> 00:02.000\nhi", one("hi")},
		"vtt with a mark, CRLF":       {"\ufeffWEBVTT\r\n\r\n00:01.000 --> 00:02.000\r\nhi\r\n", one("hi")},
		"vtt names and settings":      {"WEBVTT\n\nintro 1\n00:00:01.000 --> 00:00:02.000 align:start line:0%\n<v Ann Lee>hi</v>", one("hi")},
		"vtt times inside":            {"WEBVTT\n\n00:01.000 --> 00:02.000\n<00:01.000><c.loud>hi</c> <00:01.500>ho", one("hi ho")},
		"vtt comments and styles":     {"WEBVTT\n\nNOTE\nby Ann\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:x\n\nNOTE short\n\n00:01.000 --> 00:02.000\nhi\n\nNOTE end", one("hi")},
		"vtt cue named NOTES":         {"WEBVTT\n\nNOTES\n00:01.000 --> 00:02.000\nhi", one("hi")},
		"vtt cues without blank line": {"WEBVTT\n\n00:01.000 --> 00:02.000\nhi\n00:03.000 --> 00:04.000\nho", []Cue{{1000, 2000, "hi"}, {3000, 4000, "ho"}}},
		"a day":                       {"00:00:00.000 --> 24:00:00.000\nhi", []Cue{{0, maxTimeMS, "hi"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Parse([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if len(got)+len(c.want) > 0 && !reflect.DeepEqual(got, c.want) {
				t.Errorf("got  %#v\nwant %#v", got, c.want)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	time := func(s string) string { return "1\n" + s + "\nhi\n" }
	for name, c := range map[string]struct {
		in   string
		code Code
		line int
	}{
		"prose":                   {"\nDear all,\nplease find\n", CodeMalformed, 2},
		"prose before a cue":      {"1\nDear all,\n00:01.0 --> 00:02.0\nhi", CodeMalformed, 1},
		"an HTML page":            {"<!doctype html>\n<html></html>", CodeMalformed, 1},
		"negative":                {time("-00:00:01,000 --> 00:00:02,000"), CodeMalformed, 2},
		"negative end":            {time("00:00:01,000 --> -00:00:02,000"), CodeMalformed, 2},
		"backwards":               {time("00:00:03,000 --> 00:00:02,000"), CodeMalformed, 2},
		"no end":                  {time("00:00:03,000 -->"), CodeMalformed, 2},
		"no start":                {time("--> 00:00:03,000"), CodeMalformed, 2},
		"no decimals":             {time("00:00:01 --> 00:00:02"), CodeMalformed, 2},
		"four decimals":           {time("00:00:01.0000 --> 00:00:02.0000"), CodeMalformed, 2},
		"61 seconds":              {time("00:00:61,000 --> 00:01:02,000"), CodeMalformed, 2},
		"61 minutes":              {time("00:61:00,000 --> 02:01:02,000"), CodeMalformed, 2},
		"61 minutes without hour": {time("61:00.000 --> 62:00.000"), CodeMalformed, 2},
		"beyond a day":            {time("00:00:01,000 --> 24:00:00,001"), CodeMalformed, 2},
		"beyond all hours":        {time("00:00:01,000 --> 99999:00:00,000"), CodeMalformed, 2},
		"beyond 64 bits":          {time("00:00:01,000 --> 99999999999999999999:00:00,000"), CodeMalformed, 2},
		"words":                   {time("then --> now"), CodeMalformed, 2},
		"plus sign":               {time("+0:00:01,000 --> 00:00:02,000"), CodeMalformed, 2},
		"Arabic digits":           {time("٠٠:٠٠:٠١,٠٠٠ --> 00:00:02,000"), CodeMalformed, 2},
		"second cue":              {srt + "\n3\n00:00:9x,000 --> 00:00:12,000\nhi", CodeMalformed, 11},
		"vtt block without times": {"WEBVTT\n\n00:01.000 --> 00:02.000\nhi\n\nlost text\nand more", CodeMalformed, 6},
		"vtt cue in the header":   {"WEBVTT\n00:01.000 --> 00:02.000\nhi", CodeMalformed, 2},
		"marked UTF-8, is not":    {"\ufeffa\nb\xff", CodeEncoding, 2},
		"half a UTF-16 character": {"\xff\xfeab\x00", CodeEncoding, 0},
		"half a surrogate pair":   {"\xff\xfea\x00\n\x00\x00\xd8b\x00", CodeEncoding, 2},
		"UTF-32":                  {"\xff\xfe\x00\x00a\x00\x00\x00", CodeEncoding, 0},
		"a picture":               {"\xff\xd8\xff\xe0\x00\x10JFIF", CodeEncoding, 1},
		"not quite Windows-1252":  {"a\n\xe9\x81", CodeEncoding, 2},
		"too many bytes":          {strings.Repeat("\n", MaxBytes+1), CodeTooLarge, 0},
		"too many cues":           {strings.Repeat("00:01.0 --> 00:02.0\nx\n\n", MaxCues+1), CodeTooLarge, 3*MaxCues + 1},
		"too many cues, vtt":      {"WEBVTT\n\n" + strings.Repeat("00:01.0 --> 00:02.0\nx\n\n", MaxCues+1), CodeTooLarge, 3*MaxCues + 3},
		"a million cues":          {strings.Repeat("0:1.0-->0:2.0\n", 1_000_000), CodeTooLarge, 0},
	} {
		t.Run(name, func(t *testing.T) {
			cues, err := Parse([]byte(c.in))
			var refused *Error
			if !errors.As(err, &refused) || cues != nil {
				t.Fatalf("got %d cues and %v", len(cues), err)
			}
			if refused.Code != c.code || refused.Line != c.line || refused.Reason == "" {
				t.Errorf("got %s at line %d (%v), want %s at %d", refused.Code, refused.Line, err, c.code, c.line)
			}
			if c.line > 0 && !strings.Contains(err.Error(), fmt.Sprintf("line %d", c.line)) {
				t.Errorf("the message does not name the line: %v", err)
			}
		})
	}
	if _, err := ParseVTT([]byte(srt)); err == nil {
		t.Error("SRT was taken for WebVTT")
	}
	if _, err := ParseSRT([]byte("WEBVTT\n\n00:01.0 --> 00:02.0\nhi")); err == nil {
		t.Error("WebVTT was taken for SRT")
	}
}

// TestHostileFilesTakeLinearTime holds the worst shapes known: eight times the
// bytes may take eight times the CPU time, give or take, but not sixty-four
// times.
func TestHostileFilesTakeLinearTime(t *testing.T) {
	for name, unit := range map[string]string{
		"opening brackets": "<",
		"opening tags":     "<b",
		"braces":           `{\`,
		"ampersands":       "&",
		"blank lines":      "\n",
		"numbers":          "1\n",
		"at one time":      "\n0:1.0-->0:2.0\n" + strings.Repeat("x ", 40),
		"one word":         "x",
	} {
		t.Run(name, func(t *testing.T) {
			cost := func(size int) time.Duration {
				data := []byte("00:01.0 --> 00:02.0\n" + strings.Repeat(unit, size/len(unit)))
				before := cpuTime(t)
				cues, err := Parse(data)
				if err != nil {
					t.Fatal(err)
				}
				transcript := ToTranscript(cues)
				if err := transcript.Validate(); err != nil {
					t.Fatal(err)
				}
				if err := WriteVTT(&strings.Builder{}, transcript.Segments); err != nil {
					t.Fatal(err)
				}
				return cpuTime(t) - before
			}
			const size = 64 << 10
			small := max(cost(size), 5*time.Millisecond) // below that it is noise
			if large := cost(8 * size); large > 40*small {
				t.Errorf("%s for %d bytes, but %s for eight times as many", small, size, large)
			}
		})
	}
}

func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func TestToTranscript(t *testing.T) {
	got := ToTranscript([]Cue{
		{1000, 5000, "So I\nasked"},
		{2000, 3000, "why?"},
		{2000, 4000, "together"},
		{6000, 7000, "end"},
	})
	if err := got.Validate(); err != nil {
		t.Fatal(err)
	}
	var flat []string
	for _, s := range got.Segments {
		flat = append(flat, fmt.Sprintf("%d-%d %s", s.StartMS, s.EndMS, s.Text))
	}
	want := "1000-2000 So I asked|2000-4000 why? together|6000-7000 end"
	if strings.Join(flat, "|") != want || got.DurationMS != 7000 {
		t.Errorf("got %s (%d ms)", strings.Join(flat, "|"), got.DurationMS)
	}
	if w := got.Segments[0].Words; len(w) != 3 || w[1] != (speech.Word{Text: "I", StartMS: 1272, EndMS: 1454, Confidence: 1}) {
		t.Errorf("words %v", w)
	}
	if got := ToTranscript(nil); len(got.Segments) != 0 {
		t.Errorf("%v", got)
	}
}

func TestWriteVTT(t *testing.T) {
	segment := func(text string, from, to int64) speech.Segment {
		return speech.NewSegment(speech.Spread(text, from, to))
	}
	for name, c := range map[string]struct {
		in   []speech.Segment
		want string
	}{
		"nothing": {nil, "WEBVTT\n"},
		"one line": {
			[]speech.Segment{segment("They say a competitor is half the price.", 0, 3_600_000+2500)},
			"",
		},
		"short ones that touch": {
			[]speech.Segment{segment("No.", 1000, 1200), segment("Why?", 1200, 4000)},
			"WEBVTT\n\n00:00:01.000 --> 00:00:01.199\nNo.\n\n00:00:01.200 --> 00:00:04.000\nWhy?\n",
		},
		"a short one is kept on": {
			[]speech.Segment{segment("No.", 1000, 1200)},
			"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nNo.\n",
		},
		"two lines": {
			[]speech.Segment{segment("So I asked what one more week of delay costs them, and then I stayed quiet.", 0, 5000)},
			"WEBVTT\n\n00:00:00.000 --> 00:00:05.000\nSo I asked what one more week of delay\ncosts them, and then I stayed quiet.\n",
		},
		"escaped": {
			[]speech.Segment{segment("R&D <b>is</b> --> here", 0, 2000)},
			"WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nR&amp;D &lt;b&gt;is&lt;/b&gt; --&gt; here\n",
		},
		"text without words": {
			[]speech.Segment{{StartMS: 0, EndMS: 2000, Text: "typed by hand"}},
			"WEBVTT\n\n00:00:00.000 --> 00:00:02.000\ntyped by hand\n",
		},
		"segments at the same time": {
			[]speech.Segment{segment("a", 0, 0), segment("b", 0, 0), segment("c", 0, 0)},
			"WEBVTT\n\n00:00:00.000 --> 00:00:00.001\na\n\n00:00:00.002 --> 00:00:00.003\nb\n\n00:00:00.004 --> 00:00:01.004\nc\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := WriteVTT(&b, c.in); err != nil {
				t.Fatal(err)
			}
			if c.want != "" && b.String() != c.want {
				t.Errorf("got\n%s\nwant\n%s", b.String(), c.want)
			}
			checkWritten(t, b.String())
		})
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteVTTReportsErrors(t *testing.T) {
	if err := WriteVTT(failing{}, nil); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %v", err)
	}
}

// checkWritten holds a written file to its promises.
func checkWritten(t interface{ Fatalf(string, ...any) }, vtt string) []Cue {
	cues, err := ParseVTT([]byte(vtt))
	if err != nil {
		t.Fatalf("our own file was refused: %v\n%s", err, vtt)
	}
	last := int64(-1)
	for _, c := range cues {
		if c.StartMS <= last {
			t.Fatalf("cue at %d ms touches the one before, which ends at %d", c.StartMS, last)
		}
		if c.EndMS <= c.StartMS {
			t.Fatalf("cue %d–%d has no length", c.StartMS, c.EndMS)
		}
		last = c.EndMS
		lines := strings.Split(c.Text, "\n")
		if len(lines) > 2 {
			t.Fatalf("%d lines: %q", len(lines), c.Text)
		}
		for _, l := range lines {
			if utf8.RuneCountInString(l) > 42 {
				t.Fatalf("line of %d characters: %q", utf8.RuneCountInString(l), l)
			}
		}
	}
	return cues
}

// TestRoundTrip writes transcripts of anything and reads them back: every word
// is there, in order, and no cue begins before its words' segment.
func TestRoundTrip(t *testing.T) {
	word := rapid.OneOf(
		rapid.StringMatching(`[a-zA-Z]{1,14}[.,?!]?`),
		rapid.StringMatching(`[a-z]{40,45}`),
		rapid.SampledFrom([]string{"-->", "<b>", "&amp;", "&", "WEBVTT", "NOTE", "STYLE", "1", `{\an8}`, "00:01.000", "a<b", "<00:01.000>", "é", "名前", "&#0;"}),
		rapid.StringN(1, 10, -1),
	)
	rapid.Check(t, func(t *rapid.T) {
		var segments []speech.Segment
		at := int64(0)
		for range rapid.IntRange(0, 6).Draw(t, "segments") {
			text := strings.Join(rapid.SliceOfN(word, 0, 30).Draw(t, "words"), " ")
			at += rapid.SampledFrom([]int64{0, 1, 500, 5000}).Draw(t, "pause")
			length := rapid.Int64Range(0, 20_000).Draw(t, "length")
			if words := speech.Spread(text, at, at+length); len(words) > 0 {
				segments = append(segments, speech.NewSegment(words))
			}
			at += length
		}
		var b strings.Builder
		if err := WriteVTT(&b, segments); err != nil {
			t.Fatal(err)
		}
		cues := checkWritten(t, b.String())
		var want, got strings.Builder
		for _, s := range segments {
			want.WriteString(s.Text)
		}
		for _, c := range cues {
			got.WriteString(c.Text)
		}
		if w, g := letters(want.String()), letters(got.String()); w != g {
			t.Fatalf("wrote %q, read %q", w, g)
		}
		transcript := ToTranscript(cues)
		if err := transcript.Validate(); err != nil {
			t.Fatal(err)
		}
	})
}

// letters drops what captions do not carry: white space and control characters.
func letters(s string) string {
	return strings.Join(strings.Fields(withoutControl(strings.ReplaceAll(s, "\x00", ""))), "")
}

func FuzzSRT(f *testing.F) {
	f.Add([]byte(srt))
	f.Add([]byte("\xff\xfe1\x00\n\x00"))
	f.Add([]byte("00:01.0 --> 00:02.0\n<i>a</i>{\\an8}&lt;\x93"))
	f.Fuzz(func(t *testing.T, data []byte) { checkParsed(t, ParseSRT, data) })
}

func FuzzVTT(f *testing.F) {
	f.Add([]byte("WEBVTT\n\nNOTE x\n\nname\n00:01.000 --> 00:02.000 align:start\n<v Ann>hi</v>\n"))
	f.Add([]byte("WEBVTT\n\n00:00:01.000 --> 24:00:00.000\n&amp;&#x3c;\n00:03.000 --> 00:04.000\nx"))
	f.Fuzz(func(t *testing.T, data []byte) { checkParsed(t, ParseVTT, data) })
}

// checkParsed holds the parsers to their promises on any input.
func checkParsed(t *testing.T, parse func([]byte) ([]Cue, error), data []byte) {
	cues, err := parse(data)
	if err != nil {
		var refused *Error
		if !errors.As(err, &refused) || refused.Code == "" || refused.Reason == "" || refused.Line < 0 || len(cues) != 0 {
			t.Fatalf("error %#v with %d cues", err, len(cues))
		}
		return
	}
	last := int64(0)
	for _, c := range cues {
		if c.StartMS < last || c.EndMS <= c.StartMS || c.EndMS > maxTimeMS {
			t.Fatalf("cue %d–%d after %d", c.StartMS, c.EndMS, last)
		}
		last = c.StartMS
		if !utf8.ValidString(c.Text) || c.Text == "" || strings.Contains(c.Text, "\n\n") || strings.ContainsAny(c.Text, "\x00\r\x1b") {
			t.Fatalf("text %q", c.Text)
		}
	}
	transcript := ToTranscript(cues)
	if err := transcript.Validate(); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := WriteVTT(&b, transcript.Segments); err != nil {
		t.Fatal(err)
	}
	checkWritten(t, b.String())
}
