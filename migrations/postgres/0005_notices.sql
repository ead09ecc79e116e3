-- +goose Up
-- Replies are one level deep. A note that has replies is emptied when it is deleted, and kept for them.
ALTER TABLE notes ADD COLUMN reply_to text NULL REFERENCES notes (id) ON DELETE CASCADE;
ALTER TABLE notes ADD COLUMN deleted_at timestamptz NULL;
CREATE INDEX notes_thread ON notes (reply_to) WHERE reply_to IS NOT NULL;

-- Who is told what, inside the app; written in the transaction of its cause.
CREATE TABLE notices (
  id         text        NOT NULL PRIMARY KEY,
  person_id  text        NOT NULL REFERENCES persons (id) ON DELETE CASCADE, -- who is told
  kind       text        NOT NULL, -- note | reply | share | ask | answer | failed
  actor_id   text        NULL REFERENCES persons (id) ON DELETE SET NULL, -- whose act it was; null: the server's own
  video_id   text        NULL REFERENCES videos (id) ON DELETE CASCADE,
  at_ms      bigint      NULL,
  start_ms   bigint      NULL,
  end_ms     bigint      NULL,
  note_id    text        NULL REFERENCES notes (id) ON DELETE CASCADE,
  ask_id     text        NULL,
  body       text        NOT NULL, -- the beginning of what was written
  created_at timestamptz NOT NULL,
  read_at    timestamptz NULL
);
CREATE INDEX notices_person ON notices (person_id, id);
CREATE INDEX notices_unread ON notices (person_id, id) WHERE read_at IS NULL;
CREATE INDEX notices_video ON notices (video_id) WHERE video_id IS NOT NULL;
CREATE INDEX notices_note ON notices (note_id) WHERE note_id IS NOT NULL;
CREATE INDEX notices_ask ON notices (ask_id) WHERE ask_id IS NOT NULL;

-- Whose notices changed, in the order of writing: nodes follow it for those who are connected to them.
CREATE TABLE notice_changes (
  seq        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id  text        NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX notice_changes_at ON notice_changes (created_at);
