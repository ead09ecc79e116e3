package demo

// laterTakes are the takes of the thirteen months after the founding ones, oldest first.
func laterTakes() []take {
	return []take{
		{
			key: "cfo-opening", author: "claire", days: 371, pull: 0.6, use: 0.3,
			title: "Opening with a CFO", tactics: []string{anchor, quantify},
			about: "Twenty minutes with a finance director who reads figures and nothing else.",
			where: situation{stage: "Discovery", persona: "CFO", industry: "Utilities", product: "Forecast"},
			said: `With a CFO I skip the product. I open with one figure from their own annual report. Last year you paid one point two million in overtime. ` +
				`May I ask what part of that was planned? He laughed. None of it. Then I say, the cost of doing nothing is about three hundred thousand a year. I would like to check that figure with you, not sell you anything. ` +
				`A CFO will correct your number. Let him. From then on it is his number, and you have a second meeting.`,
		},
		{
			key: "procurement-stall", author: "dario", days: 352, pull: 0.5, use: 0.22,
			title: "When procurement goes quiet", tactics: []string{mutualPlan, multiThread},
			about: "The proposal is with procurement and nobody answers.",
			where: situation{stage: "Negotiation", objection: "Timing", persona: "Procurement", industry: "Telecoms", product: "Dispatch"},
			said: `Three weeks of silence from procurement. I used to send reminders. Now I call the person who needs the result. I said to the head of service, our mutual plan says training on the tenth, and procurement has the papers. Shall we move the date, or shall we call them together? ` +
				`He did not want to move the date. He brought the buyer into a ten minute call. She had two questions about liability, that was all. ` +
				`Never chase procurement alone. Let the date do the work.`,
		},
		{
			key: "silence-after-proposal", author: "tomasz", days: 340, pull: 0.55, use: 0.26,
			title: "Silence after the proposal", tactics: []string{reframe},
			about: "The offer is out, and nobody picks up the phone.",
			where: situation{stage: "Proposal", objection: "Timing", persona: "Operations", industry: "Facility services"},
			said: `No answer for two weeks after the proposal. I do not ask, did you have time to look at it? I write two lines. I have the feeling that this is no longer important to you, and that is all right. Shall I close the file? ` +
				`She called within an hour. I understand, I said, so what has changed? Their budget round had moved. The real question was not our offer, it was who speaks for it in that round. ` +
				`We wrote one page for her. Give people an easy way to say no, and they tell you the truth.`,
		},
		{
			key: "security-review", author: "mei", days: 331, pull: 0.45, use: 0.2,
			title: "Getting through the security review", tactics: []string{smallStep},
			about: "Their IT department sends two hundred questions.",
			where: situation{stage: "Negotiation", objection: "Security", persona: "CIO or IT", industry: "Medical devices", product: "Crew App"},
			said: `Two hundred questions from the IT department. Do not fill them in alone for three weeks. I ask for thirty minutes with the person who reads the answers. I ask him, which five of these can stop the project? ` +
				`He named data location, single sign on, and deletion. We answered these five the same day, with proof. The rest came later, and nobody hurried us. ` +
				`As a first step we agreed on a pilot with test data only, so that security had nothing to fear. It started while they were still reading.`,
		},
		{
			key: "renewal-usage-drop", author: "ingrid", days: 318, pull: 0.5, use: 0.24,
			title: "The renewal with falling usage", tactics: []string{quantify, implication},
			about: "Renewal in ninety days, and the log-ins went down by a third.",
			where: situation{stage: "Renewal", objection: "Status quo", persona: "Operations", industry: "Heating and cooling", product: "Crew App"},
			said: `Ninety days before the renewal I saw that a third of the technicians had stopped using the app. I did not send the contract. I called and said, something has changed since spring, what is it? ` +
				`They had a new depot, and nobody had trained it. So I asked, how many hours does that depot spend on paper? And what happens if the other depots follow? ` +
				`We trained them in one afternoon. I talked about the renewal two weeks later. Bring the bad figure yourself, before they find it.`,
		},
		{
			key: "landmines", author: "pavel", days: 305, pull: 0.55, use: 0.28,
			title: "Questions that Bluepeak cannot answer", tactics: []string{totalCost, reframe},
			about: "Bluepeak is on the list, and comes after us.",
			where: situation{stage: "Demo", objection: "Competitor", persona: "CIO or IT", competitor: "Bluepeak", product: "Dispatch"},
			said: `I never talk badly about Bluepeak. I leave three questions behind. Ask everybody, us too, how long it takes when a job changes at four in the afternoon. Ask who pays for the interface to your stock system. And ask for the cost of ownership in year three, in writing. ` +
				`We answer all three first, so it is fair. Then the customer asks them, not me. ` +
				`He called after their demo and said, they needed a day for the first one. Good questions work while you are not in the room.`,
		},
		{
			key: "price-increase", author: "owen", days: 270, pull: 0.4, use: 0.18,
			title: "Announcing a price increase", tactics: []string{reframe, anchor},
			about: "A good customer has to hear that it becomes seven percent more.",
			where: situation{stage: "Renewal", objection: "Price", persona: "CFO", industry: "Utilities", product: "Dispatch"},
			said: `Do not hide it on page four. I call, and I say it in the first minute. From April it will be seven percent more. Then I am quiet. She said, that is a lot. I understand, I said, and I want to show you what you get for it. ` +
				`We looked at the second visits. They had gone down by a fifth. Going back would cost more, and every month you wait with the second depot leaves money on the table. ` +
				`She asked for two years at that price, and I said yes.`,
		},
		{
			key: "hidden-costs", author: "luciaf", days: 262, pull: 0.52, use: 0.27,
			title: "The three year sheet of paper", tactics: []string{totalCost, quantify},
			about: "They compare licences only.",
			where: situation{stage: "Proposal", objection: "Price", persona: "CFO", competitor: "Northwind", product: "Dispatch"},
			said: `I take one white sheet and draw three columns. Year one, year two, year three. Then I ask them to fill it in for both offers. Licence, setup, interfaces, training, support, and the hours of their own people. ` +
				`How many hours did the last change take? Forty, at eighty euros. Over three years our line was the lower one. ` +
				`It is their handwriting, so nobody calls it marketing. She took a photo of the sheet and sent it to her boss while I was still there. The price is only the first line.`,
		},
		{
			key: "another-customer-cfo", author: "mateo", days: 251, pull: 0.5, use: 0.24,
			title: "A story with a number in it", tactics: []string{story, quantify},
			about: "A finance person who does not like stories.",
			where: situation{stage: "Proposal", objection: "Trust", persona: "CFO", industry: "Elevators", product: "Forecast"},
			said: `Finance people say that they do not like stories. They do, if there is a number in it. I tell them about a customer like you. Sixty elevators per technician, and overtime every weekend. ` +
				`They measured four weeks before, and four weeks after. Overtime fell by a quarter. I say who measured it, and how. And I say what did not improve, because that makes it true. ` +
				`Then I ask, what would you measure? She wrote down two figures. That is our case study now, and she is writing it.`,
		},
		{
			key: "spreadsheet", author: "ravi", days: 243, pull: 0.48, use: 0.22,
			title: "Our spreadsheet works fine", tactics: []string{reframe, implication},
			about: "They plan with a spreadsheet and are proud of it.",
			where: situation{stage: "Discovery", objection: "Status quo", persona: "End user", competitor: "Spreadsheets", product: "Dispatch"},
			said: `He showed me his spreadsheet, and it was good. I said so. Twelve years of experience in one file. Then I asked, and what happens if you are ill for a week? He smiled and said, I am never ill. ` +
				`His boss did not smile. That is exactly why I asked, I said. There is another way to look at it. The file is not the problem, the knowledge in it is worth too much to live in one file. ` +
				`We took over his rules, with his name on them. He became our best helper.`,
		},
		{
			key: "discount-trap", author: "greta", days: 214, pull: 0.45, use: 0.2,
			title: "They want twenty percent by Friday", tactics: []string{totalCost},
			about: "A buyer with a deadline and a round number.",
			where: situation{stage: "Negotiation", objection: "Price", persona: "Procurement", industry: "Telecoms", product: "Dispatch"},
			said: `Twenty percent by Friday, or we go to Northwind. I have heard that sentence many times. I do not answer the number. I ask, which part of the offer would you take out? Silence. ` +
				`Then we go back to the total cost. Training is in it, the interface is in it, the weekend line is in it. At Northwind these are hidden costs. I take out one line to show what it saves. ` +
				`He wanted it back at once. We closed on Monday, at the old price.`,
		},
		{
			key: "cold-call", author: "daniel", days: 205, pull: 0.5, use: 0.26,
			title: "The first eight seconds of a cold call", tactics: []string{implication},
			about: "A cold call to somebody who is about to hang up.",
			where: situation{stage: "Prospecting", objection: "Timing", persona: "Operations", industry: "Heating and cooling"},
			said: `Good morning, this is a cold call, do you want to hang up, or may I have thirty seconds? Nine out of ten laugh and stay. Then I say why I call them and nobody else. I saw that you are looking for three planners. ` +
				`What happens if you do not find them before winter? That is the whole call. I do not say what we sell. ` +
				`If the answer is long, I ask for twenty minutes. If the answer is short, I thank them. Six meetings last week with that.`,
		},
		{
			key: "delay-in-weeks", author: "nadia", days: 196, pull: 0.72, use: 0.45,
			title: "Break the year down to one week", tactics: []string{anchor},
			about: "A big yearly figure that nobody can imagine.",
			where: situation{stage: "Proposal", objection: "No budget", persona: "CEO", industry: "Facility services", product: "Forecast"},
			said: `Four hundred thousand a year is a number on a slide. Nobody feels it. So I divide it. That is eight thousand each week. Each month costs you a new van, and you never see the van. ` +
				`He looked out of the window at his vans. I said, we have talked for five weeks now. That is one van. I said it with a smile, and he did not take it badly. ` +
				`Make the cost of waiting so small that people can picture it. Then ask for the date.`,
		},
		{
			key: "no-budget", author: "sofia", days: 178, pull: 0.55, use: 0.28,
			title: "There is no budget this year", tactics: []string{anchor, smallStep},
			about: "A budget freeze until the next financial year.",
			where: situation{stage: "Qualification", objection: "No budget", persona: "CFO", industry: "Utilities", product: "Dispatch"},
			said: `There is a budget freeze until January. I believe it. I ask two things. Is it frozen for everything, or for new things? And what does the cost of delay add up to until January? We counted eleven weeks of overtime. ` +
				`Then I said, a first step for one depot is smaller than two weeks of that overtime. It can be paid from operations, and no board has to meet. ` +
				`He had signed before lunch. Frozen budgets have doors, but you have to bring the number.`,
		},
		{
			key: "champion-left", author: "kofi", days: 131, pull: 0.4, use: 0.17,
			title: "My champion has left the company", tactics: []string{champion},
			about: "Two weeks before the signature the contact is gone.",
			where: situation{stage: "Closing", objection: "Authority", persona: "Sales leader", industry: "Facility services", product: "Forecast"},
			said: `Two weeks before the signature my champion left. I called her first, not the company. She said, talk to Marta, she has the same problem and less patience. Would you be willing to introduce me? She wrote the message while we were talking. ` +
				`With Marta I started again from the problem, not from the offer. It took one week more. ` +
				`And I sent the old champion a thank you, because she has a new company now. Guess who called me in autumn.`,
		},
		{
			key: "team-price-line", author: "tomasz", days: 108, pull: 0.5, use: 0.25, audience: "team",
			title: "Our price line for the North", tactics: []string{totalCost},
			about: "The same first sentence for all of us when the price comes up.",
			where: situation{stage: "Negotiation", objection: "Price", persona: "Procurement", competitor: "Northwind", industry: "Utilities"},
			said: `This is for our team only. When the price comes up, we all say the same first sentence. You are right, the licence is higher. And then we ask, may I show you what it includes? ` +
				`Then the sheet with the cost of ownership, over three years, and not a word about discounts before that. ` +
				`I have tried it in four calls this month. Three times the next question was about training and not about money. Please try it and tell me on Friday what they answered.`,
		},
		{
			key: "line-lost-deal", author: "sam", days: 96, pull: 0, use: 0, audience: "line",
			title: "Why I lost the harbour deal", tactics: []string{champion},
			about: "A look back at a lost deal, for my manager.",
			where: situation{stage: "Closing", objection: "Competitor", persona: "CEO", competitor: "Bluepeak"},
			said: `I want to be honest about the harbour deal. I had one contact, and I called him a champion because he was friendly. I never asked him to introduce me to anybody. ` +
				`In the last week the decision went to a committee, and I did not know a single name on it. Bluepeak did. ` +
				`Next time I will test it in the second week, with one small request. And I will ask you earlier, when I have that feeling in my stomach. I had it for a month.`,
		},
	}
}
