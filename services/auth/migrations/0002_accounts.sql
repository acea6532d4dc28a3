-- People who log in.  Names and mail addresses are kept as they are compared: NFKC, case-folded.
CREATE TABLE account (
    seq                 bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id                  text        NOT NULL UNIQUE,
    user_name           text        NOT NULL UNIQUE CHECK (user_name ~ '^[a-z0-9][a-z0-9._-]{1,62}$'),
    email               text        UNIQUE CHECK (email LIKE '%_@_%' AND length(email) <= 254),
    hashed_password     text        NOT NULL CHECK (hashed_password LIKE '$argon2id$%'),
    roles               text[]      NOT NULL CHECK (cardinality(roles) > 0
                                        AND roles <@ ARRAY['admin', 'operator', 'developer', 'viewer']),
    created_at          timestamptz NOT NULL DEFAULT now(),
    password_changed_at timestamptz NOT NULL DEFAULT now(),
    last_login_at       timestamptz,
    disabled_at         timestamptz
);

-- A session is one family of refresh tokens: of these only the hash of the last is good.
CREATE TABLE session (
    id            text        PRIMARY KEY,
    account       text        NOT NULL REFERENCES account (id),
    refresh_hash  bytea       NOT NULL UNIQUE CHECK (length(refresh_hash) = 32),
    agent         text        NOT NULL DEFAULT '',
    binding       bytea       NOT NULL CHECK (length(binding) = 16),
    address       text        NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL DEFAULT now(),
    last_used_at  timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL,
    revoked_at    timestamptz,
    revoke_reason text,
    CHECK ((revoked_at IS NULL) = (revoke_reason IS NULL))
);
CREATE INDEX session_of_account ON session (account) WHERE revoked_at IS NULL;
CREATE INDEX session_by_end ON session (expires_at) WHERE revoked_at IS NULL;
CREATE INDEX session_by_revocation ON session (revoked_at) WHERE revoked_at IS NOT NULL;

-- Refresh tokens that were used.  For a few seconds each opens the box with its successor.
CREATE TABLE refresh_spent (
    hash     bytea       PRIMARY KEY CHECK (length(hash) = 32),
    session  text        NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    spent_at timestamptz NOT NULL DEFAULT now(),
    sealed   bytea
);
CREATE INDEX refresh_spent_of_session ON refresh_spent (session);
CREATE INDEX refresh_spent_sealed ON refresh_spent (spent_at) WHERE sealed IS NOT NULL;

-- Guesses: 'a:<account>', 'l:<hash of a login that nobody has>', 'x:<address>'.  Those in flight are
-- counted before the password is looked at.
CREATE TABLE attempt (
    key          text        PRIMARY KEY,
    failures     int         NOT NULL DEFAULT 0,
    flying       int         NOT NULL DEFAULT 0,
    flying_since timestamptz NOT NULL DEFAULT now(),
    window_start timestamptz NOT NULL DEFAULT now(),
    admitted     boolean     NOT NULL DEFAULT true,
    locked_until timestamptz NOT NULL DEFAULT '-infinity',
    locks        int         NOT NULL DEFAULT 0
);

CREATE TABLE audit (
    seq     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    event   text        NOT NULL,
    result  text        NOT NULL,
    reason  text        NOT NULL DEFAULT '-',
    account text        NOT NULL DEFAULT '',
    actor   text        NOT NULL DEFAULT '',
    session text        NOT NULL DEFAULT '',
    address text        NOT NULL DEFAULT '',
    agent   text        NOT NULL DEFAULT ''
);
CREATE INDEX audit_of_account ON audit (account, seq);
CREATE INDEX audit_by_time ON audit (at);

-- Public keys of access tokens, as the replicas see them in their registries.
CREATE TABLE signing_key (
    kid          text        PRIMARY KEY,
    public_key   bytea       NOT NULL CHECK (length(public_key) = 32),
    verify_until timestamptz,
    seen_at      timestamptz NOT NULL DEFAULT now()
);
-- The key set that was announced last.
CREATE TABLE key_set (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    jwks text    NOT NULL
);
INSERT INTO key_set (jwks) VALUES ('');

-- A token may belong to somebody, and then can never do more than they.
ALTER TABLE token ADD COLUMN owner text REFERENCES account (id);
CREATE INDEX token_of_owner ON token (owner) WHERE owner IS NOT NULL;
