// Package certificate is what a passed attempt gives: a number, a public check, an end, a renewal, a revocation.
package certificate
