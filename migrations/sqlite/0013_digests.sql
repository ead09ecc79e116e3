-- +goose Up
-- How a person wants to be reminded; without a row as by default.
CREATE TABLE reminders (
  person_id   TEXT     NOT NULL PRIMARY KEY REFERENCES persons (id) ON DELETE CASCADE,
  mail        BOOLEAN  NOT NULL,
  chat_kind   TEXT     NOT NULL, -- none | slack | teams
  chat_sealed TEXT     NOT NULL, -- the webhook's address, sealed; empty: none
  at          TEXT     NOT NULL, -- HH:MM where the person is
  days        TEXT     NOT NULL, -- comma separated, 1 is Monday
  nudges      BOOLEAN  NOT NULL,
  updated_at  DATETIME NOT NULL
);

-- Messages that left the server, or are to. What they say is worked out when they are sent, and kept nowhere.
CREATE TABLE deliveries (
  id         TEXT     NOT NULL PRIMARY KEY, -- also in the Message-ID
  once_key   TEXT     NOT NULL, -- what may be sent once only: person, day and channel
  person_id  TEXT     NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  kind       TEXT     NOT NULL, -- digest | test
  channel    TEXT     NOT NULL, -- mail | chat
  day        TEXT     NOT NULL, -- YYYY-MM-DD where the person is
  state      TEXT     NOT NULL, -- waiting | sending | sent | empty | failed | unsure
  tries      INTEGER  NOT NULL,
  trouble    TEXT     NOT NULL, -- code of what the last try failed with
  detail     TEXT     NOT NULL, -- what the other side said, for admins
  next_at    DATETIME NOT NULL, -- not before
  give_up_at DATETIME NOT NULL, -- of no use after
  started_at DATETIME NULL, -- of the last try
  sent_at    DATETIME NULL,
  created_at DATETIME NOT NULL
);
CREATE UNIQUE INDEX deliveries_once ON deliveries (once_key);
CREATE INDEX deliveries_due ON deliveries (channel, next_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX deliveries_person ON deliveries (person_id, created_at);
CREATE INDEX deliveries_created ON deliveries (created_at);

-- Work that one node does at a time: planning the morning, sending on a channel.
CREATE TABLE delivery_turns (
  name     TEXT NOT NULL PRIMARY KEY, -- plan | mail | chat
  holder   TEXT NOT NULL, -- empty: nobody
  until    DATETIME NOT NULL, -- the turn ends
  failures INTEGER NOT NULL, -- to reach the server, one after the other
  next_at  DATETIME NOT NULL -- the server is left alone until then
);
INSERT INTO delivery_turns (name, holder, until, failures, next_at) VALUES
  ('plan', '', '2000-01-01 00:00:00+00:00', 0, '2000-01-01 00:00:00+00:00'), ('mail', '', '2000-01-01 00:00:00+00:00', 0, '2000-01-01 00:00:00+00:00'), ('chat', '', '2000-01-01 00:00:00+00:00', 0, '2000-01-01 00:00:00+00:00');

-- What a participant was reminded of once.
CREATE TABLE reminded (
  kind       TEXT     NOT NULL, -- result | due
  subject_id TEXT     NOT NULL, -- the attempt, the enrolment
  at_key     TEXT     NOT NULL, -- which due time; empty for results
  created_at DATETIME NOT NULL,
  PRIMARY KEY (kind, subject_id, at_key)
);
