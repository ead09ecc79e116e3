-- +goose Up
CREATE TABLE watch_events (
  person_id  TEXT        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  id         TEXT        NOT NULL, -- the sender's own
  video_id   TEXT        NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  from_ms    INTEGER      NOT NULL,
  to_ms      INTEGER      NOT NULL,
  at         DATETIME NOT NULL, -- when it was watched, by the sender's clock, never later than received
  source     TEXT        NOT NULL,
  created_at DATETIME NOT NULL,
  PRIMARY KEY (person_id, id)
) WITHOUT ROWID;
CREATE INDEX watch_events_video ON watch_events (video_id, person_id, at);

-- The union of what a person watched of a video, kept in the transaction of the events.
CREATE TABLE watched (
  video_id     TEXT        NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  person_id    TEXT        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  ranges       BLOB       NOT NULL,
  unique_ms    INTEGER      NOT NULL,
  views        INTEGER      NOT NULL,
  first_at     DATETIME NOT NULL,
  last_at      DATETIME NOT NULL,
  exposed_at   DATETIME NULL, -- when 75 % was first reached
  view_played_ms INTEGER NOT NULL, -- play towards the next view
  last_view_at DATETIME NULL,
  completed_at DATETIME NULL,
  PRIMARY KEY (video_id, person_id)
);
CREATE INDEX watched_person ON watched (person_id);
-- What reports read, without the rows themselves.
CREATE INDEX watched_viewers ON watched (video_id, person_id, views) WHERE views > 0;
CREATE INDEX watched_exposed ON watched (video_id, person_id, exposed_at) WHERE exposed_at IS NOT NULL;

-- Whole moments a person has watched, and when each was first whole.
CREATE TABLE watched_moments (
  video_id  TEXT        NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  person_id TEXT        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  start_ms  INTEGER      NOT NULL,
  end_ms    INTEGER      NOT NULL,
  at        DATETIME NOT NULL,
  PRIMARY KEY (video_id, start_ms, end_ms, person_id)
) WITHOUT ROWID;

CREATE TABLE views (
  video_id  TEXT        NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  person_id TEXT        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  at        DATETIME NOT NULL,
  PRIMARY KEY (video_id, person_id, at)
) WITHOUT ROWID;
CREATE INDEX views_at ON views (at);

-- Rollup per video and day (UTC), kept in the transaction of the events.
CREATE TABLE video_days (
  video_id   TEXT   NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  day        TEXT   NOT NULL, -- 2026-11-22
  events     INTEGER NOT NULL,
  views      INTEGER NOT NULL,
  new_ms     INTEGER NOT NULL, -- milliseconds nobody of the viewers had seen before, each once per person
  PRIMARY KEY (video_id, day)
) WITHOUT ROWID;
CREATE INDEX video_days_day ON video_days (day);

CREATE TABLE shares (
  id           TEXT        NOT NULL PRIMARY KEY,
  person_id    TEXT        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  video_id     TEXT        NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  start_ms     INTEGER      NOT NULL,
  end_ms       INTEGER      NOT NULL,
  to_person_id TEXT        NULL REFERENCES persons (id) ON DELETE CASCADE,
  to_team_id   TEXT        NULL REFERENCES teams (id) ON DELETE CASCADE,
  message      TEXT        NOT NULL,
  created_at   DATETIME NOT NULL
);
CREATE INDEX shares_video ON shares (video_id, created_at);
CREATE INDEX shares_person ON shares (person_id, created_at, id);
CREATE INDEX shares_to_person ON shares (to_person_id, created_at, id);
CREATE INDEX shares_to_team ON shares (to_team_id, created_at, id);

CREATE TABLE saves (
  id         TEXT        NOT NULL PRIMARY KEY,
  person_id  TEXT        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  video_id   TEXT        NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  start_ms   INTEGER      NOT NULL,
  end_ms     INTEGER      NOT NULL,
  created_at DATETIME NOT NULL
);
CREATE UNIQUE INDEX saves_once ON saves (person_id, video_id, start_ms, end_ms);
CREATE INDEX saves_person ON saves (person_id, created_at, id);
CREATE INDEX saves_video ON saves (video_id, created_at);
