-- +goose Up
-- The pair of keys by which push services know this installation. There is one: devices subscribe to its public half.
CREATE TABLE push_keys (
  id         INTEGER  NOT NULL PRIMARY KEY, -- 1
  sealed     TEXT     NOT NULL, -- the private key, sealed
  created_at DATETIME NOT NULL
);

-- Browsers that people let show messages.
CREATE TABLE push_devices (
  id           TEXT     NOT NULL PRIMARY KEY,
  person_id    TEXT     NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  session_id   TEXT     NOT NULL, -- the session it was last used with; signing out of that ends it, its running out does not
  auth_epoch   INTEGER  NOT NULL, -- as the person's, or they have signed out everywhere since
  endpoint_sum TEXT     NOT NULL, -- of the address at the push service, which is a secret
  sealed       TEXT     NOT NULL, -- the address and the browser's keys, sealed
  service      TEXT     NOT NULL, -- google | mozilla | apple | microsoft
  user_agent   TEXT     NOT NULL, -- what the browser called itself
  created_at   DATETIME NOT NULL,
  sent_at      DATETIME NULL -- the push service last took a message for it
);
CREATE UNIQUE INDEX push_devices_endpoint ON push_devices (endpoint_sum);
CREATE INDEX push_devices_person ON push_devices (person_id, created_at);

ALTER TABLE deliveries ADD COLUMN device_id TEXT NOT NULL DEFAULT ''; -- of a push
ALTER TABLE deliveries ADD COLUMN service TEXT NOT NULL DEFAULT ''; -- whose push service that is
ALTER TABLE deliveries ADD COLUMN notice_id TEXT NOT NULL DEFAULT ''; -- of a nudge and an offer

-- Each push service that could not be reached has a row of its own besides, named push: and the service.
INSERT INTO delivery_turns (name, holder, until, failures, next_at) VALUES ('push', '', '2000-01-01 00:00:00+00:00', 0, '2000-01-01 00:00:00+00:00');
