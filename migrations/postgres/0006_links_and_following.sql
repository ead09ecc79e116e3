-- +goose Up

-- Links that make an account (invitation) or set a new password (reset). Whoever holds the link's secret
-- may use it once; only the secret's hash is kept.
CREATE TABLE links (
  id          text        NOT NULL PRIMARY KEY,
  kind        text        NOT NULL, -- invitation | reset
  secret_hash text        NOT NULL, -- SHA-256, hex; another after a renewal
  email       text        NOT NULL,
  email_key   text        NOT NULL, -- lower case
  name        text        NOT NULL,
  roles       text        NOT NULL, -- of an invitation: sorted, comma separated
  team_id     text        NULL REFERENCES teams (id) ON DELETE SET NULL,
  seat        text        NOT NULL, -- members | managers; empty without a team
  person_id   text        NULL REFERENCES persons (id) ON DELETE CASCADE, -- whose password; who came by the invitation
  made_by     text        NULL REFERENCES persons (id) ON DELETE SET NULL, -- null: the command line
  created_at  timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL,
  used_at     timestamptz NULL,
  revoked_at  timestamptz NULL
);
CREATE UNIQUE INDEX links_secret ON links (secret_hash);
CREATE INDEX links_email ON links (email_key);
CREATE INDEX links_person ON links (person_id);

-- Whose new videos a person wants to see first.
CREATE TABLE follows (
  person_id   text        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  followed_id text        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (person_id, followed_id)
);
CREATE INDEX follows_followed ON follows (followed_id);

-- A session's own name, for lists and for ending it, and the network address it began at.
ALTER TABLE sessions ADD COLUMN handle text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address text NOT NULL DEFAULT '';
UPDATE sessions SET handle = gen_random_uuid()::text;
CREATE UNIQUE INDEX sessions_handle ON sessions (handle);
