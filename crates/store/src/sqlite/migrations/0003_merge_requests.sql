-- Merge requests, and that a repository was said to have a pipeline.

ALTER TABLE repositories ADD COLUMN has_pipeline INTEGER NOT NULL DEFAULT 0;

-- Every merge request that is known, by a pipeline on its ref or by a word.
CREATE TABLE merge_requests (
    repository_id INTEGER NOT NULL,
    iid           INTEGER NOT NULL,
    PRIMARY KEY (repository_id, iid)
) WITHOUT ROWID, STRICT;

-- What was said of them, in order, never changed: the last one counts, the older ones tell which commits were their heads.
CREATE TABLE merge_request_words (
    repository_id  INTEGER NOT NULL,
    iid            INTEGER NOT NULL,
    number         INTEGER NOT NULL,
    source_branch  TEXT    NOT NULL,
    target_branch  TEXT    NOT NULL,
    head_sha       TEXT    NOT NULL,
    after_pipeline INTEGER NOT NULL,
    said_at        INTEGER NOT NULL,
    PRIMARY KEY (repository_id, iid, number)
) WITHOUT ROWID, STRICT;

-- Those that were reported before. What is between the 20 characters before and the 5 behind is the number, in its one spelling.
INSERT INTO merge_requests
SELECT DISTINCT repository_id, CAST(substr(ref, 21, length(ref) - 25) AS INTEGER) FROM pipeline_counts
WHERE ref GLOB 'refs/merge-requests/[1-9]*/head' AND substr(ref, 21, length(ref) - 25) NOT GLOB '*[^0-9]*'
AND length(ref) <= 35 AND CAST(substr(ref, 21, length(ref) - 25) AS INTEGER) <= 2147483647;
