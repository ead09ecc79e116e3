// Package vocabulary keeps the words the company teaches with: tactics, and the facets of a situation
// (stages, objections, personas, industries, competitors, products), and the glossary that corrects
// what the speech engine hears. It starts with a sensible set for sales that a trainer edits.
//
// Words: a term has a kind, a key (stable, lower case with hyphens), a label, a description, and
// keywords: phrases that, when said, suggest the term. Not: category, topic, label set.
//
// Rules: tactics are controlled, since evidence is counted by them: a video can only be tagged with a
// term that exists. Facets are free text that settles on a term where one matches. Terms are retired,
// never deleted, so that what was tagged stays tagged.
package vocabulary
