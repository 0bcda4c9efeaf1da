-- The rules of merge gates: every version is kept.
CREATE TABLE gate_rules (
    repository_id BIGINT NOT NULL,
    version       BIGINT NOT NULL,
    changed_by    BIGINT NOT NULL,
    changed_at    BIGINT NOT NULL,
    body          BYTEA  NOT NULL,
    PRIMARY KEY (repository_id, version)
);
-- What build systems announce that they will report for a commit.
CREATE TABLE gate_expectations (
    repository_id BIGINT NOT NULL,
    sha           TEXT COLLATE "C" NOT NULL,
    number        BIGINT NOT NULL,
    announced_by  BIGINT NOT NULL,
    announced_at  BIGINT NOT NULL,
    body          BYTEA  NOT NULL,
    PRIMARY KEY (repository_id, sha, number)
);
CREATE INDEX gate_expectations_by_time ON gate_expectations (repository_id, announced_at);
-- Decisions of people that a requirement, or the whole gate of a target branch, counts as passed for a commit.
CREATE TABLE gate_overrides (
    repository_id BIGINT NOT NULL,
    sha           TEXT COLLATE "C" NOT NULL,
    number        BIGINT NOT NULL,
    target        TEXT   NOT NULL,
    requirement   TEXT,            -- NULL: the whole gate
    decided_by    BIGINT NOT NULL,
    reason        TEXT   NOT NULL,
    decided_at    BIGINT NOT NULL,
    rules_version BIGINT NOT NULL,
    withdrawn_by  BIGINT,
    withdrawn_at  BIGINT,
    PRIMARY KEY (repository_id, sha, number)
);
CREATE INDEX gate_overrides_by_time ON gate_overrides (repository_id, decided_at);
