"""Messages that change at their platform, ways of answering, and who is at work."""

from monitor.migrations.dialect import dialect, run

revision = "0004"
down_revision = "0003"

_STEP = """
ALTER TABLE message ADD COLUMN revision VARCHAR NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN edited_at {INT};
ALTER TABLE message ADD COLUMN deleted_at {INT};
ALTER TABLE outbox ADD COLUMN way VARCHAR NOT NULL DEFAULT '';
ALTER TABLE draft ADD COLUMN way VARCHAR NOT NULL DEFAULT '';
CREATE TABLE presence (
  person VARCHAR NOT NULL PRIMARY KEY,
  conversation_id {INT},
  typing SMALLINT NOT NULL DEFAULT 0,
  at {INT} NOT NULL
);
CREATE INDEX ix_conversation_customer ON conversation (lower(customer_address), id);
CREATE INDEX ix_queue_tagged ON conversation
  (state, reply_by, awaiting_since, id, tags, account_id) WHERE state = 0 AND tags <> '[]';
CREATE INDEX ix_verdict_conversation ON verdict (conversation_id, id);
"""

# The index holds no texts of its own: the old words have to be named to be taken out.
_SQLITE_SEARCH = """
CREATE TRIGGER message_rewritten AFTER UPDATE OF body ON message BEGIN
  INSERT INTO message_search
    (message_search, rowid, subject, author_name, author_address, body) VALUES
    ('delete', old.id, old.subject, old.author_name, old.author_address, old.body); INSERT INTO
    message_search (rowid, subject, author_name, author_address, body) VALUES
    (new.id, new.subject, new.author_name, new.author_address, new.body); END;
"""


def upgrade() -> None:
    run(_STEP)
    if dialect() == "sqlite":
        run(_SQLITE_SEARCH)
