package api_test

func coachingRules() []rule { return nil }
