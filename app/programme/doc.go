// Package programme is certification: rubrics and their versions, programmes, who takes part in them, their practices and attempts.
package programme
