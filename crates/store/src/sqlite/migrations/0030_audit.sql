-- The audit log: changes, each written by its own commit, and refused requests, which are summed up. Rows reference
-- nothing, because they outlive what they are about.
CREATE TABLE audit (
    number          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at              INTEGER NOT NULL,
    last_at         INTEGER NOT NULL, -- of a sum; else as at
    action          TEXT    NOT NULL,
    actor_kind      TEXT    NOT NULL,
    actor_id        INTEGER,
    actor           TEXT,
    address         TEXT,
    credential_kind TEXT,
    credential      TEXT,
    object_kind     TEXT,
    object_id       TEXT,
    object          TEXT,
    repository_id   INTEGER,
    value_before    TEXT,             -- a JSON object
    value_after     TEXT,             -- a JSON object
    request_id      TEXT,
    reason          TEXT,             -- of a refusal
    count           INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_by_time ON audit (last_at, number);
CREATE INDEX audit_by_repository ON audit (repository_id, number) WHERE repository_id IS NOT NULL;
