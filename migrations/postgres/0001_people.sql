-- +goose Up
CREATE TABLE persons (
  id            text        NOT NULL PRIMARY KEY,
  email         text        NOT NULL,
  email_key     text        NOT NULL, -- lower case; what sign-in and imports compare
  name          text        NOT NULL,
  roles         text        NOT NULL, -- sorted, comma separated: rep,manager,trainer,admin
  password_hash text        NOT NULL, -- argon2id in PHC form; empty: cannot sign in by password
  time_zone     text        NOT NULL,
  active        boolean     NOT NULL,
  auth_epoch    bigint      NOT NULL, -- raised when all sessions and tokens of the person must end
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL
);
CREATE UNIQUE INDEX persons_email_key ON persons (email_key);

CREATE TABLE teams (
  id         text        NOT NULL PRIMARY KEY,
  parent_id  text        NULL REFERENCES teams (id),
  name       text        NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX teams_parent ON teams (parent_id);

CREATE TABLE team_members (
  team_id    text        NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
  person_id  text        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (team_id, person_id)
);
CREATE INDEX team_members_person ON team_members (person_id);

CREATE TABLE team_managers (
  team_id    text        NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
  person_id  text        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (team_id, person_id)
);
CREATE INDEX team_managers_person ON team_managers (person_id);

-- One row. Raised in the transaction of every change of persons or teams, so that a node knows
-- whether what it remembers of them still holds.
CREATE TABLE directory_epochs (
  id    bigint NOT NULL PRIMARY KEY,
  value bigint NOT NULL
);
INSERT INTO directory_epochs (id, value) VALUES (1, 1);

CREATE TABLE sessions (
  id           text        NOT NULL PRIMARY KEY, -- SHA-256 of the cookie's value, hex
  person_id    text        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  auth_epoch   bigint      NOT NULL,
  user_agent   text        NOT NULL,
  created_at   timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL
);
CREATE INDEX sessions_person ON sessions (person_id);
CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE TABLE api_tokens (
  id           text        NOT NULL PRIMARY KEY,
  person_id    text        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  auth_epoch   bigint      NOT NULL,
  name         text        NOT NULL,
  secret_hash  text        NOT NULL,
  created_at   timestamptz NOT NULL,
  last_used_at timestamptz NULL,
  expires_at   timestamptz NULL
);
CREATE INDEX api_tokens_person ON api_tokens (person_id);

-- Failed sign-ins, by e-mail and by address: what limits guessing, on every node alike.
CREATE TABLE sign_in_failures (
  bucket     text        NOT NULL PRIMARY KEY,
  failures   bigint      NOT NULL,
  first_at   timestamptz NOT NULL,
  last_at    timestamptz NOT NULL
);

-- One-time codes: the first admin, and later invitations.
CREATE TABLE setup_codes (
  code_hash  text        NOT NULL PRIMARY KEY,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);

-- Secrets the installation makes for itself (media paths), shared by its nodes.
CREATE TABLE signing_keys (
  id         text        NOT NULL PRIMARY KEY,
  purpose    text        NOT NULL,
  secret     bytea       NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX signing_keys_purpose ON signing_keys (purpose);
