-- What ended when: insights look at the newest of a period.
CREATE INDEX jobs_by_end ON jobs (repository_id, finished_at) WHERE finished_at IS NOT NULL;
