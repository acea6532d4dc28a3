-- An event costs less: the check of feed.outbox_id locked the outbox row that was written in the
-- same transaction as the row that is numbered, and its index had only this check for a reader.
-- What it promised, retention keeps: it deletes both rows in one statement.
ALTER TABLE feed DROP CONSTRAINT feed_outbox_id_fkey;
DROP INDEX feed_outbox_id;
