package demo

import "github.com/fieldreel/fieldreel/app/people"

// Password signs in the four people whom SignIns names. It is known to everybody, which is why a demo
// listens on this machine only.
const Password = "halyard demo"

// domain is reserved for examples: mail to it reaches nobody.
const domain = "demo.example"

// team is a team of the company, by its key.
type team struct {
	key, name, above string
}

// member is one of the company's people.
type member struct {
	// key names the person in takes and steps; the address is made from it.
	key, name string
	role      people.Role
	team      string
	// leads is the team that they manage.
	leads string
	voice voice
	// hue colours their takes, in degrees.
	hue int
	// signIn gives them the password; their address then says who they are.
	signIn bool
}

// voice is how somebody sounds: one of flite's voices, higher or lower, faster or slower.
type voice struct {
	name         string
	pitch, tempo float64
}

func (m member) email() string {
	if m.signIn {
		return m.key + "." + string(m.role) + "@" + domain
	}
	return m.key + "@" + domain
}

func teams() []team {
	return []team{
		{"sales", "Halyard Sales", ""},
		{"north", "North", "sales"},
		{"central", "Central", "sales"},
		{"south", "South", "sales"},
	}
}

// cast gives the thirty people. The reps come first: their order is that of the plan's rows.
func cast() []member {
	rep := func(key, name, team string, v voice, hue int) member {
		return member{key: key, name: name, role: people.Rep, team: team, voice: v, hue: hue}
	}
	rita := rep("rita", "Rita Reyes", "north", voice{"slt", 1.04, 1.06}, 168)
	rita.signIn = true
	return []member{
		rita,
		rep("nadia", "Nadia Okafor", "north", voice{"slt", 0.96, 1.04}, 210),
		rep("jonas", "Jonas Lindqvist", "north", voice{"rms", 1.00, 1.06}, 232),
		rep("priya", "Priya Raman", "north", voice{"slt", 1.10, 1.08}, 286),
		rep("tomasz", "Tomasz Zielinski", "north", voice{"rms", 0.94, 1.04}, 192),
		rep("elena", "Elena Petrova", "north", voice{"slt", 1.00, 1.00}, 318),
		rep("sam", "Sam Whitfield", "north", voice{"rms", 1.08, 1.08}, 148),
		rep("luciaf", "Lucia Ferrante", "north", voice{"slt", 1.07, 1.10}, 12),
		rep("dario", "Dario Bianchi", "central", voice{"rms", 1.04, 1.10}, 24),
		rep("amina", "Amina Haddad", "central", voice{"slt", 0.98, 1.08}, 254),
		rep("kofi", "Kofi Mensah", "central", voice{"rms", 0.92, 1.00}, 36),
		rep("hanna", "Hanna Virtanen", "central", voice{"slt", 1.12, 1.04}, 200),
		rep("ravi", "Ravi Desai", "central", voice{"rms", 1.02, 1.02}, 340),
		rep("claire", "Claire Dubois", "central", voice{"slt", 1.02, 1.02}, 270),
		rep("mateo", "Mateo Cruz", "central", voice{"rms", 0.97, 1.08}, 176),
		rep("ingrid", "Ingrid Solberg", "central", voice{"slt", 0.94, 1.02}, 222),
		rep("yara", "Yara Nassar", "south", voice{"slt", 1.06, 1.04}, 300),
		rep("felix", "Felix Brandt", "south", voice{"rms", 1.10, 1.04}, 128),
		rep("mei", "Mei Tanaka", "south", voice{"slt", 1.14, 1.06}, 352),
		rep("pavel", "Pavel Novak", "south", voice{"rms", 0.90, 1.04}, 244),
		rep("sofia", "Sofia Almeida", "south", voice{"slt", 1.01, 1.06}, 18),
		rep("daniel", "Daniel Ortega", "south", voice{"rms", 1.06, 1.06}, 204),
		rep("beth", "Beth Calloway", "south", voice{"slt", 0.97, 1.00}, 184),
		rep("idris", "Idris Kone", "south", voice{"rms", 0.95, 1.02}, 160),
		{key: "marco", name: "Marco Manning", role: people.Manager, leads: "north", voice: voice{"rms", 0.98, 1.00}, hue: 215, signIn: true},
		{key: "greta", name: "Greta Hoffmann", role: people.Manager, leads: "central", voice: voice{"slt", 0.92, 1.00}, hue: 262},
		{key: "owen", name: "Owen Pritchard", role: people.Manager, leads: "south", voice: voice{"rms", 0.96, 0.98}, hue: 28},
		{key: "vera", name: "Vera Castellan", role: people.Manager, leads: "sales", voice: voice{"slt", 0.95, 1.00}, hue: 240},
		{key: "tara", name: "Tara Linden", role: people.Trainer, team: "sales", voice: voice{"slt", 1.00, 1.02}, hue: 140, signIn: true},
		{key: "ada", name: "Ada Stone", role: people.Admin, team: "sales", voice: voice{"slt", 0.99, 1.02}, hue: 196, signIn: true},
	}
}

// reps counts the people who own deals; they come first in the cast.
const reps = 24

// SignIn is a person as whom one may look at the company.
type SignIn struct {
	Name, Role, Email, Password string
}

// SignIns gives the people whose password is known, in the order of reading.
func SignIns() []SignIn {
	var out []SignIn
	for _, m := range cast() {
		if m.signIn {
			out = append(out, SignIn{m.name, string(m.role), m.email(), Password})
		}
	}
	return out
}

// terms are what the vocabulary needs beside what every installation begins with: kind, label, what it is,
// and the words by which it is known.
func terms() [][]string {
	return [][]string{
		{"industry", "Utilities", "Power, water and gas.", "utility", "water company", "power company"},
		{"industry", "Facility services", "Buildings kept clean, safe and warm.", "facility", "cleaning"},
		{"industry", "Telecoms", "Lines, masts and the people who climb them.", "telecom", "fibre"},
		{"industry", "Medical devices", "Machines in hospitals, and their upkeep.", "medical", "hospital"},
		{"industry", "Heating and cooling", "Boilers, heat pumps and cold rooms.", "heating", "boiler", "heat pump"},
		{"industry", "Elevators", "Elevators and escalators.", "elevator", "escalator"},
		{"competitor", "Northwind", "Half our price on the first page.", "northwind"},
		{"competitor", "Bluepeak", "Large, and slow when the day changes.", "bluepeak", "blue peak"},
		{"competitor", "Spreadsheets", "What most of them plan with today.", "spreadsheet", "excel"},
		{"product", "Dispatch", "Who drives where, replanned within seconds.", "dispatch", "planner"},
		{"product", "Crew App", "The day of a technician, on the phone.", "app", "technician"},
		{"product", "Forecast", "How many crews next month needs.", "forecast", "overtime"},
	}
}

// corrections are words that the speech engine hears otherwise, for the glossary.
func corrections() [][2]string {
	return [][2]string{{"north wind", "Northwind"}, {"blue peak", "Bluepeak"}, {"hal yard", "Halyard"}, {"see eff oh", "CFO"}}
}
