-- +goose Up
CREATE TABLE persons (
  id            TEXT        NOT NULL PRIMARY KEY,
  email         TEXT        NOT NULL,
  email_key     TEXT        NOT NULL, -- lower case; what sign-in and imports compare
  name          TEXT        NOT NULL,
  roles         TEXT        NOT NULL, -- sorted, comma separated: rep,manager,trainer,admin
  password_hash TEXT        NOT NULL, -- argon2id in PHC form; empty: cannot sign in by password
  time_zone     TEXT        NOT NULL,
  active        BOOLEAN     NOT NULL,
  auth_epoch    INTEGER      NOT NULL, -- raised when all sessions and tokens of the person must end
  created_at    DATETIME NOT NULL,
  updated_at    DATETIME NOT NULL
);
CREATE UNIQUE INDEX persons_email_key ON persons (email_key);

CREATE TABLE teams (
  id         TEXT        NOT NULL PRIMARY KEY,
  parent_id  TEXT        NULL REFERENCES teams (id),
  name       TEXT        NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL
);
CREATE INDEX teams_parent ON teams (parent_id);

CREATE TABLE team_members (
  team_id    TEXT        NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
  person_id  TEXT        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  created_at DATETIME NOT NULL,
  PRIMARY KEY (team_id, person_id)
);
CREATE INDEX team_members_person ON team_members (person_id);

CREATE TABLE team_managers (
  team_id    TEXT        NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
  person_id  TEXT        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  created_at DATETIME NOT NULL,
  PRIMARY KEY (team_id, person_id)
);
CREATE INDEX team_managers_person ON team_managers (person_id);

-- One row. Raised in the transaction of every change of persons or teams, so that a node knows
-- whether what it remembers of them still holds.
CREATE TABLE directory_epochs (
  id    INTEGER NOT NULL PRIMARY KEY,
  value INTEGER NOT NULL
);
INSERT INTO directory_epochs (id, value) VALUES (1, 1);

CREATE TABLE sessions (
  id           TEXT        NOT NULL PRIMARY KEY, -- SHA-256 of the cookie's value, hex
  person_id    TEXT        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  auth_epoch   INTEGER      NOT NULL,
  user_agent   TEXT        NOT NULL,
  created_at   DATETIME NOT NULL,
  last_seen_at DATETIME NOT NULL,
  expires_at   DATETIME NOT NULL
);
CREATE INDEX sessions_person ON sessions (person_id);
CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE TABLE api_tokens (
  id           TEXT        NOT NULL PRIMARY KEY,
  person_id    TEXT        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  auth_epoch   INTEGER      NOT NULL,
  name         TEXT        NOT NULL,
  secret_hash  TEXT        NOT NULL,
  created_at   DATETIME NOT NULL,
  last_used_at DATETIME NULL,
  expires_at   DATETIME NULL
);
CREATE INDEX api_tokens_person ON api_tokens (person_id);

-- Failed sign-ins, by e-mail and by address: what limits guessing, on every node alike.
CREATE TABLE sign_in_failures (
  bucket     TEXT        NOT NULL PRIMARY KEY,
  failures   INTEGER      NOT NULL,
  first_at   DATETIME NOT NULL,
  last_at    DATETIME NOT NULL
);

-- One-time codes: the first admin, and later invitations.
CREATE TABLE setup_codes (
  code_hash  TEXT        NOT NULL PRIMARY KEY,
  created_at DATETIME NOT NULL,
  expires_at DATETIME NOT NULL
);

-- Secrets the installation makes for itself (media paths), shared by its nodes.
CREATE TABLE signing_keys (
  id         TEXT        NOT NULL PRIMARY KEY,
  purpose    TEXT        NOT NULL,
  secret     BLOB       NOT NULL,
  created_at DATETIME NOT NULL
);
CREATE INDEX signing_keys_purpose ON signing_keys (purpose);
