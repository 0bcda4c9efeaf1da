-- The rules of merge gates: every version is kept.
CREATE TABLE gate_rules (
    repository_id INTEGER NOT NULL,
    version       INTEGER NOT NULL,
    changed_by    INTEGER NOT NULL,
    changed_at    INTEGER NOT NULL,
    body          BLOB    NOT NULL,
    PRIMARY KEY (repository_id, version)
) STRICT;
-- What build systems announce that they will report for a commit.
CREATE TABLE gate_expectations (
    repository_id INTEGER NOT NULL,
    sha           TEXT    NOT NULL,
    number        INTEGER NOT NULL,
    announced_by  INTEGER NOT NULL,
    announced_at  INTEGER NOT NULL,
    body          BLOB    NOT NULL,
    PRIMARY KEY (repository_id, sha, number)
) STRICT;
CREATE INDEX gate_expectations_by_time ON gate_expectations (repository_id, announced_at);
-- Decisions of people that a requirement, or the whole gate of a target branch, counts as passed for a commit.
CREATE TABLE gate_overrides (
    repository_id INTEGER NOT NULL,
    sha           TEXT    NOT NULL,
    number        INTEGER NOT NULL,
    target        TEXT    NOT NULL,
    requirement   TEXT,             -- NULL: the whole gate
    decided_by    INTEGER NOT NULL,
    reason        TEXT    NOT NULL,
    decided_at    INTEGER NOT NULL,
    rules_version INTEGER NOT NULL,
    withdrawn_by  INTEGER,
    withdrawn_at  INTEGER,
    PRIMARY KEY (repository_id, sha, number)
) STRICT;
CREATE INDEX gate_overrides_by_time ON gate_overrides (repository_id, decided_at);
