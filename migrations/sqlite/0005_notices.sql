-- +goose Up
-- Replies are one level deep. A note that has replies is emptied when it is deleted, and kept for them.
ALTER TABLE notes ADD COLUMN reply_to TEXT NULL REFERENCES notes (id) ON DELETE CASCADE;
ALTER TABLE notes ADD COLUMN deleted_at DATETIME NULL;
CREATE INDEX notes_thread ON notes (reply_to) WHERE reply_to IS NOT NULL;

-- Who is told what, inside the app; written in the transaction of its cause.
CREATE TABLE notices (
  id         TEXT        NOT NULL PRIMARY KEY,
  person_id  TEXT        NOT NULL REFERENCES persons (id) ON DELETE CASCADE, -- who is told
  kind       TEXT        NOT NULL, -- note | reply | share | ask | answer | failed
  actor_id   TEXT        NULL REFERENCES persons (id) ON DELETE SET NULL, -- whose act it was; null: the server's own
  video_id   TEXT        NULL REFERENCES videos (id) ON DELETE CASCADE,
  at_ms      INTEGER      NULL,
  start_ms   INTEGER      NULL,
  end_ms     INTEGER      NULL,
  note_id    TEXT        NULL REFERENCES notes (id) ON DELETE CASCADE,
  ask_id     TEXT        NULL,
  body       TEXT        NOT NULL, -- the beginning of what was written
  created_at DATETIME NOT NULL,
  read_at    DATETIME NULL
);
CREATE INDEX notices_person ON notices (person_id, id);
CREATE INDEX notices_unread ON notices (person_id, id) WHERE read_at IS NULL;
CREATE INDEX notices_video ON notices (video_id) WHERE video_id IS NOT NULL;
CREATE INDEX notices_note ON notices (note_id) WHERE note_id IS NOT NULL;
CREATE INDEX notices_ask ON notices (ask_id) WHERE ask_id IS NOT NULL;

-- Whose notices changed, in the order of writing: nodes follow it for those who are connected to them.
CREATE TABLE notice_changes (
  seq        INTEGER     NOT NULL PRIMARY KEY AUTOINCREMENT,
  person_id  TEXT        NOT NULL,
  created_at DATETIME NOT NULL
);
CREATE INDEX notice_changes_at ON notice_changes (created_at);
