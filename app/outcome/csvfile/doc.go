// Package csvfile reads deals from the CSV exports of CRMs: Salesforce, HubSpot,
// Pipedrive, or any file whose columns a person has named.
//
// [Open] looks at the whole file once: encoding, delimiter, header row, which
// column is what, the order of day and month, the decimal separator, the stages.
// [File.Rows] then gives one [Deal] or one [RowError] per row, in the order of the
// file, in memory that does not grow with it except for the ids seen (duplicates
// are found). A bad row never blocks the rest.
//
// What cannot be known is asked for and never guessed. [NeedsMapping] says which
// columns are not recognised, [DateOrderNeeded] which column has dates that are
// right both as day/month and as month/day. Columns that nobody asked for are kept in
// Deal.Extra.
//
// Files are hostile until read: bytes, rows, columns and cells are bounded,
// quotes that never close cost one line, and every string that comes out is valid
// UTF-8 without NUL. [EscapeCell] is for the way out.
//
// The package is pure: it knows no database and no other part of the app.
package csvfile
