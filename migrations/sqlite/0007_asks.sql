-- +goose Up
-- A person asks a colleague for a short take.
CREATE TABLE asks (
  id              TEXT     NOT NULL PRIMARY KEY,
  from_id         TEXT     NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  to_id           TEXT     NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  body            TEXT     NOT NULL,
  video_id        TEXT     NULL REFERENCES videos (id) ON DELETE SET NULL, -- the moment it refers to
  start_ms        INTEGER  NOT NULL,
  end_ms          INTEGER  NOT NULL,
  state           TEXT     NOT NULL, -- open | answered | declined | withdrawn
  answer_video_id TEXT     NULL REFERENCES videos (id) ON DELETE SET NULL,
  created_at      DATETIME NOT NULL,
  settled_at      DATETIME NULL -- when it was answered, declined or withdrawn
);
CREATE INDEX asks_to ON asks (to_id, created_at, id);
CREATE INDEX asks_from ON asks (from_id, created_at, id);
CREATE INDEX asks_video ON asks (video_id);
CREATE INDEX asks_answer ON asks (answer_video_id);

-- What is new, without looking at takes that nobody but their author has ever seen.
CREATE INDEX videos_published ON videos (published_at, id) WHERE deleted_at IS NULL AND published_at IS NOT NULL;

-- What somebody has begun, the last watched first.
CREATE INDEX watched_unfinished ON watched (person_id, last_at) WHERE completed_at IS NULL;
