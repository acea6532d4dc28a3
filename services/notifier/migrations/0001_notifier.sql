-- Where notices go, each notice on its way, and every try.  URLs and secrets are sealed (seal.h).
CREATE TABLE endpoints (
    number           bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    id               text PRIMARY KEY,
    name             text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 100),
    kind             text NOT NULL CHECK (kind IN ('webhook', 'slack', 'teams')),
    url              bytea NOT NULL,
    url_hint         text NOT NULL,
    secret           bytea,
    old_secret       bytea,
    old_secret_until timestamptz,
    policy           text NOT NULL DEFAULT '' CHECK (policy IN ('', 'every_run', 'on_change')),
    apis             text[] NOT NULL DEFAULT '{}',
    events           text[] NOT NULL DEFAULT '{}',
    rate_per_minute  bigint NOT NULL DEFAULT 0 CHECK (rate_per_minute >= 0),
    allow_private    boolean NOT NULL DEFAULT false,
    enabled          boolean NOT NULL DEFAULT true,
    disabled_reason  text NOT NULL DEFAULT '',
    from_environment boolean NOT NULL DEFAULT false,
    created_at       timestamptz NOT NULL DEFAULT now(),
    last_success_at  timestamptz,
    -- How it fares: nothing is sent before next_send_at (rate, Retry-After, open breaker).
    next_send_at     timestamptz NOT NULL DEFAULT now(),
    failures         bigint NOT NULL DEFAULT 0
);

CREATE TABLE deliveries (
    number      bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    id          text PRIMARY KEY,
    event_id    text NOT NULL,
    endpoint    text NOT NULL REFERENCES endpoints ON DELETE CASCADE,
    webhook_id  text NOT NULL,
    api         text NOT NULL,
    run         text NOT NULL,
    reasons     text[] NOT NULL,
    body        text NOT NULL,
    state       text NOT NULL CHECK (state IN ('pending', 'sending', 'delivered', 'retry', 'dead',
                                               'suppressed')),
    trigger     text NOT NULL DEFAULT 'auto' CHECK (trigger IN ('auto', 'manual')),
    waiting     boolean NOT NULL DEFAULT false, -- for the run's artifacts, until due_at at most
    due_at      timestamptz NOT NULL,           -- while sending: when it counts as interrupted
    tries       bigint NOT NULL DEFAULT 0,      -- since it was queued or replayed
    attempts    bigint NOT NULL DEFAULT 0,      -- in all
    last_error  text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    UNIQUE (event_id, endpoint)
);

CREATE INDEX deliveries_due ON deliveries (endpoint, due_at)
    WHERE state IN ('pending', 'sending', 'retry');
CREATE INDEX deliveries_sending ON deliveries (endpoint, due_at) WHERE state = 'sending';
CREATE INDEX deliveries_state ON deliveries (state, number);
CREATE INDEX deliveries_api ON deliveries (api, number);
CREATE INDEX deliveries_finished ON deliveries (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX deliveries_waiting ON deliveries (run) WHERE waiting;

CREATE TABLE attempts (
    delivery      text NOT NULL REFERENCES deliveries ON DELETE CASCADE,
    number        bigint NOT NULL,
    at            timestamptz NOT NULL DEFAULT now(),
    trigger       text NOT NULL CHECK (trigger IN ('auto', 'manual')),
    status        bigint NOT NULL DEFAULT 0,
    error_class   text NOT NULL DEFAULT '',
    error         text NOT NULL DEFAULT '',
    dns_ms        double precision NOT NULL DEFAULT 0,
    connect_ms    double precision NOT NULL DEFAULT 0,
    tls_ms        double precision NOT NULL DEFAULT 0,
    first_byte_ms double precision NOT NULL DEFAULT 0,
    total_ms      double precision NOT NULL DEFAULT 0,
    peer          text NOT NULL DEFAULT '',
    answer        text NOT NULL DEFAULT '',
    PRIMARY KEY (delivery, number)
);

-- Runs whose artifacts are out, so that a notice which comes later need not wait.
CREATE TABLE published_runs (
    run text PRIMARY KEY,
    at  timestamptz NOT NULL DEFAULT now()
);
