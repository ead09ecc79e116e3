-- +goose Up
-- Takes that a panel has scored: what reviewers are measured against.
CREATE TABLE gold_takes (
  id                text     NOT NULL PRIMARY KEY,
  title             text     NOT NULL,
  video_id          text     NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  rubric_version_id text     NOT NULL REFERENCES rubric_versions (id),
  created_by        text     NULL REFERENCES persons (id) ON DELETE SET NULL,
  created_at        timestamptz NOT NULL,
  updated_at        timestamptz NOT NULL,
  retired_at        timestamptz NULL -- given to nobody any more; what was scored stays
);
CREATE INDEX gold_takes_video ON gold_takes (video_id);

CREATE TABLE gold_scores (
  gold_id      text    NOT NULL REFERENCES gold_takes (id) ON DELETE CASCADE,
  person_id    text    NOT NULL REFERENCES persons (id) ON DELETE CASCADE, -- of the panel
  criterion_id text    NOT NULL REFERENCES criteria (id),
  level        integer NOT NULL, -- from 1
  PRIMARY KEY (gold_id, person_id, criterion_id)
);
CREATE INDEX gold_scores_person ON gold_scores (person_id);

-- A reviewer's month.
CREATE TABLE calibrations (
  person_id  text     NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  month      text     NOT NULL, -- YYYY-MM
  skipped    boolean  NOT NULL,
  told_at    timestamptz NULL, -- by a notice
  created_at timestamptz NOT NULL,
  PRIMARY KEY (person_id, month)
);

-- The takes drawn for it.
CREATE TABLE calibration_takes (
  id         text     NOT NULL PRIMARY KEY, -- the reason of the grant on its video
  person_id  text     NOT NULL,
  month      text     NOT NULL,
  gold_id    text     NOT NULL REFERENCES gold_takes (id) ON DELETE CASCADE,
  position   integer  NOT NULL, -- from 0
  again      boolean  NOT NULL, -- its panel's scores were known from an earlier month: it counts for nothing
  opened_at  timestamptz NULL, -- a grant stands on its video since
  scored_at  timestamptz NULL,
  FOREIGN KEY (person_id, month) REFERENCES calibrations (person_id, month) ON DELETE CASCADE
);
CREATE UNIQUE INDEX calibration_takes_gold ON calibration_takes (person_id, month, gold_id);
CREATE INDEX calibration_takes_of ON calibration_takes (gold_id);

CREATE TABLE calibration_scores (
  take_id      text    NOT NULL REFERENCES calibration_takes (id) ON DELETE CASCADE,
  criterion_id text    NOT NULL REFERENCES criteria (id),
  level        integer NOT NULL, -- from 1; final
  PRIMARY KEY (take_id, criterion_id)
);
