package models_test

import (
	"testing"

	"github.com/fieldreel/fieldreel/speech/models"
	"github.com/fieldreel/fieldreel/speech/speechtest"
)

// TestInstalledModelIsRight checks the machine's own folder against the table,
// which proves that the pinned digests are those of the published files.
func TestInstalledModelIsRight(t *testing.T) {
	if err := models.Verify(speechtest.ModelsDir(t)); err != nil {
		t.Fatal(err)
	}
}
