package programme

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// Value implements driver.Valuer: a JSON array.
func (l List) Value() (driver.Value, error) {
	if l == nil {
		return "[]", nil
	}
	text, err := json.Marshal([]string(l))
	return string(text), err
}

// Scan implements sql.Scanner.
func (l *List) Scan(src any) error {
	*l = List{}
	return scanJSON(src, (*[]string)(l))
}

// Value implements driver.Valuer: a JSON object.
func (l Levels) Value() (driver.Value, error) {
	if l == nil {
		return "{}", nil
	}
	text, err := json.Marshal(map[string]int(l))
	return string(text), err
}

// Scan implements sql.Scanner.
func (l *Levels) Scan(src any) error {
	*l = Levels{}
	return scanJSON(src, (*map[string]int)(l))
}

// scanJSON reads a column of JSON; an empty one leaves what into holds.
func scanJSON(src, into any) error {
	var text []byte
	switch s := src.(type) {
	case nil:
	case string:
		text = []byte(s)
	case []byte:
		text = s
	default:
		return fmt.Errorf("a column of JSON that is %T", src)
	}
	if len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, into)
}
