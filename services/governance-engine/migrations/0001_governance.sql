-- The apis that are watched, their runs, and what the runs said.

CREATE TABLE api (
    api                      text PRIMARY KEY CHECK (api ~ '^[a-z0-9-]{1,63}$'),
    title                    text NOT NULL DEFAULT '',
    visibility               text NOT NULL CHECK (visibility IN ('private', 'badges', 'public')),
    default_branch           text NOT NULL DEFAULT 'main' CHECK (default_branch <> ''),
    stability_threshold      double precision NOT NULL DEFAULT 0.85
                             CHECK (stability_threshold BETWEEN 0 AND 1),
    stability_window         bigint NOT NULL DEFAULT 20 CHECK (stability_window BETWEEN 1 AND 1000),
    placeholder_streak_alert bigint NOT NULL DEFAULT 5
                             CHECK (placeholder_streak_alert BETWEEN 0 AND 1000),
    placeholder_max_runs     bigint NOT NULL DEFAULT 0 CHECK (placeholder_max_runs BETWEEN 0 AND 1000),
    version_scheme           text NOT NULL DEFAULT 'semver'
                             CHECK (version_scheme IN ('semver', 'calendar')),
    strict_zero              boolean NOT NULL DEFAULT false,
    severity_overrides       text, -- JSON, checked before it comes here
    notice_policy            text NOT NULL DEFAULT ''
                             CHECK (notice_policy IN ('', 'every_run', 'on_change')),
    milestones               text, -- JSON, checked before it comes here
    archived                 boolean NOT NULL DEFAULT false,
    created_at               timestamptz NOT NULL DEFAULT now(),
    updated_at               timestamptz NOT NULL DEFAULT now(),

    -- The record of the default branch, as of its last run.  Written under this row's lock.
    last_seq                 bigint NOT NULL DEFAULT 0, -- of any run, previews included
    last_run                 text,                      -- on the default branch
    base_run                 text,                      -- the last of those that has a document
    runs                     bigint NOT NULL DEFAULT 0,
    stable_runs              bigint NOT NULL DEFAULT 0 CHECK (stable_runs <= runs),
    stable_streak            bigint NOT NULL DEFAULT 0,
    longest_streak           bigint NOT NULL DEFAULT 0 CHECK (longest_streak >= stable_streak),
    placeholder_streak       bigint NOT NULL DEFAULT 0,
    -- Failures that last; only from these can a recovery be told.
    semver_fail              boolean NOT NULL DEFAULT false,
    stability_drop           boolean NOT NULL DEFAULT false,
    placeholder_alert        boolean NOT NULL DEFAULT false
);

-- What was pushed, once however often.
CREATE TABLE document (
    sha256     text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size       bigint NOT NULL CHECK (size > 0), -- before gzip
    gzip       bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE document ALTER COLUMN gzip SET STORAGE EXTERNAL; -- it is compressed already

CREATE TABLE run (
    id                     text PRIMARY KEY,
    api                    text NOT NULL REFERENCES api,
    seq                    bigint NOT NULL CHECK (seq > 0),
    branch                 text NOT NULL CHECK (branch <> ''),
    sha                    text NOT NULL CHECK (length(sha) BETWEEN 7 AND 40),
    version                text NOT NULL DEFAULT '',
    committed_at           timestamptz,
    created_at             timestamptz NOT NULL DEFAULT now(),
    preview                boolean NOT NULL,
    placeholder            boolean NOT NULL,
    placeholder_reason     text,
    replaced               boolean NOT NULL DEFAULT false, -- a document came for this placeholder
    document_sha256        text REFERENCES document,
    verdict                text NOT NULL
                           CHECK (verdict IN ('stable', 'warnings', 'breaking', 'placeholder')),
    policy                 text NOT NULL CHECK (policy IN ('pass', 'fail')),
    policy_reasons         text[] NOT NULL DEFAULT '{}',
    semver_status          text NOT NULL CHECK (semver_status IN ('ok', 'warn', 'fail', 'unknown')),
    previous_version       text NOT NULL DEFAULT '',
    semver_required        text NOT NULL CHECK (semver_required IN ('major', 'minor', 'patch', 'none')),
    semver_messages        text[] NOT NULL DEFAULT '{}',
    semver_recommendations text[] NOT NULL DEFAULT '{}',
    window_stability_ratio double precision NOT NULL CHECK (window_stability_ratio BETWEEN 0 AND 1),
    window_size            bigint NOT NULL,
    window_stable_count    bigint NOT NULL CHECK (window_stable_count >= 0),
    window_total_count     bigint NOT NULL
                           CHECK (window_total_count BETWEEN window_stable_count AND window_size),
    stable_streak          bigint NOT NULL,
    longest_streak         bigint NOT NULL,
    overall_ratio          double precision NOT NULL CHECK (overall_ratio BETWEEN 0 AND 1),
    window_mean_score      double precision NOT NULL CHECK (window_mean_score BETWEEN 0 AND 1),
    placeholder_streak     bigint NOT NULL,
    anomaly                boolean NOT NULL,
    score                  double precision NOT NULL CHECK (score BETWEEN 0 AND 1),
    breaking               bigint NOT NULL,
    warnings               bigint NOT NULL,
    infos                  bigint NOT NULL,
    operations_added       bigint NOT NULL,
    operations_removed     bigint NOT NULL,
    operations_changed     bigint NOT NULL,
    reasons                text[] NOT NULL DEFAULT '{}',
    changed_reasons        text[] NOT NULL DEFAULT '{}',
    base_run               text REFERENCES run,
    record_runs            bigint NOT NULL, -- runs of the record, this one included
    UNIQUE (api, seq),
    CHECK (placeholder = (document_sha256 IS NULL)),
    CHECK (placeholder = (placeholder_reason IS NOT NULL)),
    CHECK (placeholder = (verdict = 'placeholder')),
    CHECK (placeholder OR NOT replaced)
);
-- The identity of a push.
CREATE UNIQUE INDEX run_identity ON run (api, branch, sha) WHERE NOT replaced;
CREATE INDEX run_record ON run (api, seq DESC) WHERE NOT preview;
CREATE INDEX run_branch ON run (api, branch, seq DESC);
CREATE INDEX run_sha ON run (api, sha);

CREATE TABLE run_operation (
    run          text NOT NULL REFERENCES run,
    change       text NOT NULL CHECK (change IN ('added', 'removed', 'changed')),
    position     bigint NOT NULL,
    method       text NOT NULL,
    path         text NOT NULL,
    operation_id text NOT NULL DEFAULT '',
    PRIMARY KEY (run, change, position)
);

CREATE TABLE finding (
    run          text NOT NULL REFERENCES run,
    position     bigint NOT NULL,
    rule         text NOT NULL,
    level        text NOT NULL CHECK (level IN ('error', 'warn', 'info')),
    kind         text NOT NULL,
    method       text NOT NULL DEFAULT '', -- '' both: the document as a whole
    path         text NOT NULL DEFAULT '',
    operation_id text NOT NULL DEFAULT '',
    location     text NOT NULL,
    sentence     text NOT NULL,
    migration    text NOT NULL,
    PRIMARY KEY (run, position)
);
CREATE INDEX finding_level ON finding (run, level, position);

CREATE TABLE issue (
    id            text PRIMARY KEY,
    number        bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    api           text NOT NULL REFERENCES api,
    kind          text NOT NULL
                  CHECK (kind IN ('stability_degradation', 'placeholder_streak', 'anomaly')),
    state         text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    title         text NOT NULL,
    body          text NOT NULL,
    labels        text[] NOT NULL DEFAULT '{}',
    opened_at     timestamptz NOT NULL DEFAULT now(),
    closed_at     timestamptz,
    opened_by_run text NOT NULL REFERENCES run,
    closed_by_run text REFERENCES run,
    CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
-- Never a second one while one is open.
CREATE UNIQUE INDEX issue_open ON issue (api, kind) WHERE state = 'open';
CREATE INDEX issue_api ON issue (api, number DESC);
