package apptest

import (
	"errors"
	"testing"

	"github.com/fieldreel/fieldreel/app/internal/fault"
)

// WantCode reports an error that is not the fault of this code in this field; field is empty for a fault in none.
func WantCode(t testing.TB, err error, code, field string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != code {
		t.Errorf("error %v, want %s", err, code)
		return
	}
	if f.Field != field {
		t.Errorf("%s in field %q, want %q", code, f.Field, field)
	}
}
