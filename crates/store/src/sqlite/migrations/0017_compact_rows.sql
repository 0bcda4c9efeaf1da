-- Rows of jobs and reports become compact: statuses are numbers, two times of a job are differences to `created_at`, its ref is a digest,
-- and what no query needs of a report is one value. The program moves the rows in small steps after this migration.
DROP INDEX jobs_by_id;
DROP INDEX jobs_by_status;
DROP INDEX jobs_by_name;
DROP INDEX jobs_by_ref;
DROP INDEX jobs_by_build;
DROP INDEX jobs_by_end;
ALTER TABLE jobs RENAME TO old_jobs;
CREATE TABLE jobs (
    repository_id  INTEGER NOT NULL,
    pipeline_id    INTEGER NOT NULL,
    id             INTEGER NOT NULL,
    stage_id       INTEGER NOT NULL,
    name           TEXT    NOT NULL,
    attempt_number INTEGER NOT NULL,
    ref_digest     INTEGER NOT NULL, -- 32 bits; the pipeline has the ref
    newest         INTEGER NOT NULL,
    status         INTEGER NOT NULL, -- 1: success
    third_build_id TEXT,
    target_url     TEXT,
    description    TEXT,
    coverage       REAL,
    allow_failure  INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    updated_after  INTEGER NOT NULL, -- milliseconds after created_at, as started_after
    started_after  INTEGER,
    finished_at    INTEGER,
    evidence       BLOB    NOT NULL,
    PRIMARY KEY (repository_id, pipeline_id, id)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX jobs_by_id ON jobs (repository_id, id);
-- Most attempts succeed; they are found in order of id.
CREATE INDEX jobs_by_status ON jobs (repository_id, status, id) WHERE status <> 1;
CREATE INDEX jobs_by_name ON jobs (repository_id, name, id);
CREATE INDEX jobs_by_ref ON jobs (repository_id, ref_digest, id);
CREATE INDEX jobs_by_build ON jobs (repository_id, third_build_id, id) WHERE third_build_id IS NOT NULL;
CREATE INDEX jobs_by_end ON jobs (repository_id, finished_at) WHERE finished_at IS NOT NULL;

ALTER TABLE reports RENAME TO old_reports;
CREATE TABLE reports (
    repository_id INTEGER NOT NULL,
    job_id        INTEGER NOT NULL,
    seq           INTEGER NOT NULL,
    pipeline_id   INTEGER NOT NULL,
    reporter      INTEGER NOT NULL,
    received_at   INTEGER NOT NULL,
    authority     INTEGER NOT NULL, -- 0: the build system
    base          INTEGER,          -- an earlier report of the job, whose texts the body does not repeat
    body          BLOB    NOT NULL,
    PRIMARY KEY (repository_id, job_id, seq)
) WITHOUT ROWID, STRICT;

ALTER TABLE job_counts RENAME TO old_job_counts;
CREATE TABLE job_counts (
    repository_id INTEGER NOT NULL,
    status        INTEGER NOT NULL,
    count         INTEGER NOT NULL,
    PRIMARY KEY (repository_id, status)
) WITHOUT ROWID, STRICT;
INSERT INTO job_counts SELECT repository_id, CASE status WHEN 'success' THEN 1 WHEN 'pending' THEN 2
    WHEN 'running' THEN 3 WHEN 'failed' THEN 4 WHEN 'canceled' THEN 5 WHEN 'skipped' THEN 6 WHEN 'timedout' THEN 7 END, count
    FROM old_job_counts;
DROP TABLE old_job_counts;
