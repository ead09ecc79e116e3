package apptest

import (
	"errors"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/fault"
)

// WantCode reports an error that is not the fault of this code, and where field is given, which is empty for a
// fault in no field, one that stands elsewhere.
func WantCode(t testing.TB, err error, code string, field ...string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != code {
		t.Errorf("error %v, want %s", err, code)
		return
	}
	if len(field) > 0 && f.Field != field[0] {
		t.Errorf("%s in field %q, want %q", code, f.Field, field[0])
	}
}
