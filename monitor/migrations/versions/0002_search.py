"""Full-text search over everything received, sent and noted."""

from monitor.migrations.dialect import dialect, run

revision = "0002"
down_revision = "0001"

_SQLITE = """
CREATE VIRTUAL TABLE message_search USING fts5(
  subject, author_name, author_address, body,
  content='message', content_rowid='id', tokenize='unicode61 remove_diacritics 2'
);
INSERT INTO message_search(message_search) VALUES ('rebuild');
CREATE TRIGGER message_searchable AFTER INSERT ON message BEGIN
  INSERT INTO message_search(rowid, subject, author_name, author_address, body)
  VALUES (new.id, new.subject, new.author_name, new.author_address, new.body); END;
"""

_ACCENTED = "àáâãäåāăąçćčďèéêëēęěìíîïīłñńňòóôõöøōőŕřśšşťùúûüūůűýÿźżž"
_PLAIN = "aaaaaaaaacccdeeeeeeeiiiiilnnnoooooooorrssstuuuuuuuyyzzz"

# Words as SQLite's tokenizer makes them: PostgreSQL's own keeps addresses, links and numbers whole.
# A tsvector holds a megabyte at the most: of a longer text the first part is found.
_POSTGRES = f"""
CREATE FUNCTION replyby_words(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT translate(regexp_replace(lower($1), '[!-/:-@[-`{{-~]+', ' ', 'g'),
     '{_ACCENTED}', '{_PLAIN}') $$;
ALTER TABLE message ADD COLUMN search tsvector GENERATED ALWAYS AS (
  to_tsvector('simple', replyby_words(left(subject, 1000) || ' ' || left(author_name, 200) ||
  ' ' || left(author_address, 300) || ' ' || left(body, 200000)))
) STORED;
CREATE INDEX ix_message_search ON message USING gin (search);
"""


def upgrade() -> None:
    run(_SQLITE if dialect() == "sqlite" else _POSTGRES)
