-- +goose Up
CREATE TABLE rubrics (
  id          TEXT     NOT NULL PRIMARY KEY,
  name        TEXT     NOT NULL,
  created_by  TEXT     NULL REFERENCES persons (id) ON DELETE SET NULL,
  archived_at DATETIME NULL,
  created_at  DATETIME NOT NULL,
  updated_at  DATETIME NOT NULL
);

-- Never changed once written: old scores keep the words they were given under.
CREATE TABLE rubric_versions (
  id         TEXT     NOT NULL PRIMARY KEY,
  rubric_id  TEXT     NOT NULL REFERENCES rubrics (id),
  number     INTEGER  NOT NULL, -- from 1
  created_by TEXT     NULL REFERENCES persons (id) ON DELETE SET NULL,
  created_at DATETIME NOT NULL
);
CREATE UNIQUE INDEX rubric_versions_number ON rubric_versions (rubric_id, number);

CREATE TABLE criteria (
  id          TEXT    NOT NULL PRIMARY KEY,
  version_id  TEXT    NOT NULL REFERENCES rubric_versions (id),
  position    INTEGER NOT NULL, -- from 0
  name        TEXT    NOT NULL,
  description TEXT    NOT NULL,
  weight      INTEGER NOT NULL, -- 1 to 100
  levels      TEXT    NOT NULL, -- JSON: [{points, name, description}], low to high; level 1 is the first
  lineage_id  TEXT    NOT NULL -- the same for criteria of several versions that stand for each other; for trends only
);
CREATE UNIQUE INDEX criteria_position ON criteria (version_id, position);
CREATE INDEX criteria_lineage ON criteria (lineage_id);

CREATE TABLE programmes (
  id                TEXT     NOT NULL PRIMARY KEY,
  name              TEXT     NOT NULL,
  brief             TEXT     NOT NULL,
  state             TEXT     NOT NULL, -- draft | open | closed
  rubric_version_id TEXT     NULL REFERENCES rubric_versions (id), -- null in drafts only
  model_video_id    TEXT     NULL REFERENCES videos (id) ON DELETE SET NULL,
  model_start_ms    INTEGER  NOT NULL,
  model_end_ms      INTEGER  NOT NULL,
  target_ms         INTEGER  NOT NULL, -- the length to aim at; 0: none
  answer_types      TEXT     NOT NULL, -- comma separated: camera,screen,file
  due_kind          TEXT     NOT NULL, -- none | date | days
  due_date          TEXT     NOT NULL, -- YYYY-MM-DD: until the end of that day where the participant is
  due_days          INTEGER  NOT NULL, -- days after the start
  attempts_max      INTEGER  NOT NULL, -- 0: no limit
  wait_hours        INTEGER  NOT NULL, -- between a result and the next attempt
  pass_kind         TEXT     NOT NULL, -- total | each
  pass_percent      INTEGER  NOT NULL,
  pass_level        INTEGER  NOT NULL,
  reviewer_kind     TEXT     NOT NULL, -- manager | named | pool
  second_share      INTEGER  NOT NULL, -- percent of attempts that two review, each without knowing of the other
  second_distance   INTEGER  NOT NULL, -- points of a hundred they may lie apart before a third is asked
  valid_days        INTEGER  NOT NULL, -- of the certificate; 0: for ever
  renew_days        INTEGER  NOT NULL, -- before the end of the certificate, when it may be renewed
  peers             TEXT     NOT NULL, -- never | before | after
  must_say          TEXT     NOT NULL, -- JSON array of phrases
  must_not_say      TEXT     NOT NULL,
  version           INTEGER  NOT NULL,
  created_by        TEXT     NULL REFERENCES persons (id) ON DELETE SET NULL,
  created_at        DATETIME NOT NULL,
  updated_at        DATETIME NOT NULL,
  opened_at         DATETIME NULL,
  closed_at         DATETIME NULL
);
CREATE INDEX programmes_state ON programmes (state, id);

CREATE TABLE programme_attachments (
  programme_id TEXT    NOT NULL REFERENCES programmes (id) ON DELETE CASCADE,
  position     INTEGER NOT NULL,
  title        TEXT    NOT NULL,
  url          TEXT    NOT NULL, -- https://…, or empty
  video_id     TEXT    NULL REFERENCES videos (id) ON DELETE CASCADE,
  PRIMARY KEY (programme_id, position)
);

-- Who takes part: all that is named in one row must hold of a person, and one row of a programme is enough.
CREATE TABLE programme_rules (
  id              TEXT    NOT NULL PRIMARY KEY,
  programme_id    TEXT    NOT NULL REFERENCES programmes (id) ON DELETE CASCADE,
  position        INTEGER NOT NULL,
  person_id       TEXT    NULL REFERENCES persons (id) ON DELETE CASCADE,
  team_id         TEXT    NULL REFERENCES teams (id) ON DELETE CASCADE, -- its members and those of teams below
  role            TEXT    NOT NULL, -- empty: any
  new_within_days INTEGER NOT NULL  -- only who got the role, or joined, after the programme opened or at most so many days before; 0: all
);
CREATE INDEX programme_rules_programme ON programme_rules (programme_id, position);

CREATE TABLE programme_reviewers (
  programme_id TEXT NOT NULL REFERENCES programmes (id) ON DELETE CASCADE,
  person_id    TEXT NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  PRIMARY KEY (programme_id, person_id)
);

-- When somebody got a role that they had not from the beginning; without a row, when the account was made.
CREATE TABLE role_starts (
  person_id  TEXT NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  role       TEXT NOT NULL,
  started_at DATETIME NOT NULL,
  PRIMARY KEY (person_id, role)
);

-- A person in a programme.
CREATE TABLE enrolments (
  id              TEXT     NOT NULL PRIMARY KEY,
  programme_id    TEXT     NOT NULL REFERENCES programmes (id) ON DELETE CASCADE,
  person_id       TEXT     NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  state           TEXT     NOT NULL, -- open | submitted | retry | passed | failed
  by_hand         BOOLEAN  NOT NULL, -- the due time was set for this person alone
  due_at          DATETIME NULL,
  extra_attempts  INTEGER  NOT NULL, -- given to this person alone
  attempts        INTEGER  NOT NULL, -- that count: all but those from before a renewal
  next_attempt_at DATETIME NULL, -- not before
  retry_criteria  TEXT     NOT NULL, -- JSON array of criterion ids: all that the next attempt is looked at for; empty: all
  settled_at      DATETIME NULL, -- of the last result
  started_at      DATETIME NOT NULL, -- enrolled, or renewed
  left_at         DATETIME NULL, -- no rule holds any longer
  created_at      DATETIME NOT NULL,
  updated_at      DATETIME NOT NULL
);
CREATE UNIQUE INDEX enrolments_person ON enrolments (programme_id, person_id);
CREATE INDEX enrolments_of ON enrolments (person_id, left_at);

-- A video submitted to a programme.
CREATE TABLE attempts (
  id                TEXT     NOT NULL PRIMARY KEY,
  enrolment_id      TEXT     NOT NULL REFERENCES enrolments (id) ON DELETE CASCADE,
  programme_id      TEXT     NOT NULL REFERENCES programmes (id) ON DELETE CASCADE,
  person_id         TEXT     NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  number            INTEGER  NOT NULL, -- from 1, over all renewals
  video_id          TEXT     NULL REFERENCES videos (id) ON DELETE SET NULL,
  rubric_version_id TEXT     NOT NULL REFERENCES rubric_versions (id),
  only_criteria     TEXT     NOT NULL, -- JSON array: looked at for these alone; empty: for all
  carried           TEXT     NOT NULL, -- JSON object criterion id to level, from the attempt before
  note_at_ms        INTEGER  NOT NULL,
  note              TEXT     NOT NULL, -- the participant's own, at a second
  second            BOOLEAN  NOT NULL, -- two review it
  state             TEXT     NOT NULL, -- waiting | settled
  decision          TEXT     NOT NULL, -- pass | retry | fail, once settled
  score             INTEGER  NULL, -- of the result, in hundredths of a percent
  levels            TEXT     NOT NULL, -- JSON object criterion id to level, of the result; {} until then
  retry_criteria    TEXT     NOT NULL, -- JSON array: what the result names to try again; empty until then
  result_review_id  TEXT     NULL, -- whose levels, words and notes the participant is shown
  submitted_at      DATETIME NOT NULL,
  swap_until        DATETIME NOT NULL,
  due_at            DATETIME NULL, -- the participant's, when it was submitted
  settled_at        DATETIME NULL,
  acknowledged_at   DATETIME NULL,
  -- A score belongs to a result.
  CHECK ((state = 'settled') = (decision <> '')),
  CHECK ((state = 'settled') = (score IS NOT NULL)),
  CHECK ((state = 'settled') = (settled_at IS NOT NULL))
);
CREATE UNIQUE INDEX attempts_number ON attempts (enrolment_id, number);
-- One at a time.
CREATE UNIQUE INDEX attempts_waiting ON attempts (enrolment_id) WHERE state = 'waiting';
CREATE UNIQUE INDEX attempts_video ON attempts (video_id) WHERE video_id IS NOT NULL;
CREATE INDEX attempts_programme ON attempts (programme_id, state);
CREATE INDEX attempts_person ON attempts (person_id, submitted_at);

CREATE TABLE certificates (
  id            TEXT     NOT NULL PRIMARY KEY,
  number        TEXT     NOT NULL, -- FR-2026-7K3M9Q
  code          TEXT     NOT NULL, -- of the public address; unguessable
  enrolment_id  TEXT     NOT NULL REFERENCES enrolments (id),
  programme_id  TEXT     NOT NULL REFERENCES programmes (id),
  person_id     TEXT     NOT NULL REFERENCES persons (id),
  attempt_id    TEXT     NOT NULL REFERENCES attempts (id),
  programme     TEXT     NOT NULL, -- its name then
  holder        TEXT     NOT NULL, -- the person's name then
  name_public   BOOLEAN  NOT NULL, -- the holder lets the public page say it
  issued_at     DATETIME NOT NULL,
  expires_at    DATETIME NULL,
  revoked_at    DATETIME NULL,
  revoked_by    TEXT     NULL REFERENCES persons (id) ON DELETE SET NULL,
  revoke_reason TEXT     NOT NULL,
  replaced_by   TEXT     NULL REFERENCES certificates (id), -- the renewal
  reminded_at   DATETIME NULL -- when the holder was last told that it ends
);
CREATE UNIQUE INDEX certificates_number ON certificates (number);
CREATE UNIQUE INDEX certificates_code ON certificates (code);
CREATE UNIQUE INDEX certificates_attempt ON certificates (attempt_id);
CREATE INDEX certificates_person ON certificates (person_id, issued_at);
CREATE INDEX certificates_programme ON certificates (programme_id, person_id);
CREATE INDEX certificates_enrolment ON certificates (enrolment_id, issued_at);
CREATE INDEX certificates_ending ON certificates (expires_at) WHERE revoked_at IS NULL AND replaced_by IS NULL;
