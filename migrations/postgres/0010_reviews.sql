-- +goose Up
-- Who stands in for whom, from the first to the last day, each where the absent one is.
CREATE TABLE deputies (
  person_id  text     NOT NULL PRIMARY KEY REFERENCES persons (id) ON DELETE CASCADE,
  deputy_id  text     NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  from_date  text     NOT NULL, -- YYYY-MM-DD
  to_date    text     NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX deputies_deputy ON deputies (deputy_id);

-- One reviewer's levels, notes and decision on one attempt.
CREATE TABLE reviews (
  id                text     NOT NULL PRIMARY KEY,
  attempt_id        text     NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
  programme_id      text     NOT NULL REFERENCES programmes (id) ON DELETE CASCADE,
  role              text     NOT NULL, -- first | second | third | dispute | again (under a newer rubric)
  reviewer_id       text     NULL REFERENCES persons (id) ON DELETE SET NULL, -- null: waits in the pool
  for_id            text     NULL REFERENCES persons (id) ON DELETE SET NULL, -- whose deputy the reviewer is
  state             text     NOT NULL, -- waiting | sent | dropped
  rubric_version_id text     NOT NULL REFERENCES rubric_versions (id),
  draft             text     NOT NULL, -- JSON: levels, notes, decision, message; empty: none
  draft_version     bigint  NOT NULL,
  draft_at          timestamptz NULL,
  decision          text     NOT NULL, -- pass | retry | fail, once sent
  retry_criteria    text     NOT NULL, -- JSON array
  message           text     NOT NULL,
  score             bigint  NULL, -- hundredths of a percent
  due_at            timestamptz NULL, -- the attempt's
  created_at        timestamptz NOT NULL, -- since when it is waited for
  assigned_at       timestamptz NOT NULL, -- to this reviewer, or to the pool
  claimed_at        timestamptz NULL, -- taken out of a pool
  nudged_at         timestamptz NULL,
  offered_at        timestamptz NULL, -- to the deputy
  offered_to        text     NULL REFERENCES persons (id) ON DELETE SET NULL,
  sent_at           timestamptz NULL
);
CREATE UNIQUE INDEX reviews_role ON reviews (attempt_id, role) WHERE state <> 'dropped' AND role IN ('first', 'second', 'third', 'dispute');
-- Nobody looks at an attempt twice, but under a newer rubric.
CREATE UNIQUE INDEX reviews_reviewer ON reviews (attempt_id, reviewer_id) WHERE state <> 'dropped' AND role <> 'again' AND reviewer_id IS NOT NULL;
CREATE UNIQUE INDEX reviews_again ON reviews (attempt_id, rubric_version_id) WHERE state <> 'dropped' AND role = 'again';
CREATE INDEX reviews_attempt ON reviews (attempt_id);
CREATE INDEX reviews_queue ON reviews (reviewer_id, due_at, created_at) WHERE state = 'waiting';
CREATE INDEX reviews_offered ON reviews (offered_to) WHERE state = 'waiting' AND offered_to IS NOT NULL;
CREATE INDEX reviews_done ON reviews (reviewer_id, sent_at) WHERE state = 'sent';
CREATE INDEX reviews_waiting ON reviews (assigned_at) WHERE state = 'waiting';
CREATE INDEX reviews_programme ON reviews (programme_id, state);

CREATE TABLE review_scores (
  review_id    text    NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
  criterion_id text    NOT NULL REFERENCES criteria (id),
  level        bigint NOT NULL, -- from 1
  carried      boolean NOT NULL, -- from the attempt before, not looked at again
  PRIMARY KEY (review_id, criterion_id)
);
CREATE INDEX review_scores_criterion ON review_scores (criterion_id);

CREATE TABLE review_notes (
  id             text     NOT NULL, -- the sender's own
  review_id      text     NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
  at_ms          bigint  NOT NULL,
  kind           text     NOT NULL, -- good | work | question | note
  body           text     NOT NULL,
  voice          boolean  NOT NULL, -- a recording is in review_voices
  reply_video_id text     NULL REFERENCES videos (id) ON DELETE SET NULL,
  created_at     timestamptz NOT NULL,
  PRIMARY KEY (review_id, id)
);
CREATE INDEX review_notes_review ON review_notes (review_id, at_ms);

-- Recordings of spoken notes, in the media store under review/<review>/<note>.m4a, from when they were said.
CREATE TABLE review_voices (
  review_id   text     NOT NULL REFERENCES reviews (id) ON DELETE CASCADE,
  note_id     text     NOT NULL,
  duration_ms bigint  NOT NULL,
  size        bigint  NOT NULL,
  sha256      text     NOT NULL, -- of what was sent: the same again is the same note
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (review_id, note_id)
);

CREATE TABLE disputes (
  id              text     NOT NULL PRIMARY KEY,
  attempt_id      text     NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
  person_id       text     NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  reason          text     NOT NULL,
  state           text     NOT NULL, -- open | stands | changed | withdrawn
  third_review_id text     NULL REFERENCES reviews (id) ON DELETE SET NULL,
  resolution      text     NOT NULL, -- in words, for the participant
  resolved_by     text     NULL REFERENCES persons (id) ON DELETE SET NULL,
  created_at      timestamptz NOT NULL,
  resolved_at     timestamptz NULL
);
CREATE UNIQUE INDEX disputes_attempt ON disputes (attempt_id) WHERE state <> 'withdrawn';
CREATE INDEX disputes_state ON disputes (state, id);
