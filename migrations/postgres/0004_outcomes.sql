-- +goose Up
CREATE TABLE deal_imports (
  id         text        NOT NULL PRIMARY KEY,
  person_id  text        NULL REFERENCES persons (id) ON DELETE SET NULL,
  filename   text        NOT NULL,
  preset     text        NOT NULL,
  rows_read  bigint      NOT NULL,
  created    bigint      NOT NULL,
  updated    bigint      NOT NULL,
  unchanged  bigint      NOT NULL,
  failed     bigint      NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE TABLE deals (
  id           text        NOT NULL PRIMARY KEY,
  external_id  text        NOT NULL, -- the CRM's, exactly as an import or PUT normalised it
  name         text        NOT NULL,
  owner_id     text        NULL REFERENCES persons (id) ON DELETE SET NULL,
  owner_ref    text        NOT NULL, -- as the CRM names the owner, so that a later match is possible
  amount       text        NOT NULL, -- exact decimal as a string; empty: unknown
  currency     text        NOT NULL,
  stage        text        NOT NULL,
  status       text        NOT NULL, -- open | won | lost | deleted
  segment      text        NOT NULL,
  competitor   text        NOT NULL,
  product      text        NOT NULL,
  extra        text        NOT NULL, -- JSON object of unknown columns
  opened_at    timestamptz NOT NULL,
  closed_at    timestamptz NULL,
  import_id    text        NULL REFERENCES deal_imports (id) ON DELETE SET NULL,
  created_at   timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL
);
CREATE UNIQUE INDEX deals_external ON deals (external_id);
CREATE INDEX deals_owner ON deals (owner_id, status, id);
CREATE INDEX deals_opened ON deals (opened_at);

CREATE TABLE uses (
  id         text        NOT NULL PRIMARY KEY,
  person_id  text        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  video_id   text        NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  start_ms   bigint      NOT NULL,
  end_ms     bigint      NOT NULL,
  deal_id    text        NULL REFERENCES deals (id) ON DELETE SET NULL,
  after_view boolean NOT NULL, -- within 14 days after a view of the video by the same person
  comment    text        NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX uses_video ON uses (video_id, created_at);
CREATE INDEX uses_person ON uses (person_id, created_at, id);
CREATE INDEX uses_deal ON uses (deal_id);
