-- +goose Up
CREATE TABLE rubrics (
  id          text     NOT NULL PRIMARY KEY,
  name        text     NOT NULL,
  created_by  text     NULL REFERENCES persons (id) ON DELETE SET NULL,
  archived_at timestamptz NULL,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL
);

-- Never changed once written: old scores keep the words they were given under.
CREATE TABLE rubric_versions (
  id         text     NOT NULL PRIMARY KEY,
  rubric_id  text     NOT NULL REFERENCES rubrics (id),
  number     bigint  NOT NULL, -- from 1
  created_by text     NULL REFERENCES persons (id) ON DELETE SET NULL,
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX rubric_versions_number ON rubric_versions (rubric_id, number);

CREATE TABLE criteria (
  id          text    NOT NULL PRIMARY KEY,
  version_id  text    NOT NULL REFERENCES rubric_versions (id),
  position    bigint NOT NULL, -- from 0
  name        text    NOT NULL,
  description text    NOT NULL,
  weight      bigint NOT NULL, -- 1 to 100
  levels      text    NOT NULL, -- JSON: [{points, name, description}], low to high; level 1 is the first
  lineage_id  text    NOT NULL -- the same for criteria of several versions that stand for each other; for trends only
);
CREATE UNIQUE INDEX criteria_position ON criteria (version_id, position);
CREATE INDEX criteria_lineage ON criteria (lineage_id);

CREATE TABLE programmes (
  id                text     NOT NULL PRIMARY KEY,
  name              text     NOT NULL,
  brief             text     NOT NULL,
  state             text     NOT NULL, -- draft | open | closed
  rubric_version_id text     NULL REFERENCES rubric_versions (id), -- null in drafts only
  model_video_id    text     NULL REFERENCES videos (id) ON DELETE SET NULL,
  model_start_ms    bigint  NOT NULL,
  model_end_ms      bigint  NOT NULL,
  target_ms         bigint  NOT NULL, -- the length to aim at; 0: none
  answer_types      text     NOT NULL, -- comma separated: camera,screen,file
  due_kind          text     NOT NULL, -- none | date | days
  due_date          text     NOT NULL, -- YYYY-MM-DD: until the end of that day where the participant is
  due_days          bigint  NOT NULL, -- days after the start
  attempts_max      bigint  NOT NULL, -- 0: no limit
  wait_hours        bigint  NOT NULL, -- between a result and the next attempt
  pass_kind         text     NOT NULL, -- total | each
  pass_percent      bigint  NOT NULL,
  pass_level        bigint  NOT NULL,
  reviewer_kind     text     NOT NULL, -- manager | named | pool
  second_share      bigint  NOT NULL, -- percent of attempts that two review, each without knowing of the other
  second_distance   bigint  NOT NULL, -- points of a hundred they may lie apart before a third is asked
  valid_days        bigint  NOT NULL, -- of the certificate; 0: for ever
  renew_days        bigint  NOT NULL, -- before the end of the certificate, when it may be renewed
  peers             text     NOT NULL, -- never | before | after
  must_say          text     NOT NULL, -- JSON array of phrases
  must_not_say      text     NOT NULL,
  version           bigint  NOT NULL,
  created_by        text     NULL REFERENCES persons (id) ON DELETE SET NULL,
  created_at        timestamptz NOT NULL,
  updated_at        timestamptz NOT NULL,
  opened_at         timestamptz NULL,
  closed_at         timestamptz NULL
);
CREATE INDEX programmes_state ON programmes (state, id);

CREATE TABLE programme_attachments (
  programme_id text    NOT NULL REFERENCES programmes (id) ON DELETE CASCADE,
  position     bigint NOT NULL,
  title        text    NOT NULL,
  url          text    NOT NULL, -- https://…, or empty
  video_id     text    NULL REFERENCES videos (id) ON DELETE CASCADE,
  PRIMARY KEY (programme_id, position)
);

-- Who takes part: all that is named in one row must hold of a person, and one row of a programme is enough.
CREATE TABLE programme_rules (
  id              text    NOT NULL PRIMARY KEY,
  programme_id    text    NOT NULL REFERENCES programmes (id) ON DELETE CASCADE,
  position        bigint NOT NULL,
  person_id       text    NULL REFERENCES persons (id) ON DELETE CASCADE,
  team_id         text    NULL REFERENCES teams (id) ON DELETE CASCADE, -- its members and those of teams below
  role            text    NOT NULL, -- empty: any
  new_within_days bigint NOT NULL  -- only who got the role, or joined, after the programme opened or at most so many days before; 0: all
);
CREATE INDEX programme_rules_programme ON programme_rules (programme_id, position);

CREATE TABLE programme_reviewers (
  programme_id text NOT NULL REFERENCES programmes (id) ON DELETE CASCADE,
  person_id    text NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  PRIMARY KEY (programme_id, person_id)
);

-- When somebody got a role that they had not from the beginning; without a row, when the account was made.
CREATE TABLE role_starts (
  person_id  text NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  role       text NOT NULL,
  started_at timestamptz NOT NULL,
  PRIMARY KEY (person_id, role)
);

-- A person in a programme.
CREATE TABLE enrolments (
  id              text     NOT NULL PRIMARY KEY,
  programme_id    text     NOT NULL REFERENCES programmes (id) ON DELETE CASCADE,
  person_id       text     NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  state           text     NOT NULL, -- open | submitted | retry | passed | failed
  by_hand         boolean  NOT NULL, -- the due time was set for this person alone
  due_at          timestamptz NULL,
  extra_attempts  bigint  NOT NULL, -- given to this person alone
  attempts        bigint  NOT NULL, -- that count: all but those from before a renewal
  next_attempt_at timestamptz NULL, -- not before
  retry_criteria  text     NOT NULL, -- JSON array of criterion ids: all that the next attempt is looked at for; empty: all
  settled_at      timestamptz NULL, -- of the last result
  started_at      timestamptz NOT NULL, -- enrolled, or renewed
  left_at         timestamptz NULL, -- no rule holds any longer
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL
);
CREATE UNIQUE INDEX enrolments_person ON enrolments (programme_id, person_id);
CREATE INDEX enrolments_of ON enrolments (person_id, left_at);

-- A video submitted to a programme.
CREATE TABLE attempts (
  id                text     NOT NULL PRIMARY KEY,
  enrolment_id      text     NOT NULL REFERENCES enrolments (id) ON DELETE CASCADE,
  programme_id      text     NOT NULL REFERENCES programmes (id) ON DELETE CASCADE,
  person_id         text     NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  number            bigint  NOT NULL, -- from 1, over all renewals
  video_id          text     NULL REFERENCES videos (id) ON DELETE SET NULL,
  rubric_version_id text     NOT NULL REFERENCES rubric_versions (id),
  only_criteria     text     NOT NULL, -- JSON array: looked at for these alone; empty: for all
  carried           text     NOT NULL, -- JSON object criterion id to level, from the attempt before
  note_at_ms        bigint  NOT NULL,
  note              text     NOT NULL, -- the participant's own, at a second
  second            boolean  NOT NULL, -- two review it
  state             text     NOT NULL, -- waiting | settled
  decision          text     NOT NULL, -- pass | retry | fail, once settled
  score             bigint  NULL, -- of the result, in hundredths of a percent
  levels            text     NOT NULL, -- JSON object criterion id to level, of the result; {} until then
  retry_criteria    text     NOT NULL, -- JSON array: what the result names to try again; empty until then
  result_review_id  text     NULL, -- whose levels, words and notes the participant is shown
  submitted_at      timestamptz NOT NULL,
  swap_until        timestamptz NOT NULL,
  due_at            timestamptz NULL, -- the participant's, when it was submitted
  settled_at        timestamptz NULL,
  acknowledged_at   timestamptz NULL,
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
  id            text     NOT NULL PRIMARY KEY,
  number        text     NOT NULL, -- FR-2026-7K3M9Q
  code          text     NOT NULL, -- of the public address; unguessable
  enrolment_id  text     NOT NULL REFERENCES enrolments (id),
  programme_id  text     NOT NULL REFERENCES programmes (id),
  person_id     text     NOT NULL REFERENCES persons (id),
  attempt_id    text     NOT NULL REFERENCES attempts (id),
  programme     text     NOT NULL, -- its name then
  holder        text     NOT NULL, -- the person's name then
  name_public   boolean  NOT NULL, -- the holder lets the public page say it
  issued_at     timestamptz NOT NULL,
  expires_at    timestamptz NULL,
  revoked_at    timestamptz NULL,
  revoked_by    text     NULL REFERENCES persons (id) ON DELETE SET NULL,
  revoke_reason text     NOT NULL,
  replaced_by   text     NULL REFERENCES certificates (id), -- the renewal
  reminded_at   timestamptz NULL -- when the holder was last told that it ends
);
CREATE UNIQUE INDEX certificates_number ON certificates (number);
CREATE UNIQUE INDEX certificates_code ON certificates (code);
CREATE UNIQUE INDEX certificates_attempt ON certificates (attempt_id);
CREATE INDEX certificates_person ON certificates (person_id, issued_at);
CREATE INDEX certificates_programme ON certificates (programme_id, person_id);
CREATE INDEX certificates_enrolment ON certificates (enrolment_id, issued_at);
CREATE INDEX certificates_ending ON certificates (expires_at) WHERE revoked_at IS NULL AND replaced_by IS NULL;
