-- The last pipeline of a ref and source that succeeded, and the first one that failed after it. Each pipeline that
-- succeeds, fails or times out costs one entry. PostgreSQL would read its index by status instead of these without
-- the concatenation.
CREATE INDEX pipelines_by_success ON pipelines (repository_id, ref, source, id) WHERE status || '' = 'success';
CREATE INDEX pipelines_by_failure ON pipelines (repository_id, ref, source, id)
    WHERE status || '' IN ('failed', 'timedout');
