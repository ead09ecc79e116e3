package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// maxDepth bounds how deep a JSON body may nest.
const maxDepth = 20

// strictJSON reads JSON without its two silent traps: a key that stands twice (of which readers pick
// different ones) and text after the value. Unknown keys are refused by the schema, and so are known ones
// in other letters (see Build): Go would take them, past the rules of the schema.
func strictJSON() huma.Format {
	return huma.Format{
		Marshal: func(w io.Writer, v any) error {
			enc := json.NewEncoder(w)
			enc.SetEscapeHTML(false)
			return enc.Encode(v)
		},
		Unmarshal: func(data []byte, v any) error {
			if err := checkJSON(data); err != nil {
				return err
			}
			err := json.Unmarshal(data, v)
			var unfit *json.UnmarshalTypeError
			if errors.As(err, &unfit) { // what no schema finds, such as 1e30 for a whole number; its own words name our types
				return fmt.Errorf("the value of %s does not fit here", strings.TrimLeft(unfit.Field, "."))
			}
			return err
		},
	}
}

var (
	errTrailing = errors.New("there is text after the JSON value")
	errCutOff   = errors.New("the JSON ends too early")
)

func checkJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := checkValue(dec, 0); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errCutOff
	} else if err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errTrailing
	}
	return nil
}

func checkValue(dec *json.Decoder, depth int) error {
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	delim, ok := tok.(json.Delim)
	if !ok {
		return nil
	}
	if depth >= maxDepth {
		return fmt.Errorf("nested deeper than %d", maxDepth)
	}
	seen := map[string]bool{}
	for dec.More() {
		if delim == '{' {
			key, err := dec.Token()
			if err != nil {
				return err
			}
			k, _ := key.(string) // keys of objects are strings
			if seen[k] {
				return fmt.Errorf("the key %q stands twice", k)
			}
			seen[k] = true
		}
		if err := checkValue(dec, depth+1); err != nil {
			return err
		}
	}
	_, err = dec.Token() // the closing bracket
	return err
}
