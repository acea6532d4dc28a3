-- Answers that were given under an Idempotency-Key, kept for 24 hours (RULINGS 25).
CREATE TABLE idempotency (
  principal      text NOT NULL,
  operation      text NOT NULL,
  key            text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  request_sha256 text NOT NULL CHECK (request_sha256 ~ '^[0-9a-f]{64}$'),
  reply          bytea, -- a packed pl.Reply
  created_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (principal, operation, key)
);
CREATE INDEX idempotency_created_at ON idempotency (created_at);
