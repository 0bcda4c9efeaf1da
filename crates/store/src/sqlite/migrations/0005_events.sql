-- Events: what each commit changed, numbered per repository without gaps.
ALTER TABLE counters ADD COLUMN event INTEGER NOT NULL DEFAULT 0;
CREATE TABLE events (
    repository_id INTEGER NOT NULL REFERENCES repositories (id),
    number        INTEGER NOT NULL,
    pipeline_id   INTEGER NOT NULL,
    recorded_at   INTEGER NOT NULL,
    body          TEXT NOT NULL,
    PRIMARY KEY (repository_id, number)
) WITHOUT ROWID, STRICT;
