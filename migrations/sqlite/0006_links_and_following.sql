-- +goose Up

-- Links that make an account (invitation) or set a new password (reset). Whoever holds the link's secret
-- may use it once; only the secret's hash is kept.
CREATE TABLE links (
  id          TEXT     NOT NULL PRIMARY KEY,
  kind        TEXT     NOT NULL, -- invitation | reset
  secret_hash TEXT     NOT NULL, -- SHA-256, hex; another after a renewal
  email       TEXT     NOT NULL,
  email_key   TEXT     NOT NULL, -- lower case
  name        TEXT     NOT NULL,
  roles       TEXT     NOT NULL, -- of an invitation: sorted, comma separated
  team_id     TEXT     NULL REFERENCES teams (id) ON DELETE SET NULL,
  seat        TEXT     NOT NULL, -- members | managers; empty without a team
  person_id   TEXT     NULL REFERENCES persons (id) ON DELETE CASCADE, -- whose password; who came by the invitation
  made_by     TEXT     NULL REFERENCES persons (id) ON DELETE SET NULL, -- null: the command line
  created_at  DATETIME NOT NULL,
  expires_at  DATETIME NOT NULL,
  used_at     DATETIME NULL,
  revoked_at  DATETIME NULL
);
CREATE UNIQUE INDEX links_secret ON links (secret_hash);
CREATE INDEX links_email ON links (email_key);
CREATE INDEX links_person ON links (person_id);

-- Whose new videos a person wants to see first.
CREATE TABLE follows (
  person_id   TEXT     NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  followed_id TEXT     NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  created_at  DATETIME NOT NULL,
  PRIMARY KEY (person_id, followed_id)
);
CREATE INDEX follows_followed ON follows (followed_id);

-- A session's own name, for lists and for ending it, and the network address it began at.
ALTER TABLE sessions ADD COLUMN handle TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
UPDATE sessions SET handle = lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
  || '-8' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)));
CREATE UNIQUE INDEX sessions_handle ON sessions (handle);
