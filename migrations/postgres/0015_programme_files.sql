-- +goose Up
-- Files that are attached to a programme, or are to be.
CREATE TABLE programme_files (
  id           text     NOT NULL PRIMARY KEY, -- the sender's own
  programme_id text     NOT NULL, -- no reference: a deleted draft that is made anew finds its files for two days
  object_id    text     NOT NULL, -- of its bytes in the media store; the files of a copied programme share them
  name         text     NOT NULL, -- cleaned, with the ending of its type
  type         text     NOT NULL, -- as its content says
  bytes        bigint   NOT NULL,
  sha256       text     NOT NULL,
  created_by   text     NULL REFERENCES persons (id) ON DELETE SET NULL,
  created_at   timestamptz NOT NULL,
  loose_since  timestamptz NULL -- since when nothing attaches it; null while something does
);
CREATE INDEX programme_files_programme ON programme_files (programme_id);
CREATE INDEX programme_files_object ON programme_files (object_id);
CREATE INDEX programme_files_loose ON programme_files (loose_since) WHERE loose_since IS NOT NULL;

ALTER TABLE programme_attachments ADD COLUMN file_id text NULL REFERENCES programme_files (id) ON DELETE CASCADE;
