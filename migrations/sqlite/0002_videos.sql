-- +goose Up
CREATE TABLE videos (
  id              TEXT        NOT NULL PRIMARY KEY,
  author_id       TEXT        NOT NULL REFERENCES persons (id),
  title           TEXT        NOT NULL,
  description     TEXT        NOT NULL,
  state           TEXT        NOT NULL, -- processing | playable | ready | failed
  failure_code    TEXT        NOT NULL,
  failure         TEXT        NOT NULL, -- in words, for the author
  audience        TEXT        NOT NULL, -- private | line | team | teams | everyone
  complete_share  INTEGER      NOT NULL, -- percent of the video that counts as completed, 70 to 100
  kind            TEXT        NOT NULL, -- what the sender called it: take, file, screen
  filename        TEXT        NOT NULL,
  content_type    TEXT        NOT NULL, -- of the original, by content
  size            INTEGER      NOT NULL,
  sha256          TEXT        NOT NULL,
  duration_ms     INTEGER      NOT NULL, -- 0 until probed
  width           INTEGER      NOT NULL,
  height          INTEGER      NOT NULL,
  loudness_lufs   REAL NULL, -- integrated loudness of the original; null: silent or not measured
  media_original  BOOLEAN     NOT NULL,
  media_progressive BOOLEAN   NOT NULL,
  media_hls       BOOLEAN     NOT NULL,
  media_poster    BOOLEAN     NOT NULL,
  media_storyboard BOOLEAN    NOT NULL,
  media_audio     BOOLEAN     NOT NULL, -- 16 kHz sound for the speech engine is kept
  transcript_state TEXT       NOT NULL, -- none | waiting | working | ready | no_model | no_sound | failed
  transcript_note TEXT        NOT NULL, -- in words: why there is none
  media_note      TEXT        NOT NULL, -- in words: what of the media is missing and why
  situation_text  TEXT        NOT NULL,
  stage           TEXT        NOT NULL,
  industry        TEXT        NOT NULL,
  persona         TEXT        NOT NULL,
  competitor      TEXT        NOT NULL,
  product         TEXT        NOT NULL,
  objection       TEXT        NOT NULL,
  tags            TEXT        NOT NULL, -- JSON array
  version         INTEGER      NOT NULL, -- raised by every change that search or media can see
  published_at    DATETIME NULL,
  created_at      DATETIME NOT NULL,
  updated_at      DATETIME NOT NULL,
  deleted_at      DATETIME NULL
);
CREATE INDEX videos_author ON videos (author_id, id);
CREATE INDEX videos_created ON videos (id) WHERE deleted_at IS NULL;
CREATE INDEX videos_deleted ON videos (deleted_at) WHERE deleted_at IS NOT NULL;

-- Who may see a video, as keys a viewer either holds or not (see app/people/reach.go). Derived from
-- the audience and the author's teams, in the transaction that changes either.
CREATE TABLE video_audience (
  video_id TEXT NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  key      TEXT NOT NULL,
  PRIMARY KEY (video_id, key)
);
CREATE INDEX video_audience_key ON video_audience (key, video_id);

CREATE TABLE video_teams (
  video_id TEXT NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  team_id  TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
  PRIMARY KEY (video_id, team_id)
);

CREATE TABLE uploads (
  id          TEXT        NOT NULL PRIMARY KEY,
  owner_id    TEXT        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  client_id   TEXT        NULL,
  filename    TEXT        NOT NULL,
  title       TEXT        NOT NULL,
  kind        TEXT        NOT NULL,
  length      INTEGER      NULL, -- declared; null while deferred
  state       TEXT        NOT NULL, -- receiving | finished | terminated
  size        INTEGER      NOT NULL, -- once finished
  sha256      TEXT        NOT NULL,
  video_id    TEXT        NULL REFERENCES videos (id) ON DELETE SET NULL,
  node        TEXT        NOT NULL, -- whose spool holds the bytes
  created_at  DATETIME NOT NULL,
  finished_at DATETIME NULL
);
CREATE UNIQUE INDEX uploads_client ON uploads (owner_id, client_id);
CREATE INDEX uploads_video ON uploads (video_id);

CREATE TABLE transcripts (
  video_id   TEXT        NOT NULL PRIMARY KEY REFERENCES videos (id) ON DELETE CASCADE,
  language   TEXT        NOT NULL,
  engine     TEXT        NOT NULL,
  source     TEXT        NOT NULL, -- speech | captions | edited
  segments   TEXT        NOT NULL, -- JSON
  edited_by  TEXT        NULL REFERENCES persons (id),
  version    INTEGER      NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL
);

-- The moments a video is searched by: passages of about 60 words.
CREATE TABLE moments (
  video_id TEXT   NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  ordinal  INTEGER NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms   INTEGER NOT NULL,
  body     TEXT   NOT NULL,
  PRIMARY KEY (video_id, ordinal)
);

CREATE TABLE vocabulary (
  id          TEXT        NOT NULL PRIMARY KEY,
  kind        TEXT        NOT NULL, -- tactic | stage | objection | persona | industry | competitor | product
  key         TEXT        NOT NULL,
  label       TEXT        NOT NULL,
  description TEXT        NOT NULL,
  keywords    TEXT        NOT NULL, -- JSON array of phrases that suggest the term
  retired_at  DATETIME NULL,
  created_at  DATETIME NOT NULL,
  updated_at  DATETIME NOT NULL
);
CREATE UNIQUE INDEX vocabulary_key ON vocabulary (kind, key);

CREATE TABLE video_tactics (
  video_id   TEXT        NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  tactic_id  TEXT        NOT NULL REFERENCES vocabulary (id),
  created_at DATETIME NOT NULL,
  PRIMARY KEY (video_id, tactic_id)
);
CREATE INDEX video_tactics_tactic ON video_tactics (tactic_id, video_id);

-- Tactics whose phrases are said in a moment, out of those its video is tagged with.
CREATE TABLE moment_tactics (
  video_id  TEXT   NOT NULL,
  ordinal   INTEGER NOT NULL,
  tactic_id TEXT   NOT NULL REFERENCES vocabulary (id),
  PRIMARY KEY (video_id, ordinal, tactic_id),
  FOREIGN KEY (video_id, ordinal) REFERENCES moments (video_id, ordinal) ON DELETE CASCADE
);
CREATE INDEX moment_tactics_tactic ON moment_tactics (tactic_id);

CREATE TABLE glossary (
  id         TEXT        NOT NULL PRIMARY KEY,
  heard      TEXT        NOT NULL,
  heard_key  TEXT        NOT NULL,
  written    TEXT        NOT NULL,
  created_at DATETIME NOT NULL
);
CREATE UNIQUE INDEX glossary_heard ON glossary (heard_key);

CREATE TABLE notes (
  id         TEXT        NOT NULL PRIMARY KEY,
  video_id   TEXT        NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  author_id  TEXT        NOT NULL REFERENCES persons (id),
  at_ms      INTEGER      NOT NULL,
  body       TEXT        NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL
);
CREATE INDEX notes_video ON notes (video_id, at_ms);

-- What changed for search, in the order of writing: every node's index follows it.
CREATE TABLE search_changes (
  seq        INTEGER     NOT NULL PRIMARY KEY AUTOINCREMENT,
  video_id   TEXT        NOT NULL,
  created_at DATETIME NOT NULL
);
