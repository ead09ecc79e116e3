package api

func (s *Server) todoRoutes() {
}
