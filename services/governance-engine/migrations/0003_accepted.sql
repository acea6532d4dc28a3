-- Findings that somebody accepted for an api, by fingerprint; and what a run was judged without.
CREATE TABLE accepted (
    api         text NOT NULL REFERENCES api,
    fingerprint text NOT NULL CHECK (fingerprint ~ '^[0-9a-f]{16}$'),
    author      text NOT NULL CHECK (author <> ''),
    reason      text NOT NULL CHECK (reason <> ''),
    expires     date,                    -- the last day, by UTC; NULL: never
    accepted_by text NOT NULL,           -- who asked: a token or a session
    rule        text NOT NULL DEFAULT '', -- of the finding, if one was recorded by then
    sentence    text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (api, fingerprint)
);

ALTER TABLE run ADD COLUMN accepted text[] NOT NULL DEFAULT '{}'; -- fingerprints
ALTER TABLE finding ADD COLUMN note text NOT NULL DEFAULT '';     -- an acceptance that is over
CREATE INDEX finding_fingerprint ON finding (fingerprint);
