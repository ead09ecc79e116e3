package api

func (s *Server) programmeRoutes() {
}
