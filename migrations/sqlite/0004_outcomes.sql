-- +goose Up
CREATE TABLE deal_imports (
  id         TEXT        NOT NULL PRIMARY KEY,
  person_id  TEXT        NULL REFERENCES persons (id) ON DELETE SET NULL,
  filename   TEXT        NOT NULL,
  preset     TEXT        NOT NULL,
  rows_read  INTEGER      NOT NULL,
  created    INTEGER      NOT NULL,
  updated    INTEGER      NOT NULL,
  unchanged  INTEGER      NOT NULL,
  failed     INTEGER      NOT NULL,
  created_at DATETIME NOT NULL
);

CREATE TABLE deals (
  id           TEXT        NOT NULL PRIMARY KEY,
  external_id  TEXT        NOT NULL, -- the CRM's, exactly as an import or PUT normalised it
  name         TEXT        NOT NULL,
  owner_id     TEXT        NULL REFERENCES persons (id) ON DELETE SET NULL,
  owner_ref    TEXT        NOT NULL, -- as the CRM names the owner, so that a later match is possible
  amount       TEXT        NOT NULL, -- exact decimal as a string; empty: unknown
  currency     TEXT        NOT NULL,
  stage        TEXT        NOT NULL,
  status       TEXT        NOT NULL, -- open | won | lost | deleted
  segment      TEXT        NOT NULL,
  competitor   TEXT        NOT NULL,
  product      TEXT        NOT NULL,
  extra        TEXT        NOT NULL, -- JSON object of unknown columns
  opened_at    DATETIME NOT NULL,
  closed_at    DATETIME NULL,
  import_id    TEXT        NULL REFERENCES deal_imports (id) ON DELETE SET NULL,
  created_at   DATETIME NOT NULL,
  updated_at   DATETIME NOT NULL
);
CREATE UNIQUE INDEX deals_external ON deals (external_id);
CREATE INDEX deals_owner ON deals (owner_id, status, id);
CREATE INDEX deals_opened ON deals (opened_at);

CREATE TABLE uses (
  id         TEXT        NOT NULL PRIMARY KEY,
  person_id  TEXT        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  video_id   TEXT        NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  start_ms   INTEGER      NOT NULL,
  end_ms     INTEGER      NOT NULL,
  deal_id    TEXT        NULL REFERENCES deals (id) ON DELETE SET NULL,
  after_view BOOLEAN NOT NULL, -- within 14 days after a view of the video by the same person
  comment    TEXT        NOT NULL,
  created_at DATETIME NOT NULL
);
CREATE INDEX uses_video ON uses (video_id, created_at);
CREATE INDEX uses_person ON uses (person_id, created_at, id);
CREATE INDEX uses_deal ON uses (deal_id);
