package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the "sqlite" driver of database/sql

	"github.com/fieldreel/fieldreel/app/people"
)

// corpus makes speech up, the same for the same seed: words drawn from 60,000 by Zipf's law, of which the most frequent
// are English stop words. Real speech has fewer rare words; for an index that is the easier case.
type corpus struct {
	*rand.Rand
	words []string
	zipf  *rand.Zipf
	stop  map[string]bool
}

func newCorpus(seed uint64) *corpus {
	c := &corpus{stop: map[string]bool{}}
	// The words are those of one language, whatever the seed of what is said in it.
	r := rand.New(rand.NewPCG(1, 60))
	c.words = strings.Fields("the and i to a of you it that in we is they this what so have be but are on for do with was at if or about as there " +
		"my all our their from when an were not by then them been has would can could who")
	for _, w := range c.words {
		c.stop[w] = true
	}
	syllables := strings.Fields("ba co di fu ga he ji ko la me ni po ra se ti vu wa xe yo zu bra cle dri fro gle pra ste tri")
	for len(c.words) < 60_000 {
		var w strings.Builder
		for range 2 + r.IntN(3) {
			w.WriteString(syllables[r.IntN(len(syllables))])
		}
		c.words = append(c.words, w.String())
	}
	c.Rand = rand.New(rand.NewPCG(seed, 61))
	c.zipf = rand.NewZipf(c.Rand, 1.1, 4, uint64(len(c.words)-1))
	return c
}

// say gives so many words.
func (c *corpus) say(words int) string {
	out := make([]string, words)
	for i := range out {
		out[i] = c.words[c.zipf.Uint64()]
	}
	return strings.Join(out, " ")
}

// one gives any of the values.
func one[T any](c *corpus, values []T) T { return values[c.IntN(len(values))] }

// The company that the large library belongs to: 200 people in 40 teams under four regions, 10 passages of 60 words to a
// video.
const (
	passagesPerVideo = 10
	passageMS        = 25_000
	videoMS          = passagesPerVideo * passageMS
	persons          = 200
	teams            = 40
)

// library is a data folder with many videos, as a migrated and then filled database.
type library struct {
	dir              string
	videos, passages int
	// everyone are the ids of videos that all may see.
	everyone []string
	// admin, trainer and head (who manages all teams) hold tokens, and so do some reps.
	admin, trainer, head string
	reps                 []viewer
	// headKeys are the keys of the audiences that head can see.
	headKeys []string
	// reindexed is what building the index from the database took.
	reindexed time.Duration
	fts       *sql.DB
}

// viewer is somebody who asks.
type viewer struct {
	token string
	keys  []string
}

// theLibrary makes the library once.
func (k *kit) theLibrary(ctx context.Context) (*library, error) {
	if k.library != nil {
		return k.library, nil
	}
	l := &library{dir: filepath.Join(k.dir, "library"), videos: k.size(10_000, 500)}
	l.passages = l.videos * passagesPerVideo
	for _, old := range []string{l.dir, k.ftsPath(), k.ftsPath() + "-wal", k.ftsPath() + "-shm"} { // of an earlier run in the same folder
		if err := os.RemoveAll(old); err != nil {
			return nil, err
		}
	}
	note("filling a library of %d videos and %d passages", l.videos, l.passages)
	var err error
	for _, p := range []struct {
		role  string
		token *string
	}{{"admin", &l.admin}, {"trainer", &l.trainer}} {
		if _, *p.token, err = k.addPerson(ctx, l.dir, p.role+"@example.com", p.role); err != nil {
			return nil, err
		}
	}
	company := newCompany(newCorpus(1))
	if err := l.fill(ctx, k, company); err != nil {
		return nil, fmt.Errorf("fill the library: %w", err)
	}
	if l.head, err = k.token(ctx, l.dir, company.email(0)); err != nil {
		return nil, err
	}
	l.headKeys = company.keys(0)
	for i := range 8 {
		rep := persons/2 + i*7
		token, err := k.token(ctx, l.dir, company.email(rep))
		if err != nil {
			return nil, err
		}
		l.reps = append(l.reps, viewer{token, company.keys(rep)})
	}
	note("building its index")
	l.reindexed, err = timed(func() error {
		_, err := k.fieldreel(ctx, l.dir, "reindex").output()
		return err
	})
	if err != nil {
		return nil, err
	}
	k.library = l
	return l, nil
}

func (k *kit) ftsPath() string { return filepath.Join(k.dir, "fts.db") }

// openSQLite opens a database as Fieldreel does, so that times and the price of a commit are the same.
func openSQLite(path string, pragmas ...string) (*sql.DB, error) {
	q := url.Values{"_txlock": {"immediate"}, "_time_format": {"sqlite"}}
	for _, p := range append([]string{"journal_mode(WAL)", "busy_timeout(10000)", "synchronous(FULL)", "foreign_keys(1)", "cache_size(-16000)"}, pragmas...) {
		q.Add("_pragma", p)
	}
	d, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String())
	if err != nil {
		return nil, err
	}
	d.SetMaxOpenConns(1)
	return d, nil
}

func (l *library) database(pragmas ...string) (*sql.DB, error) {
	return openSQLite(filepath.Join(l.dir, "fieldreel.db"), pragmas...)
}

// company is who works where. Person i is a member of one of the lower teams; the first persons manage a team each, the
// very first the top of the tree.
type company struct {
	*corpus
	parent map[string]string // of a team; "" for the top
}

func newCompany(c *corpus) *company {
	o := &company{c, map[string]string{}}
	for i := range teams {
		switch {
		case i == 0:
			o.parent[teamID(i)] = ""
		case i < 5:
			o.parent[teamID(i)] = teamID(0)
		default:
			o.parent[teamID(i)] = teamID(1 + i%4)
		}
	}
	return o
}

// id makes ids in the form of UUIDv7, the same in every run.
func id(kind, i int) string { return fmt.Sprintf("0199c0de-%04d-7000-8000-%012d", kind, i) }

func personID(i int) string { return id(1, i) }
func teamID(i int) string   { return id(2, i) }
func videoID(i int) string  { return id(3, i) }

func (o *company) email(i int) string { return fmt.Sprintf("rep%03d@example.com", i) }

func (o *company) place(i int) people.Place {
	p := people.Place{PersonID: personID(i), MemberOf: []string{teamID(5 + i%(teams-5))}}
	if i < teams {
		p.Manages = []string{teamID(i)}
		if up := o.parent[teamID(i)]; up != "" {
			p.AboveManaged = []string{up}
		}
	}
	return p
}

func (o *company) keys(i int) []string { return people.ReachOf(o.place(i), o.parent).Keys }

// audience draws one: of ten videos four for everyone, three for a team, two for the line, one private.
func (o *company) audience() people.Audience {
	return one(o.corpus, []people.Audience{people.Everyone, people.Everyone, people.Everyone, people.Everyone, people.MyTeam, people.MyTeam, people.MyTeam, people.Line, people.Line, people.Private})
}

// fill writes people, teams and videos, and beside them SQLite's own full text index over the same passages.
func (l *library) fill(ctx context.Context, k *kit, o *company) (err error) {
	d, err := l.database("synchronous(OFF)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if l.fts, err = openSQLite(k.ftsPath(), "synchronous(OFF)"); err != nil {
		return err
	}
	for _, q := range []string{
		`CREATE VIRTUAL TABLE passages USING fts5(text, content='', detail=none, tokenize='porter unicode61')`,
		`CREATE TABLE audience (key TEXT, video INTEGER, PRIMARY KEY (key, video)) WITHOUT ROWID`,
	} {
		if _, err := l.fts.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	w, err := newWriter(ctx, d)
	if err != nil {
		return err
	}
	f, err := newWriter(ctx, l.fts)
	if err != nil {
		return errors.Join(err, w.close(false))
	}
	tactics, err := column(ctx, w.tx, `SELECT id FROM vocabulary WHERE kind = 'tactic' ORDER BY id`)
	if err == nil {
		o.write(w)
		for i := range l.videos {
			if v := o.video(w, f, i, tactics); v == people.Everyone {
				l.everyone = append(l.everyone, videoID(i))
			}
		}
		f.exec(`INSERT INTO passages (passages) VALUES ('optimize')`)
	}
	return errors.Join(err, w.close(err == nil), f.close(err == nil))
}

// started is when everything in the library was made.
func started() time.Time { return time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC) }

// write writes people and teams.
func (o *company) write(w *writer) {
	now := started()
	for i := range teams {
		var parent *string
		if up := o.parent[teamID(i)]; up != "" {
			parent = &up
		}
		w.exec(`INSERT INTO teams (id, parent_id, name, created_at, updated_at) VALUES (?, ?, ?, ?, ?)`, teamID(i), parent, fmt.Sprintf("Team %d", i), now, now)
	}
	for i := range persons {
		w.exec(`INSERT INTO persons (id, email, email_key, name, roles, password_hash, time_zone, active, auth_epoch, created_at, updated_at) VALUES (?, ?, ?, ?, 'rep', '', '', TRUE, 1, ?, ?)`,
			personID(i), o.email(i), o.email(i), fmt.Sprintf("Rep %d", i), now, now)
		place := o.place(i)
		for _, t := range place.MemberOf {
			w.exec(`INSERT INTO team_members (team_id, person_id, created_at) VALUES (?, ?, ?)`, t, place.PersonID, now)
		}
		for _, t := range place.Manages {
			w.exec(`INSERT INTO team_managers (team_id, person_id, created_at) VALUES (?, ?, ?)`, t, place.PersonID, now)
		}
	}
	w.exec(`UPDATE directory_epochs SET value = value + 1`)
}

// video writes one, into the database and into the peer.
func (o *company) video(w, f *writer, i int, tactics []string) people.Audience {
	author, audience := o.IntN(persons), o.audience()
	at := started().Add(time.Duration(i) * time.Minute)
	title := o.say(6)
	w.exec(`INSERT INTO videos (id, author_id, title, description, state, failure_code, failure, audience, complete_share, kind, filename, content_type, size, sha256, duration_ms, width, height,
		media_original, media_progressive, media_hls, media_poster, media_storyboard, media_audio, transcript_state, transcript_note, media_note, situation_text, stage, industry, persona, competitor,
		product, objection, tags, version, published_at, created_at, updated_at) VALUES (?, ?, ?, ?, 'ready', '', '', ?, 90, 'take', 'take.mp4', 'video/mp4', 20000000, ?, ?, 1280, 720,
		TRUE, TRUE, TRUE, TRUE, TRUE, TRUE, 'ready', '', '', '', ?, '', ?, '', '', ?, '[]', 1, ?, ?, ?)`,
		videoID(i), personID(author), title, o.say(15), string(audience), fmt.Sprintf("%064x", i), videoMS,
		one(o.corpus, []string{"discovery", "demo", "proposal", "negotiation", "closing", "renewal"}), one(o.corpus, []string{"cfo", "ceo", "procurement", "end-user"}),
		one(o.corpus, []string{"price", "timing", "competitor", "status-quo", "trust", "security"}), at, at, at)
	for _, key := range people.AudienceKeys(audience, o.place(author), nil) {
		w.exec(`INSERT INTO video_audience (video_id, key) VALUES (?, ?)`, videoID(i), key)
		f.exec(`INSERT INTO audience (key, video) VALUES (?, ?)`, key, i)
	}
	tactic := one(o.corpus, tactics)
	w.exec(`INSERT INTO video_tactics (video_id, tactic_id, created_at) VALUES (?, ?, ?)`, videoID(i), tactic, at)
	type segment struct {
		S int    `json:"s"`
		E int    `json:"e"`
		T string `json:"t"`
	}
	segments := make([]segment, passagesPerVideo)
	for j := range segments {
		s := segment{j * passageMS, (j + 1) * passageMS, o.say(60)}
		segments[j] = s
		w.exec(`INSERT INTO moments (video_id, ordinal, start_ms, end_ms, body) VALUES (?, ?, ?, ?, ?)`, videoID(i), j, s.S, s.E, s.T)
		f.exec(`INSERT INTO passages (rowid, text) VALUES (?, ?)`, i*passagesPerVideo+j, title+" "+s.T)
		if j%3 == 0 {
			w.exec(`INSERT INTO moment_tactics (video_id, ordinal, tactic_id) VALUES (?, ?, ?)`, videoID(i), j, tactic)
		}
	}
	text, err := json.Marshal(segments)
	w.fail(err)
	w.exec(`INSERT INTO transcripts (video_id, language, engine, source, segments, version, created_at, updated_at) VALUES (?, 'en', 'bench', 'speech', ?, 1, ?, ?)`, videoID(i), string(text), at, at)
	return audience
}

// writer is a transaction that keeps its statements prepared, and its first error.
type writer struct {
	ctx      context.Context
	tx       *sql.Tx
	prepared map[string]*sql.Stmt
	err      error
}

func newWriter(ctx context.Context, d *sql.DB) (*writer, error) {
	tx, err := d.BeginTx(ctx, nil)
	return &writer{ctx: ctx, tx: tx, prepared: map[string]*sql.Stmt{}}, err
}

func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *writer) exec(query string, args ...any) {
	if w.err != nil {
		return
	}
	s := w.prepared[query]
	if s == nil {
		if s, w.err = w.tx.PrepareContext(w.ctx, query); w.err != nil {
			return
		}
		w.prepared[query] = s
	}
	_, w.err = s.ExecContext(w.ctx, args...)
}

// close commits, if all went well.
func (w *writer) close(good bool) error {
	if w.err != nil || !good {
		return errors.Join(w.err, w.tx.Rollback())
	}
	return w.tx.Commit()
}

// column reads the first column of a query.
func column(ctx context.Context, tx *sql.Tx, query string) ([]string, error) {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return slices.Clip(out), nil
}
