package api_test

func enrolmentRules() []rule { return nil }
