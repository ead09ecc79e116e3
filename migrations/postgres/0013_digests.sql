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
  once       text     NOT NULL, -- what may be sent once only: person, day and channel
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
CREATE UNIQUE INDEX deliveries_once ON deliveries (once);
CREATE INDEX deliveries_due ON deliveries (channel, next_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX deliveries_person ON deliveries (person_id, created_at);
CREATE INDEX deliveries_created ON deliveries (created_at);

-- Who sends on a channel, one at a time, and since when nobody can.
CREATE TABLE delivery_channels (
  channel  text     NOT NULL PRIMARY KEY,
  holder   text     NOT NULL, -- of the turn; empty: nobody
  until    timestamptz NULL, -- the turn ends
  failures integer  NOT NULL, -- to reach the server, one after the other
  next_at  timestamptz NULL -- not before
);
INSERT INTO delivery_channels (channel, holder, failures) VALUES ('mail', '', 0), ('chat', '', 0);

-- What a participant was reminded of once.
CREATE TABLE reminded (
  kind       text     NOT NULL, -- result | due
  subject_id text     NOT NULL, -- the attempt, the enrolment
  at_key     text     NOT NULL, -- which due time; empty for results
  created_at timestamptz NOT NULL,
  PRIMARY KEY (kind, subject_id, at_key)
);
