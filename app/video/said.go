package video

import "context"

// Said gives the transcript of a video to another domain, whoever asks: who may is decided there. Words that a
// person wrote, or corrected, are as sure as can be. NotFound while there is none.
func (s *Service) Said(ctx context.Context, id string) (Transcript, error) {
	t, err := loadTranscript(s.db.Read(ctx), id)
	if err != nil || t.Source == FromSpeech {
		return t, err
	}
	for _, seg := range t.Segments {
		for i := range seg.Words {
			seg.Words[i].Confidence = 1
		}
	}
	return t, nil
}
