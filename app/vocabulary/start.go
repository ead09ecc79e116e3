package vocabulary

// start is the vocabulary of a new installation: common ground of sales teaching, in plain words, for
// a trainer to cut down and add to.
func start() []Term {
	t := func(kind Kind, label, description string, keywords ...string) Term {
		return Term{Kind: kind, Key: Key(label), Label: label, Description: description, Keywords: keywords}
	}
	return []Term{
		t(Tactic, "Anchor on cost of delay", "Put a figure on what each month without a decision costs the customer.", "cost of delay", "cost of waiting", "every month you wait", "cost of doing nothing", "each month costs"),
		t(Tactic, "Ask the implication question", "Ask what follows from the problem until the customer says how much it matters.", "what happens if", "what does that mean for", "knock on effect", "what would that cost"),
		t(Tactic, "Agree on a mutual plan", "Write down with the customer the steps, people and dates up to signature.", "mutual plan", "mutual action plan", "close plan", "next steps together", "work back from"),
		t(Tactic, "Compare total cost, not price", "Move from the price tag to everything the customer pays over the term.", "total cost", "cost of ownership", "over three years", "hidden costs", "price is only"),
		t(Tactic, "Tell a customer story", "Tell of one customer like this one: situation, step, result.", "another customer", "a customer like you", "customer story", "reference customer", "case study"),
		t(Tactic, "Trade, never give", "Give a concession only for one in return.", "in return", "in exchange", "if you can commit", "what can you do for us"),
		t(Tactic, "Name the elephant", "Say aloud the doubt that everybody has before they do.", "you may be thinking", "you might be wondering", "the elephant", "let me say it"),
		t(Tactic, "Test the champion", "Ask the contact for something only a real champion would do.", "champion", "introduce me", "who else needs", "would you be willing to"),
		t(Tactic, "Multi-thread early", "Bring in the other people who decide before the proposal.", "economic buyer", "other stakeholders", "bring in your", "who signs"),
		t(Tactic, "Quantify the pain", "Turn a complaint into a number in the customer's own words.", "how much time", "how many hours", "what does it cost you", "put a number on"),
		t(Tactic, "Reframe the objection", "Take the worry seriously and show it from another side.", "i understand", "that is exactly why", "the real question", "another way to look"),
		t(Tactic, "Offer a small first step", "Lower the risk with a pilot that has a success measure and an end date.", "pilot", "proof of concept", "start small", "first step", "trial"),
		t(Stage, "Prospecting", "First contact.", "cold call", "outreach", "prospecting"),
		t(Stage, "Discovery", "Understanding the customer's problem.", "discovery", "tell me about", "walk me through"),
		t(Stage, "Qualification", "Is there a deal, and may we win it?", "budget", "timeline", "decision process", "qualification"),
		t(Stage, "Demo", "Showing the product.", "demo", "let me show you", "show you the product"),
		t(Stage, "Proposal", "The offer is written or on the table.", "proposal", "quote", "offer"),
		t(Stage, "Negotiation", "Terms and price.", "negotiation", "discount", "terms", "procurement"),
		t(Stage, "Closing", "Getting to the signature.", "sign", "signature", "contract", "closing"),
		t(Stage, "Renewal", "Keeping a customer, and growing with them.", "renewal", "renew", "expansion", "upsell"),
		t(Objection, "Price", "Too expensive.", "too expensive", "price", "cheaper", "half the price", "discount", "cost"),
		t(Objection, "No budget", "There is no money for it now.", "no budget", "budget freeze", "not in the budget", "out of budget"),
		t(Objection, "Timing", "Not now.", "not now", "next quarter", "next year", "no time", "bad timing"),
		t(Objection, "Competitor", "They have, or prefer, somebody else.", "already use", "competitor", "other vendor", "current vendor", "incumbent"),
		t(Objection, "Status quo", "It works well enough as it is.", "works fine", "happy with", "always done", "no need to change", "good enough"),
		t(Objection, "Authority", "Somebody else decides.", "talk to my boss", "not my decision", "need approval", "ask my manager"),
		t(Objection, "Trust", "Will it work, and will you still be there?", "references", "how do i know", "small company", "risk", "proof"),
		t(Objection, "Security", "Data protection, compliance and IT rules.", "security", "compliance", "gdpr", "data protection", "it department"),
		t(Objection, "Effort", "Changing over is too much work.", "migration", "too much work", "implementation", "switching"),
		t(Objection, "Missing feature", "It lacks something they need.", "missing feature", "does it support", "not supported", "integration"),
		t(Persona, "CEO", "Runs the company.", "ceo", "managing director", "founder"),
		t(Persona, "CFO", "Answers for the money.", "cfo", "finance director", "head of finance"),
		t(Persona, "CIO or IT", "Runs the systems.", "cio", "cto", "it director", "head of it", "it department"),
		t(Persona, "Sales leader", "Answers for revenue.", "sales director", "head of sales", "vp of sales"),
		t(Persona, "Operations", "Runs the daily work.", "operations", "coo", "plant manager"),
		t(Persona, "HR", "Answers for people.", "hr", "human resources", "people team"),
		t(Persona, "Procurement", "Buys for the company.", "procurement", "purchasing", "buyer"),
		t(Persona, "End user", "Will work with it every day.", "end user", "daily user", "the team who uses"),
	}
}
