-- In whose W3C trace context a notice is sent: that of the request which made it due.
ALTER TABLE deliveries ADD COLUMN traceparent text NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN tracestate text NOT NULL DEFAULT '';
