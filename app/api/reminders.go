package api

func (s *Server) reminderRoutes() {
}
