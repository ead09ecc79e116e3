// Package review is reviewers looking at attempts: who reviews, drafts, decisions, second reviews, disputes.
package review
