// Package digest is what reaches people outside the app: one message a day, a nudge after one, an offer to the deputy after two.
package digest
