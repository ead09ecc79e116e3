package api

func (s *Server) certificateRoutes() {
}
