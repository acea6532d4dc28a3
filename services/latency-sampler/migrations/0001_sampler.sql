-- What is probed, who probes it, and what was measured.

-- At most two sets: 'persisted' survives restarts, 'runtime' covers it until then (D-16, D-17).
CREATE TABLE target_set (
    kind       text        PRIMARY KEY CHECK (kind IN ('persisted', 'runtime')),
    targets    text        NOT NULL, -- JSON
    generation bigint      NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    updated_by text        NOT NULL
);
CREATE SEQUENCE target_generation;

-- Samplers that are alive, and the shards of the targets that each may probe until its lease ends.
CREATE TABLE instance (
    id   text        PRIMARY KEY,
    seen timestamptz NOT NULL
);
CREATE TABLE shard (
    no     integer     PRIMARY KEY CHECK (no BETWEEN 0 AND 63),
    holder text        NOT NULL DEFAULT '',
    until  timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO shard (no) SELECT generate_series(0, 63);

-- The last samples of each target, sixteen bytes each (store_ring.c).  They may be lost in a crash of the
-- database: what counts is in histogram.
CREATE UNLOGGED TABLE ring (
    target     text        PRIMARY KEY,
    url        text        NOT NULL,
    shard      integer     NOT NULL,
    samples    bytea       NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE ring ALTER COLUMN samples SET STORAGE EXTERNAL;

-- What happened to a target in five minutes (or, later, an hour).  An instance writes only its own rows, whole:
-- a reader adds them up.
CREATE TABLE histogram (
    target   text        NOT NULL,
    begins   timestamptz NOT NULL,
    seconds  integer     NOT NULL CHECK (seconds IN (300, 3600)),
    writer   text        NOT NULL,
    attempts bigint      NOT NULL,
    ok       bigint      NOT NULL,
    missed   bigint      NOT NULL,
    sum_us   bigint      NOT NULL,
    min_us   bigint      NOT NULL,
    max_us   bigint      NOT NULL,
    latency  bytea       NOT NULL, -- exp_histogram.h
    service  bytea       NOT NULL,
    PRIMARY KEY (target, begins, seconds, writer)
);
CREATE INDEX ON histogram (begins) WHERE seconds = 300;

-- The class of each target as it was last announced.
CREATE TABLE announced (
    target text        PRIMARY KEY,
    class  text        NOT NULL CHECK (class IN ('good', 'warn', 'high', 'na')),
    since  timestamptz NOT NULL DEFAULT now()
);
