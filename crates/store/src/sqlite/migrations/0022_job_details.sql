-- What reports say in details, once for each pipeline. A report has the digest.
CREATE TABLE job_details (
    repository_id INTEGER NOT NULL,
    pipeline_id   INTEGER NOT NULL,
    digest        BLOB    NOT NULL, -- SHA-256
    content       BLOB    NOT NULL,
    PRIMARY KEY (repository_id, pipeline_id, digest)
) STRICT;
