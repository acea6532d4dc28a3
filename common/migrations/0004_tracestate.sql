-- The other half of the W3C trace context: what the systems along the way noted.
ALTER TABLE outbox ADD COLUMN tracestate text NOT NULL DEFAULT '';
ALTER TABLE dead_letter ADD COLUMN tracestate text NOT NULL DEFAULT '';
