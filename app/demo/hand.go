package demo

// What is written by hand, so that whoever signs in finds something to do.

// unfinished is what people began to watch and did not end, by person and take: the share they saw.
func unfinished() map[string]float64 {
	return map[string]float64{
		"rita north-renewal": 0.42, "rita sam-mutual": 0.33, "rita elena-finance": 0.55,
		"marco rita-security": 0.4,
	}
}

func useWords() []string {
	return []string{"", "", "", "", "Said it nearly word for word.", "Worked better than I expected.", "They went quiet, then they asked for a date.", "Needed two attempts.",
		"Changed the number, kept the pause.", "It moved the meeting to next week.", "They laughed, and then they agreed."}
}

func shareWords() []string {
	return []string{"", "For your call on Thursday.", "This is what I meant in the meeting.", "Listen to the second half.", "Might help with the harbour people.", "Worth thirty seconds."}
}

// allByHand gives the acts that are not left to chance.
func allByHand() []act {
	return []act{
		{kind: shared, take: "half-the-price", person: "jonas", to: "rita", age: 1.6, moment: 0.4, text: "You meet procurement tomorrow: this is the part with the sheet of paper."},
		{kind: shared, take: "cfo-opening", person: "marco", to: "rita", age: 0.8, moment: 0.2, text: "For Thursday. Open with their figure, not with ours."},
		{kind: shared, take: "delay-in-weeks", person: "nadia", to: "rita", age: 2.4, moment: 0.5, text: "The vans. It works every time."},
		{kind: shared, take: "rita-security", person: "rita", to: "marco", age: 5.2, moment: 0.3, text: "Is this too detailed for a works council?"},
		{kind: shared, take: "rita-half-price", person: "rita", to: "tara", age: 0.6, moment: 0.5, text: "My version of Jonas's take. May it go into the library?"},
		{kind: saved, take: "half-the-price", person: "rita", age: 1.5, moment: 0.45},
		{kind: saved, take: "cfo-opening", person: "rita", age: 0.7, moment: 0.3},
		{kind: saved, take: "cost-of-delay", person: "rita", age: 12, moment: 0.6},
		{kind: saved, take: "spreadsheet", person: "rita", age: 30, moment: 0.5},
		{kind: saved, take: "discount-trap", person: "rita", age: 8, moment: 0.5},
	}
}

// byHand gives those on a take.
func byHand(key string) []act {
	var out []act
	for _, a := range allByHand() {
		if a.take == key {
			a.id = "demo-" + string(a.kind) + "-hand-" + a.take + "-" + a.person
			out = append(out, a)
		}
	}
	return out
}

// note is a note at a share of a take's length, with what somebody answered.
type note struct {
	take, person string
	at, age      float64
	text         string
	answers      []answer
}

type answer struct {
	person string
	age    float64
	text   string
}

func notes() []note {
	return []note{
		{"half-the-price", "marco", 0.12, 418, "Not defending the number: this is the whole trick.", []answer{{"jonas", 417.6, "It took me three years to learn it."}}},
		{"half-the-price", "rita", 0.62, 1.5, "Do you really let them write it down themselves?", []answer{{"jonas", 1.2, "Always. I only hold the paper."}, {"rita", 1.1, "I will try that tomorrow."}}},
		{"cost-of-delay", "tara", 0.7, 400, "The ten seconds of silence belong to the tactic. Please keep them.", nil},
		{"cost-of-delay", "hanna", 0.45, 350, "Forty euros in penalties: where do you find that figure?", []answer{{"nadia", 349.5, "It is in their service contract, on the last page."}}},
		{"customer-story", "greta", 0.3, 415, "Name, Monday, forty technicians. You see it before you.", nil},
		{"put-a-number", "marco", 0.55, 410, "Good that you wait here.", []answer{{"priya", 409.8, "It was the longest pause of my life."}}},
		{"mutual-plan", "vera", 0.5, 405, "Working back from the day: let us all do it this way.", nil},
		{"delay-in-weeks", "jonas", 0.4, 190, "The vans in the window. Wonderful.", []answer{{"nadia", 189.5, "Pure luck that the window was there."}}},
		{"rita-budget", "marco", 0.2, 73, "Strong question: who pays for the second visits?", []answer{{"rita", 72.6, "Thank you. It is Sofia's, with another first word."}}},
		{"rita-budget", "marco", 0.75, 73, "Here you could be quiet for three seconds longer.", nil},
		{"rita-security", "marco", 0.35, 12, "Line by line is good. Can you do it in half the time?", []answer{{"rita", 11.5, "I will try it without the list of dates."}}},
		{"rita-half-price", "jonas", 0.5, 0.7, "You did the sum with them. That is it.", []answer{{"rita", 0.5, "I still talk too fast at the start."}}},
		{"line-lost-deal", "marco", 0.6, 95, "Thank you for the honesty. Let us talk about the committee on Monday.", []answer{{"sam", 94.8, "I will bring the names."}}},
		{"north-renewal", "tara", 0.5, 15, "Fifty hours a month: may I put this moment into the renewal lesson?", []answer{{"nadia", 14.6, "Yes, gladly."}}},
		{"priya-numbers", "elena", 0.3, 7, "A wrong number with a smile. I used it this morning.", nil},
		{"security-review", "ingrid", 0.4, 300, "Which five questions were these?", []answer{{"mei", 299, "Location, sign on, deletion, logs, and who is called at night."}}},
	}
}

// question is what somebody asks a colleague to record.
type question struct {
	from, to string
	age      float64
	text     string
}

func questions() []question {
	return []question{
		{"hanna", "rita", 1.9, "How do you answer a works council that asks where the data goes? Thirty seconds would help me on Monday."},
		{"marco", "rita", 0.5, "Would you record the first minute with a finance director, as you practised it?"},
		{"sam", "marco", 2.2, "How do you say no to a discount and keep the smile?"},
		{"greta", "marco", 1.1, "What do you do when a rep hides a lost deal from you?"},
		{"vera", "tara", 1.4, "Which three takes should every new colleague watch in their first week?"},
		{"rita", "nadia", 0.8, "What do you say when the number of late visits is a secret?"},
		{"rita", "jonas", 3.0, "How long do you wait after the first question?"},
	}
}

// follows says who follows whom: what Rita and the managers see first, and a few of everybody else.
func follows(p *plan) [][2]string {
	out := [][2]string{{"rita", "nadia"}, {"rita", "jonas"}, {"rita", "priya"}, {"rita", "ravi"}, {"rita", "sofia"}, {"marco", "rita"}, {"marco", "nadia"},
		{"tara", "nadia"}, {"tara", "jonas"}, {"tara", "ravi"}, {"tara", "amina"}}
	for _, m := range p.cast[1:reps] {
		c := chanceOf("follow", m.key)
		for _, to := range []string{"nadia", "jonas", "ravi", "priya", "hanna", "felix"} {
			if to != m.key && c.happens(0.45) {
				out = append(out, [2]string{m.key, to})
			}
		}
	}
	return out
}
