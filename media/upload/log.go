package upload

import (
	"context"
	"log/slog"

	xslog "golang.org/x/exp/slog"
)

// tusdLog passes tusd's log lines, which use the experimental slog, to the standard one. tusd writes several lines for
// each request at its information level and a warning for each phone that leaves the network: one level lower is what
// they mean to an operator. What this package itself cannot do is logged by it as an error.
type tusdLog struct{ to slog.Handler }

func (l tusdLog) level(level xslog.Level) slog.Level {
	return min(slog.Level(level)-4, slog.LevelInfo)
}

// Enabled implements xslog.Handler.
func (l tusdLog) Enabled(ctx context.Context, level xslog.Level) bool {
	return l.to.Enabled(ctx, l.level(level))
}

// Handle implements xslog.Handler.
func (l tusdLog) Handle(ctx context.Context, r xslog.Record) error {
	out := slog.NewRecord(r.Time, l.level(r.Level), r.Message, r.PC)
	r.Attrs(func(a xslog.Attr) bool {
		out.AddAttrs(slog.Any(a.Key, a.Value.Any()))
		return true
	})
	return l.to.Handle(ctx, out)
}

// WithAttrs implements xslog.Handler.
func (l tusdLog) WithAttrs(attrs []xslog.Attr) xslog.Handler {
	out := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		out[i] = slog.Any(a.Key, a.Value.Any())
	}
	return tusdLog{l.to.WithAttrs(out)}
}

// WithGroup implements xslog.Handler.
func (l tusdLog) WithGroup(name string) xslog.Handler { return tusdLog{l.to.WithGroup(name)} }
