package api

func (s *Server) disputeRoutes() {
}
