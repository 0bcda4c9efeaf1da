-- What the server adjusted in a report, the digest of a link as it was sent when it was adjusted, and the version of the rules that
-- reduced the report: 1 for every report so far.
ALTER TABLE reports ADD COLUMN rules BIGINT NOT NULL DEFAULT 1;
ALTER TABLE reports ADD COLUMN adjusted BIGINT NOT NULL DEFAULT 0;
ALTER TABLE reports ADD COLUMN sent_url BIGINT;
-- When the link and the user of a pipeline were reported; unknown so far.
ALTER TABLE pipelines ADD COLUMN web_url_at BIGINT;
ALTER TABLE pipelines ADD COLUMN trigger_user_at BIGINT;

-- A branch has one name: `refs/heads/x` becomes `x`. If the commit has a pipeline on each, both stay, and the one with the full name gets
-- a key of its own, because a pipeline is identified by commit, ref, source and key.
UPDATE pipelines SET key = ltrim(key || ' refs/heads #' || id) WHERE ref LIKE 'refs/heads/_%' AND EXISTS (
    SELECT 1 FROM pipelines q WHERE q.repository_id = pipelines.repository_id AND q.sha = pipelines.sha
    AND q.ref = substr(pipelines.ref, 12) AND q.source = pipelines.source AND q.key = pipelines.key);
UPDATE pipelines SET ref = substr(ref, 12) WHERE ref LIKE 'refs/heads/_%';
UPDATE jobs SET ref = substr(ref, 12) WHERE ref LIKE 'refs/heads/_%';
INSERT INTO pipeline_counts (repository_id, ref, status, count)
    SELECT repository_id, substr(ref, 12), status, count FROM pipeline_counts WHERE ref LIKE 'refs/heads/_%'
    ON CONFLICT (repository_id, ref, status) DO UPDATE SET count = pipeline_counts.count + excluded.count;
DELETE FROM pipeline_counts WHERE ref LIKE 'refs/heads/_%';
UPDATE merge_request_heads SET source_branch = substr(source_branch, 12) WHERE source_branch LIKE 'refs/heads/_%';
UPDATE merge_request_heads SET target_branch = substr(target_branch, 12) WHERE target_branch LIKE 'refs/heads/_%';
UPDATE repositories SET default_branch = substr(default_branch, 12) WHERE default_branch LIKE 'refs/heads/_%';
