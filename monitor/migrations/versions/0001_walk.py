"""The walk of a message: accounts, conversations, messages, outbox, drafts, verdicts, the log."""

from monitor.migrations.dialect import dialect, run

revision = "0001"
down_revision = None

_TABLES = """
CREATE TABLE account (
  id {ID},
  name VARCHAR NOT NULL UNIQUE,
  channel VARCHAR NOT NULL,
  clock VARCHAR NOT NULL DEFAULT ''
);
CREATE TABLE poll (
  account_id {INT} NOT NULL PRIMARY KEY REFERENCES account(id),
  cursor VARCHAR,
  next_at {INT} NOT NULL DEFAULT 0,
  lease_owner VARCHAR,
  lease_until {INT},
  fence {INT} NOT NULL DEFAULT 0,
  fails {INT} NOT NULL DEFAULT 0,
  state VARCHAR NOT NULL DEFAULT 'blind',
  since {INT} NOT NULL DEFAULT 0,
  reason VARCHAR NOT NULL DEFAULT '',
  remedy VARCHAR NOT NULL DEFAULT '',
  last_ok {INT},
  last_poll {INT},
  ledger VARCHAR NOT NULL DEFAULT '{}'
);
CREATE TABLE conversation (
  id {ID},
  account_id {INT} NOT NULL REFERENCES account(id),
  kind VARCHAR NOT NULL DEFAULT 'message',
  customer_name VARCHAR NOT NULL DEFAULT '',
  customer_address VARCHAR NOT NULL DEFAULT '',
  subject VARCHAR NOT NULL DEFAULT '',
  preview VARCHAR NOT NULL DEFAULT '',
  state SMALLINT NOT NULL DEFAULT 0,
  awaiting_since {INT},
  window_us {INT},
  reply_by {INT},
  assignee VARCHAR,
  claim_until {INT},
  snooze_until {INT},
  lead SMALLINT NOT NULL DEFAULT 0,
  tags VARCHAR NOT NULL DEFAULT '[]',
  url VARCHAR NOT NULL DEFAULT '',
  send_state VARCHAR,
  linked_id {INT},
  version {INT} NOT NULL DEFAULT 0,
  CONSTRAINT conversation_state CHECK (state BETWEEN 0 AND 6),
  CONSTRAINT conversation_clock CHECK ((state <= 2) = (reply_by IS NOT NULL))
);
CREATE INDEX ix_queue_mine ON conversation
  (assignee, reply_by, awaiting_since, id, account_id, state) WHERE state = 0;
CREATE INDEX ix_queue_account ON conversation
  (account_id, reply_by, awaiting_since, id, assignee, state) WHERE state = 0;
CREATE INDEX ix_queue_all ON conversation
  (reply_by, awaiting_since, id, state) WHERE state = 0;
CREATE INDEX ix_queue_lead ON conversation
  (reply_by, awaiting_since, id, account_id, assignee) WHERE state = 0 AND lead = 1;
CREATE INDEX ix_aside ON conversation (account_id, reply_by, state) WHERE state IN (1, 2);
CREATE INDEX ix_snooze ON conversation (snooze_until) WHERE state = 1;
CREATE INDEX ix_claim ON conversation (claim_until) WHERE claim_until IS NOT NULL;
CREATE TABLE message (
  id {ID},
  conversation_id {INT} NOT NULL REFERENCES conversation(id),
  account_id {INT} NOT NULL REFERENCES account(id),
  ext_id VARCHAR NOT NULL,
  direction SMALLINT NOT NULL,
  author_name VARCHAR NOT NULL DEFAULT '',
  author_address VARCHAR NOT NULL DEFAULT '',
  recipients VARCHAR NOT NULL DEFAULT '',
  at {INT} NOT NULL,
  found_at {INT} NOT NULL,
  subject VARCHAR NOT NULL DEFAULT '',
  body VARCHAR NOT NULL DEFAULT '',
  remark VARCHAR NOT NULL DEFAULT '',
  reference VARCHAR NOT NULL DEFAULT '',
  rule SMALLINT NOT NULL DEFAULT 0,
  window_us {INT},
  reply_by {INT},
  CONSTRAINT message_identity UNIQUE (account_id, ext_id)
);
CREATE INDEX ix_message_conversation ON message (conversation_id, id);
CREATE TABLE raw (
  message_id {INT} NOT NULL PRIMARY KEY REFERENCES message(id),
  headers VARCHAR NOT NULL DEFAULT '',
  source {BLOB} NOT NULL
);
CREATE TABLE thread_key (
  account_id {INT} NOT NULL REFERENCES account(id),
  key VARCHAR NOT NULL,
  conversation_id {INT} NOT NULL REFERENCES conversation(id),
  PRIMARY KEY (account_id, key)
);
CREATE TABLE outbox (
  id {ID},
  key VARCHAR NOT NULL UNIQUE,
  conversation_id {INT} NOT NULL REFERENCES conversation(id),
  account_id {INT} NOT NULL REFERENCES account(id),
  author VARCHAR NOT NULL,
  body VARCHAR NOT NULL,
  to_name VARCHAR NOT NULL DEFAULT '',
  to_address VARCHAR NOT NULL DEFAULT '',
  subject VARCHAR NOT NULL DEFAULT '',
  in_reply_to VARCHAR NOT NULL DEFAULT '',
  source_message {INT},
  seen_message {INT} NOT NULL DEFAULT 0,
  state VARCHAR NOT NULL DEFAULT 'queued',
  queued_at {INT} NOT NULL,
  next_try {INT} NOT NULL,
  tries {INT} NOT NULL DEFAULT 0,
  lease_owner VARCHAR,
  lease_until {INT},
  error VARCHAR NOT NULL DEFAULT '',
  ext_id VARCHAR NOT NULL DEFAULT '',
  ended_at {INT}
);
CREATE INDEX ix_outbox_due ON outbox (next_try, id) WHERE state = 'queued';
CREATE INDEX ix_outbox_leased ON outbox (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX ix_outbox_conversation ON outbox (conversation_id, id);
CREATE TABLE draft (
  conversation_id {INT} NOT NULL REFERENCES conversation(id),
  person VARCHAR NOT NULL,
  kind VARCHAR NOT NULL DEFAULT 'reply',
  body VARCHAR NOT NULL,
  seen_message {INT} NOT NULL DEFAULT 0,
  updated_at {INT} NOT NULL,
  PRIMARY KEY (conversation_id, person, kind)
);
CREATE TABLE verdict (
  id {ID},
  conversation_id {INT} NOT NULL REFERENCES conversation(id),
  account_id {INT} NOT NULL REFERENCES account(id),
  awaiting_since {INT} NOT NULL,
  reply_by {INT} NOT NULL,
  window_us {INT} NOT NULL,
  ended_at {INT} NOT NULL,
  waited_us {INT} NOT NULL,
  waited_in_hours_us {INT} NOT NULL,
  outcome VARCHAR NOT NULL,
  who VARCHAR NOT NULL,
  through VARCHAR NOT NULL,
  in_time SMALLINT NOT NULL
);
CREATE INDEX ix_verdict_ended ON verdict (ended_at);
CREATE TABLE event (
  id {ID},
  conversation_id {INT} NOT NULL REFERENCES conversation(id),
  at {INT} NOT NULL,
  who VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,
  changes VARCHAR NOT NULL DEFAULT '{}',
  detail VARCHAR NOT NULL DEFAULT '{}'
);
CREATE INDEX ix_event_conversation ON event (conversation_id, id);
"""

_APPEND_ONLY_SQLITE = """
CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN
  SELECT RAISE(ABORT, 'the event log is append-only'); END;
CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN
  SELECT RAISE(ABORT, 'the event log is append-only'); END;
"""

_APPEND_ONLY_POSTGRES = """
CREATE FUNCTION event_append_only() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'the event log is append-only'; END $$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON event
  FOR EACH ROW EXECUTE FUNCTION event_append_only();
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON event
  FOR EACH STATEMENT EXECUTE FUNCTION event_append_only();
"""


def upgrade() -> None:
    run(_TABLES)
    run(_APPEND_ONLY_SQLITE if dialect() == "sqlite" else _APPEND_ONLY_POSTGRES)
