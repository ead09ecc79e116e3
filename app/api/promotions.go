package api

func (s *Server) promotionRoutes() {
}
