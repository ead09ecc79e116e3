-- +goose Up
-- How a person wants to be reminded; without a row as by default.
CREATE TABLE reminders (
  person_id   text     NOT NULL PRIMARY KEY REFERENCES persons (id) ON DELETE CASCADE,
  mail        boolean  NOT NULL,
  chat_kind   text     NOT NULL, -- none | slack | teams
  chat_sealed text     NOT NULL, -- the webhook's address, sealed; empty: none
  at          text     NOT NULL, -- HH:MM where the person is
  days        text     NOT NULL, -- comma separated, 1 is Monday
  nudges      boolean  NOT NULL,
  updated_at  timestamptz NOT NULL
);

-- Messages that left the server, or are to. What they say is worked out when they are sent, and kept nowhere.
CREATE TABLE deliveries (
  id         text     NOT NULL PRIMARY KEY, -- also in the Message-ID
  once_key   text     NOT NULL, -- what may be sent once only: person, day and channel
  person_id  text     NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  kind       text     NOT NULL, -- digest | test
  channel    text     NOT NULL, -- mail | chat
  day        text     NOT NULL, -- YYYY-MM-DD where the person is
  state      text     NOT NULL, -- waiting | sending | sent | empty | failed | unsure
  tries      integer  NOT NULL,
  trouble    text     NOT NULL, -- code of what the last try failed with
  detail     text     NOT NULL, -- what the other side said, for admins
  next_at    timestamptz NOT NULL, -- not before
  give_up_at timestamptz NOT NULL, -- of no use after
  started_at timestamptz NULL, -- of the last try
  sent_at    timestamptz NULL,
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX deliveries_once ON deliveries (once_key);
CREATE INDEX deliveries_due ON deliveries (channel, next_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX deliveries_person ON deliveries (person_id, created_at);
CREATE INDEX deliveries_created ON deliveries (created_at);

-- Work that one node does at a time: planning the morning, sending on a channel.
CREATE TABLE delivery_turns (
  name     text NOT NULL PRIMARY KEY, -- plan | mail | chat
  holder   text NOT NULL, -- empty: nobody
  until    timestamptz NOT NULL, -- the turn ends
  failures integer NOT NULL, -- to reach the server, one after the other
  next_at  timestamptz NOT NULL -- the server is left alone until then
);
INSERT INTO delivery_turns (name, holder, until, failures, next_at) VALUES
  ('plan', '', '2000-01-01 00:00:00+00:00', 0, '2000-01-01 00:00:00+00:00'), ('mail', '', '2000-01-01 00:00:00+00:00', 0, '2000-01-01 00:00:00+00:00'), ('chat', '', '2000-01-01 00:00:00+00:00', 0, '2000-01-01 00:00:00+00:00');

-- What a participant was reminded of once.
CREATE TABLE reminded (
  kind       text     NOT NULL, -- result | due
  subject_id text     NOT NULL, -- the attempt, the enrolment
  at_key     text     NOT NULL, -- which due time; empty for results
  created_at timestamptz NOT NULL,
  PRIMARY KEY (kind, subject_id, at_key)
);
