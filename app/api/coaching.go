package api

func (s *Server) coachingRoutes() {
}
