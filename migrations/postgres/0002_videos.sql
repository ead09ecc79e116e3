-- +goose Up
CREATE TABLE videos (
  id              text        NOT NULL PRIMARY KEY,
  author_id       text        NOT NULL REFERENCES persons (id),
  title           text        NOT NULL,
  description     text        NOT NULL,
  state           text        NOT NULL, -- processing | playable | ready | failed
  failure_code    text        NOT NULL,
  failure         text        NOT NULL, -- in words, for the author
  audience        text        NOT NULL, -- private | line | team | teams | everyone
  complete_share  bigint      NOT NULL, -- percent of the video that counts as completed, 70 to 100
  kind            text        NOT NULL, -- what the sender called it: take, file, screen
  filename        text        NOT NULL,
  content_type    text        NOT NULL, -- of the original, by content
  size            bigint      NOT NULL,
  sha256          text        NOT NULL,
  duration_ms     bigint      NOT NULL, -- 0 until probed
  width           bigint      NOT NULL,
  height          bigint      NOT NULL,
  loudness_lufs   double precision NULL, -- integrated loudness of the original; null: silent or not measured
  media_original  boolean     NOT NULL,
  media_progressive boolean   NOT NULL,
  media_hls       boolean     NOT NULL,
  media_poster    boolean     NOT NULL,
  media_storyboard boolean    NOT NULL,
  media_audio     boolean     NOT NULL, -- 16 kHz sound for the speech engine is kept
  transcript_state text       NOT NULL, -- none | waiting | working | ready | no_model | no_sound | failed
  transcript_note text        NOT NULL, -- in words: why there is none
  media_note      text        NOT NULL, -- in words: what of the media is missing and why
  situation_text  text        NOT NULL,
  stage           text        NOT NULL,
  industry        text        NOT NULL,
  persona         text        NOT NULL,
  competitor      text        NOT NULL,
  product         text        NOT NULL,
  objection       text        NOT NULL,
  tags            text        NOT NULL, -- JSON array
  version         bigint      NOT NULL, -- raised by every change that search or media can see
  published_at    timestamptz NULL,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  deleted_at      timestamptz NULL
);
CREATE INDEX videos_author ON videos (author_id, id);
CREATE INDEX videos_created ON videos (id) WHERE deleted_at IS NULL;
CREATE INDEX videos_deleted ON videos (deleted_at) WHERE deleted_at IS NOT NULL;

-- Who may see a video, as keys a viewer either holds or not (see app/people/reach.go). Derived from
-- the audience and the author's teams, in the transaction that changes either.
CREATE TABLE video_audience (
  video_id text NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  key      text NOT NULL,
  PRIMARY KEY (video_id, key)
);
CREATE INDEX video_audience_key ON video_audience (key, video_id);

CREATE TABLE video_teams (
  video_id text NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  team_id  text NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
  PRIMARY KEY (video_id, team_id)
);

CREATE TABLE uploads (
  id          text        NOT NULL PRIMARY KEY,
  owner_id    text        NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  client_id   text        NULL,
  filename    text        NOT NULL,
  title       text        NOT NULL,
  kind        text        NOT NULL,
  length      bigint      NULL, -- declared; null while deferred
  state       text        NOT NULL, -- receiving | finished | terminated
  size        bigint      NOT NULL, -- once finished
  sha256      text        NOT NULL,
  video_id    text        NULL REFERENCES videos (id) ON DELETE SET NULL,
  node        text        NOT NULL, -- whose spool holds the bytes
  created_at  timestamptz NOT NULL,
  finished_at timestamptz NULL
);
CREATE UNIQUE INDEX uploads_client ON uploads (owner_id, client_id);
CREATE INDEX uploads_video ON uploads (video_id);

CREATE TABLE transcripts (
  video_id   text        NOT NULL PRIMARY KEY REFERENCES videos (id) ON DELETE CASCADE,
  language   text        NOT NULL,
  engine     text        NOT NULL,
  source     text        NOT NULL, -- speech | captions | edited
  segments   text        NOT NULL, -- JSON
  edited_by  text        NULL REFERENCES persons (id),
  version    bigint      NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

-- The moments a video is searched by: passages of about 60 words.
CREATE TABLE moments (
  video_id text   NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  ordinal  bigint NOT NULL,
  start_ms bigint NOT NULL,
  end_ms   bigint NOT NULL,
  body     text   NOT NULL,
  PRIMARY KEY (video_id, ordinal)
);

CREATE TABLE vocabulary (
  id          text        NOT NULL PRIMARY KEY,
  kind        text        NOT NULL, -- tactic | stage | objection | persona | industry | competitor | product
  key         text        NOT NULL,
  label       text        NOT NULL,
  description text        NOT NULL,
  keywords    text        NOT NULL, -- JSON array of phrases that suggest the term
  retired_at  timestamptz NULL,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL
);
CREATE UNIQUE INDEX vocabulary_key ON vocabulary (kind, key);

CREATE TABLE video_tactics (
  video_id   text        NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  tactic_id  text        NOT NULL REFERENCES vocabulary (id),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (video_id, tactic_id)
);
CREATE INDEX video_tactics_tactic ON video_tactics (tactic_id, video_id);

-- Tactics whose phrases are said in a moment, out of those its video is tagged with.
CREATE TABLE moment_tactics (
  video_id  text   NOT NULL,
  ordinal   bigint NOT NULL,
  tactic_id text   NOT NULL REFERENCES vocabulary (id),
  PRIMARY KEY (video_id, ordinal, tactic_id),
  FOREIGN KEY (video_id, ordinal) REFERENCES moments (video_id, ordinal) ON DELETE CASCADE
);
CREATE INDEX moment_tactics_tactic ON moment_tactics (tactic_id);

CREATE TABLE glossary (
  id         text        NOT NULL PRIMARY KEY,
  heard      text        NOT NULL,
  heard_key  text        NOT NULL,
  written    text        NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX glossary_heard ON glossary (heard_key);

CREATE TABLE notes (
  id         text        NOT NULL PRIMARY KEY,
  video_id   text        NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  author_id  text        NOT NULL REFERENCES persons (id),
  at_ms      bigint      NOT NULL,
  body       text        NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX notes_video ON notes (video_id, at_ms);

-- What changed for search, in the order of writing: every node's index follows it.
CREATE TABLE search_changes (
  seq        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  video_id   text        NOT NULL,
  created_at timestamptz NOT NULL
);
