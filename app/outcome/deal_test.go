package outcome_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldreel/fieldreel/app/outcome"
)

func TestKey(t *testing.T) {
	for in, want := range map[string]string{
		"0065g00000AbCdE":    "0065g00000AbCdE",
		"0065g00000AbCdEAAV": "0065g00000AbCdE",    // the checksum is right: a Salesforce id
		"0065g00000AbCdEAAA": "0065g00000AbCdEAAA", // it is not: some other id of 18 characters
		"0065g00000abcdeAAA": "0065g00000abcde",    // no capitals
		"123456789012345678": "123456789012345678",
		"abc":                "abc",
		"":                   "",
	} {
		if got := outcome.Key(" " + in + "\t"); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestDecimal(t *testing.T) {
	for in, want := range map[string]string{"": "", " ": "", "0": "0", "-0": "0", "-0.00": "0", "00012.3400": "12.34", "-1.5": "-1.5", "999999999999.999999": "999999999999.999999", "0.1": "0.1", "100": "100"} {
		if got, err := outcome.Decimal(in); err != nil || got != want {
			t.Errorf("%q: %q, %v, want %q", in, got, err, want)
		}
	}
	for _, in := range []string{".5", "5.", "1,5", "1 000", "1e3", "+1", "--1", "-", "0x10", "NaN", "∞", "١٢", "1.1234567", "1234567890123", "1.2.3", strings.Repeat("9", 1000)} {
		if got, err := outcome.Decimal(in); err == nil {
			t.Errorf("%q was read as %q", in, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringMatching(`-?[0-9]{1,12}(\.[0-9]{1,6})?`).Draw(t, "in")
		once, err := outcome.Decimal(in)
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := outcome.Decimal(once); err != nil || twice != once {
			t.Fatalf("%q gives %q, that %q (%v)", in, once, twice, err)
		}
	})
}
