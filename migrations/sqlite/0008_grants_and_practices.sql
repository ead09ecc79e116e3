-- +goose Up
-- What a recording was made for: an enrolment in a programme, or an assigned practice.
ALTER TABLE uploads ADD COLUMN for_id TEXT NULL;
ALTER TABLE videos ADD COLUMN for_id TEXT NULL;
CREATE INDEX videos_for ON videos (for_id) WHERE for_id IS NOT NULL;
-- Practices go after 30 days.
CREATE INDEX videos_practice ON videos (created_at) WHERE kind = 'practice';

-- Who may see a video beyond its audience, each for a reason: a reviewer an attempt, somebody who was asked for feedback.
-- Its keys stand in video_audience too.
CREATE TABLE video_grants (
  video_id   TEXT     NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  person_id  TEXT     NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  subject_id TEXT     NOT NULL, -- the review, the ask for feedback, the reply
  created_at DATETIME NOT NULL,
  PRIMARY KEY (video_id, person_id, subject_id)
);
CREATE INDEX video_grants_person ON video_grants (person_id);
CREATE INDEX video_grants_subject ON video_grants (subject_id);

-- What a notice is about beside videos, notes and asks: a review, an enrolment, a certificate.
ALTER TABLE notices ADD COLUMN subject_id TEXT NULL;
CREATE INDEX notices_subject ON notices (subject_id) WHERE subject_id IS NOT NULL;

-- The trail of what was decided, each entry sealed by a hash over itself and the one before.
CREATE TABLE audit_entries (
  seq        INTEGER  NOT NULL PRIMARY KEY,
  at         DATETIME NOT NULL,
  actor_id   TEXT     NULL, -- null: the server itself
  action     TEXT     NOT NULL, -- such as review.sent
  subject_id TEXT     NOT NULL, -- what it was done to: an attempt, a programme, a certificate
  detail     TEXT     NOT NULL, -- JSON, without what people wrote
  prev_hash  TEXT     NOT NULL,
  hash       TEXT     NOT NULL
);
CREATE INDEX audit_entries_subject ON audit_entries (subject_id, seq);
-- One row: where the trail ends. It is held while an entry is written.
CREATE TABLE audit_heads (
  id   INTEGER NOT NULL PRIMARY KEY,
  seq  INTEGER NOT NULL,
  hash TEXT    NOT NULL
);
INSERT INTO audit_heads (id, seq, hash) VALUES (1, 0, '');
