-- What this service announces.  The columns of outbox are Debezium's (id, aggregatetype,
-- aggregateid, type, payload), so that another engine may be attached to it one day.
CREATE TABLE outbox (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  aggregatetype text NOT NULL,
  aggregateid   text NOT NULL,
  type          text NOT NULL,
  payload       bytea NOT NULL CHECK (length(payload) <= 65536),
  traceparent   text NOT NULL DEFAULT '',
  created_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Rows that have no position yet.  A lower seq may commit later than a higher one, so numbers
-- are given to committed rows only, in a transaction of their own (RULINGS 36).
CREATE TABLE outbox_unnumbered (
  seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  outbox_id  uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

-- The order in which everybody sees the events: gapless, rows are never changed.
CREATE TABLE feed (
  position  bigint PRIMARY KEY CHECK (position > 0),
  outbox_id uuid NOT NULL REFERENCES outbox (id)
);
CREATE INDEX feed_outbox_id ON feed (outbox_id);

-- One row.  position: the last one given; retired: events up to here are deleted.
CREATE TABLE feed_head (
  one_row  boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  position bigint NOT NULL DEFAULT 0,
  retired  bigint NOT NULL DEFAULT 0 CHECK (retired <= position)
) WITH (fillfactor = 10);
INSERT INTO feed_head DEFAULT VALUES;

-- Durable consumers of this service's events; retention waits for them.
CREATE TABLE feed_consumer (
  consumer      text PRIMARY KEY,
  types         text[] NOT NULL,
  acked         bigint NOT NULL DEFAULT 0,
  registered_at timestamptz NOT NULL DEFAULT now(),
  seen_at       timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- How far this service is in the events of another one.
CREATE TABLE feed_cursor (
  source    text NOT NULL,
  consumer  text NOT NULL,
  partition smallint NOT NULL DEFAULT 0,
  position  bigint NOT NULL DEFAULT 0 CHECK (position >= 0),
  moved_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (source, consumer, partition)
) WITH (fillfactor = 50);

-- Which replica consumes at present.  clean: its last holder stopped in order.
CREATE TABLE feed_lease (
  source     text NOT NULL,
  consumer   text NOT NULL,
  partition  smallint NOT NULL DEFAULT 0,
  holder     text NOT NULL,
  expires_at timestamptz NOT NULL,
  clean      boolean NOT NULL DEFAULT true,
  PRIMARY KEY (source, consumer, partition)
) WITH (fillfactor = 50);

-- Tries of the event that is being tried, counted before the try, in a transaction of its own.
CREATE TABLE feed_attempt (
  source   text NOT NULL,
  consumer text NOT NULL,
  position bigint NOT NULL,
  attempts integer NOT NULL,
  PRIMARY KEY (source, consumer, position)
);

-- Events that could not be applied, and those that wait behind them (attempts = 0).  As long as
-- an aggregate has a row that is 'dead' or 'replay', its later events come here too.
CREATE TABLE dead_letter (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source        text NOT NULL,
  consumer      text NOT NULL,
  position      bigint NOT NULL,
  event_id      text NOT NULL,
  type          text NOT NULL,
  aggregatetype text NOT NULL,
  aggregateid   text NOT NULL,
  time          text NOT NULL,
  traceparent   text NOT NULL,
  payload       bytea NOT NULL,
  attempts      integer NOT NULL,
  reason        text NOT NULL,
  state         text NOT NULL DEFAULT 'dead' CHECK (state IN ('dead', 'replay', 'replayed', 'skipped')),
  created_at    timestamptz NOT NULL DEFAULT now(),
  changed_at    timestamptz NOT NULL DEFAULT now(),
  UNIQUE (source, consumer, position)
);
CREATE INDEX dead_letter_open ON dead_letter (source, consumer, aggregatetype, aggregateid, position)
  WHERE state IN ('dead', 'replay');
