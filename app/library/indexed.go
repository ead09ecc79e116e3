package library

import "github.com/fieldreel/fieldreel/search"

// Indexed says how many videos and moments this node's search index holds.
func (s *Service) Indexed() (search.Counts, error) { return s.index.Count() }
