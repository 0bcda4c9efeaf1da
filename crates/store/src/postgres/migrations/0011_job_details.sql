-- What reports say in details, once for each pipeline. A report has the digest.
CREATE TABLE job_details (
    repository_id BIGINT NOT NULL,
    pipeline_id   BIGINT NOT NULL,
    digest        BYTEA  NOT NULL, -- SHA-256
    content       BYTEA  NOT NULL,
    PRIMARY KEY (repository_id, pipeline_id, digest)
);
-- It is packed already.
ALTER TABLE job_details ALTER COLUMN content SET STORAGE EXTERNAL;
