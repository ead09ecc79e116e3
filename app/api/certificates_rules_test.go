package api_test

func certificateRules() []rule { return nil }
