// Package calibration is reviewers scoring the same takes as a panel, and how far their scores lie from it.
package calibration
