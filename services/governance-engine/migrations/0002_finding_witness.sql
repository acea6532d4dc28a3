-- What proves a finding, what it is called, and which operations it hits.
ALTER TABLE finding
    ADD COLUMN witness         text NOT NULL DEFAULT '', -- JSON; '' none
    ADD COLUMN witness_missing text NOT NULL DEFAULT '', -- why there is none
    ADD COLUMN fingerprint     text NOT NULL DEFAULT '',
    ADD COLUMN operations      bigint NOT NULL DEFAULT 1 CHECK (operations >= 1),
    ADD COLUMN hits            text NOT NULL DEFAULT ''; -- JSON: all of them; '' if it is one
