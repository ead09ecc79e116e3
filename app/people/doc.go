// Package people knows who somebody is and what they may reach: persons, teams (a tree), roles,
// sessions and API tokens. Every use case of the product receives an Actor from here.
//
// Words: a person has an account and one or more roles (rep, manager, trainer, admin). A team is a
// node in the tree of teams, with members and managers. A person's line is everybody who manages a
// team they are in, or a team above one of those. A link makes an account (an invitation) or sets a new
// password (a reset), once, for whoever holds its secret. Not: user, account, group, department.
//
// Rules: no default account exists; the first admin is made with the command line or with a one-time
// code printed at first start. Sessions and tokens are opaque, kept as hashes, and all of a person's
// end at once when their auth epoch is raised (password, roles, deactivation). Roles say what one may
// do; reach (see Reach) says what one may see; an admin runs the system and sees no private videos.
package people
