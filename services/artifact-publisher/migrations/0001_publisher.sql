-- Apis, as governance.api.changed tells of them.
CREATE TABLE api (
  api         text PRIMARY KEY CHECK (api ~ '^[a-z0-9-]{1,63}$'),
  visibility  text NOT NULL DEFAULT 'private' CHECK (visibility IN ('private', 'badges', 'public')),
  archived    boolean NOT NULL DEFAULT false,
  current_seq bigint NOT NULL DEFAULT 0 -- the set that is served; only moves up
);

-- Runs whose set is still to be published.  next_try_at doubles as the lease of whoever works on
-- it; of an api only the lowest seq is taken, so that its sets form a chain.
CREATE TABLE job (
  api         text NOT NULL REFERENCES api,
  seq         bigint NOT NULL CHECK (seq > 0),
  run         text NOT NULL,
  state       text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'dead')),
  attempts    integer NOT NULL DEFAULT 0, -- failures that count
  waits       integer NOT NULL DEFAULT 0, -- all tries, for the backoff
  next_try_at timestamptz NOT NULL DEFAULT now(),
  last_error  text NOT NULL DEFAULT '',
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (api, seq)
);
CREATE INDEX job_due ON job (next_try_at) WHERE state = 'due';

-- Finished bytes, by their hash; never changed, never rebuilt.
CREATE TABLE blob (
  sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  size   bigint NOT NULL CHECK (size >= 0),
  gzip   bytea NOT NULL
);
ALTER TABLE blob ALTER COLUMN gzip SET STORAGE EXTERNAL; -- compressed already

-- The set of one run: the audit trail of what was published and signed.
CREATE TABLE artifact_set (
  api              text NOT NULL REFERENCES api,
  seq              bigint NOT NULL,
  run              text NOT NULL,
  sha              text NOT NULL,
  branch           text NOT NULL,
  document_run     text NOT NULL, -- whose document openapi.json shows; '' if none
  aggregate_sha256 text NOT NULL,
  previous_seq     bigint,        -- the set before it in the chain
  covered          integer NOT NULL,
  is_signed        boolean NOT NULL,
  published_at     timestamptz NOT NULL,
  PRIMARY KEY (api, seq),
  UNIQUE (api, run),
  FOREIGN KEY (api, previous_seq) REFERENCES artifact_set (api, seq)
);
CREATE INDEX artifact_set_sha ON artifact_set (api, sha);

CREATE TABLE artifact (
  api          text NOT NULL,
  seq          bigint NOT NULL,
  path         text NOT NULL,
  place        integer NOT NULL, -- order in lists
  kind         text NOT NULL CHECK (kind IN ('data', 'dropin', 'derived')),
  sha256       text NOT NULL,
  size         bigint NOT NULL,
  content_type text NOT NULL,
  lines        boolean NOT NULL, -- its bytes are the lines of runs <= seq, not a blob
  PRIMARY KEY (api, seq, path),
  FOREIGN KEY (api, seq) REFERENCES artifact_set
);

-- The run history, one row a line.  Lines are only added above the last one, so the bytes of an
-- older set's history never change.
CREATE TABLE history_line (
  api  text NOT NULL REFERENCES api,
  seq  bigint NOT NULL,
  line text NOT NULL,
  PRIMARY KEY (api, seq)
);
