-- +goose Up
-- A person asks a colleague what they think of a take.
CREATE TABLE feedback_asks (
  id         TEXT     NOT NULL PRIMARY KEY,
  video_id   TEXT     NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  from_id    TEXT     NOT NULL REFERENCES persons (id) ON DELETE CASCADE, -- the author of the take
  to_id      TEXT     NOT NULL REFERENCES persons (id) ON DELETE CASCADE, -- who may see it while the ask is open
  body       TEXT     NOT NULL,
  state      TEXT     NOT NULL, -- open | done | declined | withdrawn
  answer     TEXT     NOT NULL, -- in words, beside the notes at seconds of the take
  created_at DATETIME NOT NULL,
  settled_at DATETIME NULL
);
CREATE UNIQUE INDEX feedback_asks_open ON feedback_asks (video_id, to_id) WHERE state = 'open';
CREATE INDEX feedback_asks_to ON feedback_asks (to_id, created_at, id);
CREATE INDEX feedback_asks_from ON feedback_asks (from_id, created_at, id);

-- "Say it your way, in 20 seconds", from a moment.
CREATE TABLE practice_assignments (
  id             TEXT     NOT NULL PRIMARY KEY,
  from_id        TEXT     NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  to_id          TEXT     NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  video_id       TEXT     NULL REFERENCES videos (id) ON DELETE SET NULL, -- of the moment
  start_ms       INTEGER  NOT NULL,
  end_ms         INTEGER  NOT NULL,
  prompt         TEXT     NOT NULL,
  target_ms      INTEGER  NOT NULL, -- the length to aim at; 0: none
  due_on         TEXT     NOT NULL, -- YYYY-MM-DD, where the person is; empty: no day
  state          TEXT     NOT NULL, -- open | done | withdrawn
  shown_video_id TEXT     NULL REFERENCES videos (id) ON DELETE SET NULL, -- what the person chose to show
  created_at     DATETIME NOT NULL,
  settled_at     DATETIME NULL
);
CREATE INDEX practice_assignments_to ON practice_assignments (to_id, created_at, id);
CREATE INDEX practice_assignments_from ON practice_assignments (from_id, created_at, id);
CREATE INDEX practice_assignments_video ON practice_assignments (video_id);
CREATE INDEX practice_assignments_shown ON practice_assignments (shown_video_id);

-- What two people have promised each other when they talked.
CREATE TABLE promises (
  id         TEXT     NOT NULL PRIMARY KEY,
  person_id  TEXT     NOT NULL REFERENCES persons (id) ON DELETE CASCADE, -- who is coached
  coach_id   TEXT     NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  by_id      TEXT     NOT NULL REFERENCES persons (id) ON DELETE CASCADE, -- who wrote it down, one of the two
  owner_id   TEXT     NOT NULL REFERENCES persons (id) ON DELETE CASCADE, -- whose promise it is, one of the two
  body       TEXT     NOT NULL,
  due_on     TEXT     NOT NULL, -- YYYY-MM-DD, where its owner is
  done_at    DATETIME NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL
);
CREATE INDEX promises_person ON promises (person_id, coach_id);
CREATE INDEX promises_coach ON promises (coach_id);
CREATE INDEX promises_open ON promises (owner_id, due_on) WHERE done_at IS NULL;

-- Somebody suggests a take for the library; its author decides.
CREATE TABLE promotions (
  id             TEXT     NOT NULL PRIMARY KEY,
  video_id       TEXT     NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  suggested_by   TEXT     NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  author_id      TEXT     NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  reason         TEXT     NOT NULL,
  audience       TEXT     NOT NULL, -- as suggested, then as agreed to
  team_ids       TEXT     NOT NULL, -- JSON array
  ends_on        TEXT     NOT NULL, -- YYYY-MM-DD, the last day, where the author is; empty: no end
  state          TEXT     NOT NULL, -- suggested | agreed | declined | withdrawn | ended
  prior_kind     TEXT     NOT NULL, -- what it counted as, and who saw it, before: for the end
  prior_audience TEXT     NOT NULL,
  prior_team_ids TEXT     NOT NULL, -- JSON array
  created_at     DATETIME NOT NULL,
  settled_at     DATETIME NULL,
  ended_at       DATETIME NULL
);
CREATE UNIQUE INDEX promotions_open ON promotions (video_id) WHERE state = 'suggested';
CREATE INDEX promotions_author ON promotions (author_id, created_at, id);
CREATE INDEX promotions_by ON promotions (suggested_by, created_at, id);
CREATE INDEX promotions_running ON promotions (ends_on) WHERE state = 'agreed';
CREATE INDEX promotions_video ON promotions (video_id, state);

-- What a manager has said to their reports, month by month.
CREATE INDEX notes_author ON notes (author_id, created_at);
