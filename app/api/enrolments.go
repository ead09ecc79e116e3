package api

func (s *Server) enrolmentRoutes() {
}
