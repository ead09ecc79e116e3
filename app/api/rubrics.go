package api

func (s *Server) rubricRoutes() {
}
