package csvfile_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/fieldreel/fieldreel/app/outcome/csvfile"
)

func TestMapping(t *testing.T) {
	const text = "Ref;Wer;Wann;Was;Wie viel\n1;Ann;2025-01-02;won;12,50\n"
	_, err := csvfile.Open(strings.NewReader(text), csvfile.Options{})
	var ask *csvfile.NeedsMapping
	if !errors.As(err, &ask) {
		t.Fatalf("got %v", err)
	}
	if want := []csvfile.Field{"external_id", "owner", "opened_at", "status"}; ask.Preset != csvfile.PresetPlain || !slices.Equal(ask.Missing, want) {
		t.Errorf("%+v", ask)
	}
	mapping := map[csvfile.Field]string{"external_id": "Ref", "owner": "WER", "opened_at": "Wann", "status": "Was", "amount": "Wie viel"}
	deals, f := read(t, text, csvfile.Options{Mapping: mapping})
	if len(deals) != 1 || *deals[0].AmountMicros != 12_500_000 || deals[0].Status != csvfile.StatusWon || f.Report().Delimiter != ";" {
		t.Errorf("%+v", deals)
	}
	// A column that is not there is asked for again.
	wrong := maps.Clone(mapping)
	wrong["segment"] = "Nirgends"
	if _, err := csvfile.Open(strings.NewReader(text), csvfile.Options{Mapping: wrong}); !errors.As(err, &ask) || !slices.Equal(ask.Missing, []csvfile.Field{"segment"}) {
		t.Errorf("got %v", err)
	}
	// The person's choice goes before the preset's, and "" takes a column away.
	deals, _ = read(t, "id,code,name,owner,stage,opened_at\n1,X7,n,o,s,2025-01-02\n", csvfile.Options{Mapping: map[csvfile.Field]string{"external_id": "code", "name": ""}})
	if len(deals) != 1 || deals[0].ExternalID != "X7" || deals[0].Name != "" || deals[0].Extra["id"] != "1" || deals[0].Extra["name"] != "n" {
		t.Errorf("%+v", deals)
	}
	// Suggestions for columns whose name tells something.
	_, err = csvfile.Open(strings.NewReader("Deal number,Sales person mail,Date of creation,Outcome status\n1,a@b.c,2025-01-01,won\n"), csvfile.Options{})
	if !errors.As(err, &ask) || ask.Suggestions["external_id"] != "Deal number" || ask.Suggestions["owner"] != "Sales person mail" || ask.Suggestions["status"] != "Outcome status" {
		t.Errorf("%v %+v", err, ask)
	}
}

// Headers are keys of every deal, so they are short, and two thousand equal ones
// stay cheap.
func TestOddHeaders(t *testing.T) {
	long := strings.Repeat("é", 5000)
	deals, f := read(t, "\"id\",owner,\u00a0Stage\u00a0,OPENED AT,"+long+strings.Repeat(",Same", 1500)+"\n1,o,s,2025-01-01,x,a,b\n", csvfile.Options{})
	want := map[string]string{strings.Repeat("é", 100): "x", "Same": "a", "Same (2)": "b"}
	if len(deals) != 1 || !maps.Equal(deals[0].Extra, want) {
		t.Errorf("%+v", deals)
	}
	if n := len(f.Report().Unmapped); n != 1501 {
		t.Errorf("%d unmapped columns", n)
	}
}
