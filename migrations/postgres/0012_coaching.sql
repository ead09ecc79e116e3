-- +goose Up
-- A person asks a colleague what they think of a take.
CREATE TABLE feedback_asks (
  id         text        NOT NULL PRIMARY KEY,
  video_id   text        NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  from_id    text        NOT NULL REFERENCES persons (id) ON DELETE CASCADE, -- the author of the take
  to_id      text        NOT NULL REFERENCES persons (id) ON DELETE CASCADE, -- who may see it while the ask is open
  body       text        NOT NULL,
  state      text        NOT NULL, -- open | done | declined | withdrawn
  answer     text        NOT NULL, -- in words, beside the notes at seconds of the take
  created_at timestamptz NOT NULL,
  settled_at timestamptz NULL
);
CREATE UNIQUE INDEX feedback_asks_open ON feedback_asks (video_id, to_id) WHERE state = 'open';
CREATE INDEX feedback_asks_to ON feedback_asks (to_id, created_at, id);
CREATE INDEX feedback_asks_from ON feedback_asks (from_id, created_at, id);

-- "Say it your way, in 20 seconds", from a moment.
CREATE TABLE practice_assignments (
  id             text        NOT NULL PRIMARY KEY,
  from_id        text        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  to_id          text        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  video_id       text        NULL REFERENCES videos (id) ON DELETE SET NULL, -- of the moment
  start_ms       bigint      NOT NULL,
  end_ms         bigint      NOT NULL,
  prompt         text        NOT NULL,
  target_ms      bigint      NOT NULL, -- the length to aim at; 0: none
  due_on         text        NOT NULL, -- YYYY-MM-DD, where the person is; empty: no day
  state          text        NOT NULL, -- open | done | withdrawn
  shown_video_id text        NULL REFERENCES videos (id) ON DELETE SET NULL, -- what the person chose to show
  created_at     timestamptz NOT NULL,
  settled_at     timestamptz NULL
);
CREATE INDEX practice_assignments_to ON practice_assignments (to_id, created_at, id);
CREATE INDEX practice_assignments_from ON practice_assignments (from_id, created_at, id);
CREATE INDEX practice_assignments_video ON practice_assignments (video_id);
CREATE INDEX practice_assignments_shown ON practice_assignments (shown_video_id);

-- What two people have promised each other when they talked.
CREATE TABLE promises (
  id         text        NOT NULL PRIMARY KEY,
  person_id  text        NOT NULL REFERENCES persons (id) ON DELETE CASCADE, -- who is coached
  coach_id   text        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  by_id      text        NOT NULL REFERENCES persons (id) ON DELETE CASCADE, -- who wrote it down, one of the two
  owner_id   text        NOT NULL REFERENCES persons (id) ON DELETE CASCADE, -- whose promise it is, one of the two
  body       text        NOT NULL,
  due_on     text        NOT NULL, -- YYYY-MM-DD, where its owner is
  done_at    timestamptz NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX promises_person ON promises (person_id, coach_id);
CREATE INDEX promises_coach ON promises (coach_id);
CREATE INDEX promises_open ON promises (owner_id, due_on) WHERE done_at IS NULL;

-- Somebody suggests a take for the library; its author decides.
CREATE TABLE promotions (
  id             text        NOT NULL PRIMARY KEY,
  video_id       text        NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  suggested_by   text        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  author_id      text        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  reason         text        NOT NULL,
  audience       text        NOT NULL, -- as suggested, then as agreed to
  team_ids       text        NOT NULL, -- JSON array
  ends_on        text        NOT NULL, -- YYYY-MM-DD, the last day, where the author is; empty: no end
  state          text        NOT NULL, -- suggested | agreed | declined | withdrawn | ended
  prior_kind     text        NOT NULL, -- what it counted as, and who saw it, before: for the end
  prior_audience text        NOT NULL,
  prior_team_ids text        NOT NULL, -- JSON array
  created_at     timestamptz NOT NULL,
  settled_at     timestamptz NULL,
  ended_at       timestamptz NULL
);
CREATE UNIQUE INDEX promotions_open ON promotions (video_id) WHERE state = 'suggested';
CREATE INDEX promotions_author ON promotions (author_id, created_at, id);
CREATE INDEX promotions_by ON promotions (suggested_by, created_at, id);
CREATE INDEX promotions_running ON promotions (ends_on) WHERE state = 'agreed';
CREATE INDEX promotions_video ON promotions (video_id, state);

-- What a manager has said to their reports, month by month.
CREATE INDEX notes_author ON notes (author_id, created_at);
