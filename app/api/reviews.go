package api

func (s *Server) reviewRoutes() {
}
