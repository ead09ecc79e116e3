package api

func (s *Server) calibrationRoutes() {
}
