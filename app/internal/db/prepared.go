package db

import (
	"context"
	"database/sql"
	"strings"
	"sync"
)

// prepared is a pool that keeps the statements of reads prepared: on SQLite parsing a short statement
// costs more than running it. Unlike GORM's own cache it never closes one, so that none is closed under
// somebody who has just got it, and it does not hand one reader's cancelled preparation to another.
type prepared struct {
	*sql.DB
	mu    sync.RWMutex
	stmts map[string]*sql.Stmt
}

const (
	// maxPrepared bounds the statements that are kept; a program has about half as many short ones.
	maxPrepared = 150
	// maxPlaceholders leaves out lists, which come in any number of lengths.
	maxPlaceholders = 8
)

func newPrepared(pool *sql.DB) *prepared {
	return &prepared{DB: pool, stmts: map[string]*sql.Stmt{}}
}

// QueryContext runs a query, prepared if it is short.
func (p *prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if len(args) > maxPlaceholders || !strings.HasPrefix(query, "SELECT") {
		return p.DB.QueryContext(ctx, query, args...)
	}
	s, err := p.stmt(ctx, query)
	if err != nil || s == nil {
		return p.DB.QueryContext(ctx, query, args...) // and it says itself what is wrong
	}
	return s.QueryContext(ctx, args...)
}

// stmt gives the prepared statement of a query, nil where there are enough already.
func (p *prepared) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	p.mu.RLock()
	s, n := p.stmts[query], len(p.stmts)
	p.mu.RUnlock()
	if s != nil || n >= maxPrepared {
		return s, nil
	}
	s, err := p.DB.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if first := p.stmts[query]; first != nil || len(p.stmts) >= maxPrepared { // others were faster
		return first, s.Close()
	}
	p.stmts[query] = s
	return s, nil
}
