package demo

// recentTakes are the takes of the last three months, oldest first: what is new when one signs in.
func recentTakes() []take {
	return []take{
		{
			key: "rita-budget", author: "rita", days: 74, pull: 0.52, use: 0.24,
			title: "Finding money in another budget", tactics: []string{smallStep, reframe},
			about: "The project is wanted, and the cost centre is empty.",
			where: situation{stage: "Proposal", objection: "No budget", persona: "Operations", industry: "Telecoms", product: "Crew App"},
			said: `He said, my cost centre is empty. I said, I understand, then let us look for the money where the problem is paid for. Who pays for the second visits? Customer service. Who pays for the overtime? Operations. ` +
				`So we split the first step between the two, and each half was below the limit that needs a board. ` +
				`There is another way to look at an empty budget. It only means that the money is somewhere else. Ask who suffers, and you find who can pay.`,
		},
		{
			key: "compare-sheet", author: "luciaf", days: 58, pull: 0.5, use: 0.26,
			title: "Northwind cut their price again", tactics: []string{totalCost, anchor},
			about: "Northwind offers another fifteen percent in the last week.",
			where: situation{stage: "Closing", objection: "Price", persona: "Procurement", competitor: "Northwind", product: "Dispatch"},
			said: `In the last week Northwind cut their price again. Fifteen percent, until Friday. I said, that is a good offer, and please ask them one thing. Why was it not possible a month ago? ` +
				`Then we looked at the total cost again. Fifteen percent of their licence is four thousand. The cost of delay for one month of changing the project is nine. ` +
				`She did not need me for that sum. A late discount is a question about trust. Let the customer ask it.`,
		},
		{
			key: "trade-reference", author: "dario", days: 44, pull: 0.08, use: 0.5,
			title: "A discount for a reference", tactics: []string{trade},
			about: "They want five percent, and we need a name in their industry.",
			where: situation{stage: "Negotiation", objection: "Price", persona: "CEO", industry: "Medical devices", product: "Forecast"},
			said: `He asked for five percent. I never say yes, and I never say no. I say, perhaps, and what can you do for us? We had no name in medical devices. ` +
				`So I said, five percent in exchange for a reference, with your logo, and two calls a year. He thought about it and offered one call. In return I offered three percent. ` +
				`We shook hands on that. If you give something for nothing, they think that there is more. If you trade, they stop asking.`,
		},
		{
			key: "elephant", author: "elena", days: 33, pull: 0.07, use: 0.5,
			title: "Say what they are thinking", tactics: []string{elephant},
			about: "We are the small vendor in the room, and everybody knows it.",
			where: situation{stage: "Demo", objection: "Trust", persona: "CEO", competitor: "Bluepeak", industry: "Utilities"},
			said: `We were the smallest company on their list. I felt it in the room. So I began with it. You may be thinking, will these people still be here in five years? Let me say it before you do. ` +
				`Then I showed three things. Our customers, our cash, and the contract that gives you the source code if we disappear. It took two minutes. ` +
				`After that the elephant was gone, and we could talk about the crews. If you do not name it, you will fight it all day.`,
		},
		{
			key: "voice-mail", author: "beth", days: 25, pull: 0.4, use: 0.14,
			title: "A voice mail that gets an answer", tactics: []string{story},
			about: "Nobody picks up the phone any more.",
			where: situation{stage: "Prospecting", objection: "Timing", persona: "Operations", industry: "Facility services"},
			said: `My voice mails are eleven seconds long. Name, one line of a customer story, and no request. Hello, this is Beth from Halyard. Another customer with eighty technicians just stopped working on Saturdays. I thought of you. ` +
				`And then I hang up. No number, no please call me back. They can see the number. ` +
				`Every fourth one calls, because they want to know how the story ends. It is a little bit like a series on television.`,
		},
		{
			key: "north-renewal", author: "nadia", days: 18, pull: 0.62, use: 0.32,
			title: "Turn a renewal into a start", tactics: []string{anchor, implication},
			about: "A customer wants to renew as it is, and the second depot still works on paper.",
			where: situation{stage: "Renewal", objection: "Status quo", persona: "Operations", industry: "Heating and cooling", product: "Crew App"},
			said: `She wanted to renew exactly as it was. Easy, I could have signed. But the second depot still works on paper. So I asked, what does that mean for the technicians who help out there? They write everything twice. ` +
				`We counted, and each month costs them fifty hours. Every month you wait, I said, you pay for the second depot without having it. ` +
				`She renewed for both. The best time to talk about the next step is when they are happy with the last one.`,
		},
		{
			key: "rita-security", author: "rita", days: 13, pull: 0.45, use: 0.16,
			title: "Where is our data?", tactics: []string{reframe},
			about: "A works council that fears being watched by an app.",
			where: situation{stage: "Demo", objection: "Security", persona: "HR", industry: "Utilities", product: "Crew App"},
			said: `The works council asked, will this app watch our people? That is a fair question. I did not say no. I said, I understand, let me show you what it stores, line by line. Position only during a job, and gone after thirty days. ` +
				`That is exactly why there is a switch for it, and you hold the key. They switched it off in the meeting, and we saw that planning still works. ` +
				`Do not calm people down. Give them the switch.`,
		},
		{
			key: "priya-numbers", author: "priya", days: 9, pull: 0.5, use: 0.2,
			title: "When they refuse to give a number", tactics: []string{quantify, implication},
			about: "They will not say what it costs them.",
			where: situation{stage: "Discovery", objection: "Trust", persona: "CFO", industry: "Elevators", product: "Forecast"},
			said: `Some people never tell you a figure. So I offer a wrong one. I say, in companies of your size it is about ten hours a week. He said, ten? I wish it was ten. So what is it? Twenty five. ` +
				`People love to correct. How much time is that for the whole team? He wrote it down himself. And what would that cost, if you had to buy it? ` +
				`Now we had a number, and it was his. A wrong number with a smile opens more doors than a good question.`,
		},
		{
			key: "sam-mutual", author: "sam", days: 6, pull: 0.4, use: 0.15,
			title: "Two dates, one decision", tactics: []string{mutualPlan},
			about: "The customer cannot decide between spring and autumn.",
			where: situation{stage: "Closing", objection: "Timing", persona: "Operations", industry: "Facility services", product: "Dispatch"},
			said: `Spring or autumn, they asked each other for an hour. I took a pen and wrote two columns. If it is spring, we work back from the first of April, and you need a decision this month. If it is autumn, we lose one summer of overtime. ` +
				`I did not say which one is better. I only wrote down who has to do what, in both columns. ` +
				`A mutual action plan makes the choice visible. They chose spring, because the list was shorter than they had feared.`,
		},
		{
			key: "elena-finance", author: "elena", days: 4, pull: 0.42, use: 0.15,
			title: "Bring finance in before the price", tactics: []string{multiThread, totalCost},
			about: "The finance director sees the price first, and nothing else.",
			where: situation{stage: "Qualification", objection: "Price", persona: "CFO", industry: "Telecoms", product: "Forecast"},
			said: `Twice this spring the finance director saw our price before she saw our reason. Both deals got stuck. Now I ask, could you bring in your finance director for fifteen minutes, before there is any offer? ` +
				`I show her the total cost of the way they work today, and I ask her to correct it. She corrected two lines, and one of them upwards. ` +
				`When the proposal came, she said, I know this table. The economic buyer should meet the problem first.`,
		},
		{
			key: "jonas-bluepeak", author: "jonas", days: 2, pull: 0.4, use: 0.12,
			title: "We are already with Bluepeak", tactics: []string{reframe},
			about: "A prospect with a running contract elsewhere.",
			where: situation{stage: "Prospecting", objection: "Competitor", persona: "CIO or IT", competitor: "Bluepeak", product: "Dispatch"},
			said: `We are already with Bluepeak. Good, I said, then you know what such a system can do. What do you like about it? I let him talk, and I wrote it down. Then I asked, and if you could change one thing? ` +
				`He needed no time for that. Changes in the afternoon. I understand, I said. The real question is not whether to leave them, but what that one thing costs you until the contract ends. ` +
				`We meet again in March, four months before it ends.`,
		},
		{
			key: "rita-half-price", author: "rita", days: 1, pull: 0.25, use: 0.05,
			title: "Half the price: my version", tactics: []string{totalCost},
			about: "Northwind at half our price, in my own words.",
			where: situation{stage: "Negotiation", objection: "Price", persona: "Procurement", competitor: "Northwind", industry: "Elevators"},
			said: `This is what I said yesterday, after I had watched Jonas. They say, Northwind is half the price. I said, yes, on the first page. May we fill in the other pages together? ` +
				`Setup, interfaces, and the weekend line. Over three years it was six percent apart. Then he asked me why our training takes two days, and I knew that the price was no longer the problem. ` +
				`What I will do better next time is to wait longer after the first question.`,
		},
		{
			key: "rita-draft", author: "rita", days: 0.3, pull: 0, use: 0, audience: "private",
			title: "Draft: my opening for Thursday",
			about: "A practice for the first minute with a finance director.",
			where: situation{stage: "Discovery", persona: "CFO"},
			said: `This is only for me. Thursday, ten o'clock, the finance director of the water company. First sentence. Good morning, I have one figure, and I would like you to correct it. ` +
				`Too fast. Again. Good morning. I have brought one figure, and I am not sure that it is right. Better. ` +
				`Then the overtime, then a pause of three seconds. Then the question, what part of that was planned? I will record it once more tomorrow.`,
		},
		{
			key: "rita-broken", author: "rita", days: 0.1, audience: "private", broken: true,
			title: "After the call at the depot",
		},
	}
}
