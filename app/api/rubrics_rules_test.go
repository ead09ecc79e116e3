package api_test

func rubricRules() []rule { return nil }
