BEGIN;
WITH event AS (
  INSERT INTO outbox (aggregatetype, aggregateid, type, payload, traceparent)
  VALUES ('api', 'bench', 'governance.api.changed', '\x0a0562656e6368120c313233343536373839303132', '') RETURNING id)
INSERT INTO outbox_unnumbered (outbox_id) SELECT id FROM event;
COMMIT;
