package moonshine

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Tokens of the decoder with a meaning of their own.
const (
	tokenStart = 1
	tokenEnd   = 2
	// vocabularySize is the number of pieces in the file; the decoder's ids
	// beyond are special and print nothing.
	vocabularySize = 32_000
)

// wordMark begins a piece that starts a new word (SentencePiece's U+2581).
const wordMark = "▁"

// piece is what one token writes.
type piece struct {
	text  string // raw bytes; a character may come in several pieces
	start bool   // a new word begins here
}

// readPieces reads the vocabulary out of llama-tokenizer.js, where it stands as
// one base64 literal of lines.
func readPieces(path string) ([]piece, error) {
	source, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the vocabulary: %w", err)
	}
	_, rest, found := bytes.Cut(source, []byte(`llama_vocab_base64 = "`))
	literal, _, closed := bytes.Cut(rest, []byte(`"`))
	if !found || !closed {
		return nil, errors.New("read the vocabulary: no word pieces in the file")
	}
	decoded, err := base64.StdEncoding.DecodeString(string(literal))
	if err != nil {
		return nil, fmt.Errorf("read the vocabulary: %w", err)
	}
	lines := strings.Split(string(decoded), "\n")
	if len(lines) != vocabularySize {
		return nil, fmt.Errorf("read the vocabulary: %d pieces instead of %d", len(lines), vocabularySize)
	}
	pieces := make([]piece, len(lines))
	for i, line := range lines {
		pieces[i] = parsePiece(line)
	}
	for id := range tokenEnd + 1 { // <unk>, <s> and </s> print nothing
		pieces[id] = piece{}
	}
	return pieces, nil
}

func parsePiece(line string) piece {
	if len(line) == 6 && strings.HasPrefix(line, "<0x") && line[5] == '>' {
		if b, err := strconv.ParseUint(line[3:5], 16, 8); err == nil {
			return piece{text: string([]byte{byte(b)})}
		}
	}
	text, start := strings.CutPrefix(line, wordMark)
	return piece{text: strings.ReplaceAll(text, wordMark, ""), start: start}
}
