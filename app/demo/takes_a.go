package demo

// foundingTakes are the takes with which the company began, each on one tactic. The watch history is built
// upon them: see exposure.
func foundingTakes() []take {
	return []take{
		{
			key: "cost-of-delay", author: "nadia", days: 424, pull: 0.95, use: 0.62,
			title: "What every month of waiting costs", tactics: []string{anchor},
			about: "The customer likes it and wants to decide next year.",
			where: situation{stage: "Closing", objection: "Timing", persona: "Operations", industry: "Utilities", product: "Dispatch"},
			said: `They liked everything, and then they said, let us talk again next year. So I asked for the number of late visits per month. It was about ninety. Each one costs them forty euros in penalties. ` +
				`Then I said it plainly. Every month you wait costs three thousand six hundred euros. The cost of delay is bigger than our price. I wrote that one number on the board and I stopped talking. ` +
				`Ten seconds later he asked how fast we could start. Anchor on the cost of waiting, not on the discount.`,
		},
		{
			key: "customer-story", author: "ravi", days: 422, pull: 0.9, use: 0.4,
			title: "Tell the story of one customer", tactics: []string{story},
			about: "A first meeting with people who have heard every vendor's promises.",
			where: situation{stage: "Discovery", objection: "Trust", persona: "CEO", industry: "Facility services", product: "Dispatch"},
			said: `When they do not trust the promise, I tell the story of another customer. One company, one person, one bad Monday. She had forty technicians and two planners, and the phone never stopped. ` +
				`I say what she tried first, and that it did not work. Then I say what changed after six weeks. The planners go home at five. ` +
				`I finish with a question. Does any of that sound like your Monday? A customer story works when it has a name, a problem and an ending.`,
		},
		{
			key: "half-the-price", author: "jonas", days: 420, pull: 0.95, use: 0.55,
			title: "They say Northwind is half the price", tactics: []string{totalCost},
			about: "The buyer holds Northwind's quote against ours.",
			where: situation{stage: "Negotiation", objection: "Price", persona: "Procurement", competitor: "Northwind", product: "Dispatch"},
			said: `They told me, Northwind is half the price. I did not defend our number. I said, let us look at the total cost over three years, because the price is only one line of it. ` +
				`Then we listed the hidden costs together. Setup is extra. The mobile app is extra. Support after six in the evening is extra. ` +
				`When we added it up, the difference was less than ten percent. After that, we talked about the planners again, and not about the price. Do the sum with them, on their paper, in their handwriting.`,
		},
		{
			key: "put-a-number", author: "priya", days: 418, pull: 0.85, use: 0.42,
			title: "Put a number on the pain", tactics: []string{quantify},
			about: "They complain, but nobody has counted.",
			where: situation{stage: "Discovery", objection: "Status quo", persona: "Operations", industry: "Heating and cooling", product: "Dispatch"},
			said: `She said, planning is a bit of a mess. That is not a problem you can sell to. So I asked, how many hours do your planners spend each week moving jobs by hand? She thought about it. Thirty hours. ` +
				`And how much time do the technicians wait in the van? Another sixty. Let her put a number on it herself. Do not say it for her. ` +
				`At the end she did the sum and whispered, that is two full salaries. From then on it was her number, and she used it with her boss.`,
		},
		{
			key: "mutual-plan", author: "amina", days: 416, pull: 0.8, use: 0.36,
			title: "Write the plan together", tactics: []string{mutualPlan},
			about: "A verbal yes, and no date.",
			where: situation{stage: "Closing", objection: "Timing", persona: "Operations", industry: "Telecoms", product: "Dispatch"},
			said: `A yes without a date is a maybe. So when he said yes, I asked, when do you want the first crew to use it? He said, the first of March. ` +
				`Then let us work back from that day. Two weeks of training. One week for the data. Legal needs ten days. That means the signature is on the twentieth of January. ` +
				`We wrote it down as a mutual plan, with his name on half of the steps. Two of those steps slipped, and both times he called me. That is the sign that it is his plan too.`,
		},
		{
			key: "who-signs", author: "felix", days: 414, pull: 0.75, use: 0.33,
			title: "Ask who signs, early", tactics: []string{multiThread},
			about: "One friendly contact, and nobody else in sight.",
			where: situation{stage: "Qualification", objection: "Authority", persona: "CFO", industry: "Medical devices", product: "Forecast"},
			said: `I lost two deals last year because I had one friend inside and nobody else. Now I ask in the second call. When a project like this goes through, who signs? And which other stakeholders will be asked for an opinion? ` +
				`He said, our finance director, of course. Good. Then I would like to bring in your finance director before the proposal, not after it. ` +
				`I offer to write the invitation for him, three lines. The economic buyer came to the next meeting, and asked the best questions of all.`,
		},
		{
			key: "that-is-why", author: "sofia", days: 412, pull: 0.8, use: 0.38,
			title: "That is exactly why", tactics: []string{reframe},
			about: "We have no time for a new system.",
			where: situation{stage: "Prospecting", objection: "Effort", persona: "Operations", industry: "Facility services", product: "Crew App"},
			said: `He said, we are so busy, we have no time for a new system. I said, I understand. And that is exactly why I am calling you now, and not in the quiet season. ` +
				`The real question is how much longer you want to be this busy. There is another way to look at it. A new system is four days of work, once. The way you work now is four days of extra work every month. ` +
				`Then be quiet. Let him count it. He said, all right, show me those four days.`,
		},
		{
			key: "start-small", author: "hanna", days: 410, pull: 0.78, use: 0.35,
			title: "Start small, with an end date", tactics: []string{smallStep},
			about: "The whole company at once is too big a risk for them.",
			where: situation{stage: "Proposal", objection: "Trust", persona: "CIO or IT", industry: "Utilities", product: "Dispatch"},
			said: `They wanted it, and they were afraid of it. Two hundred technicians at once is a big step. So I said, start small. One depot, twelve people, six weeks. ` +
				`A pilot needs three things. One success measure, and it is theirs. One end date, and it is in the calendar. And one decision, what will happen if it works. ` +
				`Without the decision, a pilot is only a free trial. They chose fewer second visits as the measure. After five weeks they asked for the second depot.`,
		},
		{
			key: "implication", author: "kofi", days: 408, pull: 0.74, use: 0.32,
			title: "And what happens if nothing changes?", tactics: []string{implication},
			about: "The problem is known, but not felt.",
			where: situation{stage: "Discovery", objection: "Status quo", persona: "CEO", industry: "Elevators", product: "Dispatch"},
			said: `Everybody has problems. Few people feel them. So after every problem I ask one more question. And what happens if that stays like this for another year? ` +
				`He said, well, we lose a planner. And what does that mean for the weekend shifts? He said, I would have to do them myself. You could hear it in his voice. ` +
				`Follow the knock on effect until it reaches the person in front of you. Three questions are enough. Then stop, and write down his exact words.`,
		},
		{
			key: "test-the-champion", author: "yara", days: 406, pull: 0.7, use: 0.3,
			title: "Is she really a champion?", tactics: []string{champion},
			about: "A friendly contact who promises much.",
			where: situation{stage: "Qualification", objection: "Authority", persona: "Operations", industry: "Telecoms", product: "Dispatch"},
			said: `A friendly contact is not a champion. I test it with one small request. Would you be willing to introduce me to your head of service this week? ` +
				`If she says, send me a document and I will pass it on, she is a friend. If she opens her calendar, she is a champion. ` +
				`So I asked, who else needs to believe in this? She named three people and said, I will bring them on Thursday. That was the moment when I put the deal into the forecast, and not one day earlier.`,
		},
	}
}
