package search

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/fieldreel/fieldreel/search/passage"
)

// ErrInvalid says that a video or a query cannot be what the caller meant. The text says why and is safe to show.
var ErrInvalid = errors.New("search: invalid")

// The sizes above which a video is refused. They are far beyond an hour of speech and exist so that one wrong record
// cannot fill the disk.
const (
	maxIDBytes  = 200
	maxPassages = 50_000
	maxText     = 1 << 20
	// maxLabelBytes is how much of a label is compared.
	maxLabelBytes = 200
)

// Video is everything that search knows of a published video. Replacing a video replaces all of it.
type Video struct {
	// ID is opaque: 1 to 200 bytes without a zero byte.
	ID string
	// Version orders the states of one video: a state with a lower version than the indexed one is ignored, so that
	// upkeep jobs may run late or twice.
	Version int64

	Title       string
	Description string
	AuthorID    string
	AuthorName  string
	// Language is a BCP 47 tag and only returned, not searched.
	Language    string
	PublishedAt time.Time

	Tags []string
	// Tactics are the values a query filters by; their words can be found as well.
	Tactics   []string
	Situation Facets

	// Audience holds the opaque keys of those who may see the video ("everyone", "team:…"). A video without a key is
	// found by nobody.
	Audience []string

	// Passages is the transcript; empty where there is none. The video can then be found by its title, description,
	// author and labels.
	Passages []passage.Passage
}

// Facets describe a situation: what a video is about, or what an asker faces. Each holds any number of values; case and
// outer spaces do not count.
type Facets struct {
	Objection  []string
	Competitor []string
	Stage      []string
	Industry   []string
	Persona    []string
	Product    []string
}

// facetCount is the number of facets.
const facetCount = 6

// facetWeights are the shares of the facets in the facet score (reference: section 5 of the ranking notes; priors, not
// fitted). The order is that of facetFields.
var facetWeights = [facetCount]float64{.4, .25, .15, .1, .05, .05}

// facetKinds names the facets in the index and in reasons, in the order of their weight.
var facetKinds = [facetCount]ReasonKind{
	ReasonObjection, ReasonCompetitor, ReasonStage, ReasonIndustry, ReasonPersona, ReasonProduct,
}

// values returns the facets in the order of facetKinds.
func (f Facets) values() [facetCount][]string {
	return [facetCount][]string{f.Objection, f.Competitor, f.Stage, f.Industry, f.Persona, f.Product}
}

// Empty reports whether no facet has a value.
func (f Facets) Empty() bool {
	for _, values := range f.values() {
		if len(normalAll(values)) > 0 {
			return false
		}
	}
	return true
}

// normal is the form in which labels are compared.
func normal(label string) string {
	return clip(strings.ToLower(strings.TrimSpace(clean(label))), maxLabelBytes)
}

// normalAll returns the distinct labels in the form in which they are compared, in order, without empty ones.
func normalAll(labels []string) []string {
	var out []string
	seen := make(map[string]bool, len(labels))
	for _, l := range labels {
		if l = normal(l); l != "" && !seen[l] {
			seen[l] = true
			out = append(out, l)
		}
	}
	return out
}

// check refuses what cannot be indexed.
func (v *Video) check() error {
	if err := checkID(v.ID); err != nil {
		return err
	}
	if len(v.Passages) > maxPassages {
		return fmt.Errorf("%w: video %s has %d passages, more than %d", ErrInvalid, v.ID, len(v.Passages), maxPassages)
	}
	size := len(v.Title) + len(v.Description) + len(v.AuthorName)
	for _, p := range v.Passages {
		if len(p.Text) > maxText {
			return fmt.Errorf("%w: video %s has a passage of %d bytes, more than %d", ErrInvalid, v.ID, len(p.Text), maxText)
		}
	}
	if size > maxText {
		return fmt.Errorf("%w: title and description of video %s have %d bytes, more than %d", ErrInvalid, v.ID, size, maxText)
	}
	return nil
}

func checkID(id string) error {
	if id == "" || len(id) > maxIDBytes || strings.ContainsRune(id, 0) {
		return fmt.Errorf("%w: a video's id has 1 to %d bytes and no zero byte", ErrInvalid, maxIDBytes)
	}
	return nil
}

// headerText is what the header document is found by.
func (v *Video) headerText() string {
	parts := []string{v.Title, v.AuthorName}
	parts = append(parts, v.Tags...)
	parts = append(parts, v.Tactics...)
	for _, values := range v.Situation.values() {
		parts = append(parts, values...)
	}
	return strings.Join(append(parts, v.Description), "\n")
}
