-- Rows of jobs and reports become compact: statuses are numbers, two times of a job are differences to `created_at`, its ref is a digest,
-- and what no query needs of a report is one value. The program moves the rows in small steps after this migration.
DROP INDEX jobs_by_id;
DROP INDEX jobs_by_status;
DROP INDEX jobs_by_name;
DROP INDEX jobs_by_ref;
DROP INDEX jobs_by_build;
DROP INDEX jobs_by_end;
ALTER TABLE jobs RENAME TO old_jobs;
ALTER INDEX jobs_pkey RENAME TO old_jobs_pkey;
CREATE TABLE jobs (
    repository_id  BIGINT NOT NULL,
    pipeline_id    BIGINT NOT NULL,
    id             BIGINT NOT NULL,
    stage_id       BIGINT NOT NULL,
    name           TEXT COLLATE "C" NOT NULL,
    attempt_number BIGINT NOT NULL,
    ref_digest     BIGINT NOT NULL, -- 32 bits; the pipeline has the ref
    newest         BIGINT NOT NULL,
    status         BIGINT NOT NULL, -- 1: success
    third_build_id TEXT COLLATE "C",
    target_url     TEXT,
    description    TEXT COLLATE "C",
    coverage       DOUBLE PRECISION,
    allow_failure  BIGINT NOT NULL,
    created_at     BIGINT NOT NULL,
    updated_after  BIGINT NOT NULL, -- milliseconds after created_at, as started_after
    started_after  BIGINT,
    finished_at    BIGINT,
    evidence       BYTEA  NOT NULL,
    PRIMARY KEY (repository_id, pipeline_id, id)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX jobs_by_id ON jobs (repository_id, id);
-- Most attempts succeed; they are found in order of id.
CREATE INDEX jobs_by_status ON jobs (repository_id, status, id) WHERE status <> 1;
CREATE INDEX jobs_by_name ON jobs (repository_id, name, id);
CREATE INDEX jobs_by_ref ON jobs (repository_id, ref_digest, id);
CREATE INDEX jobs_by_build ON jobs (repository_id, third_build_id, id) WHERE third_build_id IS NOT NULL;
CREATE INDEX jobs_by_end ON jobs (repository_id, finished_at) WHERE finished_at IS NOT NULL;

ALTER TABLE reports RENAME TO old_reports;
ALTER INDEX reports_pkey RENAME TO old_reports_pkey;
CREATE TABLE reports (
    repository_id BIGINT NOT NULL,
    job_id        BIGINT NOT NULL,
    seq           BIGINT NOT NULL,
    pipeline_id   BIGINT NOT NULL,
    reporter      BIGINT NOT NULL,
    received_at   BIGINT NOT NULL,
    authority     BIGINT NOT NULL, -- 0: the build system
    base          BIGINT,          -- an earlier report of the job, whose texts the body does not repeat
    body          BYTEA  NOT NULL,
    PRIMARY KEY (repository_id, job_id, seq)
);

ALTER TABLE job_counts RENAME TO old_job_counts;
ALTER INDEX job_counts_pkey RENAME TO old_job_counts_pkey;
CREATE TABLE job_counts (
    repository_id BIGINT NOT NULL,
    status        BIGINT NOT NULL,
    count         BIGINT NOT NULL,
    PRIMARY KEY (repository_id, status)
) WITH (fillfactor = 50);
INSERT INTO job_counts SELECT repository_id, CASE status WHEN 'success' THEN 1 WHEN 'pending' THEN 2
    WHEN 'running' THEN 3 WHEN 'failed' THEN 4 WHEN 'canceled' THEN 5 WHEN 'skipped' THEN 6 WHEN 'timedout' THEN 7 END, count
    FROM old_job_counts;
DROP TABLE old_job_counts;
