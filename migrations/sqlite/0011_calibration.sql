-- +goose Up
-- Takes that a panel has scored: what reviewers are measured against.
CREATE TABLE gold_takes (
  id                TEXT     NOT NULL PRIMARY KEY,
  title             TEXT     NOT NULL,
  video_id          TEXT     NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  rubric_version_id TEXT     NOT NULL REFERENCES rubric_versions (id),
  created_by        TEXT     NULL REFERENCES persons (id) ON DELETE SET NULL,
  created_at        DATETIME NOT NULL,
  updated_at        DATETIME NOT NULL,
  retired_at        DATETIME NULL -- given to nobody any more; what was scored stays
);
CREATE INDEX gold_takes_video ON gold_takes (video_id);

CREATE TABLE gold_scores (
  gold_id      TEXT    NOT NULL REFERENCES gold_takes (id) ON DELETE CASCADE,
  person_id    TEXT    NOT NULL REFERENCES persons (id) ON DELETE CASCADE, -- of the panel
  criterion_id TEXT    NOT NULL REFERENCES criteria (id),
  level        INTEGER NOT NULL, -- from 1
  PRIMARY KEY (gold_id, person_id, criterion_id)
);
CREATE INDEX gold_scores_person ON gold_scores (person_id);

-- A reviewer's month.
CREATE TABLE calibrations (
  person_id  TEXT     NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  month      TEXT     NOT NULL, -- YYYY-MM
  skipped    BOOLEAN  NOT NULL,
  told_at    DATETIME NULL, -- by a notice
  created_at DATETIME NOT NULL,
  PRIMARY KEY (person_id, month)
);

-- The takes drawn for it.
CREATE TABLE calibration_takes (
  id         TEXT     NOT NULL PRIMARY KEY, -- the reason of the grant on its video
  person_id  TEXT     NOT NULL,
  month      TEXT     NOT NULL,
  gold_id    TEXT     NOT NULL REFERENCES gold_takes (id) ON DELETE CASCADE,
  position   INTEGER  NOT NULL, -- from 0
  again      BOOLEAN  NOT NULL, -- its panel's scores were known from an earlier month: it counts for nothing
  opened_at  DATETIME NULL, -- a grant stands on its video since
  scored_at  DATETIME NULL,
  FOREIGN KEY (person_id, month) REFERENCES calibrations (person_id, month) ON DELETE CASCADE
);
CREATE UNIQUE INDEX calibration_takes_gold ON calibration_takes (person_id, month, gold_id);
CREATE INDEX calibration_takes_of ON calibration_takes (gold_id);

CREATE TABLE calibration_scores (
  take_id      TEXT    NOT NULL REFERENCES calibration_takes (id) ON DELETE CASCADE,
  criterion_id TEXT    NOT NULL REFERENCES criteria (id),
  level        INTEGER NOT NULL, -- from 1; final
  PRIMARY KEY (take_id, criterion_id)
);
