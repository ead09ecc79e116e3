package demo

import (
	"github.com/fieldreel/fieldreel/app/programme"
	"github.com/fieldreel/fieldreel/app/review"
	"github.com/fieldreel/fieldreel/app/rubric"
	"github.com/fieldreel/fieldreel/app/rubric/score"
)

// course is a programme of the company, and what its people made of it.
type course struct {
	// key names the course in ids and steps; it never changes.
	key, name, brief string
	rubric           string
	criteria         []rubric.NewCriterion
	// model is the take that shows how it is done.
	model string
	// opened is how many days ago, due how many days later.
	opened   float64
	due      int
	must     []string
	attempts []try
}

// try is an attempt of somebody's, and what their manager said of it.
type try struct {
	key, person string
	said        string
	// age is when it was submitted, reviewed when the result came, in days ago; it still waits at 0.
	age, reviewed float64
	decision      programme.Decision
	// levels are by the order of the criteria; 0 for one that is not looked at (again).
	levels []int
	// retry are the criteria to try again, by their order.
	retry   []int
	notes   []remark
	message string
	// seen says that the participant has acknowledged it.
	seen bool
}

// remark is a note of a reviewer's at a share of the take.
type remark struct {
	at   float64
	kind review.NoteKind
	text string
}

// criterion gives one with four levels, worth 0, 40, 70 and 100.
func criterion(name, about string, weight int, levels ...string) rubric.NewCriterion {
	c := rubric.NewCriterion{Name: name, Description: about, Weight: weight}
	names, points := []string{"Not shown", "In part", "Solid", "A model for others"}, []int{0, 40, 70, 100}
	for i, text := range levels {
		c.Levels = append(c.Levels, score.Level{Points: points[i], Name: names[i], Description: text})
	}
	return c
}

func courses() []course {
	return []course{priceCourse(), financeCourse()}
}

func priceCourse() course {
	return course{
		key: "price", name: "Half the price", opened: 24, due: 30, model: "half-the-price", must: []string{"cost"},
		brief:  "The customer says: Northwind is half your price. You have one minute on the phone. Do not defend the number: find out what waiting costs them, and end with a day.",
		rubric: "Price conversation", criteria: []rubric.NewCriterion{
			criterion("Takes the sentence seriously", "What is said right after “half the price”.", 1,
				"Argues against the number at once.", "Repeats the number and goes on with the product.", "Says in one sentence that the difference is real.", "Says so, and asks what they compare."),
			criterion("Cost of waiting", "What leaving things as they are costs this customer.", 2,
				"No cost of waiting is named.", "Names it without a number.", "Names one number for a month.", "Has the customer say the number."),
			criterion("Proof", "Why one should believe it.", 1,
				"No example.", "An example without its outcome.", "One customer with a number.", "One customer of their industry, before and after."),
			criterion("Next step", "What happens next.", 1,
				"Ends without a next step.", "Proposes to talk again, without a day.", "Proposes one step with a day.", "One step, a day, who comes, and asks for a yes."),
		},
		attempts: []try{
			{key: "nadia", person: "nadia", age: 20, reviewed: 19.2, decision: programme.Pass, levels: []int{3, 4, 3, 4}, seen: true,
				said: `Half the price, yes, that is a real difference. What are you comparing, the licence or the year? Tell me, what does one late visit cost you today? Ninety euros, so twenty a week is seven thousand a month. ` +
					`A heating company of your size had the same and was down to three a week by spring. Let us look at your list on Tuesday at ten, with your planner. Does that work?`,
				notes:   []remark{{0.3, review.Good, "You ask, and then you wait. They say the number themselves."}, {0.85, review.Good, "Tuesday, ten, and who comes."}},
				message: "Passed. This is how I want all of us to end a call."},
			{key: "jonas-1", person: "jonas", age: 18, reviewed: 17.5, decision: programme.TryAgain, levels: []int{4, 3, 3, 2}, retry: []int{3}, seen: true,
				said: `They are cheaper, no question. What is in their price, and what is not? A month of late visits costs a company like yours about six thousand. ` +
					`One customer in elevators halved that in ten weeks. So let us talk again soon, and I will send you something.`,
				notes:   []remark{{0.9, review.Work, "Soon is not a day."}},
				message: "Three of four are there. Please try the end again: one step and a day."},
			{key: "jonas-2", person: "jonas", age: 12, reviewed: 11.3, decision: programme.Pass, levels: []int{0, 0, 0, 3}, seen: true,
				said: `They are cheaper, no question. What is in their price, and what is not? A month of late visits costs a company like yours about six thousand. ` +
					`One customer in elevators halved that in ten weeks. Shall we look at your last ten visits together, on Thursday at nine?`,
				notes:   []remark{{0.88, review.Good, "There it is."}},
				message: "Passed."},
			{key: "rita", person: "rita", age: 3.2, reviewed: 0.9, decision: programme.TryAgain, levels: []int{3, 3, 1, 3}, retry: []int{2},
				said: `I hear that Northwind is half of ours. On the first page it is. What does it cost you when a technician comes a day late? Eighty euros and a phone call, and that fifteen times a week. ` +
					`That is almost five thousand a month while you wait. Can we sit down on Monday at two and do this sum with your own numbers?`,
				notes: []remark{{0.35, review.Good, "The eighty euros come from them: very good."}, {0.6, review.Work, "Here one sentence about a customer is missing. Who did this, and what came of it?"},
					{0.9, review.Question, "Who else should sit at that table?"}},
				message: "Nearly. Everything but the proof is there: give me one customer and one number, and it is a pass."},
			{key: "sam", person: "sam", age: 0.9,
				said: `Half the price sounds good, and I would look at it, too. What happens on the days when the plan falls apart, who pays for those? We had a customer in telecoms who counted it, and it was forty hours a week. ` +
					`If you like, I come by on Wednesday and we count yours.`},
		},
	}
}

func financeCourse() course {
	return course{
		key: "finance", name: "First minute with a finance director", opened: 12, due: 10, model: "cfo-opening",
		brief:  "You have a finance director on the line, and sixty seconds. Begin with their figure and not with our product. End with one question that they can answer.",
		rubric: "First minute", criteria: []rubric.NewCriterion{
			criterion("Their figure first", "What the first sentence is about.", 2,
				"Begins with Halyard or the product.", "Begins with the industry.", "Begins with a figure of their company.", "Begins with their figure, and where it stands."),
			criterion("Plain words", "Whether a finance director follows without a glossary.", 1,
				"Three or more words of ours that are not explained.", "One or two such words.", "None.", "None, and one comparison from their own work."),
			criterion("One question", "How the minute ends.", 1,
				"Ends with a statement.", "Ends with a question to which everybody says yes.", "Ends with a question about their figure.", "Ends with a question, and is quiet after it."),
		},
		attempts: []try{
			{key: "rita", person: "rita", age: 8, reviewed: 7.1, decision: programme.Pass, levels: []int{4, 3, 3}, seen: true,
				said: `Your annual report says that overtime grew by eleven percent, and that you want it back to the level of two years ago. It is on page nineteen. ` +
					`Most of that is driving, not working. A company like yours found a third of it in six weeks. Which part of the overtime do you already know the reason for?`,
				notes:   []remark{{0.1, review.Good, "Page nineteen. Perfect."}},
				message: "Passed. They will not forget that you read it."},
			{key: "elena", person: "elena", age: 2.1,
				said: `In your last quarter the field service cost four percent more, and the number of visits was the same. So each visit became more expensive, and nobody decided that. ` +
					`I would like to know one thing. If you could see tomorrow why, what would you look at first?`},
		},
	}
}
