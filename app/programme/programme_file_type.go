package programme

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fieldreel/fieldreel/app/internal/fault"
)

// FileType is what a file is: its media type, and the endings that its name may have, the usual one first.
type FileType struct {
	MIME    string
	Endings []string
	// Shown says that browsers show it by themselves and run nothing of it; all else is only saved.
	Shown bool
}

// The types that can be attached.
const (
	pdfType  = "application/pdf"
	pngType  = "image/png"
	jpegType = "image/jpeg"
	webpType = "image/webp"
	textType = "text/plain; charset=utf-8"
	docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	pptxType = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// fileTypes are all that can be attached. Office documents that can hold macros, and the old ones that may be
// anything inside, are not among them.
func fileTypes() []FileType {
	return []FileType{
		{pdfType, []string{".pdf"}, true}, {pngType, []string{".png"}, true}, {jpegType, []string{".jpg", ".jpeg"}, true}, {webpType, []string{".webp"}, true},
		{textType, []string{".txt", ".md"}, false}, {docxType, []string{".docx"}, false}, {pptxType, []string{".pptx"}, false}, {xlsxType, []string{".xlsx"}, false},
	}
}

// typeNamed finds a type by its media type.
func typeNamed(mime string) (FileType, bool) {
	all := fileTypes()
	if i := slices.IndexFunc(all, func(t FileType) bool { return t.MIME == mime }); i >= 0 {
		return all[i], true
	}
	return FileType{}, false
}

const sniffed = 512 // bytes: what http.DetectContentType looks at

// detectType says by its content what a file is; what it is called says nothing. Invalid with the reason for
// what cannot be attached, other errors are r's.
func detectType(r io.ReaderAt, size int64) (FileType, error) {
	if size == 0 {
		return FileType{}, refusedFile("file_empty", "This file is empty.")
	}
	head := make([]byte, min(size, sniffed))
	if _, err := io.ReadFull(io.NewSectionReader(r, 0, size), head); err != nil {
		return FileType{}, fmt.Errorf("read the beginning of a file: %w", err)
	}
	mime := http.DetectContentType(head)
	switch mime {
	case "application/zip":
		var err error
		if mime, err = officeType(r, size); err != nil {
			return FileType{}, err
		}
	case textType:
		// The beginning looks like text; an image or a program may follow, and SVG is text that runs scripts.
		plainText, err := isText(io.NewSectionReader(r, 0, size))
		if err != nil {
			return FileType{}, err
		}
		if !plainText || bytes.Contains(bytes.ToLower(head), []byte("<svg")) {
			mime = ""
		}
	case pdfType, pngType, jpegType, webpType:
	default:
		mime = ""
	}
	t, ok := typeNamed(mime)
	if !ok {
		return FileType{}, refusedFile("file_type_unfit", "This kind of file cannot be attached. Use PDF, PNG, JPEG or WebP, plain text in UTF-8, or Word, PowerPoint or Excel (.docx, .pptx, .xlsx) without a password.")
	}
	return t, nil
}

func refusedFile(code, words string) error { return fault.InvalidField("file", code, words) }

// isText says whether all of r is UTF-8 without what no text has.
func isText(r io.Reader) (bool, error) {
	buf := make([]byte, 64<<10)
	kept := 0 // bytes of a character that the buffer cut
	for {
		n, err := io.ReadFull(r, buf[kept:])
		text, last := buf[:kept+n], err != nil
		for len(text) > 0 {
			c, width := utf8.DecodeRune(text)
			if c == utf8.RuneError && width == 1 {
				if last || utf8.FullRune(text) {
					return false, nil
				}
				break
			}
			if unicode.IsControl(c) && !strings.ContainsRune("\t\n\r\f\x1b", c) {
				return false, nil
			}
			text = text[width:]
		}
		if last && (err == io.EOF || err == io.ErrUnexpectedEOF) {
			return true, nil
		}
		if last {
			return false, fmt.Errorf("read a text: %w", err)
		}
		kept = copy(buf, text)
	}
}

// Of a ZIP's directory. It is read here and not by archive/zip, which believes the file about how many entries
// there are and keeps them all: twenty megabytes can name 400,000.
const (
	zipEnd          = "PK\x05\x06"
	zipEntry        = "PK\x01\x02"
	zipEndLen       = 22
	zipEntryLen     = 46
	maxZipComment   = 1<<16 - 1
	maxZipDirectory = 2 << 20
	maxZipEntries   = 20000
)

// officeType says what Office document a ZIP is; empty for none. The names of its parts tell it: each kind has
// its own main part.
func officeType(r io.ReaderAt, size int64) (string, error) {
	names, err := zipNames(r, size)
	if err != nil {
		return "", err
	}
	if !slices.Contains(names, "[Content_Types].xml") {
		return "", nil
	}
	if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(path.Base(n), "vbaProject.bin") }) {
		return "", refusedFile("file_macros", "This document holds macros. Save it without them, as .docx, .pptx or .xlsx.")
	}
	for part, mime := range map[string]string{"word/document.xml": docxType, "ppt/presentation.xml": pptxType, "xl/workbook.xml": xlsxType} {
		if slices.Contains(names, part) {
			return mime, nil
		}
	}
	return "", nil
}

// zipNames gives the names in a ZIP's directory; none for what is no whole ZIP, or one beyond the bounds. Errors
// are r's.
func zipNames(r io.ReaderAt, size int64) ([]string, error) {
	tail := make([]byte, min(size, zipEndLen+maxZipComment))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return nil, fmt.Errorf("read the end of a file: %w", err)
	}
	at := bytes.LastIndex(tail, []byte(zipEnd))
	if at < 0 || len(tail)-at < zipEndLen {
		return nil, nil
	}
	end := tail[at:]
	count, length, offset := int(binary.LittleEndian.Uint16(end[10:])), int64(binary.LittleEndian.Uint32(end[12:])), int64(binary.LittleEndian.Uint32(end[16:]))
	if count > maxZipEntries || length > maxZipDirectory || offset+length > size {
		return nil, nil
	}
	directory := make([]byte, length)
	if _, err := r.ReadAt(directory, offset); err != nil && err != io.EOF {
		return nil, fmt.Errorf("read the directory of a file: %w", err)
	}
	names := make([]string, 0, count)
	for range count {
		if len(directory) < zipEntryLen || string(directory[:4]) != zipEntry {
			return nil, nil
		}
		name := int(binary.LittleEndian.Uint16(directory[28:]))
		whole := zipEntryLen + name + int(binary.LittleEndian.Uint16(directory[30:])) + int(binary.LittleEndian.Uint16(directory[32:]))
		if whole > len(directory) {
			return nil, nil
		}
		names = append(names, string(directory[zipEntryLen:zipEntryLen+name]))
		directory = directory[whole:]
	}
	return names, nil
}

// maxFileName is how long a file's name can be, in characters; longer ones are cut before their ending.
const maxFileName = 120

// cleanFileName makes of what a sender calls a file a name without folders, control characters and what turns
// the direction of text, with an ending of its type. It never fails: the name decides nothing.
func cleanFileName(name string, t FileType) string {
	name = strings.ToValidUTF8(name, "")
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || unicode.Is(unicode.Zl, c) || unicode.Is(unicode.Zp, c) {
			return -1
		}
		return c
	}, name)
	name = strings.Join(strings.Fields(name), " ")
	ending := strings.ToLower(path.Ext(name))
	if !slices.Contains(t.Endings, ending) {
		ending = t.Endings[0]
	} else {
		name = name[:len(name)-len(ending)]
	}
	name = strings.Trim(name, " .")
	if runes := []rune(name); len(runes) > maxFileName-len(ending) {
		name = strings.TrimRight(string(runes[:maxFileName-len(ending)]), " .")
	}
	if name == "" {
		name = "attachment"
	}
	return name + ending
}
