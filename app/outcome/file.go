package outcome

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/fieldreel/fieldreel/app/internal/fault"
	"github.com/fieldreel/fieldreel/app/outcome/csvfile"
)

// The largest file that is imported: its rows are held in memory.
const (
	maxFileBytes = 64 << 20
	maxFileRows  = 500_000
	maxFileCell  = 256 << 10
)

// bounded keeps the limits of options within those of the package.
func bounded(o csvfile.Options) csvfile.Options {
	within := func(asked, limit int64) int64 {
		if asked <= 0 || asked > limit {
			return limit
		}
		return asked
	}
	o.MaxBytes = within(o.MaxBytes, maxFileBytes)
	o.MaxRows = int(within(int64(o.MaxRows), maxFileRows))
	o.MaxCell = int(within(int64(o.MaxCell), maxFileCell))
	o.MaxErrors = 1 // this package keeps its own
	return o
}

// checkOptions refuses what no file could be read with.
func checkOptions(o csvfile.Options) error {
	presets := []csvfile.Preset{csvfile.PresetAuto, csvfile.PresetSalesforce, csvfile.PresetHubSpot, csvfile.PresetPipedrive, csvfile.PresetPlain}
	if !slices.Contains(presets, o.Preset) {
		return fault.InvalidField("preset", "preset_unknown", "The presets are salesforce, hubspot, pipedrive and plain; leave it out to have the file recognised.")
	}
	orders := []csvfile.DateOrder{csvfile.OrderAuto, csvfile.OrderYMD, csvfile.OrderDMY, csvfile.OrderMDY}
	if !slices.Contains(orders, o.DateOrder) {
		return fault.InvalidField("date_order", "date_order_unknown", "The orders are ymd, dmy and mdy; leave it out to have it found.")
	}
	if !slices.Contains([]string{"", ".", ","}, o.Decimal) {
		return fault.InvalidField("decimal", "decimal_unknown", "The decimal separator is . or a comma; leave it out to have it found.")
	}
	for f := range o.Mapping {
		if !slices.Contains(csvfile.Fields(), f) {
			return fault.InvalidField("mapping", "field_unknown", fmt.Sprintf("A deal has no field %q.", shorten(string(f))))
		}
	}
	return nil
}

// seekable gives the file in a form that can be read twice, and what to call when that is done.
func (s *Service) seekable(ctx context.Context, body io.Reader) (io.ReadSeeker, func(), error) {
	if file, ok := body.(io.ReadSeeker); ok {
		if _, err := file.Seek(0, io.SeekCurrent); err == nil { // a pipe has the method as well
			return file, func() {}, nil
		}
	}
	spool, err := os.CreateTemp(s.spool, "deals-*.csv")
	if err != nil {
		return nil, nil, fmt.Errorf("keep the file while it is read: %w", err)
	}
	done := func() {
		// Nothing was acknowledged that is in it; what stays behind is swept with the folder.
		_ = spool.Close()
		_ = os.Remove(spool.Name())
	}
	sent := &sender{ctx: ctx, r: body}
	if _, err := io.Copy(spool, io.LimitReader(sent, maxFileBytes+1)); err != nil {
		done()
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if sent.err != nil {
			return nil, nil, fault.Wrap(err, fault.Malformed, "deals_file_broken_off", "The file did not arrive whole. Nothing was changed; send it again.")
		}
		return nil, nil, fmt.Errorf("keep the file while it is read: %w", err)
	}
	return spool, done, nil
}

// sender remembers whether it was the sender that failed, and not the disk.
type sender struct {
	ctx context.Context // lives as long as one copy
	r   io.Reader
	err error
}

// Read reads until the context ends.
func (s *sender) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// fileFault says why a file as a whole cannot be imported:
//
//	deals_mapping_needed     Invalid; columns must be chosen. Extra has preset, columns (name, samples),
//	                         suggestions (header by field), missing (fields)
//	deals_date_order_needed  Invalid; day/month or month/day. Extra has column, field, mixed, examples
//	deals_file_empty         Invalid
//	deals_file_workbook      UnsupportedMedia; Excel, to be saved as CSV
//	deals_file_binary        UnsupportedMedia; no text at all
//	deals_file_too_large     TooLarge; Extra has what (bytes, rows, columns) and limit
func fileFault(err error) error {
	var (
		mapping *csvfile.NeedsMapping
		order   *csvfile.DateOrderNeeded
		limit   *csvfile.LimitError
	)
	switch {
	case errors.As(err, &mapping):
		f := fault.Wrap(err, fault.Invalid, "deals_mapping_needed", "Some columns that are needed were not recognised. Say which they are.").At("mapping")
		columns := make([]map[string]any, len(mapping.Columns))
		for i, c := range mapping.Columns {
			columns[i] = map[string]any{"name": c.Name, "samples": append([]string{}, c.Samples...)}
		}
		suggestions := map[string]string{}
		for field, name := range mapping.Suggestions {
			suggestions[string(field)] = name
		}
		missing := make([]string, len(mapping.Missing))
		for i, field := range mapping.Missing {
			missing[i] = string(field)
		}
		f.Extra = map[string]any{"preset": string(mapping.Preset), "columns": columns, "suggestions": suggestions, "missing": missing}
		return f
	case errors.As(err, &order):
		f := fault.Wrap(err, fault.Invalid, "deals_date_order_needed",
			fmt.Sprintf("The dates of the column %q can be read as day/month and as month/day. Say which is right.", order.Column)).At("date_order")
		f.Extra = map[string]any{"column": order.Column, "field": string(order.Field), "mixed": order.Mixed, "examples": append([]string{}, order.Examples...)}
		return f
	case errors.As(err, &limit):
		f := fault.Wrap(err, fault.TooLarge, "deals_file_too_large", fmt.Sprintf("The file has more than %d %s. Export a shorter period, or fewer columns.", limit.Limit, limit.What))
		f.Extra = map[string]any{"what": limit.What, "limit": limit.Limit}
		return f
	case errors.Is(err, csvfile.ErrEmpty):
		return fault.Wrap(err, fault.Invalid, "deals_file_empty", "The file has no rows.")
	case errors.Is(err, csvfile.ErrWorkbook):
		return fault.Wrap(err, fault.UnsupportedMedia, "deals_file_workbook", "This is an Excel workbook. Save it as CSV, then import that.")
	case errors.Is(err, csvfile.ErrBinary):
		return fault.Wrap(err, fault.UnsupportedMedia, "deals_file_binary", "This file is not text. Export the deals as CSV.")
	}
	return fmt.Errorf("read the file of deals: %w", err)
}
