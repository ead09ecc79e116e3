package api

import (
	_ "embed" // the API reference's page
)

var (
	//go:embed docs/docs.html
	docsHTML []byte
	//go:embed docs/docs.js
	docsJS []byte
	//go:embed docs/docs.css
	docsCSS []byte
)

// routes is the table of contents of the API; each file registers its own part.
func (s *Server) routes() {
	s.healthRoutes()
	s.peopleRoutes()
	s.uploadRoutes()
	s.videoRoutes()
	s.mediaRoutes()
	s.vocabularyRoutes()
	s.momentRoutes()
	s.watchRoutes()
	s.askRoutes()
	s.homeRoutes()
	s.dealRoutes()
	s.insightRoutes()
	s.noticeRoutes()
	s.eventRoutes()
	s.rubricRoutes()
	s.programmeRoutes()
	s.enrolmentRoutes()
	s.reviewRoutes()
	s.disputeRoutes()
	s.calibrationRoutes()
	s.certificateRoutes()
	s.coachingRoutes()
	s.promotionRoutes()
	s.reminderRoutes()
	s.pushRoutes()
	s.todoRoutes()
	s.pageRoutes()
}
