package api_test

func reminderRules() []rule { return nil }
