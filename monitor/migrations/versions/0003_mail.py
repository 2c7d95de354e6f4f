"""E-mail in full: folds, attachments, one message through several accounts, files on their way."""

from monitor.migrations.dialect import dialect, run

revision = "0003"
down_revision = "0002"

_STEP = """
ALTER TABLE message ADD COLUMN folds VARCHAR NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN answered SMALLINT NOT NULL DEFAULT 0;
UPDATE message SET answered = 1 WHERE direction = 0 AND EXISTS (SELECT 1 FROM conversation c
  WHERE c.id = message.conversation_id AND (c.state > 2 OR message.at < c.awaiting_since));
CREATE INDEX ix_message_sent_to ON message (substr(lower(recipients), 1, 300), id)
  WHERE direction = 1;
CREATE INDEX ix_outbox_to ON outbox (lower(to_address), queued_at);
CREATE TABLE attachment (
  message_id {INT} NOT NULL REFERENCES message(id),
  number SMALLINT NOT NULL,
  name VARCHAR NOT NULL DEFAULT '',
  type VARCHAR NOT NULL DEFAULT '',
  size {INT} NOT NULL DEFAULT 0,
  PRIMARY KEY (message_id, number)
);
CREATE TABLE door (
  account_id {INT} NOT NULL REFERENCES account(id),
  ext_id VARCHAR NOT NULL,
  message_id {INT} NOT NULL REFERENCES message(id),
  at {INT} NOT NULL,
  PRIMARY KEY (account_id, ext_id)
);
CREATE TABLE outbox_file (
  outbox_id {INT} NOT NULL REFERENCES outbox(id),
  number SMALLINT NOT NULL,
  name VARCHAR NOT NULL,
  type VARCHAR NOT NULL,
  content {BLOB} NOT NULL,
  PRIMARY KEY (outbox_id, number)
);
"""


# What comes in is made searchable batch by batch: within a trigger each row would be a savepoint,
# at which FTS5 writes what it has.
_SQLITE_SEARCH = """
DROP TRIGGER message_searchable;
CREATE TRIGGER message_searchable AFTER INSERT ON message WHEN new.direction <> 0 BEGIN
  INSERT INTO message_search(rowid, subject, author_name, author_address, body)
  VALUES (new.id, new.subject, new.author_name, new.author_address, new.body); END;
"""


def upgrade() -> None:
    run(_STEP)
    if dialect() == "sqlite":
        run(_SQLITE_SEARCH)
