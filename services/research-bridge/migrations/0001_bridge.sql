-- Research inputs, the experiments that approved ones become, and who changed what.

-- Rises with each change of an input, so that "last changed" is a key to page by.
CREATE SEQUENCE input_touched;

CREATE TABLE input (
    seq         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id          text        NOT NULL UNIQUE,
    title       text        NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    problem     text        NOT NULL CHECK (length(problem) BETWEEN 1 AND 10000),
    hypothesis  text        NOT NULL DEFAULT '' CHECK (length(hypothesis) <= 10000),
    tags        text[]      NOT NULL DEFAULT '{}' CHECK (cardinality(tags) <= 20),
    owner       text        NOT NULL DEFAULT '' CHECK (length(owner) <= 200), -- '': nobody's
    impact      bigint      NOT NULL CHECK (impact BETWEEN 1 AND 10),
    status      text        NOT NULL DEFAULT 'submitted'
                            CHECK (status IN ('submitted', 'in_review', 'approved', 'rejected')),
    version     bigint      NOT NULL DEFAULT 1,
    touched     bigint      NOT NULL DEFAULT nextval('input_touched'),
    created_by  text        NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    -- One number to sort and page by: the impact, then the age.
    rank        bigint      NOT NULL GENERATED ALWAYS AS (impact * 281474976710656 + seq) STORED,
    words       tsvector    NOT NULL GENERATED ALWAYS AS
                            (to_tsvector('simple', title || ' ' || problem || ' ' || hypothesis)) STORED
);
CREATE UNIQUE INDEX ON input (touched);
CREATE UNIQUE INDEX ON input (rank);
CREATE INDEX ON input (owner, seq);
CREATE INDEX ON input (status, seq);
CREATE INDEX ON input USING gin (tags);
CREATE INDEX ON input USING gin (words);

CREATE TABLE experiment (
    seq          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id           text        NOT NULL UNIQUE,
    input        text        NOT NULL UNIQUE REFERENCES input (id),
    title        text        NOT NULL,
    status       text        NOT NULL DEFAULT 'planned'
                             CHECK (status IN ('planned', 'running', 'concluded')),
    outcome      text        NOT NULL DEFAULT ''
                             CHECK (outcome IN ('', 'confirmed', 'refuted', 'inconclusive')),
    conclusion   text        NOT NULL DEFAULT '' CHECK (length(conclusion) <= 10000),
    version      bigint      NOT NULL DEFAULT 1,
    approved_by  text        NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    started_at   timestamptz,
    concluded_at timestamptz,
    CHECK ((status = 'concluded') = (outcome <> ''))
);
CREATE INDEX ON experiment (status, seq);

-- One changed field.  Never updated, never deleted.
CREATE TABLE change (
    seq        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    input      text        NOT NULL REFERENCES input (id),
    experiment text        NOT NULL DEFAULT '',
    at         timestamptz NOT NULL DEFAULT now(),
    actor      text        NOT NULL,
    version    bigint      NOT NULL,
    field      text        NOT NULL,
    before     text        NOT NULL DEFAULT '',
    after      text        NOT NULL DEFAULT '',
    comment    text        NOT NULL DEFAULT '' CHECK (length(comment) <= 2000)
);
CREATE INDEX ON change (input, seq);
